//! Objects whose interface is known at run time only, as when it comes from an interface file: a description that is made
//! then, and a skeleton over one handler for all methods.

use std::marker::PhantomData;
use std::sync::Arc;

use rmix_abi::describe::{FieldDesc, InterfaceDesc, MethodDesc, Schema, style};
use rmix_abi::host::{Arguments, ReplyTo, ReplyValue};
use rmix_abi::tables::{Err, call_flags, refusal, reply};
use serde::Serialize;
use serde::de::DeserializeSeed;

use crate::error::Error;
use crate::incoming::{Incoming, Served};
use crate::interface::Skeleton;
use crate::outcome::{self, Outcome};
use crate::value::Value;

/// A method of a [`DynamicInterface`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DynamicMethod {
    /// Its name.
    pub name: String,
    /// Procedure number, or 0 when it has none.
    pub number: u32,
    /// How many arguments it takes.
    pub arguments: usize,
}

/// A description that is made at run time.
///
/// The boundary wants descriptions to live for ever, so what it is made of is never freed: make one for each interface of
/// the program, not one for each object or call.
#[derive(Debug, Clone, Copy)]
pub struct DynamicInterface(&'static InterfaceDesc);

impl DynamicInterface {
    /// Describes an interface; `program` and `version` are those of ONC RPC, or 0.
    pub fn new(
        name: &str,
        program: u32,
        version: u32,
        methods: impl IntoIterator<Item = DynamicMethod>,
    ) -> DynamicInterface {
        let methods: Vec<MethodDesc> = methods.into_iter().map(described).collect();
        let name = String::leak(name.to_owned());
        let numbers = (program, version);
        DynamicInterface(InterfaceDesc::leak(
            name,
            "",
            numbers,
            style::WRAPPED,
            methods,
        ))
    }

    /// An interface that is described already.
    pub fn of(description: &'static InterfaceDesc) -> DynamicInterface {
        DynamicInterface(description)
    }

    /// The description.
    pub fn description(self) -> &'static InterfaceDesc {
        self.0
    }
}

fn described(method: DynamicMethod) -> MethodDesc {
    let any = Schema::of::<Value>();
    let arguments = (0..method.arguments).map(|_| FieldDesc::new("", any));
    let arguments: Vec<FieldDesc> = arguments.collect();
    let name = String::leak(method.name);
    MethodDesc::new(
        name,
        method.number,
        0,
        Vec::leak(arguments),
        Some(any),
        None,
    )
}

/// What answers the calls of a [`DynamicSkeleton`]. Methods go by their position in the interface.
pub trait DynamicObject: Send + Sync + 'static {
    /// An argument that was read.
    type Argument: Send + 'static;
    /// What a method gives.
    type Result: Serialize + Send + 'static;

    /// What reads an argument of a method.
    fn argument(
        &self,
        method: usize,
        index: usize,
    ) -> impl for<'de> DeserializeSeed<'de, Value = Self::Argument>;

    /// Runs a method; [`caller`](crate::caller) tells who calls.
    fn call(
        self: Arc<Self>,
        method: usize,
        arguments: Vec<Self::Argument>,
    ) -> impl Future<Output = DynamicAnswer<Self::Result>> + Send;
}

/// How a method ends.
#[derive(Debug, Clone, PartialEq)]
pub enum DynamicAnswer<T> {
    /// With its result.
    Value(T),
    /// With the declared fault; of a method that declares none the caller is told an internal error.
    Fault(T),
    /// With a refusal, in the protocol's words for it, and a sentence where the protocol has room for one.
    Refused(Refusal, String),
}

/// Why a call is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// No such object here.
    NoSuchObject,
    /// The object has no such method.
    NoSuchMethod,
    /// The arguments cannot be read.
    BadArguments,
    /// The method failed.
    Internal,
    /// Too much is going on.
    Busy,
    /// The caller may not.
    Denied,
}

impl Refusal {
    fn number(self) -> u32 {
        match self {
            Refusal::NoSuchObject => refusal::NO_SUCH_OBJECT,
            Refusal::NoSuchMethod => refusal::NO_SUCH_METHOD,
            Refusal::BadArguments => refusal::BAD_ARGUMENTS,
            Refusal::Internal => refusal::INTERNAL,
            Refusal::Busy => refusal::BUSY,
            Refusal::Denied => refusal::DENIED,
        }
    }
}

/// An object of a [`DynamicInterface`], to be exported as any other.
#[derive(Debug)]
pub struct DynamicSkeleton<H> {
    interface: DynamicInterface,
    object: Arc<H>,
}

impl<H: DynamicObject> DynamicSkeleton<H> {
    /// An object of this interface.
    pub fn new(interface: DynamicInterface, object: H) -> DynamicSkeleton<H> {
        DynamicSkeleton {
            interface,
            object: Arc::new(object),
        }
    }
}

impl<H: DynamicObject> Skeleton for DynamicSkeleton<H> {
    fn description(&self) -> &'static InterfaceDesc {
        self.interface.description()
    }

    fn call(&self, index: usize, incoming: Incoming<'_>) -> Served {
        let object = self.object.clone();
        // The dispatcher took the index from this description.
        let method = &self.interface.description().methods()[index];
        let decode = |arguments: &mut Arguments<'_>| {
            let count = method.arguments().len();
            let values = (0..count).map(|place| arguments.next_seed(object.argument(index, place)));
            values.collect::<Result<Vec<_>, _>>()
        };
        let run = |values| object.clone().call(index, values);
        incoming.serve::<Answered<H::Result>, _, _>(method, decode, run)
    }
}

/// What a provider is told of the method with its answer.
fn flags(method: &MethodDesc) -> u32 {
    let faults = if method.has_fault() {
        call_flags::FAULTS
    } else {
        0
    };
    faults | (method.flags & call_flags::IDEMPOTENT)
}

/// How such a method ends.
struct Answered<T>(PhantomData<fn() -> T>);

impl<T: Serialize + Send + 'static> Outcome for Answered<T> {
    type Value = ReplyValue;
    type Error = Error;
    type Returned = DynamicAnswer<T>;
    const FLAGS: u32 = 0;

    fn read(method: &MethodDesc, found: ReplyValue) -> Result<ReplyValue, Error> {
        match found.kind {
            reply::FAULT => Err(outcome::undeclared(method, found)),
            _ => Ok(found),
        }
    }

    fn answer(
        method: &MethodDesc,
        returned: &DynamicAnswer<T>,
        reply_to: ReplyTo,
        depth: u32,
    ) -> Result<(), Err> {
        match returned {
            DynamicAnswer::Value(value) => {
                reply_to.reply(reply::VALUE, flags(method), depth, value)
            }
            DynamicAnswer::Fault(fault) if method.has_fault() => {
                reply_to.reply(reply::FAULT, flags(method), depth, fault)
            }
            DynamicAnswer::Fault(_) => {
                reply_to.refuse(refusal::INTERNAL, "a fault that is not declared");
                Ok(())
            }
            DynamicAnswer::Refused(refusal, message) => {
                reply_to.refuse(refusal.number(), message);
                Ok(())
            }
        }
    }
}
