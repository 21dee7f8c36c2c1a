//! What the system tests and their helper process share: one interface of numbers, those of real peers that `build.rs`
//! imports, and objects of them.
//!
//! The tests themselves are in `tests/`: the façade with real shared objects, loopback, processes and `kill -9`. The
//! helper process is `src/main.rs`. Nothing here is part of the product, and no provider is named here.

mod contract_object;
mod diverse_object;
mod encoded_object;
mod interfaces;
mod numbers;
mod rpc_object;

pub use contract_object::ContractObject;
pub use diverse_object::{Diverse, SECRET_VALUE};
pub use encoded_object::EncodedObject;
pub use interfaces::{contract, diverse, encoded, names, rpc};
#[cfg(system_interfaces)]
pub use interfaces::{mount, rstat};

pub use numbers::{
    Numbers, NumbersBlocking, NumbersSkeleton, NumbersStart, NumbersStub, Recorder, Seen, mixed,
};
pub use rpc_object::RpcObject;
