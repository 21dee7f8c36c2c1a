//! [`XdrDecoder`]: takes XDR items from the front of a borrowed slice.
//!
//! A failed call consumes nothing. Lends strings and opaque data out of the input instead of
//! copying them, and never allocates: a declared length is compared with the caller's limit, then
//! with the bytes that are there, before use. Adapters that own a raw cursor make a decoder per
//! item from the rest of their input and read back [`XdrDecoder::remaining`].

use crate::primitive::{Primitive, padded_len};
use crate::{BLOCK_BYTES, XdrError};

/// Takes XDR items from the front of a borrowed slice.
///
/// ```
/// use rmix_xdr::XdrDecoder;
///
/// let mut decoder = XdrDecoder::new(b"\0\0\0\x07\0\0\0\x05hello\0\0\0");
/// assert_eq!(decoder.u32()?, 7);
/// assert_eq!(decoder.string(255)?, "hello");
/// decoder.finish()?;
/// # Ok::<(), rmix_xdr::XdrError>(())
/// ```
#[derive(Clone, Debug)]
pub struct XdrDecoder<'a> {
    rest: &'a [u8],
    /// Offset just past the input; the current offset is this less the rest's length.
    end_offset: usize,
}

impl<'a> XdrDecoder<'a> {
    /// A decoder at the start of `input`, counting offsets from there.
    #[must_use]
    #[inline]
    pub const fn new(input: &'a [u8]) -> Self {
        Self::at(input, 0)
    }

    /// A decoder at the start of `input`, which itself starts `base_offset` bytes into a larger
    /// message.
    #[must_use]
    #[inline]
    pub const fn at(input: &'a [u8], base_offset: usize) -> Self {
        Self {
            rest: input,
            end_offset: base_offset.saturating_add(input.len()),
        }
    }

    /// Takes an integer.
    ///
    /// # Errors
    /// [`XdrError::Truncated`].
    // spec: RFC4506 s4.1
    #[inline]
    pub fn i32(&mut self) -> Result<i32, XdrError> {
        self.take().map(i32::from_be_bytes)
    }

    /// Takes an unsigned integer.
    ///
    /// # Errors
    /// [`XdrError::Truncated`].
    // spec: RFC4506 s4.2
    #[inline]
    pub fn u32(&mut self) -> Result<u32, XdrError> {
        self.take().map(u32::from_be_bytes)
    }

    /// Takes a hyper.
    ///
    /// # Errors
    /// [`XdrError::Truncated`].
    // spec: RFC4506 s4.5
    #[inline]
    pub fn i64(&mut self) -> Result<i64, XdrError> {
        self.take().map(i64::from_be_bytes)
    }

    /// Takes an unsigned hyper.
    ///
    /// # Errors
    /// [`XdrError::Truncated`].
    // spec: RFC4506 s4.5
    #[inline]
    pub fn u64(&mut self) -> Result<u64, XdrError> {
        self.take().map(u64::from_be_bytes)
    }

    /// Takes a float, bit for bit.
    ///
    /// # Errors
    /// [`XdrError::Truncated`].
    // spec: RFC4506 s4.6
    #[inline]
    pub fn f32(&mut self) -> Result<f32, XdrError> {
        self.take().map(f32::from_be_bytes)
    }

    /// Takes a double, bit for bit.
    ///
    /// # Errors
    /// [`XdrError::Truncated`].
    // spec: RFC4506 s4.7
    #[inline]
    pub fn f64(&mut self) -> Result<f64, XdrError> {
        self.take().map(f64::from_be_bytes)
    }

    /// Takes a boolean; also the presence mark of optional data.
    ///
    /// # Errors
    /// [`XdrError::Truncated`], [`XdrError::InvalidBool`].
    // spec: RFC4506 s4.4
    // spec: RFC4506 s4.19
    #[inline]
    pub fn bool(&mut self) -> Result<bool, XdrError> {
        let before = self.clone();
        match self.u32()? {
            0 => Ok(false),
            1 => Ok(true),
            value => {
                *self = before;
                Err(XdrError::InvalidBool {
                    offset: self.offset(),
                    value,
                })
            }
        }
    }

    /// Takes an enumeration value or a union's discriminant; which values are declared is the
    /// caller's knowledge, and [`XdrError::UnknownDiscriminant`] its answer to others.
    ///
    /// # Errors
    /// [`XdrError::Truncated`].
    // spec: RFC4506 s4.3
    // spec: RFC4506 s4.15
    #[inline]
    pub fn discriminant(&mut self) -> Result<i32, XdrError> {
        self.i32()
    }

    /// Takes `N` unsigned integers with one check: for headers of fixed shape.
    ///
    /// # Errors
    /// [`XdrError::Truncated`].
    #[inline]
    pub fn words<const N: usize>(&mut self) -> Result<[u32; N], XdrError> {
        let needed = N.saturating_mul(BLOCK_BYTES);
        match (
            self.rest.as_chunks().0.first_chunk::<N>(),
            self.rest.get(needed..),
        ) {
            (Some(cells), Some(rest)) => {
                self.rest = rest;
                Ok(cells.map(u32::from_be_bytes))
            }
            _ => Err(self.truncated(needed)),
        }
    }

    /// Takes opaque data of the given length, and its padding.
    ///
    /// # Errors
    /// [`XdrError::Truncated`], [`XdrError::NonZeroPadding`].
    // spec: RFC4506 s4.9
    #[inline]
    pub fn opaque_fixed(&mut self, len: usize) -> Result<&'a [u8], XdrError> {
        let padded = padded_len(len).unwrap_or(usize::MAX);
        let Some((item, rest)) = self.rest.split_at_checked(padded) else {
            return Err(self.truncated(padded));
        };
        self.unpad(item, len, rest, 0)
    }

    /// Takes opaque data with its declared length, at most `limit` bytes.
    ///
    /// # Errors
    /// [`XdrError::Truncated`], [`XdrError::LengthBeyondLimit`], [`XdrError::LengthBeyondInput`],
    /// [`XdrError::NonZeroPadding`].
    // spec: RFC4506 s4.10
    #[inline]
    pub fn opaque(&mut self, limit: u32) -> Result<&'a [u8], XdrError> {
        let (declared, body) = self.peek_length(limit)?;
        let parts = usize::try_from(declared)
            .ok()
            .and_then(|len| Some((len, body.split_at_checked(padded_len(len)?)?)));
        match parts {
            Some((len, (item, rest))) => self.unpad(item, len, rest, BLOCK_BYTES),
            None => Err(self.beyond_input(declared)),
        }
    }

    /// Takes a string with its declared length in bytes, at most `limit` bytes; it must be UTF-8.
    ///
    /// # Errors
    /// As [`Self::opaque`], and [`XdrError::InvalidUtf8`].
    // spec: RFC4506 s4.11
    #[inline]
    pub fn string(&mut self, limit: u32) -> Result<&'a str, XdrError> {
        let before = self.clone();
        let bytes = self.opaque(limit)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text),
            Err(cause) => {
                *self = before;
                Err(XdrError::InvalidUtf8 {
                    offset: self.offset() + BLOCK_BYTES + cause.valid_up_to(),
                })
            }
        }
    }

    /// Takes the item count of an array whose items occupy at least `item_bytes_min` bytes each; at
    /// most `limit` items.
    ///
    /// What it returns is safe to reserve for: that many items of the least size are there. With
    /// `item_bytes_min` 0 (void items) only the limit protects the caller.
    ///
    /// # Errors
    /// [`XdrError::Truncated`], [`XdrError::LengthBeyondLimit`], [`XdrError::LengthBeyondInput`].
    // spec: RFC4506 s4.13
    #[inline]
    pub fn length(&mut self, limit: u32, item_bytes_min: usize) -> Result<usize, XdrError> {
        let (declared, body) = self.peek_length(limit)?;
        let fitting = usize::try_from(declared).ok().filter(|count| {
            count
                .checked_mul(item_bytes_min)
                .is_some_and(|bytes| bytes <= body.len())
        });
        match fitting {
            Some(count) => {
                self.rest = body;
                Ok(count)
            }
            None => Err(self.beyond_input(declared)),
        }
    }

    /// Takes the padding that follows `len` bytes of opaque data taken piecemeal.
    ///
    /// # Errors
    /// [`XdrError::Truncated`], [`XdrError::NonZeroPadding`].
    // spec: RFC4506 s3
    #[inline]
    pub fn padding(&mut self, len: usize) -> Result<(), XdrError> {
        let padding = crate::padding_len(len);
        let Some((item, rest)) = self.rest.split_at_checked(padding) else {
            return Err(self.truncated(padding));
        };
        self.unpad(item, 0, rest, 0).map(|_| ())
    }

    /// Takes `len` bytes as they are, without padding: a piece of opaque data.
    ///
    /// # Errors
    /// [`XdrError::Truncated`].
    #[inline]
    pub fn bytes(&mut self, len: usize) -> Result<&'a [u8], XdrError> {
        let Some((item, rest)) = self.rest.split_at_checked(len) else {
            return Err(self.truncated(len));
        };
        self.rest = rest;
        Ok(item)
    }

    /// Fills all of `values`, without a length: the items of a fixed array, or of an array after
    /// [`Self::length`].
    ///
    /// # Errors
    /// [`XdrError::Truncated`], and for the narrow types [`XdrError::OutOfRange`] or
    /// [`XdrError::InvalidBool`]; the values before the offending one are overwritten then.
    // spec: RFC4506 s4.12
    // spec: RFC4506 s4.13
    #[inline]
    pub fn primitives<T: Primitive>(&mut self, values: &mut [T]) -> Result<(), XdrError> {
        let needed = values.len().saturating_mul(T::WIRE_BYTES);
        let Some((wire, rest)) = self.rest.split_at_checked(needed) else {
            return Err(self.truncated(needed));
        };
        match T::read_block(wire, values) {
            Ok(()) => {
                self.rest = rest;
                Ok(())
            }
            Err((index, value)) => Err(T::misfit(self.offset() + index * T::WIRE_BYTES, value)),
        }
    }

    /// Takes one value of a type that [`Self::primitives`] knows: the way to an integer narrower
    /// than 32 bits.
    ///
    /// # Errors
    /// As [`Self::primitives`].
    #[inline]
    pub fn primitive<T: Primitive + Default>(&mut self) -> Result<T, XdrError> {
        let mut value = [T::default()];
        self.primitives(&mut value)?;
        let [value] = value;
        Ok(value)
    }

    /// Ends the decoding: everything must have been taken.
    ///
    /// # Errors
    /// [`XdrError::TrailingBytes`].
    #[inline]
    pub fn finish(&self) -> Result<(), XdrError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(XdrError::TrailingBytes {
            offset: self.offset(),
            remaining: self.rest.len(),
        })
    }

    /// Offset of the next item.
    #[must_use]
    #[inline]
    pub const fn offset(&self) -> usize {
        self.end_offset.saturating_sub(self.rest.len())
    }

    /// Bytes not yet taken.
    #[must_use]
    #[inline]
    pub const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The bytes not yet taken.
    #[must_use]
    #[inline]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    #[inline]
    fn take<const N: usize>(&mut self) -> Result<[u8; N], XdrError> {
        let Some((item, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(self.truncated(N));
        };
        self.rest = rest;
        Ok(*item)
    }

    /// The length word at the front, within `limit`, and what follows it; takes nothing yet.
    #[inline]
    fn peek_length(&self, limit: u32) -> Result<(u32, &'a [u8]), XdrError> {
        let Some((word, body)) = self.rest.split_first_chunk::<BLOCK_BYTES>() else {
            return Err(self.truncated(BLOCK_BYTES));
        };
        let declared = u32::from_be_bytes(*word);
        if declared > limit {
            return Err(XdrError::LengthBeyondLimit {
                offset: self.offset(),
                declared,
                limit,
            });
        }
        Ok((declared, body))
    }

    /// Splits `item`, found `ahead` bytes past the current offset, into `len` bytes and zeros; goes
    /// on with `rest`.
    // spec: RFC4506 s3
    #[inline]
    fn unpad(
        &mut self,
        item: &'a [u8],
        len: usize,
        rest: &'a [u8],
        ahead: usize,
    ) -> Result<&'a [u8], XdrError> {
        let (content, padding) = item.split_at_checked(len).unwrap_or((item, &[]));
        if padding.iter().any(|byte| *byte != 0) {
            return Err(XdrError::NonZeroPadding {
                offset: self.offset() + ahead + len,
            });
        }
        self.rest = rest;
        Ok(content)
    }

    #[cold]
    fn truncated(&self, needed: usize) -> XdrError {
        XdrError::Truncated {
            offset: self.offset(),
            needed,
            remaining: self.rest.len(),
        }
    }

    #[cold]
    fn beyond_input(&self, declared: u32) -> XdrError {
        XdrError::LengthBeyondInput {
            offset: self.offset(),
            declared,
            remaining: self.rest.len().saturating_sub(BLOCK_BYTES),
        }
    }
}
