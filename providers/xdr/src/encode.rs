//! [`XdrEncoder`]: appends XDR items to a [`Sink`].
//!
//! Holds no state besides the borrowed sink (padding follows from an item's own length), so it is
//! free to make one per item. Does not know offsets, does not patch, does not nest.

use crate::primitive::Primitive;
use crate::{BLOCK_BYTES, Sink, XdrError, padding_len};

/// Appends XDR items to a borrowed [`Sink`].
///
/// ```
/// use rmix_xdr::{LENGTH_MAX, XdrEncoder};
///
/// let mut bytes = Vec::new();
/// let mut encoder = XdrEncoder::new(&mut bytes);
/// encoder.u32(7);
/// encoder.string("sillyprog", 255)?;
/// encoder.length(2, LENGTH_MAX)?;
/// encoder.primitives(&[1.5_f64, -1.5]);
/// assert_eq!(bytes.len(), 4 + (4 + 12) + (4 + 16));
/// # Ok::<(), rmix_xdr::XdrError>(())
/// ```
#[derive(Debug)]
pub struct XdrEncoder<'s, S: Sink + ?Sized> {
    sink: &'s mut S,
}

impl<'s, S: Sink + ?Sized> XdrEncoder<'s, S> {
    /// An encoder that appends to `sink`.
    #[inline]
    pub fn new(sink: &'s mut S) -> Self {
        Self { sink }
    }

    /// Appends an integer.
    // spec: RFC4506 s4.1
    #[inline]
    pub fn i32(&mut self, value: i32) {
        self.sink.put(&value.to_be_bytes());
    }

    /// Appends an unsigned integer.
    // spec: RFC4506 s4.2
    #[inline]
    pub fn u32(&mut self, value: u32) {
        self.sink.put(&value.to_be_bytes());
    }

    /// Appends a hyper.
    // spec: RFC4506 s4.5
    #[inline]
    pub fn i64(&mut self, value: i64) {
        self.sink.put(&value.to_be_bytes());
    }

    /// Appends an unsigned hyper.
    // spec: RFC4506 s4.5
    #[inline]
    pub fn u64(&mut self, value: u64) {
        self.sink.put(&value.to_be_bytes());
    }

    /// Appends a float, bit for bit.
    // spec: RFC4506 s4.6
    #[inline]
    pub fn f32(&mut self, value: f32) {
        self.sink.put(&value.to_be_bytes());
    }

    /// Appends a double, bit for bit.
    // spec: RFC4506 s4.7
    #[inline]
    pub fn f64(&mut self, value: f64) {
        self.sink.put(&value.to_be_bytes());
    }

    /// Appends a boolean; also the presence mark of optional data.
    // spec: RFC4506 s4.4
    // spec: RFC4506 s4.19
    #[inline]
    pub fn bool(&mut self, value: bool) {
        self.u32(u32::from(value));
    }

    /// Appends an enumeration value or a union's discriminant.
    // spec: RFC4506 s4.3
    // spec: RFC4506 s4.15
    #[inline]
    pub fn discriminant(&mut self, value: i32) {
        self.i32(value);
    }

    /// Appends `N` unsigned integers in one go: for headers of fixed shape.
    #[inline]
    pub fn words<const N: usize>(&mut self, values: [u32; N]) {
        self.sink.put(values.map(u32::to_be_bytes).as_flattened());
    }

    /// Appends opaque data of a length that both sides know, and its padding.
    // spec: RFC4506 s4.9
    #[inline]
    pub fn opaque_fixed(&mut self, bytes: &[u8]) {
        self.sink.put(bytes);
        self.padding(bytes.len());
    }

    /// Appends opaque data with its length, at most `limit` bytes.
    ///
    /// # Errors
    /// [`XdrError::ValueTooLong`]; nothing was written.
    // spec: RFC4506 s4.10
    #[inline]
    pub fn opaque(&mut self, bytes: &[u8], limit: u32) -> Result<(), XdrError> {
        self.length(bytes.len(), limit)?;
        self.opaque_fixed(bytes);
        Ok(())
    }

    /// Appends a string with its length in bytes, at most `limit` bytes.
    ///
    /// # Errors
    /// [`XdrError::ValueTooLong`]; nothing was written.
    // spec: RFC4506 s4.11
    #[inline]
    pub fn string(&mut self, text: &str, limit: u32) -> Result<(), XdrError> {
        self.opaque(text.as_bytes(), limit)
    }

    /// Appends the item count of an array, at most `limit`; the items follow by the caller.
    ///
    /// # Errors
    /// [`XdrError::ValueTooLong`]; nothing was written.
    // spec: RFC4506 s4.13
    #[inline]
    pub fn length(&mut self, length: usize, limit: u32) -> Result<(), XdrError> {
        match u32::try_from(length) {
            Ok(word) if word <= limit => {
                self.u32(word);
                Ok(())
            }
            _ => Err(XdrError::ValueTooLong { length, limit }),
        }
    }

    /// Appends the zeros that follow `len` bytes of opaque data written piecemeal.
    // spec: RFC4506 s3
    #[inline]
    pub fn padding(&mut self, len: usize) {
        // A sub-slice by length cannot fail: the padding is at most three bytes.
        if let Some(zeros) = [0; BLOCK_BYTES].get(..padding_len(len))
            && !zeros.is_empty()
        {
            self.sink.put(zeros);
        }
    }

    /// Appends all of `values`, without a length: the items of a fixed array, or of an array after
    /// [`Self::length`].
    // spec: RFC4506 s4.12
    // spec: RFC4506 s4.13
    pub fn primitives<T: Primitive>(&mut self, values: &[T]) {
        self.sink
            .reserve(values.len().saturating_mul(T::WIRE_BYTES));
        let mut stage = [0; STAGE_BYTES];
        for block in values.chunks(STAGE_BYTES / T::WIRE_BYTES) {
            if let Some(wire) = stage.get_mut(..block.len() * T::WIRE_BYTES) {
                T::write_block(block, wire);
                self.sink.put(wire);
            }
        }
    }

    /// The sink, for bytes that are encoded already.
    #[inline]
    pub fn sink(&mut self) -> &mut S {
        self.sink
    }
}

/// Size of the stack block that slices are converted through: small enough to clear and keep in the
/// first-level cache.
const STAGE_BYTES: usize = 512;
