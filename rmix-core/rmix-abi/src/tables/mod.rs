//! Everything that crosses the boundary, as `#[repr(C)]` types; no behaviour beyond what keeps them sound.

mod buffer;
mod call;
mod codec;
mod error;
mod host;
mod limits;
mod provider;
mod text;
mod waker;

pub use buffer::{Buf, BufVt, Context, Holder, PIECE_BYTES};
pub use call::*;
pub use codec::*;
pub use error::*;
pub use host::*;
pub use limits::Limits;
pub use provider::*;
pub use text::Str;
pub use waker::{AbiWaker, WakeVt};

/// Outcome of a table function: [`OK`], [`PENDING`], [`END`], [`FULL`], or negative with an error filled in.
pub type Status = i32;

/// Done; out-parameters are filled.
pub const OK: Status = 0;
/// Not yet; the waker that was passed will be woken.
pub const PENDING: Status = 1;
/// Nothing more (end of a sequence of unknown length).
pub const END: Status = 2;
/// A bounded queue is full; wait with `poll_ready` and try again.
pub const FULL: Status = 3;
/// Failed; the error out-parameter (or the codec's [`Fault`]) is filled.
pub const ERR: Status = -1;
