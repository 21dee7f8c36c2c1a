//! MessagePack-RPC over TCP and Unix sockets: the provider `msgpack`.
//!
//! | endpoint | meaning |
//! |---|---|
//! | `msgpack+tcp://HOST:PORT` | TCP; port 0 exports on a free port |
//! | `msgpack+unix:PATH` | Unix stream socket |
//!
//! Option `structs=array` writes structs as arrays of their fields (default: maps by field name). Messages, values and
//! the session are in `rmix-msgpack-rpc`; this crate opens sockets, and knows nothing of calls.

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

pub mod plugin;
mod provider;

pub use provider::MsgpackProvider;
