//! Calls whose types are known at run time only, as when they come from an interface file: arguments are whatever
//! serialises, and a seed reads the result.

use rmix_abi::describe::MethodDesc;
use rmix_abi::host::{CodecError, ReplyTo, ReplyValue};
use rmix_abi::tables::{Err, call_flags, reply};
use serde::Serialize;
use serde::de::DeserializeSeed;

use crate::call::{Encoder, Shape};
use crate::dynamic::{DynamicStub, MethodName};
use crate::error::{CallError, Error};
use crate::outcome::{self, Outcome};

impl DynamicStub {
    /// Calls a method; each argument serialises as its type, and `result` reads the reply.
    ///
    /// # Errors
    /// A failure of the machinery; a reply that `result` cannot read.
    pub async fn call_typed<A, T>(
        &self,
        method: impl Into<MethodName>,
        arguments: &[A],
        result: impl for<'de> DeserializeSeed<'de, Value = T>,
    ) -> Result<T, Error>
    where
        A: Serialize + Sync,
    {
        let shape = self.shape_of(method.into(), arguments.len(), 0)?;
        let encode = put_all(arguments);
        let reply = self.stub.call_shaped::<Unread>(shape, encode).await?;
        read(shape.method, reply, result)
    }

    /// As [`DynamicStub::call_typed`], from a plain thread.
    ///
    /// # Errors
    /// As [`DynamicStub::call_typed`], or called on a thread that must not block.
    ///
    /// # Blocking
    /// Until the outcome is there or the deadline has passed.
    pub fn call_typed_blocking<A, T>(
        &self,
        method: impl Into<MethodName>,
        arguments: &[A],
        result: impl for<'de> DeserializeSeed<'de, Value = T>,
    ) -> Result<T, Error>
    where
        A: Serialize + Sync,
    {
        let shape = self.shape_of(method.into(), arguments.len(), 0)?;
        let encode = put_all(arguments);
        let reply = self.stub.call_blocking_shaped::<Unread>(shape, encode)?;
        read(shape.method, reply, result)
    }

    /// Calls a method without waiting for anything to come back; each argument serialises as its type.
    ///
    /// # Errors
    /// Not handed to the link.
    pub async fn oneway_typed<A: Serialize + Sync>(
        &self,
        method: impl Into<MethodName>,
        arguments: &[A],
    ) -> Result<(), Error> {
        let shape = self.shape_of(method.into(), arguments.len(), call_flags::ONEWAY)?;
        self.stub.oneway_shaped(shape, put_all(arguments)).await
    }

    /// As [`DynamicStub::oneway_typed`], from a plain thread.
    ///
    /// # Errors
    /// As [`DynamicStub::oneway_typed`], or called on a thread that must not block.
    ///
    /// # Blocking
    /// Only while the queue is full or the link is being opened.
    pub fn oneway_typed_blocking<A: Serialize + Sync>(
        &self,
        method: impl Into<MethodName>,
        arguments: &[A],
    ) -> Result<(), Error> {
        let shape = self.shape_of(method.into(), arguments.len(), call_flags::ONEWAY)?;
        self.stub.oneway_blocking_shaped(shape, put_all(arguments))
    }
}

/// Calls of operations whose description is known, as when it was made from an interface file: formats that want names
/// and types have them.
impl DynamicStub {
    /// Calls an operation; each argument serialises as its type, `result` reads the result and `fault` a declared fault.
    ///
    /// # Errors
    /// A declared fault; a failure of the machinery; a reply that cannot be read.
    pub async fn call_described<A, T, F>(
        &self,
        method: &'static MethodDesc,
        arguments: &[A],
        result: impl for<'de> DeserializeSeed<'de, Value = T>,
        fault: impl for<'de> DeserializeSeed<'de, Value = F>,
    ) -> Result<T, CallError<F>>
    where
        A: Serialize + Sync,
    {
        let shape = Shape::of(method, 0);
        let encode = put_all(arguments);
        let reply = self.stub.call_shaped::<Unjudged>(shape, encode).await?;
        judge(method, reply, result, fault)
    }

    /// As [`DynamicStub::call_described`], from a plain thread.
    ///
    /// # Errors
    /// As [`DynamicStub::call_described`], or called on a thread that must not block.
    ///
    /// # Blocking
    /// Until the outcome is there or the deadline has passed.
    pub fn call_described_blocking<A, T, F>(
        &self,
        method: &'static MethodDesc,
        arguments: &[A],
        result: impl for<'de> DeserializeSeed<'de, Value = T>,
        fault: impl for<'de> DeserializeSeed<'de, Value = F>,
    ) -> Result<T, CallError<F>>
    where
        A: Serialize + Sync,
    {
        let shape = Shape::of(method, 0);
        let encode = put_all(arguments);
        let reply = self.stub.call_blocking_shaped::<Unjudged>(shape, encode)?;
        judge(method, reply, result, fault)
    }

    /// Calls a one-way operation; each argument serialises as its type.
    ///
    /// # Errors
    /// Not handed to the link.
    ///
    /// # Blocking
    /// Only while the queue is full or the link is being opened.
    pub fn oneway_described_blocking<A: Serialize + Sync>(
        &self,
        method: &'static MethodDesc,
        arguments: &[A],
    ) -> Result<(), Error> {
        let shape = Shape::of(method, call_flags::ONEWAY);
        self.stub.oneway_blocking_shaped(shape, put_all(arguments))
    }
}

fn judge<T, F>(
    method: &MethodDesc,
    reply: ReplyValue,
    result: impl for<'de> DeserializeSeed<'de, Value = T>,
    fault: impl for<'de> DeserializeSeed<'de, Value = F>,
) -> Result<T, CallError<F>> {
    if reply.kind == reply::FAULT && method.has_fault() {
        let value = reply.decode_seed(fault);
        let value = value.map_err(|failure| Error::from_decoding(method.name(), failure))?;
        return Err(CallError::Fault(value));
    }
    if reply.kind == reply::FAULT {
        return Err(outcome::undeclared(method, reply).into());
    }
    Ok(read(method, reply, result)?)
}

/// The reply as it came, result or fault.
struct Unjudged;

impl Outcome for Unjudged {
    type Value = ReplyValue;
    type Error = Error;
    type Returned = ();
    const FLAGS: u32 = 0;

    fn read(_: &MethodDesc, found: ReplyValue) -> Result<ReplyValue, Error> {
        Ok(found)
    }

    fn answer(_: &MethodDesc, _: &(), reply_to: ReplyTo, _: u32) -> Result<(), Err> {
        reply_to.done();
        Ok(())
    }
}

fn put_all<A: Serialize + Sync>(
    arguments: &[A],
) -> impl Fn(&mut Encoder<'_>) -> Result<(), CodecError> + Send {
    move |encoder| arguments.iter().try_for_each(|value| encoder.put(value))
}

fn read<T>(
    method: &MethodDesc,
    reply: ReplyValue,
    result: impl for<'de> DeserializeSeed<'de, Value = T>,
) -> Result<T, Error> {
    let value = reply.decode_seed(result);
    value.map_err(|failure| Error::from_decoding(method.name(), failure))
}

/// The reply as it came, for a seed to read.
struct Unread;

impl Outcome for Unread {
    type Value = ReplyValue;
    type Error = Error;
    type Returned = ();
    const FLAGS: u32 = 0;

    fn read(method: &MethodDesc, found: ReplyValue) -> Result<ReplyValue, Error> {
        match found.kind {
            reply::FAULT => Err(outcome::undeclared(method, found)),
            _ => Ok(found),
        }
    }

    fn answer(_: &MethodDesc, _: &(), reply_to: ReplyTo, _: u32) -> Result<(), Err> {
        reply_to.done();
        Ok(())
    }
}
