//! What every provider must promise, as a test suite generic over a fixture.
//!
//! A provider's `tests/main.rs` says in a [`Fixture`] how it is reached, and mounts the suite twice with
//! [`mount!`]: linked in, and as the shared object beside the test. Each case is one test, named as a claim. What a
//! provider does not claim is skipped by name, and must fail cleanly when it is used.
//!
//! Knows no protocol: valid bytes are overheard by a [`tap`] between two ends of the provider's own.

pub mod allocations;
pub mod cases;
pub mod child;
pub mod fixture;
pub mod interface;
mod mount;
pub mod object;
pub mod raw;
pub mod rig;
pub mod tap;

pub use fixture::{Accept, Bridge, Fixture, Linkage, Transport};
