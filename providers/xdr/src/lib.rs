//! XDR (RFC 4506): the external data representation as bounded, pure functions over byte slices.
//!
//! [`XdrEncoder`] appends items to any [`Sink`]; [`XdrDecoder`] takes them back from a borrowed
//! slice and lends strings and opaque data out of it. Every item is a whole number of basic blocks
//! of four bytes, big-endian. Slices of primitives pass as a whole ([`XdrEncoder::primitives`],
//! [`XdrDecoder::primitives`]), converted block by block rather than item by item.
//!
//! Absences: this crate performs no input or output, allocates nothing itself, never panics on bytes from a
//! peer, knows no clock and no serde, and knows neither records nor messages. It has no type model:
//! a caller that wants an enumeration, a union or a struct composes it from the primitives here.
//! The quadruple (RFC 4506 s4.8) has no Rust type and is left out.

#![forbid(unsafe_code)]
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

mod decode;
mod encode;
mod error;
mod primitive;
mod sink;

pub use decode::XdrDecoder;
pub use encode::XdrEncoder;
pub use error::XdrError;
pub use primitive::{Primitive, padded_len, padding_len};
pub use sink::Sink;

/// Size in bytes of the basic block: every item occupies a multiple of it.
pub const BLOCK_BYTES: usize = 4;

/// The limit of an item that is declared without one (RFC 4506 s4.10, s4.11, s4.13): 2^32 − 1.
pub const LENGTH_MAX: u32 = u32::MAX;
