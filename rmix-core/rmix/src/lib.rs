//! Declare a remote interface once as a Rust trait, and pick the protocol per link at run time.
//!
//! A [`Runtime`] loads providers, plug-ins that each speak one protocol; it exports objects on any number of endpoints
//! and binds to remote ones. Calls are asynchronous, synchronous (on the caller's own thread, without another), started
//! (a [`Pending`] to poll, wait for or await) or one-way. Every failure says what to do next ([`ErrorKind`]), why
//! ([`Cause`]), and what the call may have done ([`Delivery`]).
//!
//! This crate knows no protocol and names no provider; it never looks for one in the working directory.

mod bind;
mod blocking;
mod builder;
mod call;
mod caller;
mod capability;
mod dispatch;
mod dynamic;
mod dynamic_object;
mod dynamic_typed;
mod error;
mod export;
mod here;
mod incoming;
mod interface;
mod links;
mod outcome;
mod pairing;
mod pending;
mod providers;
mod reactor;
mod remote;
mod repeat;
mod rooms;
mod run;
mod runtime;
mod shapes;
mod stub;
mod turns;
#[doc(hidden)]
pub mod union;
mod value;
#[cfg(feature = "xsd")]
pub mod xsd;

pub use bind::{Bind, IntoTarget};
pub use builder::RuntimeBuilder;
pub use caller::{Caller, Claim, caller};
pub use dynamic::{BindDynamic, DynamicOutcome, DynamicStub, MethodName};
pub use dynamic_object::{
    DynamicAnswer, DynamicInterface, DynamicMethod, DynamicObject, DynamicSkeleton, Refusal,
};
pub use error::{CallError, Cause, Delivery, Error, ErrorKind};
pub use export::{Export, ExportOptions, Exported};
pub use interface::{Interface, Skeleton};
pub use pending::Pending;
pub use providers::{ProviderFiles, ProviderInfo};
pub use remote::Remote;
pub use rmix_abi::describe::Data;
pub use rmix_abi::tables::ProviderEntry;
pub use rmix_engine::{Endpoint, Limits, ObjectId, Policy, Preference, Reference};
pub use rmix_macros::{Data, Union, remote};
pub use runtime::Runtime;
pub use shapes::{Array, Bound, Bounded, List, Opaque};
pub use value::Value;

/// What the code that `#[rmix::remote]` and `#[derive(rmix::Data)]` write refers to.
pub mod generated {
    pub use rmix_abi::describe::{
        FieldDesc, FieldXml, InterfaceDesc, MethodDesc, MethodSoap, Schema, TypeDesc, TypeXml,
        VariantDesc, field_flags, method_flags, style, type_flags, type_kind, variant_flags,
    };
    pub use rmix_abi::host::{Arguments, CodecError};
    pub use rmix_abi::tables::{call_flags, shape};

    pub use crate::call::Encoder;
    pub use crate::incoming::{Incoming, Served};
    pub use crate::outcome::{Fallible, Outcome, Plain};
    pub use crate::stub::Stub;
    pub use crate::union;
    pub use serde;
}

/// The README's example, compiled with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
