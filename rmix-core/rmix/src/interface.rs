//! What `#[rmix::remote]` implements: an interface's stub and its skeleton.

use std::sync::Arc;

use rmix_abi::describe::InterfaceDesc;

use crate::incoming::{Incoming, Served};
use crate::stub::Stub;

/// A typed stub: what [`crate::Runtime::bind`] makes. Implemented by `#[rmix::remote]`.
pub trait Interface: Clone + 'static {
    /// The interface.
    const DESCRIPTION: &'static InterfaceDesc;

    /// Wraps an untyped stub that is bound to such an object.
    fn from_stub(stub: Stub) -> Self;

    /// The untyped stub.
    fn stub(&self) -> &Stub;
}

/// An object that can be exported. Implemented by `#[rmix::remote]`.
pub trait Skeleton: Send + Sync + 'static {
    /// The interface.
    fn description(&self) -> &'static InterfaceDesc;

    /// Serves a call of the method at this index of the description.
    fn call(&self, method: usize, incoming: Incoming<'_>) -> Served;
}

impl<S: Skeleton + ?Sized> Skeleton for Arc<S> {
    fn description(&self) -> &'static InterfaceDesc {
        (**self).description()
    }

    fn call(&self, method: usize, incoming: Incoming<'_>) -> Served {
        (**self).call(method, incoming)
    }
}
