//! Slices of numbers, many values in one call: the path of arrays of measurements. Writing goes
//! through a chunk on the stack, so the sink is called once for many elements; reading fills the
//! caller's slice and allocates nothing.

use crate::encoded::{ENCODED_BYTES_MAX, Encoded};
use crate::error::{Integer, ValueError};
use crate::head::scalar_width;
use crate::sink::Sink;
use crate::value::read::{F32, F64, integer, out_of_range, read_f32, read_f64, read_integer};
use crate::value::write::{length, write_array_header};

/// A number that slices of are written and read: `f32`, `f64`, and the integers of 8 to 64 bits.
pub trait Number: Copy + private::Element {}

/// Writes the elements of `values`, without an array header: for a driver that has written it.
pub fn write_numbers<S: Sink + ?Sized, T: Number>(sink: &mut S, values: &[T]) {
    T::write_all(sink, values);
}

/// Writes an array header and the elements of `values`.
///
/// # Errors
///
/// [`ValueError::TooLong`] beyond 2^32 - 1 elements; nothing is written then.
pub fn write_number_array<S: Sink + ?Sized, T: Number>(
    sink: &mut S,
    values: &[T],
) -> Result<(), ValueError> {
    write_array_header(sink, length(values.len())?);
    T::write_all(sink, values);
    Ok(())
}

/// Reads as many elements as `values` has, after their array header, and returns the bytes they
/// take. Conversions are those of [`super::read_integer`], [`super::read_f32`] and
/// [`super::read_f64`]; integers, and runs of floats encoded as `T` itself, take a tight loop.
///
/// Each element takes at least one byte: compare a declared count with the bytes left before
/// making a slice of that many.
///
/// # Errors
///
/// As the reader of one value, and [`ValueError::IntegerRange`] for one that does not fit `T`. The
/// elements before it have been read into `values`.
pub fn read_numbers<T: Number>(input: &[u8], values: &mut [T]) -> Result<usize, ValueError> {
    let mut position = 0;
    let mut unread = values;
    loop {
        let rest = input.get(position..).unwrap_or_default();
        let (passed, used) = T::read_run(rest, unread);
        position += used;
        unread = unread.get_mut(passed..).unwrap_or_default();
        let Some((slot, others)) = unread.split_first_mut() else {
            return Ok(position);
        };
        let rest = input.get(position..).unwrap_or_default();
        let (value, used) = T::read_one(rest).map_err(|error| error.shifted(position))?;
        *slot = value;
        position += used;
        unread = others;
    }
}

mod private {
    use crate::error::ValueError;
    use crate::sink::Sink;

    /// The loops of one element type; kept private so that no other type can be a `Number`.
    pub trait Element: Sized {
        fn write_all<S: Sink + ?Sized>(sink: &mut S, values: &[Self]);

        fn read_one(input: &[u8]) -> Result<(Self, usize), ValueError>;

        /// Reads the elements that `input` begins with, for as long as that goes in a tight loop;
        /// returns how many, and their bytes.
        fn read_run(input: &[u8], values: &mut [Self]) -> (usize, usize);
    }
}

macro_rules! float {
    ($type:ident, $marker:ident, $width:literal, $read:ident) => {
        impl Number for $type {}

        impl private::Element for $type {
            fn write_all<S: Sink + ?Sized>(sink: &mut S, values: &[Self]) {
                let mut chunk = [[0; $width]; CHUNK_ELEMENTS];
                for values in values.chunks(CHUNK_ELEMENTS) {
                    for (cell, value) in chunk.iter_mut().zip(values) {
                        let [marker, payload @ ..] = cell;
                        *marker = $marker;
                        *payload = value.to_be_bytes();
                    }
                    let cells = chunk.get(..values.len()).unwrap_or(&chunk);
                    sink.put(cells.as_flattened());
                }
            }

            #[inline]
            fn read_one(input: &[u8]) -> Result<(Self, usize), ValueError> {
                $read(input)
            }

            #[inline]
            fn read_run(input: &[u8], values: &mut [Self]) -> (usize, usize) {
                let (cells, _) = input.as_chunks::<$width>();
                let mut passed = 0;
                for (&[marker, ref payload @ ..], value) in cells.iter().zip(values) {
                    if marker != $marker {
                        break;
                    }
                    *value = $type::from_be_bytes(*payload);
                    passed += 1;
                }
                (passed, passed * $width)
            }
        }
    };
}

macro_rules! integer {
    ($type:ident, $wide:ident, $encode:ident) => {
        impl Number for $type {}

        impl private::Element for $type {
            fn write_all<S: Sink + ?Sized>(sink: &mut S, values: &[Self]) {
                let encoded = values
                    .iter()
                    .map(|&value| Encoded::$encode($wide::from(value)));
                write_encoded(sink, encoded);
            }

            #[inline]
            fn read_one(input: &[u8]) -> Result<(Self, usize), ValueError> {
                let (found, used) = read_integer(input)?;
                let value = match found {
                    Integer::Signed(value) => Self::try_from(value).ok(),
                    Integer::Unsigned(value) => Self::try_from(value).ok(),
                };
                match value {
                    Some(value) => Ok((value, used)),
                    None => Err(out_of_range(found, stringify!($type))),
                }
            }

            #[inline]
            fn read_run(input: &[u8], values: &mut [Self]) -> (usize, usize) {
                // Any encoding; what does not read is left to `read_one`, which says why.
                let (mut passed, mut position) = (0, 0);
                for slot in values {
                    let rest = input.get(position..).unwrap_or_default();
                    let Some((found, used)) = next_integer(rest) else {
                        break;
                    };
                    let value = match found {
                        Integer::Signed(value) => Self::try_from(value).ok(),
                        Integer::Unsigned(value) => Self::try_from(value).ok(),
                    };
                    let Some(value) = value else { break };
                    *slot = value;
                    passed += 1;
                    position += used;
                }
                (passed, position)
            }
        }
    };
}

float!(f32, F32, 5, read_f32);
float!(f64, F64, 9, read_f64);
integer!(i8, i64, signed);
integer!(i16, i64, signed);
integer!(i32, i64, signed);
integer!(i64, i64, signed);
integer!(u8, u64, unsigned);
integer!(u16, u64, unsigned);
integer!(u32, u64, unsigned);
integer!(u64, u64, unsigned);

/// The integer that `input` begins with and its width; small ones without a look at the tables.
#[inline]
fn next_integer(input: &[u8]) -> Option<(Integer, usize)> {
    let &marker = input.first()?;
    let small = marker.cast_signed();
    if small >= FIXINT_MIN {
        return Some((Integer::Signed(i64::from(small)), 1));
    }
    Some((integer(marker, input)?, scalar_width(marker)))
}

/// Puts values of varying width through a chunk. Every value is copied with its padding, which the
/// next one overwrites: a copy of fixed length costs less than one of the right length.
fn write_encoded<S: Sink + ?Sized>(sink: &mut S, values: impl Iterator<Item = Encoded>) {
    let mut chunk = [0; CHUNK_ELEMENTS * ENCODED_BYTES_MAX];
    let mut used = 0;
    for value in values {
        if chunk.len() - used < ENCODED_BYTES_MAX {
            sink.put(chunk.get(..used).unwrap_or(&chunk));
            used = 0;
        }
        if let Some(cell) = chunk.get_mut(used..).and_then(<[u8]>::first_chunk_mut) {
            *cell = *value.padded();
            used += value.len();
        }
    }
    sink.put(chunk.get(..used).unwrap_or(&chunk));
}

/// Elements that go to the sink at once; the chunk is about 1 KiB of stack.
const CHUNK_ELEMENTS: usize = 128;

/// The fixints are the bytes that, taken as `i8`, are at least this.
const FIXINT_MIN: i8 = -32;
