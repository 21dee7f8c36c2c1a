//! The walk over the values of one message, resumable at any byte and bounded in every direction.
//! It finds ends; it does not decode values and does not hold the bytes.

use crate::error::ScanError;
use crate::head::{Head, Shape, scalar_width};
use crate::limits::ScanLimits;

/// How far one message has been walked. Every field is bounded by a limit, and nothing before
/// `position` is ever looked at again; a header cut off there is, at most four times.
///
/// Invariant: `position + pending <= message_bytes_max`, because each pending value takes at least
/// one byte. Nested headers that each claim what is left break it at the second header.
#[derive(Debug)]
pub(crate) struct Walk {
    /// Offset of the next value; beyond the input while the body of a string is awaited.
    position: usize,
    /// Values declared and not yet passed, in all open containers together.
    pending: usize,
    /// Of these, the ones in the innermost open container.
    remaining: usize,
    /// Containers open now.
    depth: usize,
    /// Containers and strings passed or entered.
    items: usize,
    /// Outer containers that still have values to come, innermost last; at most `depth_max`.
    parents: Vec<Parent>,
    /// Times a marker was looked at, for the test that the cost is linear.
    #[cfg(test)]
    pub(crate) examined: usize,
}

#[derive(Debug)]
struct Parent {
    remaining: usize,
    depth: usize,
}

impl Walk {
    /// A walk over `values` values in a row.
    pub(crate) fn new(values: usize) -> Self {
        Self {
            position: 0,
            pending: values,
            remaining: values,
            depth: 0,
            items: 0,
            parents: Vec::new(),
            #[cfg(test)]
            examined: 0,
        }
    }

    /// Begins again at offset 0 and keeps the memory.
    pub(crate) fn restart(&mut self, values: usize) {
        self.position = 0;
        self.pending = values;
        self.remaining = values;
        self.depth = 0;
        self.items = 0;
        self.parents.clear();
    }

    /// Where the next value begins, or after the last one the end.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// Goes on as far as `input` reaches, which holds the message from its first byte. Returns the
    /// bytes the whole message is known to have at least; when all of them are there, the walk is
    /// over and [`Walk::position`] is the end.
    ///
    /// An error leaves the walk where it is, so asking again gives the same error.
    pub(crate) fn advance(
        &mut self,
        input: &[u8],
        limits: &ScanLimits,
    ) -> Result<usize, ScanError> {
        while self.pending > 0 {
            let Some(&marker) = input.get(self.position) else {
                break;
            };
            #[cfg(test)]
            {
                self.examined += 1;
            }
            let width = scalar_width(marker);
            if width > 0 {
                self.pass_scalars(input, width, limits)?;
                self.close();
                continue;
            }
            let head = Head::of(marker).ok_or(ScanError::ReservedMarker {
                offset: self.position,
            })?;
            if !self.affords(head.len() - 1, limits) {
                return Err(self.too_long(head.len() - 1, limits));
            }
            let rest = input.get(self.position..).unwrap_or_default();
            // The type byte of an ext belongs to the head, but nothing waits for it.
            let Some(declared) = head.declared(rest) else {
                return Ok(self.position + self.pending + head.len() - 1);
            };
            self.pass_head(head, declared, limits)?;
            self.close();
        }
        Ok(self.position + self.pending)
    }

    /// Passes scalars of one width for as long as they follow each other: the loop that an array
    /// of numbers spends its time in. The width is fixed so that the next load need not wait for
    /// the last one.
    fn pass_scalars(
        &mut self,
        input: &[u8],
        width: usize,
        limits: &ScanLimits,
    ) -> Result<(), ScanError> {
        let extra = width - 1;
        if !self.affords(extra, limits) {
            return Err(self.too_long(extra, limits));
        }
        let mut slack = limits.message_bytes_max - self.position - self.pending;
        let mut position = self.position;
        let mut remaining = self.remaining;
        loop {
            slack -= extra;
            position += width;
            remaining -= 1;
            if remaining == 0 {
                break;
            }
            match input.get(position) {
                Some(&marker) if scalar_width(marker) == width && slack >= extra => {}
                _ => break,
            }
        }
        let passed = self.remaining - remaining;
        #[cfg(test)]
        {
            self.examined += passed;
        }
        self.position = position;
        self.remaining = remaining;
        self.pending -= passed;
        Ok(())
    }

    /// Passes a string with its body, or enters a container. Checks first, then changes.
    #[inline]
    fn pass_head(
        &mut self,
        head: Head,
        declared: u32,
        limits: &ScanLimits,
    ) -> Result<(), ScanError> {
        let declared = usize::try_from(declared).unwrap_or(usize::MAX);
        let values = match head.shape {
            Shape::Str | Shape::Bin | Shape::Ext => None,
            Shape::Array => Some(declared),
            Shape::Map => Some(declared.saturating_mul(2)),
        };
        let claimed = values.unwrap_or(declared);
        let extra = claimed.saturating_add(head.len() - 1);
        if !self.affords(extra, limits) {
            return Err(self.too_long(extra, limits));
        }
        if values.is_some() && self.depth >= limits.depth_max {
            return Err(ScanError::TooDeep {
                offset: self.position,
                declared: self.depth + 1,
                limit: limits.depth_max,
            });
        }
        if self.items >= limits.items_max {
            return Err(ScanError::TooManyItems {
                offset: self.position,
                declared: self.items + 1,
                limit: limits.items_max,
            });
        }
        self.items += 1;
        self.pending -= 1;
        self.remaining -= 1;
        self.position += head.len();
        match values {
            None => self.position += declared,
            Some(0) => {}
            Some(values) => self.enter(values),
        }
        debug_assert!(self.position + self.pending <= limits.message_bytes_max);
        Ok(())
    }

    /// Makes a container of `values` values the innermost one.
    fn enter(&mut self, values: usize) {
        // A container whose last value this is need not be come back to.
        if self.remaining > 0 {
            self.parents.push(Parent {
                remaining: self.remaining,
                depth: self.depth,
            });
        }
        self.pending += values;
        self.remaining = values;
        self.depth += 1;
    }

    /// Goes back to the container that still has values to come, when the innermost has none.
    #[inline]
    fn close(&mut self) {
        if self.remaining > 0 {
            return;
        }
        if let Some(parent) = self.parents.pop() {
            self.remaining = parent.remaining;
            self.depth = parent.depth;
        }
    }

    /// Whether the value at `position` may take `extra` bytes, or declare `extra` bytes and values,
    /// beyond the one byte that every pending value is charged already.
    #[inline]
    fn affords(&self, extra: usize, limits: &ScanLimits) -> bool {
        self.least(extra) <= limits.message_bytes_max
    }

    /// Bytes the message has at least, if the value at `position` takes `extra` more.
    #[inline]
    fn least(&self, extra: usize) -> usize {
        self.position
            .saturating_add(self.pending)
            .saturating_add(extra)
    }

    #[cold]
    fn too_long(&self, extra: usize, limits: &ScanLimits) -> ScanError {
        ScanError::MessageTooLong {
            offset: self.position,
            declared: self.least(extra),
            limit: limits.message_bytes_max,
        }
    }
}
