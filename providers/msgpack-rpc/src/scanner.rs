//! Cutting a byte stream into whole top-level values. The scanner keeps no bytes and decodes
//! nothing: what it hands out are slices of the caller's buffer.

use bytes::{Bytes, BytesMut};

use crate::error::ScanError;
use crate::limits::ScanLimits;
use crate::walk::Walk;

/// Finds the end of each message in a stream that arrives in arbitrary pieces.
///
/// MessagePack-RPC has no framing; a message ends where its outermost value ends. The scanner
/// remembers how far it has walked and what is still open, so nothing but a header cut off at the
/// end is looked at again when more bytes arrive, and the body of a string is not looked at at all.
/// Limits are checked as soon as a header is complete, before what it declares is waited for.
///
/// A message cut off by [`MessageScanner::next`] is one well-formed value within all limits.
#[derive(Debug)]
pub struct MessageScanner {
    limits: ScanLimits,
    walk: Walk,
    needed: usize,
}

impl MessageScanner {
    /// A scanner at the start of a stream.
    pub fn new(limits: ScanLimits) -> Self {
        Self {
            limits,
            walk: Walk::new(1),
            needed: 1,
        }
    }

    /// Splits the next whole message off the front of `input`, without copying it, or returns
    /// `None` until more bytes are appended.
    ///
    /// Between two calls the caller may append to `input`, and must not remove from its front what
    /// the scanner left there.
    ///
    /// # Errors
    ///
    /// The rule the peer broke, with offsets counted from the start of the message. The end of the
    /// message is then unknown, so the stream is lost: a further call on the same bytes gives the
    /// same error.
    pub fn next(&mut self, input: &mut BytesMut) -> Result<Option<Bytes>, ScanError> {
        let least = self.walk.advance(input, &self.limits)?;
        if least > input.len() {
            self.needed = least - input.len();
            return Ok(None);
        }
        let message = input.split_to(self.walk.position()).freeze();
        self.walk.restart(1);
        self.needed = 1;
        Ok(Some(message))
    }

    /// How many more bytes the message under way is known to need, at least 1: after
    /// [`MessageScanner::next`] returned `None`, a hint for the size of the next read. It never
    /// exceeds the limit on message bytes.
    pub fn needed(&self) -> usize {
        self.needed
    }

    /// The limits this scanner enforces.
    pub fn limits(&self) -> &ScanLimits {
        &self.limits
    }
}

impl Default for MessageScanner {
    fn default() -> Self {
        Self::new(ScanLimits::default())
    }
}
