//! What can be wrong with a peer's bytes, one enum per layer. Offsets count from the start of the
//! input the failing function was given; for the scanner that is the start of the message.

use std::error::Error;
use std::fmt;

/// A message that breaks a rule of the scanner; the stream cannot be read past it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScanError {
    /// The marker 0xc1, which the format reserves and nobody may send.
    ReservedMarker {
        /// Where the marker is.
        offset: usize,
    },
    /// The message is longer than `message_bytes_max`, or a header in it declares that it will be.
    MessageTooLong {
        /// Where the value is that goes over the limit.
        offset: usize,
        /// Bytes the message has at least, all declared lengths and counts included.
        declared: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The message has more containers and strings than `items_max`.
    TooManyItems {
        /// Where the item is that goes over the limit.
        offset: usize,
        /// Items up to and including this one.
        declared: usize,
        /// The limit, in items.
        limit: usize,
    },
    /// Containers are nested deeper than `depth_max`.
    TooDeep {
        /// Where the container is that goes over the limit.
        offset: usize,
        /// Depth of that container; the outermost has depth 1.
        declared: usize,
        /// The limit, in open containers.
        limit: usize,
    },
}

impl fmt::Display for ScanError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ReservedMarker { offset } => {
                write!(out, "reserved marker 0xc1 at byte {offset}")
            }
            Self::MessageTooLong {
                offset,
                declared,
                limit,
            } => write!(
                out,
                "value at byte {offset} makes the message at least {declared} bytes long, \
                 limit {limit}"
            ),
            Self::TooManyItems {
                offset,
                declared,
                limit,
            } => write!(
                out,
                "container or string at byte {offset} is item {declared} of the message, \
                 limit {limit}"
            ),
            Self::TooDeep {
                offset,
                declared,
                limit,
            } => write!(
                out,
                "container at byte {offset} is nested {declared} deep, limit {limit}"
            ),
        }
    }
}

impl Error for ScanError {}

/// A value that cannot be read as asked, or is too long to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueError {
    /// The input ends inside the value.
    Truncated {
        /// Where the incomplete value begins.
        offset: usize,
        /// Bytes needed at least from `offset`, to the end of the outermost value being read.
        needed: usize,
        /// Bytes there are from `offset`.
        available: usize,
    },
    /// The marker 0xc1, which the format reserves and nobody may send.
    ReservedMarker {
        /// Where the marker is.
        offset: usize,
    },
    /// The value is of another type than the one asked for.
    WrongType {
        /// Where the value begins.
        offset: usize,
        /// The type asked for.
        expected: &'static str,
        /// The marker byte found.
        marker: u8,
    },
    /// The integer does not fit the type asked for.
    IntegerRange {
        /// Where the integer begins.
        offset: usize,
        /// The type asked for.
        expected: &'static str,
        /// The integer found.
        found: Integer,
    },
    /// Containers are nested deeper than the limit given.
    TooDeep {
        /// Where the container is that goes over the limit.
        offset: usize,
        /// Depth of that container; the outermost has depth 1.
        declared: usize,
        /// The limit, in open containers.
        limit: usize,
    },
    /// Something to be written is longer than the 2^32 - 1 the format can declare.
    TooLong {
        /// Its length, in bytes or elements.
        length: usize,
        /// The limit of the format.
        limit: u32,
    },
}

impl ValueError {
    /// The same error with its offset counted from `base` bytes earlier; for callers that read at
    /// a position inside a larger input.
    #[must_use]
    pub fn shifted(mut self, base: usize) -> Self {
        match &mut self {
            Self::Truncated { offset, .. }
            | Self::ReservedMarker { offset }
            | Self::WrongType { offset, .. }
            | Self::IntegerRange { offset, .. }
            | Self::TooDeep { offset, .. } => *offset = offset.saturating_add(base),
            Self::TooLong { .. } => {}
        }
        self
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Truncated {
                offset,
                needed,
                available,
            } => write!(
                out,
                "value at byte {offset} needs at least {needed} bytes, {available} are left"
            ),
            Self::ReservedMarker { offset } => {
                write!(out, "reserved marker 0xc1 at byte {offset}")
            }
            Self::WrongType {
                offset,
                expected,
                marker,
            } => write!(
                out,
                "value at byte {offset} has marker {marker:#04x}, {expected} wanted"
            ),
            Self::IntegerRange {
                offset,
                expected,
                found,
            } => write!(
                out,
                "integer {found} at byte {offset} does not fit {expected}"
            ),
            Self::TooDeep {
                offset,
                declared,
                limit,
            } => write!(
                out,
                "container at byte {offset} is nested {declared} deep, limit {limit}"
            ),
            Self::TooLong { length, limit } => {
                write!(out, "length {length} to be written, limit {limit}")
            }
        }
    }
}

impl Error for ValueError {}

/// A whole message that is not a MessagePack-RPC message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageError {
    /// The array of the message has a length its type does not have.
    WrongLength {
        /// Elements its type has; for an empty array, which has no type, the fewest of any type.
        expected: u32,
        /// Elements found.
        found: u32,
    },
    /// The message type is an integer other than 0, 1 and 2.
    UnknownType {
        /// Where the type is.
        offset: usize,
        /// The integer found.
        found: Integer,
    },
    /// The method name is neither str nor bin.
    MethodNotString {
        /// Where the method name is.
        offset: usize,
        /// The marker byte found.
        marker: u8,
    },
    /// Bytes follow the last element of the message.
    TrailingBytes {
        /// Where the message ends.
        offset: usize,
        /// How many bytes follow.
        count: usize,
    },
    /// A part of the envelope cannot be read: it is cut off, of a wrong type (an outer value or
    /// params that are no array, a type or msgid that is no integer), or out of range.
    Envelope(ValueError),
}

impl fmt::Display for MessageError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::WrongLength { expected, found } => {
                write!(out, "message of {found} elements, {expected} expected")
            }
            Self::UnknownType { offset, found } => {
                write!(
                    out,
                    "message type {found} at byte {offset}, 0, 1 or 2 expected"
                )
            }
            Self::MethodNotString { offset, marker } => write!(
                out,
                "method name at byte {offset} has marker {marker:#04x}, str or bin wanted"
            ),
            Self::TrailingBytes { offset, count } => {
                write!(
                    out,
                    "{count} bytes follow the message's end at byte {offset}"
                )
            }
            Self::Envelope(_) => write!(out, "message envelope cannot be read"),
        }
    }
}

impl Error for MessageError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Envelope(cause) => Some(cause),
            _ => None,
        }
    }
}

impl From<ValueError> for MessageError {
    fn from(cause: ValueError) -> Self {
        Self::Envelope(cause)
    }
}

/// An integer of the wire, which may be anything from -2^63 to 2^64 - 1; complete on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integer {
    /// Any integer up to `i64::MAX`.
    Signed(i64),
    /// Only an integer greater than `i64::MAX`.
    Unsigned(u64),
}

impl fmt::Display for Integer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed(value) => value.fmt(out),
            Self::Unsigned(value) => value.fmt(out),
        }
    }
}
