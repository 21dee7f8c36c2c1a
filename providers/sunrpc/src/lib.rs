//! Sun/ONC RPC (RFC 5531) over TCP: the provider `sunrpc`.
//!
//! `sunrpc+tcp://HOST:PORT/PROGRAM/VERSION`, numbers decimal or `0x…`. Option `auth=none` (default) or `auth=sys`: the
//! credential that calls carry. Several versions of a program, and several programs, may be exported on one port.
//!
//! | file | subject |
//! |---|---|
//! | `wire/` | records, call and reply headers, credentials |
//! | `codec` | XDR as the host's codec |
//! | `session` | what a message means, and what a failed call says |
//! | `target` | program and version of an endpoint, and what is exported on a port |
//! | `provider` | opening links and listeners |
//!
//! Not here yet: UDP, rpcbind, reverse calls, a duplicate request cache. Knows no user type and owns no thread.

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
pub mod plugin;
mod provider;
mod session;
mod target;
pub mod wire;

pub use codec::XdrCodec;
pub use provider::SunRpcProvider;
pub use session::{SunRpc, SunRpcFramer};
pub use target::{Exports, Program};
