//! Why an item could not be encoded or decoded: one enum, a variant per broken rule, with the
//! values that disagreed.
//!
//! Offsets count from the decoder's start (plus its base, see `XdrDecoder::at`). No variant owns
//! memory.

use std::error::Error;
use std::fmt;

/// A broken rule of the representation, or a bound that was exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum XdrError {
    /// The input ends inside an item of known size.
    Truncated {
        /// Where the item starts.
        offset: usize,
        /// Bytes the item needs, padding included.
        needed: usize,
        /// Bytes that are there.
        remaining: usize,
    },
    /// A declared length, with its padding, reaches beyond the input.
    LengthBeyondInput {
        /// Where the length word starts.
        offset: usize,
        /// The declared length: bytes, or items of an array.
        declared: u32,
        /// Bytes that follow the length word.
        remaining: usize,
    },
    /// A declared length exceeds the bound that the caller gave.
    LengthBeyondLimit {
        /// Where the length word starts.
        offset: usize,
        /// The declared length.
        declared: u32,
        /// The caller's bound.
        limit: u32,
    },
    /// A value to be encoded is longer than its bound; nothing was written.
    ValueTooLong {
        /// Length of the value: bytes, or items of an array.
        length: usize,
        /// The bound.
        limit: u32,
    },
    /// A boolean (or the presence mark of optional data) is neither 0 nor 1.
    InvalidBool {
        /// Where the boolean starts.
        offset: usize,
        /// What was found.
        value: u32,
    },
    /// A basic block carries a number that its declared, narrower type cannot hold.
    OutOfRange {
        /// Where the block starts.
        offset: usize,
        /// The four bytes as an unsigned number.
        value: u32,
        /// The narrower type.
        wanted: &'static str,
    },
    /// An enumeration or union discriminant that its declaration does not list.
    UnknownDiscriminant {
        /// Where the discriminant starts.
        offset: usize,
        /// What was found.
        value: i32,
    },
    /// A padding byte is not zero.
    NonZeroPadding {
        /// Where the padding starts.
        offset: usize,
    },
    /// A string is not UTF-8.
    InvalidUtf8 {
        /// Where the first offending byte is.
        offset: usize,
    },
    /// Bytes are left over after the last item.
    TrailingBytes {
        /// Where the surplus starts.
        offset: usize,
        /// How many bytes it has.
        remaining: usize,
    },
}

impl fmt::Display for XdrError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Truncated {
                offset,
                needed,
                remaining,
            } => write!(
                out,
                "input ends inside the item at byte {offset}: {needed} bytes needed, {remaining} left"
            ),
            Self::LengthBeyondInput {
                offset,
                declared,
                remaining,
            } => write!(
                out,
                "length {declared} declared at byte {offset} reaches beyond the input: {remaining} bytes left"
            ),
            Self::LengthBeyondLimit {
                offset,
                declared,
                limit,
            } => write!(
                out,
                "length {declared} declared at byte {offset} exceeds the limit of {limit}"
            ),
            Self::ValueTooLong { length, limit } => {
                write!(out, "value of length {length} exceeds the limit of {limit}")
            }
            Self::InvalidBool { offset, value } => {
                write!(out, "boolean at byte {offset} is {value}, not 0 or 1")
            }
            Self::OutOfRange {
                offset,
                value,
                wanted,
            } => write!(
                out,
                "block {value:#010x} at byte {offset} does not fit {wanted}"
            ),
            Self::UnknownDiscriminant { offset, value } => {
                write!(out, "discriminant {value} at byte {offset} is not declared")
            }
            Self::NonZeroPadding { offset } => {
                write!(out, "padding at byte {offset} is not zero")
            }
            Self::InvalidUtf8 { offset } => {
                write!(out, "string is not UTF-8 at byte {offset}")
            }
            Self::TrailingBytes { offset, remaining } => {
                write!(
                    out,
                    "{remaining} bytes left over after the last item, at byte {offset}"
                )
            }
        }
    }
}

impl Error for XdrError {}
