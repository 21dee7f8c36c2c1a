//! Writing single values. Each value is one call of the sink, strings two. The writers keep no
//! state: that a header is followed by as many values as it says is the caller's part.

use crate::encoded::Encoded;
use crate::error::ValueError;
use crate::sink::Sink;

/// Writes nil.
#[inline]
pub fn write_nil<S: Sink + ?Sized>(sink: &mut S) {
    sink.put(Encoded::nil().as_slice());
}

/// Writes a boolean.
#[inline]
pub fn write_bool<S: Sink + ?Sized>(sink: &mut S, value: bool) {
    sink.put(Encoded::bool(value).as_slice());
}

/// Writes an integer in its smallest encoding; one that is not negative as an unsigned one.
#[inline]
pub fn write_i64<S: Sink + ?Sized>(sink: &mut S, value: i64) {
    sink.put(Encoded::signed(value).as_slice());
}

/// Writes an integer in its smallest encoding.
#[inline]
pub fn write_u64<S: Sink + ?Sized>(sink: &mut S, value: u64) {
    sink.put(Encoded::unsigned(value).as_slice());
}

/// Writes a float of 32 bits; the bits of a NaN are kept.
#[inline]
pub fn write_f32<S: Sink + ?Sized>(sink: &mut S, value: f32) {
    sink.put(Encoded::float32(value).as_slice());
}

/// Writes a float of 64 bits; the bits of a NaN are kept.
#[inline]
pub fn write_f64<S: Sink + ?Sized>(sink: &mut S, value: f64) {
    sink.put(Encoded::float64(value).as_slice());
}

/// Writes a str.
///
/// # Errors
///
/// [`ValueError::TooLong`] beyond 2^32 - 1 bytes; nothing is written then.
#[inline]
pub fn write_str<S: Sink + ?Sized>(sink: &mut S, value: &str) -> Result<(), ValueError> {
    write_str_header(sink, length(value.len())?);
    sink.put(value.as_bytes());
    Ok(())
}

/// Writes the header of a str; the caller puts exactly `length` bytes after it.
#[inline]
pub fn write_str_header<S: Sink + ?Sized>(sink: &mut S, length: u32) {
    sink.put(Encoded::str_header(length).as_slice());
}

/// Writes a bin.
///
/// # Errors
///
/// [`ValueError::TooLong`] beyond 2^32 - 1 bytes; nothing is written then.
#[inline]
pub fn write_bin<S: Sink + ?Sized>(sink: &mut S, value: &[u8]) -> Result<(), ValueError> {
    write_bin_header(sink, length(value.len())?);
    sink.put(value);
    Ok(())
}

/// Writes the header of a bin; the caller puts exactly `length` bytes after it.
#[inline]
pub fn write_bin_header<S: Sink + ?Sized>(sink: &mut S, length: u32) {
    sink.put(Encoded::bin_header(length).as_slice());
}

/// Writes the header of an array; the caller writes exactly `count` values after it.
#[inline]
pub fn write_array_header<S: Sink + ?Sized>(sink: &mut S, count: u32) {
    sink.put(Encoded::array_header(count).as_slice());
}

/// Writes the header of a map; the caller writes exactly `count` pairs after it.
#[inline]
pub fn write_map_header<S: Sink + ?Sized>(sink: &mut S, count: u32) {
    sink.put(Encoded::map_header(count).as_slice());
}

/// Writes an ext.
///
/// # Errors
///
/// [`ValueError::TooLong`] beyond 2^32 - 1 bytes; nothing is written then.
pub fn write_ext<S: Sink + ?Sized>(sink: &mut S, kind: i8, data: &[u8]) -> Result<(), ValueError> {
    write_ext_header(sink, kind, length(data.len())?);
    sink.put(data);
    Ok(())
}

/// Writes the header of an ext; the caller puts exactly `length` bytes after it.
pub fn write_ext_header<S: Sink + ?Sized>(sink: &mut S, kind: i8, length: u32) {
    sink.put(Encoded::ext_header(kind, length).as_slice());
}

/// A length in bytes or values as the format can declare it.
#[inline]
pub(crate) fn length(length: usize) -> Result<u32, ValueError> {
    u32::try_from(length).map_err(|_| ValueError::TooLong {
        length,
        limit: u32::MAX,
    })
}
