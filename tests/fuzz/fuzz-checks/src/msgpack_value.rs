//! MessagePack values one by one: reading agrees with passing over, numbers in a row with numbers alone, and what was read
//! is written and read again.

use rmix_msgpack_rpc::value::{
    read_bool, read_f32, read_f64, read_i64, read_integer, read_numbers, read_token, read_u64,
    skip_value, skip_values, write_array_header, write_bin, write_bool, write_ext, write_f32,
    write_f64, write_i64, write_map_header, write_nil, write_str_header, write_u64,
};
use rmix_msgpack_rpc::{Token, ValueError};

use crate::budget::within;

/// Checks all readers of values at the start of `data`.
pub fn check_msgpack_value(data: &[u8]) {
    within(data.len(), || {
        for depth_max in [0, 1, 4, 64] {
            let skipped = skip_value(data, depth_max);
            assert_eq!(skipped.ok(), walk(data, 1, depth_max));
            let three = skip_values(data, 3, depth_max);
            assert_eq!(three.ok(), walk(data, 3, depth_max));
        }
        check_token(data);
        check_scalars(data);
        check_run(data, read_i64);
        check_run(data, read_u64);
        check_run(data, read_f64_bits);
    });
}

/// The bytes of `values` values, found by reading each of them; `None` when one cannot be read or is nested too deep.
fn walk(data: &[u8], values: u64, depth_max: usize) -> Option<usize> {
    let mut position = 0;
    let mut open = vec![values];
    while let Some(left) = open.last_mut() {
        if *left == 0 {
            open.pop();
            continue;
        }
        *left -= 1;
        let (token, used) = read_token(&data[position..]).ok()?;
        position += used;
        let inner = match token {
            Token::Array(count) => u64::from(count),
            Token::Map(count) => 2 * u64::from(count),
            _ => continue,
        };
        open.push(inner);
        if open.len() - 1 > depth_max {
            return None;
        }
    }
    Some(position)
}

fn check_token(data: &[u8]) {
    let (token, used) = match read_token(data) {
        Ok(found) => found,
        Err(ValueError::Truncated {
            offset,
            needed,
            available,
        }) => {
            assert!(offset == 0 && needed > available && available == data.len());
            return;
        }
        Err(failure) => return assert_eq!(failure, ValueError::ReservedMarker { offset: 0 }),
    };
    assert!(used <= data.len());
    let mut again = Vec::with_capacity(used);
    match token {
        Token::Nil => write_nil(&mut again),
        Token::Bool(value) => write_bool(&mut again, value),
        Token::Int(value) => write_i64(&mut again, value),
        Token::UInt(value) => write_u64(&mut again, value),
        Token::F32(value) => write_f32(&mut again, value),
        Token::F64(value) => write_f64(&mut again, value),
        Token::Str(content) => {
            write_str_header(
                &mut again,
                u32::try_from(content.len()).expect("a short str"),
            );
            again.extend_from_slice(content);
        }
        Token::Bin(content) => write_bin(&mut again, content).expect("a short bin"),
        Token::Ext(kind, content) => write_ext(&mut again, kind, content).expect("a short ext"),
        Token::Array(count) => write_array_header(&mut again, count),
        Token::Map(count) => write_map_header(&mut again, count),
    }
    assert!(again.len() <= used, "the smallest form is not longer");
    let (twice, length) = read_token(&again).expect("what was written can be read");
    assert_eq!(length, again.len());
    // NaN differs from itself, its bytes do not.
    assert_eq!(format!("{token:?}"), format!("{twice:?}"));
}

/// Each reader of one type agrees with the reader of any type.
fn check_scalars(data: &[u8]) {
    let token = read_token(data).ok().map(|(token, _)| token);
    let is_integer = matches!(token, Some(Token::Int(_) | Token::UInt(_)));
    let is_float = matches!(token, Some(Token::F32(_) | Token::F64(_)));
    assert_eq!(read_integer(data).is_ok(), is_integer);
    assert_eq!(read_f32(data).is_ok(), is_integer || is_float);
    assert_eq!(read_f64(data).is_ok(), is_integer || is_float);
    assert_eq!(
        read_bool(data).is_ok(),
        matches!(token, Some(Token::Bool(_)))
    );
    let signed = read_i64(data).ok().map(|(value, _)| i128::from(value));
    let unsigned = read_u64(data).ok().map(|(value, _)| i128::from(value));
    let exact = match token {
        Some(Token::Int(value)) => Some(i128::from(value)),
        Some(Token::UInt(value)) => Some(i128::from(value)),
        _ => None,
    };
    assert_eq!(signed, exact.filter(|value| i64::try_from(*value).is_ok()));
    assert_eq!(
        unsigned,
        exact.filter(|value| u64::try_from(*value).is_ok())
    );
}

/// Numbers in a row are the numbers one by one.
fn check_run<T>(data: &[u8], read: impl Fn(&[u8]) -> Result<(T, usize), ValueError>)
where
    T: Run,
{
    let mut row = [T::Number::default(); RUN];
    let together = read_numbers(data, &mut row);
    let mut position = 0;
    for found in row {
        match read(&data[position..]) {
            Ok((value, used)) => {
                // All before a failure have been read too.
                assert_eq!(T::of(found), value, "at byte {position}");
                position += used;
            }
            Err(failure) => {
                assert_eq!(together, Err(failure.shifted(position)));
                return;
            }
        }
    }
    assert_eq!(together, Ok(position));
}

/// A number of a row, as something that equals itself.
trait Run: PartialEq + std::fmt::Debug {
    /// Its type in the row.
    type Number: rmix_msgpack_rpc::value::Number + Default;
    /// The number.
    fn of(number: Self::Number) -> Self;
}

impl Run for i64 {
    type Number = i64;
    fn of(number: i64) -> i64 {
        number
    }
}

impl Run for u64 {
    type Number = u64;
    fn of(number: u64) -> u64 {
        number
    }
}

/// The bits of a float.
#[derive(Debug, PartialEq)]
struct Bits(u64);

impl Run for Bits {
    type Number = f64;
    fn of(number: f64) -> Bits {
        Bits(number.to_bits())
    }
}

fn read_f64_bits(data: &[u8]) -> Result<(Bits, usize), ValueError> {
    read_f64(data).map(|(value, used)| (Bits(value.to_bits()), used))
}

const RUN: usize = 3;
