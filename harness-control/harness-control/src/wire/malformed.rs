//! Why bytes are no packet: what was read, where, and which rule is broken.

use std::fmt;

/// Bytes that break the rules of the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Malformed {
    /// What was being read.
    pub what: &'static str,
    /// The offset in the packet.
    pub at: usize,
    /// The rule.
    pub fault: Fault,
}

/// The rules.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The packet ends within it.
    Ends,
    /// A number is longer than ten bytes, not in its shortest form, or too large for what it counts.
    Number,
    /// A list is longer than its limit.
    TooMany {
        /// Its length.
        found: u64,
        /// The limit.
        max: usize,
    },
    /// There is no variant of this number.
    Variant(u64),
    /// A text is not UTF-8.
    Text,
    /// Something that may be there once is there twice, or out of order.
    Order,
    /// Bytes are left after its end.
    Trailing,
}

impl fmt::Display for Malformed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Malformed { what, at, fault } = self;
        write!(out, "{what} at byte {at} ")?;
        match fault {
            Fault::Ends => write!(out, "is cut off"),
            Fault::Number => write!(out, "is no number of its range"),
            Fault::TooMany { found, max } => {
                write!(out, "has {found} elements; the limit is {max}")
            }
            Fault::Variant(found) => write!(out, "has no variant {found}"),
            Fault::Text => write!(out, "is not UTF-8"),
            Fault::Order => write!(out, "is repeated or out of order"),
            Fault::Trailing => write!(out, "is followed by more bytes"),
        }
    }
}

impl std::error::Error for Malformed {}
