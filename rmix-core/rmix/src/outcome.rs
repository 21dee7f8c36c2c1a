//! How a method ends, seen from both sides: what the reply decodes into at the caller, and what the implementation
//! returns.

use std::marker::PhantomData;

use rmix_abi::describe::MethodDesc;
use rmix_abi::host::{ReplyTo, ReplyValue};
use rmix_abi::tables::{Err, call_flags, reply};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{CallError, Cause, Delivery, Error, ErrorKind};
use crate::value::Value;

/// A method without a declared fault.
#[derive(Debug)]
pub struct Plain<T>(PhantomData<fn() -> T>);

/// A method with a declared fault.
#[derive(Debug)]
pub struct Fallible<T, E>(PhantomData<fn() -> (T, E)>);

/// How a method ends.
pub trait Outcome: Send + 'static {
    /// What a successful call gives.
    type Value: Send + 'static;
    /// What a failed call gives.
    type Error: From<Error> + Send + 'static;
    /// What the implementation returns.
    type Returned: Send + 'static;
    /// Bits of [`call_flags`] that calls of such a method carry.
    const FLAGS: u32;

    /// Reads a reply.
    ///
    /// # Errors
    /// The declared fault, an undeclared one, or a reply that cannot be decoded.
    fn read(method: &MethodDesc, reply: ReplyValue) -> Result<Self::Value, Self::Error>;

    /// Answers with what the implementation returned.
    ///
    /// # Errors
    /// The value cannot be encoded, or the link is gone.
    fn answer(
        method: &MethodDesc,
        returned: &Self::Returned,
        reply_to: ReplyTo,
        depth: u32,
    ) -> Result<(), Err>;
}

impl<T: Serialize + DeserializeOwned + Send + 'static> Outcome for Plain<T> {
    type Value = T;
    type Error = Error;
    type Returned = T;
    const FLAGS: u32 = 0;

    fn read(method: &MethodDesc, reply: ReplyValue) -> Result<T, Error> {
        if reply.kind == reply::FAULT {
            return Err(undeclared(method, reply));
        }
        reply
            .decode()
            .map_err(|failure| Error::from_decoding(method.name(), failure))
    }

    fn answer(method: &MethodDesc, returned: &T, reply_to: ReplyTo, depth: u32) -> Result<(), Err> {
        let flags = Self::FLAGS | idempotent(method);
        reply_to.reply(reply::VALUE, flags, depth, returned)
    }
}

impl<T, E> Outcome for Fallible<T, E>
where
    T: Serialize + DeserializeOwned + Send + 'static,
    E: Serialize + DeserializeOwned + Send + 'static,
{
    type Value = T;
    type Error = CallError<E>;
    type Returned = Result<T, E>;
    const FLAGS: u32 = call_flags::FAULTS;

    fn read(method: &MethodDesc, reply: ReplyValue) -> Result<T, CallError<E>> {
        if reply.kind == reply::FAULT {
            return Err(match reply.decode_or::<E, Value>() {
                Ok(Ok(fault)) => CallError::Fault(fault),
                Ok(Err(value)) => CallError::Failed(remote(method, &value.to_string())),
                Err(failure) => CallError::Failed(Error::from_decoding(method.name(), failure)),
            });
        }
        let value = reply.decode();
        value.map_err(|failure| Error::from_decoding(method.name(), failure).into())
    }

    fn answer(
        method: &MethodDesc,
        returned: &Result<T, E>,
        reply_to: ReplyTo,
        depth: u32,
    ) -> Result<(), Err> {
        let flags = Self::FLAGS | idempotent(method);
        match returned {
            Ok(value) => reply_to.reply(reply::VALUE, flags, depth, value),
            Err(fault) => reply_to.reply(reply::FAULT, flags, depth, fault),
        }
    }
}

/// Tells a provider that remembers answers that this one need not be.
fn idempotent(method: &MethodDesc) -> u32 {
    method.flags & call_flags::IDEMPOTENT
}

pub(crate) fn undeclared(method: &MethodDesc, reply: ReplyValue) -> Error {
    match reply.decode::<Value>() {
        Ok(value) => remote(method, &value.to_string()),
        Err(failure) => remote(method, &format!("a value that cannot be shown: {failure}")),
    }
}

fn remote(method: &MethodDesc, value: &str) -> Error {
    let message = format!(
        "`{}` raised a fault that its interface does not declare: {value}",
        method.name()
    );
    Error::new(ErrorKind::FixRequest, Cause::Remote, message).with_delivery(Delivery::Executed)
}
