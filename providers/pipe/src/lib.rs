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
//! status. When the link closes, the child sees the end of its input; if it goes on for two seconds it is told to end
//! (SIGTERM), and if it goes on for another second it is killed.
//!
//! `pipe+fd` takes descriptors over, and the numbers may not be used for anything else afterwards:
//!
//! * from 3 on, the link owns them: they are closed in this process, and close with the link. Only inherited ones are
//!   taken: one that is closed on exec was opened by this process, and is refused;
//! * standard output is the link's alone, and what this process prints goes to standard error instead;
//! * standard input and standard error are shared: they stay open in this process when the link closes.
//!
//! Nothing here opens a pipe in a process that a SIGPIPE would end: writing to a peer that has gone would raise it. A
//! Rust program ignores that signal, unless it has restored the default.
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

/// The provider's name, in its entry and in the log.
const NAME: &str = "pipe";
