//! One question to an rpcbind, whatever carries it, and the way down from version 4 to version 2. Opens nothing.

use std::future::Future;

use bytes::Bytes;
use rmix_provider::tables::{Err, cause, kind};
use rmix_xdr::XdrError;

use super::messages::{VERSION_MAX, VERSION_MIN};
use crate::wire::{AcceptStatus, RejectStatus};

/// What an rpcbind made of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answered {
    /// Executed, with these results.
    Success(Bytes),
    /// Not executed.
    Accepted(AcceptStatus),
    /// Refused before the program saw it.
    Denied(RejectStatus),
}

/// Somebody who can be asked one question at a time.
pub(crate) trait Ask: Send {
    /// Calls a procedure of rpcbind. Every procedure that is asked here may be executed twice.
    ///
    /// # Errors
    /// No answer came, or one that cannot be read.
    fn ask(
        &mut self,
        version: u32,
        procedure: u32,
        arguments: &[u8],
    ) -> impl Future<Output = Result<Answered, Err>> + Send;

    /// Who it is, for people: "the rpcbind of HOST".
    fn whom(&self) -> &str;
}

/// A question in one version of rpcbind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    /// The procedure that is called.
    pub(crate) procedure: u32,
    /// Its arguments.
    pub(crate) arguments: Vec<u8>,
}

/// The version that an rpcbind is asked in: the newest, until it says that it does not have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version(u32);

impl Version {
    /// The newest.
    pub(crate) const NEWEST: Version = Version(VERSION_MAX);

    /// Its number.
    pub(crate) const fn number(self) -> u32 {
        self.0
    }

    /// Whether it is the portmapper's, which knows IPv4 only.
    pub(crate) const fn is_portmapper(self) -> bool {
        self.0 == VERSION_MIN
    }

    /// The next lower version among `low..=high`, if there is one.
    fn lower(self, low: u32, high: u32) -> Option<Version> {
        let next = self.0.saturating_sub(1).min(high);
        (next >= VERSION_MIN.max(low)).then_some(Version(next))
    }
}

/// Asks until a version is found that the rpcbind has; `version` is left at that one. `question` says the question in a
/// version.
///
/// # Errors
/// Those of [`Ask::ask`] and of `question`, and every refusal but that of a version.
pub(crate) async fn ask<A: Ask>(
    asked: &mut A,
    version: &mut Version,
    question: impl Fn(Version) -> Result<Question, Err> + Send + Sync,
) -> Result<Bytes, Err> {
    loop {
        let Question {
            procedure,
            arguments,
        } = question(*version)?;
        let answered = asked.ask(version.0, procedure, &arguments).await?;
        let lower = match &answered {
            Answered::Success(results) => return Ok(results.clone()),
            Answered::Accepted(AcceptStatus::ProgMismatch { low, high }) => {
                version.lower(*low, *high)
            }
            Answered::Accepted(AcceptStatus::ProcUnavail)
            | Answered::Denied(RejectStatus::RpcMismatch { .. }) => version.lower(0, u32::MAX),
            _ => None,
        };
        match lower {
            Some(lower) => *version = lower,
            None => return Err(refused(asked.whom(), *version, &answered)),
        }
    }
}

/// What a refusal says to the caller.
fn refused(whom: &str, version: Version, answered: &Answered) -> Err {
    let (kind, cause, why) = match answered {
        Answered::Accepted(AcceptStatus::ProgUnavail) => (
            kind::FIX_REQUEST,
            cause::CONNECT,
            "it is a server of other programs (PROG_UNAVAIL)".to_owned(),
        ),
        Answered::Accepted(AcceptStatus::ProgMismatch { low, high }) => (
            kind::UNSUPPORTED,
            cause::VERSION,
            format!("it has versions {low} to {high} (PROG_MISMATCH)"),
        ),
        Answered::Denied(RejectStatus::RpcMismatch { low, high }) => (
            kind::UNSUPPORTED,
            cause::VERSION,
            format!("it speaks RPC versions {low} to {high} (RPC_MISMATCH)"),
        ),
        Answered::Denied(RejectStatus::AuthError(status)) => (
            kind::DENIED,
            cause::AUTHENTICATION,
            format!("it wants another credential: {status:?} (AUTH_ERROR)"),
        ),
        Answered::Accepted(AcceptStatus::SystemErr) => (
            kind::RETRY,
            cause::REMOTE,
            "it failed (SYSTEM_ERR)".to_owned(),
        ),
        Answered::Accepted(status) => (kind::UNSUPPORTED, cause::REMOTE, format!("{status:?}")),
        Answered::Success(_) => (kind::INTERNAL, cause::OTHER, "it has not".to_owned()),
    };
    let number = version.number();
    Err::new(
        kind,
        cause,
        format!("{whom} refuses a question in version {number}: {why}"),
    )
}

/// An answer that cannot be read.
pub(crate) fn unreadable(whom: &str, why: impl std::fmt::Display) -> Err {
    let message = format!("the answer of {whom} cannot be read: {why}");
    Err::new(kind::PEER_BROKEN, cause::PROTOCOL, message)
}

/// A question that cannot be encoded.
pub(crate) fn unsayable(failure: XdrError) -> Err {
    let message = format!("rpcbind cannot be asked: {failure}");
    Err::new(kind::FIX_REQUEST, cause::LIMIT, message)
}
