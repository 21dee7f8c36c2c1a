//! What the system tests and their helper process share: one interface of numbers, and its object.
//!
//! The tests themselves are in `tests/`: the façade with real shared objects, loopback, processes and `kill -9`. The
//! helper process is `src/main.rs`. Nothing here is part of the product, and no provider is named here.

mod numbers;

pub use numbers::{
    Numbers, NumbersBlocking, NumbersSkeleton, NumbersStart, NumbersStub, Recorder, Seen, mixed,
};
