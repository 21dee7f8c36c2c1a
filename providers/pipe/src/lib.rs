//! MessagePack-RPC over pipes: the provider `pipe`.
//!
//! | endpoint | meaning |
//! |---|---|
//! | `pipe+exec:COMMAND ARGUMENT…` | starts a child and speaks over its standard input and output; no shell |
//! | `pipe+fifo:IN,OUT` | two named FIFOs: calls go into the first, answers come out of the second |
//! | `pipe+fd:READ,WRITE` | descriptors this process inherited, such as `0,1`: what a child started by `pipe+exec` uses |
//!
//! An exported object answers on `pipe+fd` or `pipe+fifo`; `pipe+exec` only connects, and an object served on the link is
//! called back over it. A child's standard error stays this process's. When the child ends, calls fail with its exit
//! status; when the link closes, the child sees the end of its input and is killed if it has not ended soon after.
//!
//! Messages and session are in `rmix-msgpack-rpc`; this crate opens pipes, and knows nothing of calls.

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

mod child;
mod fifo;
mod inherited;
mod listener;
pub mod plugin;
mod provider;

pub use listener::PipeListener;
pub use provider::PipeProvider;
