//! Requests to etcd, each with its deadline, and errors that say whether it may have been done.

use std::fmt;
use std::time::Duration;

use etcd_client::{Client, Compare, ConnectOptions, Error, KvClient, Txn, TxnOp, TxnResponse};
use harness_control::Delivery;

use crate::config::EtcdConfig;
use crate::keys::Keys;

/// A way to etcd, and where what stands in it.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) client: Client,
    pub(crate) keys: Keys,
    within: Duration,
}

/// Why a request to etcd has no answer.
#[derive(Debug)]
pub struct StoreError {
    what: &'static str,
    delivery: Delivery,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    Etcd(Error),
    /// Nothing was asked: the configuration is wrong.
    Config(String),
    /// No answer in time.
    Silence(Duration),
}

/// A value, with the revisions that conditions are made of.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) value: Vec<u8>,
    pub(crate) modified: i64,
}

impl Store {
    /// Nothing is connected before the first request, unless etcd asks for a password.
    pub(crate) async fn open(config: &EtcdConfig) -> Result<Store, StoreError> {
        // A connection that is dead without saying so breaks in time for a new one to keep the lease.
        let patience = config.lease / 3;
        let mut options = ConnectOptions::new()
            .with_connect_timeout(config.request_within)
            .with_keep_alive(patience, patience);
        if let Some((user, password)) = &config.user {
            options = options.with_user(user, password);
        }
        let within = config.request_within;
        let connecting = Client::connect(&config.endpoints, Some(options));
        let client = in_time("connecting", within, connecting).await?;
        Ok(Store {
            client,
            keys: Keys::new(&config.group),
            within,
        })
    }

    pub(crate) async fn get(&self, key: String) -> Result<Option<Found>, StoreError> {
        let mut kv = self.kv();
        let mut answer = in_time("reading a key", self.within, kv.get(key, None)).await?;
        let found = answer.take_kvs().into_iter().next();
        Ok(found.map(|found| Found {
            modified: found.mod_revision(),
            value: found.into_key_value().1,
        }))
    }

    /// Puts a value that no condition guards.
    pub(crate) async fn put(&self, key: String, value: Vec<u8>) -> Result<(), StoreError> {
        let mut kv = self.kv();
        in_time("writing a key", self.within, kv.put(key, value, None)).await?;
        Ok(())
    }

    /// Does all of this if all of that holds.
    pub(crate) async fn transact(
        &self,
        what: &'static str,
        when: Vec<Compare>,
        then: Vec<TxnOp>,
    ) -> Result<Transacted, StoreError> {
        let mut kv = self.kv();
        let transaction = Txn::new().when(when).and_then(then);
        let answer = in_time(what, self.within, kv.txn(transaction)).await?;
        Ok(Transacted {
            is_done: answer.succeeded(),
            revision: revision(&answer),
        })
    }

    pub(crate) async fn grant(&self, lease: Duration) -> Result<i64, StoreError> {
        let mut leases = self.client.lease_client();
        let seconds = i64::try_from(lease.as_secs()).unwrap_or(i64::MAX);
        let granted = in_time(
            "asking for a lease",
            self.within,
            leases.grant(seconds, None),
        );
        Ok(granted.await?.id())
    }

    pub(crate) async fn revoke(&self, lease: i64) -> Result<(), StoreError> {
        let mut leases = self.client.lease_client();
        in_time("giving a lease back", self.within, leases.revoke(lease)).await?;
        Ok(())
    }

    pub(crate) async fn compact(&self, revision: i64) -> Result<(), StoreError> {
        let mut kv = self.kv();
        in_time("compacting", self.within, kv.compact(revision, None)).await?;
        Ok(())
    }

    /// Removes all keys from one on, up to another.
    pub(crate) async fn delete(&self, from: String, to: String) -> Result<(), StoreError> {
        let mut kv = self.kv();
        let range = etcd_client::DeleteOptions::new().with_range(to);
        in_time("deleting", self.within, kv.delete(from, Some(range))).await?;
        Ok(())
    }

    fn kv(&self) -> KvClient {
        self.client.kv_client()
    }
}

/// What came of a transaction.
pub(crate) struct Transacted {
    /// Whether the conditions held.
    pub(crate) is_done: bool,
    /// Of the store, with the transaction in it.
    pub(crate) revision: i64,
}

fn revision(answer: &TxnResponse) -> i64 {
    answer.header().map_or(0, |header| header.revision())
}

pub(crate) async fn in_time<T>(
    what: &'static str,
    within: Duration,
    request: impl Future<Output = Result<T, Error>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(within, request).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(StoreError::new(what, error)),
        Err(_) => Err(StoreError {
            what,
            delivery: Delivery::MaybeExecuted,
            cause: Cause::Silence(within),
        }),
    }
}

impl StoreError {
    fn new(what: &'static str, error: Error) -> StoreError {
        StoreError {
            what,
            delivery: delivery(&error),
            cause: Cause::Etcd(error),
        }
    }

    /// What is wrong with the configuration.
    pub(crate) fn config(fault: String) -> StoreError {
        StoreError {
            what: "starting",
            delivery: Delivery::NotSent,
            cause: Cause::Config(fault),
        }
    }

    /// Whether the request may have been done. What is not known to be undone may have been done.
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// Whether the same request would fail in the same way: the password is wrong, the user may not, the address is none.
    pub(crate) fn is_final(&self) -> bool {
        match &self.cause {
            Cause::Etcd(Error::GRpcStatus(status)) => {
                FINAL_CODES.contains(&i32::from(status.code()))
            }
            Cause::Etcd(error) => is_of_the_request(error),
            Cause::Config(_) => true,
            Cause::Silence(_) => false,
        }
    }
}

fn delivery(error: &Error) -> Delivery {
    let is_undone = match error {
        Error::GRpcStatus(status) => UNDONE_CODES.contains(&i32::from(status.code())),
        other => is_of_the_request(other),
    };
    match is_undone || is_refused_connection(error) {
        true => Delivery::NotSent,
        false => Delivery::MaybeExecuted,
    }
}

/// Nothing was sent: the request itself is wrong.
fn is_of_the_request(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidArgs(_)
            | Error::InvalidUri(_)
            | Error::InvalidMetadataValue(_)
            | Error::EndpointError(_)
            | Error::EndpointsNotManaged
    )
}

/// Nobody listens there, so nothing was sent.
fn is_refused_connection(error: &Error) -> bool {
    let first: Option<&(dyn std::error::Error + 'static)> = match error {
        Error::GRpcStatus(status) => std::error::Error::source(status),
        Error::TransportError(error) => Some(error),
        _ => None,
    };
    let mut cause = first;
    while let Some(error) = cause {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused) {
            return true;
        }
        cause = error.source();
    }
    false
}

impl fmt::Display for StoreError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Etcd(_) => write!(out, "{} failed at etcd", self.what),
            Cause::Config(fault) => write!(out, "the configuration is wrong: {fault}"),
            Cause::Silence(within) => {
                write!(
                    out,
                    "{}: etcd has not answered within {within:?}",
                    self.what
                )
            }
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            Cause::Etcd(error) => Some(error),
            Cause::Config(_) | Cause::Silence(_) => None,
        }
    }
}

/// An error with all its causes, in one line.
pub(crate) fn in_full(error: &StoreError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// Codes of gRPC that etcd answers with before it does anything: INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED,
/// RESOURCE_EXHAUSTED (its quota, or too many requests), FAILED_PRECONDITION, OUT_OF_RANGE, UNIMPLEMENTED,
/// UNAUTHENTICATED. UNAVAILABLE and DEADLINE_EXCEEDED come after it has begun, too.
const UNDONE_CODES: [i32; 8] = [3, 5, 7, 8, 9, 11, 12, 16];
/// Those of them that another attempt does not change.
const FINAL_CODES: [i32; 4] = [3, 7, 12, 16];

#[cfg(test)]
mod tests {
    use tonic::{Code, Status};

    use super::*;

    fn of(code: Code) -> StoreError {
        StoreError::new("a test", Error::GRpcStatus(Status::new(code, "")))
    }

    #[test]
    fn what_may_have_been_done_is_told_from_what_was_not() {
        for code in [Code::Unavailable, Code::DeadlineExceeded, Code::Unknown] {
            assert_eq!(of(code).delivery(), Delivery::MaybeExecuted, "{code:?}");
            assert!(!of(code).is_final(), "{code:?}");
        }
        for code in [Code::ResourceExhausted, Code::OutOfRange] {
            assert_eq!(of(code).delivery(), Delivery::NotSent, "{code:?}");
            assert!(!of(code).is_final(), "{code:?}");
        }
        for code in [Code::PermissionDenied, Code::Unauthenticated] {
            assert_eq!(of(code).delivery(), Delivery::NotSent, "{code:?}");
            assert!(of(code).is_final(), "{code:?}");
        }
    }

    #[test]
    fn a_refused_connection_has_carried_nothing() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let mut status = Status::unavailable("");
        status.set_source(std::sync::Arc::new(refused));
        let error = StoreError::new("a test", Error::GRpcStatus(status));
        assert_eq!(error.delivery(), Delivery::NotSent);
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let mut status = Status::unavailable("");
        status.set_source(std::sync::Arc::new(reset));
        let error = StoreError::new("a test", Error::GRpcStatus(status));
        assert_eq!(error.delivery(), Delivery::MaybeExecuted);
    }
}
