//! The seams of distributed control over etcd: its revisions are the order, its leases say who is there, and a checkpoint
//! in it is the state that joiners take.
//!
//! [`EtcdOrder`] stands where `harness_control::RingOrder` does: the same replicas run on it. [`LeaseDetector`] stands
//! where `harness_control::Lifeguard` does: a ring whose members etcd watches over.
//!
//! Decides nothing about order: etcd does. Members do not talk to one another. Whoever may write below the group's
//! prefix may say anything in its name: give each group a user of its own in etcd, or an etcd of its own.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable
    )
)]

mod checkpoint;
mod config;
mod driver;
mod enter;
mod judge;
mod keys;
mod lease;
mod lease_detector;

mod log;
mod order;
mod record;
mod speaker;
mod store;
mod view;

pub use config::EtcdConfig;

pub use lease_detector::LeaseDetector;
pub use order::EtcdOrder;
pub use store::StoreError;
