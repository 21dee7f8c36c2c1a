//! The primitives that pass as whole slices: their width on the wire and their block conversion.
//!
//! Integers narrower than 32 bits, and `bool`, occupy one basic block each: signed ones extended by
//! sign, unsigned ones by zeros. That is how C peers send `char` and `short`; it is *not* opaque
//! data, which packs one byte per byte.

use crate::{BLOCK_BYTES, XdrError};

/// A primitive whose slices [`crate::XdrEncoder::primitives`] and [`crate::XdrDecoder::primitives`]
/// convert as a whole.
///
/// Implemented for `bool`, the integers of 8 to 64 bits, `f32` and `f64`; sealed.
pub trait Primitive: Copy + sealed::Convert {
    /// Bytes that one value occupies on the wire: 4 or 8.
    const WIRE_BYTES: usize;
}

/// Bytes of padding that follow `len` bytes of opaque data: 0 to 3.
#[must_use]
#[inline]
pub const fn padding_len(len: usize) -> usize {
    len.wrapping_neg() % BLOCK_BYTES
}

/// `len` and its padding, or `None` where that overflows.
#[must_use]
#[inline]
pub const fn padded_len(len: usize) -> Option<usize> {
    len.checked_add(padding_len(len))
}

pub(crate) mod sealed {
    //! The conversion itself, kept out of the public surface.

    use crate::XdrError;

    /// Block conversion between values and big-endian bytes.
    pub trait Convert: Sized {
        /// Writes as many values as both sides hold.
        fn write_block(values: &[Self], wire: &mut [u8]);

        /// Reads as many values as both sides hold; stops at the first that does not fit and
        /// returns its index and bytes.
        fn read_block(wire: &[u8], values: &mut [Self]) -> Result<(), (usize, u32)>;

        /// The error for a block `value` at `offset` that does not fit.
        fn misfit(offset: usize, value: u32) -> XdrError;
    }
}

/// Types whose every bit pattern is a value.
macro_rules! total_primitive {
    ($($kind:ident),*) => {$(
        impl Primitive for $kind {
            const WIRE_BYTES: usize = size_of::<$kind>();
        }

        impl sealed::Convert for $kind {
            #[inline]
            fn write_block(values: &[Self], wire: &mut [u8]) {
                let (cells, _) = wire.as_chunks_mut::<{ size_of::<$kind>() }>();
                for (cell, value) in cells.iter_mut().zip(values) {
                    *cell = value.to_be_bytes();
                }
            }

            #[inline]
            fn read_block(wire: &[u8], values: &mut [Self]) -> Result<(), (usize, u32)> {
                let (cells, _) = wire.as_chunks::<{ size_of::<$kind>() }>();
                for (cell, value) in cells.iter().zip(values) {
                    *value = $kind::from_be_bytes(*cell);
                }
                Ok(())
            }

            #[cold]
            fn misfit(offset: usize, value: u32) -> XdrError {
                XdrError::OutOfRange {
                    offset,
                    value,
                    wanted: stringify!($kind),
                }
            }
        }
    )*};
}

/// Types that fill a block of the wider type `$wide` and must be checked on the way back.
macro_rules! narrow_primitive {
    ($($kind:ident in $wide:ident),*) => {$(
        impl Primitive for $kind {
            const WIRE_BYTES: usize = BLOCK_BYTES;
        }

        impl sealed::Convert for $kind {
            #[inline]
            fn write_block(values: &[Self], wire: &mut [u8]) {
                let (cells, _) = wire.as_chunks_mut::<BLOCK_BYTES>();
                for (cell, value) in cells.iter_mut().zip(values) {
                    *cell = $wide::from(*value).to_be_bytes();
                }
            }

            #[inline]
            fn read_block(wire: &[u8], values: &mut [Self]) -> Result<(), (usize, u32)> {
                let (cells, _) = wire.as_chunks::<BLOCK_BYTES>();
                for (index, (cell, value)) in cells.iter().zip(values).enumerate() {
                    match $kind::try_from($wide::from_be_bytes(*cell)) {
                        Ok(fitting) => *value = fitting,
                        Err(_) => return Err((index, u32::from_be_bytes(*cell))),
                    }
                }
                Ok(())
            }

            #[cold]
            fn misfit(offset: usize, value: u32) -> XdrError {
                XdrError::OutOfRange {
                    offset,
                    value,
                    wanted: stringify!($kind),
                }
            }
        }
    )*};
}

total_primitive!(i32, u32, i64, u64, f32, f64);
narrow_primitive!(i8 in i32, i16 in i32, u8 in u32, u16 in u32);

impl Primitive for bool {
    const WIRE_BYTES: usize = BLOCK_BYTES;
}

impl sealed::Convert for bool {
    #[inline]
    fn write_block(values: &[Self], wire: &mut [u8]) {
        let (cells, _) = wire.as_chunks_mut::<BLOCK_BYTES>();
        for (cell, value) in cells.iter_mut().zip(values) {
            *cell = u32::from(*value).to_be_bytes();
        }
    }

    #[inline]
    fn read_block(wire: &[u8], values: &mut [Self]) -> Result<(), (usize, u32)> {
        let (cells, _) = wire.as_chunks::<BLOCK_BYTES>();
        for (index, (cell, value)) in cells.iter().zip(values).enumerate() {
            match u32::from_be_bytes(*cell) {
                0 => *value = false,
                1 => *value = true,
                other => return Err((index, other)),
            }
        }
        Ok(())
    }

    #[cold]
    fn misfit(offset: usize, value: u32) -> XdrError {
        XdrError::InvalidBool { offset, value }
    }
}
