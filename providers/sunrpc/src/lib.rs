//! Sun/ONC RPC (RFC 5531) provider.
//!
//! Holds the wire formats only, so far: it opens no socket and makes no call.

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

pub mod wire;
