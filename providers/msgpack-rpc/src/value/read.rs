//! Reading single values, and passing over whole ones. Nothing is allocated but the stack of
//! [`skip_values`], and nothing recurses; text is not checked for being UTF-8.

use rmp::Marker;

use crate::error::{Integer, ScanError, ValueError};
use crate::head::{Head, Shape, payload, scalar_width};
use crate::limits::ScanLimits;
use crate::value::Token;
use crate::walk::Walk;

/// Reads the value or the container start that `input` begins with, and the bytes it takes.
///
/// The count of a container is what the peer declares, and may be more than there is: never
/// allocate by it, or compare it with what is left first (a scanned message has been checked).
///
/// # Errors
///
/// [`ValueError::Truncated`] or [`ValueError::ReservedMarker`].
pub fn read_token(input: &[u8]) -> Result<(Token<'_>, usize), ValueError> {
    let &marker = input.first().ok_or_else(|| truncated(input, 1))?;
    if let Some(head) = Head::of(marker) {
        return read_head(input, head);
    }
    let token = match Marker::from_u8(marker) {
        Marker::Null => Some(Token::Nil),
        Marker::False => Some(Token::Bool(false)),
        Marker::True => Some(Token::Bool(true)),
        Marker::F32 => payload(input).map(|bytes| Token::F32(f32::from_be_bytes(bytes))),
        Marker::F64 => payload(input).map(|bytes| Token::F64(f64::from_be_bytes(bytes))),
        Marker::Reserved => return Err(ValueError::ReservedMarker { offset: 0 }),
        _ => integer(marker, input).map(|integer| match integer {
            Integer::Signed(value) => Token::Int(value),
            Integer::Unsigned(value) => Token::UInt(value),
        }),
    };
    let width = scalar_width(marker);
    Ok((token.ok_or_else(|| truncated(input, width))?, width))
}

/// Reads an integer of any encoding, and the bytes it takes.
///
/// # Errors
///
/// [`ValueError::WrongType`] for anything else, floats included; [`ValueError::Truncated`];
/// [`ValueError::ReservedMarker`].
#[inline]
pub fn read_integer(input: &[u8]) -> Result<(Integer, usize), ValueError> {
    match input.first() {
        Some(&marker) => match integer(marker, input) {
            Some(found) => Ok((found, scalar_width(marker))),
            None => Err(not_read(input, "integer", is_integer(marker))),
        },
        None => Err(truncated(input, 1)),
    }
}

/// Reads an integer of any encoding whose value fits `i64`, and the bytes it takes.
///
/// # Errors
///
/// [`ValueError::IntegerRange`] for a value that does not fit, and as [`read_integer`].
#[inline]
pub fn read_i64(input: &[u8]) -> Result<(i64, usize), ValueError> {
    match read_integer(input)? {
        (Integer::Signed(value), used) => Ok((value, used)),
        (found, _) => Err(out_of_range(found, "i64")),
    }
}

/// Reads an integer of any encoding whose value fits `u64`, and the bytes it takes.
///
/// # Errors
///
/// [`ValueError::IntegerRange`] for a value that does not fit, and as [`read_integer`].
#[inline]
pub fn read_u64(input: &[u8]) -> Result<(u64, usize), ValueError> {
    match read_integer(input)? {
        (Integer::Unsigned(value), used) => Ok((value, used)),
        (found @ Integer::Signed(value), used) => match u64::try_from(value) {
            Ok(value) => Ok((value, used)),
            Err(_) => Err(out_of_range(found, "u64")),
        },
    }
}

/// Reads a float of either width or an integer as `f64`, and the bytes it takes. An integer beyond
/// 2^53 is rounded to the nearest float.
///
/// # Errors
///
/// [`ValueError::WrongType`], [`ValueError::Truncated`] or [`ValueError::ReservedMarker`].
#[inline]
pub fn read_f64(input: &[u8]) -> Result<(f64, usize), ValueError> {
    let marker = input.first().copied().unwrap_or(RESERVED);
    if marker == F64 {
        return match payload(input) {
            Some(bytes) => Ok((f64::from_be_bytes(bytes), 9)),
            None => Err(truncated(input, 9)),
        };
    }
    read_other_float(input, "float")
}

/// Reads a float of either width or an integer as `f32`, and the bytes it takes. A float of 64
/// bits or an integer is rounded to the nearest, because many peers only have floats of 64 bits.
///
/// # Errors
///
/// [`ValueError::WrongType`], [`ValueError::Truncated`] or [`ValueError::ReservedMarker`].
#[inline]
pub fn read_f32(input: &[u8]) -> Result<(f32, usize), ValueError> {
    let marker = input.first().copied().unwrap_or(RESERVED);
    if marker == F32 {
        return match payload(input) {
            Some(bytes) => Ok((f32::from_be_bytes(bytes), 5)),
            None => Err(truncated(input, 5)),
        };
    }
    // Rounding is the documented meaning; an integer is rounded once, not by way of f64.
    match read_token(input)? {
        (Token::Int(value), used) => Ok((value as f32, used)),
        (Token::UInt(value), used) => Ok((value as f32, used)),
        (Token::F64(value), used) => Ok((value as f32, used)),
        _ => Err(not_read(input, "float", false)),
    }
}

/// Reads a boolean, and the bytes it takes.
///
/// # Errors
///
/// [`ValueError::WrongType`], [`ValueError::Truncated`] or [`ValueError::ReservedMarker`].
#[inline]
pub fn read_bool(input: &[u8]) -> Result<(bool, usize), ValueError> {
    match input.first() {
        Some(&FALSE) => Ok((false, 1)),
        Some(&TRUE) => Ok((true, 1)),
        Some(_) => Err(not_read(input, "bool", false)),
        None => Err(truncated(input, 1)),
    }
}

/// The bytes of the whole value that `input` begins with, containers with all that is in them.
///
/// # Errors
///
/// As [`skip_values`].
pub fn skip_value(input: &[u8], depth_max: usize) -> Result<usize, ValueError> {
    skip_values(input, 1, depth_max)
}

/// The bytes of the `count` whole values that `input` begins with.
///
/// A container that declares more values than bytes are left is refused at its header. Memory is
/// needed only for containers open inside containers, at most `depth_max` of them.
///
/// # Errors
///
/// [`ValueError::Truncated`], [`ValueError::TooDeep`] beyond `depth_max` open containers, or
/// [`ValueError::ReservedMarker`].
pub fn skip_values(input: &[u8], count: u32, depth_max: usize) -> Result<usize, ValueError> {
    let limits = ScanLimits {
        message_bytes_max: input.len(),
        items_max: usize::MAX,
        depth_max,
    };
    let mut walk = Walk::new(usize::try_from(count).unwrap_or(usize::MAX));
    let least = walk.advance(input, &limits).map_err(|error| match error {
        ScanError::MessageTooLong {
            offset,
            declared,
            limit,
        } => ValueError::Truncated {
            offset,
            needed: declared - offset,
            available: limit.saturating_sub(offset),
        },
        ScanError::ReservedMarker { offset } => ValueError::ReservedMarker { offset },
        ScanError::TooDeep {
            offset,
            declared,
            limit,
        }
        // Items are not limited here; the arm only has to be total.
        | ScanError::TooManyItems {
            offset,
            declared,
            limit,
        } => ValueError::TooDeep {
            offset,
            declared,
            limit,
        },
    })?;
    if least > input.len() {
        let offset = walk.position();
        return Err(ValueError::Truncated {
            offset,
            needed: least - offset,
            available: input.len().saturating_sub(offset),
        });
    }
    Ok(walk.position())
}

fn read_head(input: &[u8], head: Head) -> Result<(Token<'_>, usize), ValueError> {
    let declared = head
        .declared(input)
        .ok_or_else(|| truncated(input, head.len()))?;
    match head.shape {
        Shape::Array => return Ok((Token::Array(declared), head.len())),
        Shape::Map => return Ok((Token::Map(declared), head.len())),
        Shape::Str | Shape::Bin | Shape::Ext => {}
    }
    let length = usize::try_from(declared).unwrap_or(usize::MAX);
    let end = head.len().saturating_add(length);
    let (before, body) = input
        .get(..end)
        .and_then(|value| value.split_at_checked(head.len()))
        .ok_or_else(|| truncated(input, end))?;
    let token = match (head.shape, before.last()) {
        (Shape::Str, _) => Token::Str(body),
        (Shape::Ext, Some(kind)) => Token::Ext(kind.cast_signed(), body),
        _ => Token::Bin(body),
    };
    Ok((token, end))
}

/// The integer that `input` begins with; `None` when it is cut off or `marker` is of no integer.
#[inline]
pub(crate) fn integer(marker: u8, input: &[u8]) -> Option<Integer> {
    let value = match Marker::from_u8(marker) {
        Marker::FixPos(value) => i64::from(value),
        Marker::FixNeg(value) => i64::from(value),
        Marker::U8 => i64::from(u8::from_be_bytes(payload(input)?)),
        Marker::U16 => i64::from(u16::from_be_bytes(payload(input)?)),
        Marker::U32 => i64::from(u32::from_be_bytes(payload(input)?)),
        Marker::U64 => {
            let value = u64::from_be_bytes(payload(input)?);
            match i64::try_from(value) {
                Ok(value) => value,
                Err(_) => return Some(Integer::Unsigned(value)),
            }
        }
        Marker::I8 => i64::from(i8::from_be_bytes(payload(input)?)),
        Marker::I16 => i64::from(i16::from_be_bytes(payload(input)?)),
        Marker::I32 => i64::from(i32::from_be_bytes(payload(input)?)),
        Marker::I64 => i64::from_be_bytes(payload(input)?),
        _ => return None,
    };
    Some(Integer::Signed(value))
}

fn is_integer(marker: u8) -> bool {
    matches!(
        Marker::from_u8(marker),
        Marker::FixPos(_)
            | Marker::FixNeg(_)
            | Marker::U8
            | Marker::U16
            | Marker::U32
            | Marker::U64
            | Marker::I8
            | Marker::I16
            | Marker::I32
            | Marker::I64
    )
}

#[inline(never)]
fn read_other_float(input: &[u8], expected: &'static str) -> Result<(f64, usize), ValueError> {
    match read_token(input)? {
        // Beyond 2^53 this rounds, as documented.
        (Token::Int(value), used) => Ok((value as f64, used)),
        (Token::UInt(value), used) => Ok((value as f64, used)),
        (Token::F32(value), used) => Ok((f64::from(value), used)),
        (Token::F64(value), used) => Ok((value, used)),
        _ => Err(not_read(input, expected, false)),
    }
}

/// Why the value that `input` begins with was not read: it is of the right type but cut off, or of
/// another type.
#[cold]
fn not_read(input: &[u8], expected: &'static str, right_type: bool) -> ValueError {
    match input.first() {
        None => truncated(input, 1),
        Some(&marker) if right_type => truncated(input, scalar_width(marker)),
        Some(&RESERVED) => ValueError::ReservedMarker { offset: 0 },
        Some(&marker) => ValueError::WrongType {
            offset: 0,
            expected,
            marker,
        },
    }
}

#[cold]
fn truncated(input: &[u8], needed: usize) -> ValueError {
    ValueError::Truncated {
        offset: 0,
        needed,
        available: input.len(),
    }
}

#[cold]
pub(crate) fn out_of_range(found: Integer, expected: &'static str) -> ValueError {
    ValueError::IntegerRange {
        offset: 0,
        expected,
        found,
    }
}

const RESERVED: u8 = Marker::Reserved.to_u8();
const FALSE: u8 = Marker::False.to_u8();
const TRUE: u8 = Marker::True.to_u8();
pub(crate) const F32: u8 = Marker::F32.to_u8();
pub(crate) const F64: u8 = Marker::F64.to_u8();
