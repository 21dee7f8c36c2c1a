//! MessagePack-RPC messages and values: pure, bounded, no input or output.
//!
//! Five layers: [`MessageScanner`] cuts a byte stream into whole messages and enforces the limits,
//! [`Incoming`] and the `write_*_header` functions of [`message`] know the envelope, [`value`] reads
//! and writes the values inside it, and [`codec`] offers that to the host as the tables of the
//! plug-in boundary, and [`MsgpackRpc`] is the protocol as `rmix-provider` drives it over a stream.
//! The first three are usable alone.
//!
//! This crate knows nothing about sockets, pipes, calls outstanding, deadlines or serde. It never
//! recurses on nesting, never panics on any bytes, and never allocates from a declared length.

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

pub mod codec;
mod encoded;
mod error;
mod head;
mod limits;
pub mod message;
mod scanner;
mod session;
mod sink;
pub mod value;
mod walk;

#[cfg(test)]
mod tests;

pub use codec::{MsgpackArrayCodec, MsgpackCodec};
pub use error::{Integer, MessageError, ScanError, ValueError};
pub use limits::ScanLimits;
pub use message::Incoming;
pub use scanner::MessageScanner;
pub use session::{MsgpackFramer, MsgpackRpc};
pub use sink::Sink;
pub use value::Token;
