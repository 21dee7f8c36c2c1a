//! Calls without a description in the program: method by name or number, arguments and results as [`Value`]s, which only
//! self-describing protocols can carry, or of types that are known at run time ([`BindDynamic::typed`]).

use std::collections::HashMap;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rmix_abi::describe::MethodDesc;
use rmix_abi::host::CodecError;
use rmix_abi::tables::{call_flags, capability};
use rmix_engine::{Limits, Reference};

use crate::bind::{Options, connect};
use crate::blocking;
use crate::call::{Encoder, Shape};
use crate::error::{CallError, Cause, Error, ErrorKind};
use crate::interface::Skeleton;
use crate::outcome::Fallible;
use crate::pending::Pending;
use crate::providers::Provider;
use crate::reactor::block_on;
use crate::runtime::Runtime;
use crate::stub::Stub;
use crate::value::Value;

/// A method by name or by number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MethodName {
    /// By name.
    Name(String),
    /// By procedure number.
    Number(u32),
    /// By either, as the protocol calls methods; messages show the name.
    Numbered(String, u32),
}

impl From<&str> for MethodName {
    fn from(name: &str) -> MethodName {
        MethodName::Name(name.to_owned())
    }
}

impl From<String> for MethodName {
    fn from(name: String) -> MethodName {
        MethodName::Name(name)
    }
}

impl From<(&str, u32)> for MethodName {
    fn from((name, number): (&str, u32)) -> MethodName {
        MethodName::Numbered(name.to_owned(), number)
    }
}

impl From<u32> for MethodName {
    fn from(number: u32) -> MethodName {
        MethodName::Number(number)
    }
}

/// Descriptions of methods that were called dynamically. The boundary wants them to live for ever, so each distinct one
/// is leaked once; their number and size are bounded.
#[derive(Default)]
pub(crate) struct Interner {
    known: Mutex<HashMap<MethodName, &'static MethodDesc>>,
}

impl Interner {
    fn method(&self, name: MethodName, limits: &Limits) -> Result<&'static MethodDesc, Error> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(method) = known.get(&name) {
            return Ok(method);
        }
        let refuse =
            |message: String| Err(Error::new(ErrorKind::FixRequest, Cause::Limit, message));
        if known.len() >= limits.dynamic_methods {
            return refuse(format!(
                "{} different methods were called without a description, which is the limit (dynamic_methods)",
                known.len()
            ));
        }
        let (text, number) = match &name {
            MethodName::Name(text) | MethodName::Numbered(text, _)
                if text.len() > limits.method_name_bytes =>
            {
                return refuse(format!(
                    "a method's name has {} bytes; at most {} are allowed (method_name_bytes)",
                    text.len(),
                    limits.method_name_bytes
                ));
            }
            MethodName::Name(text) => (text.clone(), 0),
            MethodName::Numbered(text, number) => (text.clone(), *number),
            MethodName::Number(number) => (String::new(), *number),
        };
        let method = MethodDesc::dynamic(String::leak(text), number, 0);
        let method: &'static MethodDesc = Box::leak(Box::new(method));
        known.insert(name, method);
        Ok(method)
    }
}

/// Options of a dynamic binding; awaited, or finished with [`BindDynamic::blocking`]. Made by [`Runtime::dynamic`].
#[must_use = "nothing is bound before it is awaited or `blocking` is called"]
pub struct BindDynamic {
    runtime: Runtime,
    target: Result<Reference, Error>,
    options: Options,
    typed: bool,
}

impl BindDynamic {
    pub(crate) fn new(runtime: &Runtime, target: Result<Reference, Error>) -> BindDynamic {
        BindDynamic {
            runtime: runtime.clone(),
            target,
            options: Options::default(),
            typed: false,
        }
    }

    /// For calls whose types are known at run time, from an interface file for instance, so that any protocol will do. The
    /// stub has [`DynamicStub::call_typed`] and its like; calls with [`Value`]s are refused.
    pub fn typed(mut self) -> Self {
        self.typed = true;
        self
    }

    /// Insists on a protocol (`msgpack`) or scheme (`msgpack+tcp`).
    pub fn via(mut self, protocol: impl Into<String>) -> Self {
        self.options.policy.via = Some(protocol.into());
        self
    }

    /// The deadline of each call of the stub, and of binding itself.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// Serves an object to the peer on the same link, for as long as the stub lives.
    pub fn serve(mut self, skeleton: impl Skeleton) -> Self {
        self.options.serve = Some(Box::new(skeleton));
        self
    }

    /// Binds from a plain thread.
    ///
    /// # Errors
    /// As awaiting it; and at once when this thread is running a task.
    ///
    /// # Blocking
    /// Until the link is open or the deadline has passed.
    pub fn blocking(self) -> Result<DynamicStub, Error> {
        blocking::check("bind")?;
        block_on(self.finish())
    }

    async fn finish(self) -> Result<DynamicStub, Error> {
        let reference = self.target?;
        let serves = self.options.serve.is_some();
        let typed = self.typed;
        let lacks = |provider: &Provider| {
            let has = provider.capabilities();
            if !typed && has & capability::SELF_DESCRIBING == 0 {
                return Some(format!(
                    "values of the provider `{}` do not describe themselves: a call needs an interface description",
                    provider.name()
                ));
            }
            (serves && has & capability::SYMMETRIC == 0).then(|| {
                format!(
                    "an object is to be served on the same link, and the provider `{}` lacks the capability `symmetric`",
                    provider.name()
                )
            })
        };
        let stub = connect(&self.runtime, &reference, self.options, lacks).await?;
        Ok(DynamicStub { stub, typed })
    }
}

impl IntoFuture for BindDynamic {
    type Output = Result<DynamicStub, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<DynamicStub, Error>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.finish())
    }
}

/// Any result and any fault.
pub type DynamicOutcome = Fallible<Value, Value>;

/// A stub for calls without a description in the program.
#[derive(Clone, Debug)]
pub struct DynamicStub {
    pub(crate) stub: Stub,
    /// The protocol was not asked whether its values describe themselves.
    typed: bool,
}

impl DynamicStub {
    /// The untyped stub, for its link, deadline and selection.
    pub fn stub(&self) -> &Stub {
        &self.stub
    }

    /// The same stub with another deadline for each call.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> DynamicStub {
        DynamicStub {
            stub: self.stub.with_timeout(timeout),
            typed: self.typed,
        }
    }

    /// Calls a method.
    ///
    /// # Errors
    /// The peer's error value, or a failure of the machinery.
    pub async fn call(
        &self,
        method: impl Into<MethodName>,
        arguments: Vec<Value>,
    ) -> Result<Value, CallError<Value>> {
        let shape = self.shape(method.into(), &arguments, 0)?;
        let outcome = self
            .stub
            .call_shaped::<DynamicOutcome>(shape, put_all(arguments));
        outcome.await
    }

    /// As [`DynamicStub::call`], from a plain thread.
    ///
    /// # Errors
    /// As [`DynamicStub::call`], or called on a thread that must not block.
    ///
    /// # Blocking
    /// Until the outcome is there or the deadline has passed.
    pub fn call_blocking(
        &self,
        method: impl Into<MethodName>,
        arguments: Vec<Value>,
    ) -> Result<Value, CallError<Value>> {
        let shape = self.shape(method.into(), &arguments, 0)?;
        let encode = put_all(arguments);
        self.stub
            .call_blocking_shaped::<DynamicOutcome>(shape, encode)
    }

    /// Starts a call.
    ///
    /// # Errors
    /// The method's name cannot be used.
    pub fn start(
        &self,
        method: impl Into<MethodName>,
        arguments: Vec<Value>,
    ) -> Result<Pending<DynamicOutcome>, Error> {
        let shape = self.shape(method.into(), &arguments, 0)?;
        Ok(Pending::start(&self.stub, shape, put_all(arguments)))
    }

    /// Calls a method without waiting for anything to come back.
    ///
    /// # Errors
    /// Not handed to the link.
    pub async fn oneway(
        &self,
        method: impl Into<MethodName>,
        arguments: Vec<Value>,
    ) -> Result<(), Error> {
        let shape = self.shape(method.into(), &arguments, call_flags::ONEWAY)?;
        self.stub.oneway_shaped(shape, put_all(arguments)).await
    }

    /// As [`DynamicStub::oneway`], from a plain thread.
    ///
    /// # Errors
    /// As [`DynamicStub::oneway`], or called on a thread that must not block.
    ///
    /// # Blocking
    /// Only while the queue is full or the link is being opened.
    pub fn oneway_blocking(
        &self,
        method: impl Into<MethodName>,
        arguments: Vec<Value>,
    ) -> Result<(), Error> {
        let shape = self.shape(method.into(), &arguments, call_flags::ONEWAY)?;
        self.stub.oneway_blocking_shaped(shape, put_all(arguments))
    }

    /// Waits until everything sent so far was handed to the kernel.
    ///
    /// # Errors
    /// The link broke, or the deadline passed.
    pub async fn flush(&self) -> Result<(), Error> {
        self.stub.flush().await
    }

    /// As [`DynamicStub::flush`], from a plain thread.
    ///
    /// # Errors
    /// As [`DynamicStub::flush`], or called on a thread that must not block.
    ///
    /// # Blocking
    /// Until the kernel has everything or the deadline has passed.
    pub fn flush_blocking(&self) -> Result<(), Error> {
        self.stub.flush_blocking()
    }

    fn shape(&self, method: MethodName, arguments: &[Value], flags: u32) -> Result<Shape, Error> {
        if self.typed {
            let message =
                "the stub was bound for calls whose types are known: use `call_typed` and its like";
            return Err(Error::new(ErrorKind::FixRequest, Cause::Other, message));
        }
        self.shape_of(method, arguments.len(), flags)
    }

    /// The shape of a call with so many arguments.
    pub(crate) fn shape_of(
        &self,
        method: MethodName,
        arguments: usize,
        flags: u32,
    ) -> Result<Shape, Error> {
        let runtime = &self.stub.bound.route.runtime;
        let method = runtime.interner.method(method, &runtime.limits)?;
        Ok(Shape {
            method,
            arguments: u32::try_from(arguments).unwrap_or(u32::MAX),
            flags,
        })
    }
}

fn put_all(
    arguments: Vec<Value>,
) -> impl Fn(&mut Encoder<'_>) -> Result<(), CodecError> + Send + 'static {
    move |encoder| arguments.iter().try_for_each(|value| encoder.put(value))
}
