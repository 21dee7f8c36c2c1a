//! Values off the wire. A failing function consumes nothing, and no length is believed before the
//! bytes are seen: a container needs at least one byte for each value it declares.
//!
//! Words of `Dec::state`:
//!
//! ```text
//! 0  expectation: 0 = any value may be read next; n <= 2^32 - 1 = n raw octets are next, the rest
//!    of a bin that was opened as a sequence; BARE = a variant without content was read, so no
//!    value belongs to it
//! 1  1 = a variant with content was read by its index: when the host finds that it has the shape
//!    of a unit, the content is a placeholder that is still to be skipped
//! ```
//!
//! Neither word needs a stack. Octets contain no values, so between the first and the last of them
//! nothing else is read. And a variant of unit shape ends right after it was read.

use rmix_abi::guest::{AnyValue, Decode, DecodeHooks, PrimsMut, StructHead, Taken, VariantHead};
use rmix_abi::tables::{Dec, Fault, any, fault, layout, shape};
use rmp::Marker;

use super::fault::{self as faults, Expected, IntegerType, misfit, mismatch, of_integer, of_value};
use super::{StructLayout, ValueCodec};
use crate::error::{Integer, ValueError};
use crate::value::{
    Number, Token, read_bool, read_f32, read_f64, read_integer, read_numbers, read_token,
    skip_value,
};

macro_rules! integers {
    ($($name:ident $limits:ident),* $(,)?) => { $(
        #[inline]
        fn $name(d: &mut Dec) -> Result<$name, Fault> {
            integer(d, faults::$limits, |found| match found {
                Integer::Signed(value) => $name::try_from(value).ok(),
                Integer::Unsigned(value) => $name::try_from(value).ok(),
            })
        }
    )* };
}

impl<L: StructLayout> Decode for ValueCodec<L> {
    const HOOKS: DecodeHooks = DecodeHooks {
        tuple_ends: false,
        structs: true,
        map_ends: false,
        variant_ends: true,
        arguments: false,
        any: true,
        more: false,
        locate: false,
    };

    integers! { i8 I8, i16 I16, i32 I32, i64 I64, u16 U16, u32 U32, u64 U64 }

    fn u8(d: &mut Dec) -> Result<u8, Fault> {
        if matches!(d.state[EXPECTATION], 1..=OCTETS_MAX) {
            return octet(d);
        }
        integer(d, faults::U8, |found| match found {
            Integer::Signed(value) => u8::try_from(value).ok(),
            Integer::Unsigned(value) => u8::try_from(value).ok(),
        })
    }

    fn i128(d: &mut Dec) -> Result<i128, Fault> {
        integer(d, faults::I64, |found| match found {
            Integer::Signed(value) => Some(value.into()),
            Integer::Unsigned(value) => Some(value.into()),
        })
    }

    fn u128(d: &mut Dec) -> Result<u128, Fault> {
        Self::u64(d).map(u128::from)
    }

    #[inline]
    fn bool(d: &mut Dec) -> Result<bool, Fault> {
        let (value, used) =
            read_bool(input(d)?).map_err(|error| of_value(d, error, faults::BOOL))?;
        d.advance(used);
        Ok(value)
    }

    #[inline]
    fn f32(d: &mut Dec) -> Result<f32, Fault> {
        let (value, used) =
            read_f32(input(d)?).map_err(|error| of_value(d, error, faults::FLOAT))?;
        d.advance(used);
        Ok(value)
    }

    #[inline]
    fn f64(d: &mut Dec) -> Result<f64, Fault> {
        let (value, used) =
            read_f64(input(d)?).map_err(|error| of_value(d, error, faults::FLOAT))?;
        d.advance(used);
        Ok(value)
    }

    fn char(d: &mut Dec) -> Result<u32, Fault> {
        let (head, length) = text(d, faults::TEXT)?;
        let content = d.rest().get(head..head + length).unwrap_or_default();
        let mut chars = std::str::from_utf8(content).unwrap_or_default().chars();
        let (Some(value), None) = (chars.next(), chars.next()) else {
            let rule = "the text is not one character, which a char is";
            return Err(Fault::new(fault::MISMATCH, rule)
                .declared(length as u64)
                .at(d.offset()));
        };
        d.advance(head + length);
        Ok(value.into())
    }

    #[inline]
    fn str(d: &mut Dec) -> Result<Taken<'_>, Fault> {
        let (head, length) = text(d, faults::TEXT)?;
        take(d, head, length)
    }

    #[inline]
    fn bytes(d: &mut Dec) -> Result<Taken<'_>, Fault> {
        let (head, length) = text(d, faults::OCTETS)?;
        take(d, head, length)
    }

    fn unit(d: &mut Dec) -> Result<(), Fault> {
        match token(d, faults::UNIT)? {
            (Token::Nil | Token::Array(0), used) => {
                d.advance(used);
                Ok(())
            }
            _ => Err(mismatch(d, faults::UNIT)),
        }
    }

    #[inline]
    fn option(d: &mut Dec) -> Result<bool, Fault> {
        match input(d)?.first() {
            Some(&NIL) => {
                d.advance(1);
                Ok(false)
            }
            Some(_) => Ok(true),
            None => Err(mismatch(d, faults::UNIT)),
        }
    }

    fn begin_seq(d: &mut Dec) -> Result<u64, Fault> {
        match token(d, faults::SEQUENCE)? {
            (Token::Array(count), head) => enter(d, head, count, 1),
            // Old peers have no bin; what they send as octets looks like text.
            (Token::Bin(octets) | Token::Str(octets), end) => {
                let length = octets.len();
                open_octets(d, end - length, length);
                Ok(length as u64)
            }
            _ => Err(mismatch(d, faults::SEQUENCE)),
        }
    }

    fn end_seq(d: &mut Dec, _element: u32, _count: u64) -> Result<(), Fault> {
        // All octets of an opened bin were read or skipped; anything else is refused here.
        input(d).map(|_| ())
    }

    fn prims(d: &mut Dec, values: PrimsMut<'_>) -> Result<(), Fault> {
        match values {
            PrimsMut::U8(values) if d.state[EXPECTATION] != 0 => octets(d, values),
            PrimsMut::U8(values) => integer_run(d, values, faults::U8),
            PrimsMut::I8(values) => integer_run(d, values, faults::I8),
            PrimsMut::I16(values) => integer_run(d, values, faults::I16),
            PrimsMut::U16(values) => integer_run(d, values, faults::U16),
            PrimsMut::I32(values) => integer_run(d, values, faults::I32),
            PrimsMut::U32(values) => integer_run(d, values, faults::U32),
            PrimsMut::I64(values) => integer_run(d, values, faults::I64),
            PrimsMut::U64(values) => integer_run(d, values, faults::U64),
            PrimsMut::F32(values) => float_run(d, values),
            PrimsMut::F64(values) => float_run(d, values),
        }
    }

    fn begin_tuple(d: &mut Dec, len: u64) -> Result<(), Fault> {
        match token(d, faults::TUPLE)? {
            (Token::Array(count), head) => {
                same_length(d, count.into(), len)?;
                enter(d, head, count, 1).map(|_| ())
            }
            (Token::Bin(octets), end) => {
                let length = octets.len();
                same_length(d, length as u64, len)?;
                open_octets(d, end - length, length);
                Ok(())
            }
            _ => Err(mismatch(d, faults::TUPLE)),
        }
    }

    fn begin_map(d: &mut Dec) -> Result<u64, Fault> {
        match token(d, faults::MAP)? {
            (Token::Map(count), head) => enter(d, head, count, 2),
            _ => Err(mismatch(d, faults::MAP)),
        }
    }

    fn begin_struct(d: &mut Dec, _name: &[u8]) -> Result<StructHead, Fault> {
        match token(d, faults::STRUCT)? {
            (Token::Map(count), head) => Ok((layout::NAMED, enter(d, head, count, 2)?)),
            (Token::Array(count), head) => Ok((layout::POSITIONAL, enter(d, head, count, 1)?)),
            _ => Err(mismatch(d, faults::STRUCT)),
        }
    }

    #[inline]
    fn key(d: &mut Dec) -> Result<Taken<'_>, Fault> {
        let (head, length) = text(d, faults::KEY)?;
        take(d, head, length)
    }

    fn begin_variant<'a>(d: &'a mut Dec, _name: &[u8]) -> Result<VariantHead<'a>, Fault> {
        match token(d, faults::VARIANT)? {
            (Token::Str(name) | Token::Bin(name), end) => {
                let length = name.len();
                Ok(VariantHead::Name(take(d, end - length, length)?, false))
            }
            (Token::Int(index), end) => {
                let index = variant_index(d, index, 0)?;
                d.advance(end);
                d.state[EXPECTATION] = BARE;
                Ok(VariantHead::Index(index))
            }
            (Token::Map(1), head) => variant_of_pair(d, head),
            (Token::Map(count), _) => {
                let rule = "the map has other than the one pair of a variant";
                Err(Fault::new(fault::MISMATCH, rule)
                    .declared(count.into())
                    .limit(1)
                    .at(d.offset()))
            }
            _ => Err(mismatch(d, faults::VARIANT)),
        }
    }

    fn end_variant(d: &mut Dec, content: u32) -> Result<(), Fault> {
        if d.state[EXPECTATION] == BARE && content == shape::UNIT {
            d.state[EXPECTATION] = 0;
            return Ok(());
        }
        let has_placeholder = d.state[INDEXED] != 0 && content == shape::UNIT;
        d.state[INDEXED] = 0;
        if has_placeholder {
            return Self::skip(d);
        }
        Ok(())
    }

    fn any(d: &mut Dec) -> Result<AnyValue<'_>, Fault> {
        let (token, end) = token(d, faults::UNIT)?;
        let (kind, bits, length) = match token {
            Token::Nil => (any::NIL, 0, 0),
            Token::Bool(value) => (any::BOOL, value.into(), 0),
            Token::Int(value) => (any::I64, value.cast_unsigned(), 0),
            Token::UInt(value) => (any::U64, value, 0),
            Token::F32(value) => (any::F32, value.to_bits().into(), 0),
            Token::F64(value) => (any::F64, value.to_bits(), 0),
            Token::Str(content) => (any::STR, 0, content.len()),
            Token::Bin(content) => (any::BYTES, 0, content.len()),
            Token::Ext(kind, content) => (any::EXT, i64::from(kind).cast_unsigned(), content.len()),
            Token::Array(count) => return Ok(container(any::SEQ, enter(d, end, count, 1)?)),
            Token::Map(count) => return Ok(container(any::MAP, enter(d, end, count, 2)?)),
        };
        Ok(AnyValue {
            kind,
            bits,
            bytes: take(d, end - length, length)?,
        })
    }

    fn skip(d: &mut Dec) -> Result<(), Fault> {
        if matches!(d.state[EXPECTATION], 1..=OCTETS_MAX) {
            return octet(d).map(|_| ());
        }
        let depth = usize::try_from(d.depth_left).unwrap_or(usize::MAX);
        let used =
            skip_value(input(d)?, depth).map_err(|error| of_value(d, error, faults::UNIT))?;
        d.advance(used);
        Ok(())
    }

    fn finish(d: &mut Dec) -> Result<(), Fault> {
        let rest = input(d)?.len();
        if rest == 0 {
            return Ok(());
        }
        let rule = "bytes follow the last value";
        Err(Fault::new(fault::MALFORMED, rule)
            .declared(rest as u64)
            .limit(0)
            .at(d.offset()))
    }
}

/// What is left to read, for every function that reads a value; refused while octets are open, and
/// after a variant that has no content.
#[inline]
fn input(d: &Dec) -> Result<&[u8], Fault> {
    if d.state[EXPECTATION] != 0 {
        return Err(unexpected(d));
    }
    Ok(d.rest())
}

#[cold]
fn unexpected(d: &Dec) -> Fault {
    let rule = if d.state[EXPECTATION] == BARE {
        "a variant stands there by its index alone, without its content"
    } else {
        "octets stand where a sequence of other values is expected"
    };
    Fault::new(fault::MISMATCH, rule).at(d.offset())
}

/// The value at the front, not consumed, and the bytes it takes (a container: its head).
#[inline]
fn token<'d>(d: &'d Dec, expected: &Expected) -> Result<(Token<'d>, usize), Fault> {
    read_token(input(d)?).map_err(|error| of_value(d, error, expected))
}

/// Length of the head and of the content of the text or octets at the front; not consumed.
#[inline]
fn text(d: &Dec, expected: &Expected) -> Result<(usize, usize), Fault> {
    // Field names and most text are short.
    if let [marker @ FIXSTR_MIN..=FIXSTR_MAX, content @ ..] = input(d)? {
        let length = usize::from(marker - FIXSTR_MIN);
        if length <= content.len() {
            return Ok((1, length));
        }
    }
    match token(d, expected)? {
        (Token::Str(content) | Token::Bin(content), end) => {
            Ok((end - content.len(), content.len()))
        }
        _ => Err(mismatch(d, expected)),
    }
}

/// Takes what [`text`] found.
#[inline]
fn take(d: &mut Dec, head: usize, length: usize) -> Result<Taken<'_>, Fault> {
    d.advance(head);
    d.take(length)
}

#[inline]
fn integer<T>(
    d: &mut Dec,
    wanted: &IntegerType,
    narrow: impl FnOnce(Integer) -> Option<T>,
) -> Result<T, Fault> {
    let (found, used) = read_integer(input(d)?).map_err(|error| of_integer(d, error, wanted))?;
    match narrow(found) {
        Some(value) => {
            d.advance(used);
            Ok(value)
        }
        None => Err(misfit(d.offset(), found, wanted)),
    }
}

fn integer_run<T: Number>(
    d: &mut Dec,
    values: &mut [T],
    wanted: &IntegerType,
) -> Result<(), Fault> {
    let used = read_numbers(input(d)?, values).map_err(|error| of_integer(d, error, wanted))?;
    d.advance(used);
    Ok(())
}

fn float_run<T: Number>(d: &mut Dec, values: &mut [T]) -> Result<(), Fault> {
    let used =
        read_numbers(input(d)?, values).map_err(|error| of_value(d, error, faults::FLOAT))?;
    d.advance(used);
    Ok(())
}

/// Enters a container, unless it cannot have what it declares: `count` times `values` values, each
/// of at least one byte.
#[inline]
fn enter(d: &mut Dec, head: usize, count: u32, values: u64) -> Result<u64, Fault> {
    let count = u64::from(count);
    let left = d.remaining().saturating_sub(head) as u64;
    if count * values > left {
        let rule = "a container declares more values than there are bytes";
        return Err(Fault::new(fault::MALFORMED, rule)
            .declared(count)
            .limit(left / values)
            .at(d.offset()));
    }
    d.advance(head);
    Ok(count)
}

/// Begins to read the content of a bin, which has been seen to be there, octet by octet.
fn open_octets(d: &mut Dec, head: usize, length: usize) {
    d.advance(head);
    d.state[EXPECTATION] = length as u64;
}

/// Fills `values` with octets of the open bin.
fn octets(d: &mut Dec, values: &mut [u8]) -> Result<(), Fault> {
    let count = values.len() as u64;
    let open = d.state[EXPECTATION];
    match d.rest().get(..values.len()) {
        Some(content) if open <= OCTETS_MAX && count <= open => values.copy_from_slice(content),
        _ => return Err(unexpected(d)),
    }
    d.advance(values.len());
    d.state[EXPECTATION] = open - count;
    Ok(())
}

/// The next octet of the open bin.
fn octet(d: &mut Dec) -> Result<u8, Fault> {
    let mut value = [0];
    octets(d, &mut value)?;
    let [value] = value;
    Ok(value)
}

fn same_length(d: &Dec, found: u64, declared: u64) -> Result<(), Fault> {
    if found == declared {
        return Ok(());
    }
    let rule = "the array has another length than the declared tuple";
    Err(Fault::new(fault::MISMATCH, rule)
        .declared(found)
        .limit(declared)
        .at(d.offset()))
}

/// A variant with content: a map of one pair, whose key begins `head` bytes ahead.
fn variant_of_pair(d: &mut Dec, head: usize) -> Result<VariantHead<'_>, Fault> {
    let ahead = |error: ValueError| of_value(d, error.shifted(head), faults::VARIANT);
    let key = d.rest().get(head..).unwrap_or_default();
    match read_token(key).map_err(ahead)? {
        (Token::Str(name) | Token::Bin(name), end) => {
            let length = name.len();
            d.state[INDEXED] = 0;
            let name = take(d, head + end - length, length)?;
            Ok(VariantHead::Name(name, true))
        }
        (Token::Int(index), end) => {
            let index = variant_index(d, index, head)?;
            d.advance(head + end);
            d.state[INDEXED] = 1;
            Ok(VariantHead::Index(index))
        }
        _ => {
            let rule = "the map's key is neither a variant's name nor its index";
            Err(Fault::new(fault::MISMATCH, rule).at(d.offset() + head as u64))
        }
    }
}

/// A variant's index found `head` bytes ahead; the largest 32-bit number means "by name" at the
/// boundary.
fn variant_index(d: &Dec, index: i64, head: usize) -> Result<u32, Fault> {
    match u32::try_from(index) {
        Ok(index) if index < u32::MAX => Ok(index),
        _ => {
            let found = Integer::Signed(index);
            Err(misfit(d.offset() + head as u64, found, faults::U32))
        }
    }
}

fn container(kind: u32, count: u64) -> AnyValue<'static> {
    AnyValue {
        kind,
        bits: count,
        bytes: Taken::NOTHING,
    }
}

const NIL: u8 = Marker::Null.to_u8();
const FIXSTR_MIN: u8 = Marker::FixStr(0).to_u8();
const FIXSTR_MAX: u8 = Marker::FixStr(31).to_u8();

/// Index of the first word of the state.
const EXPECTATION: usize = 0;
/// Index of the second word.
const INDEXED: usize = 1;
/// Most octets a bin has.
const OCTETS_MAX: u64 = 0xffff_ffff;
/// Value of the first word after a variant without content.
const BARE: u64 = u64::MAX;
