//! Tests of the public functions together; `rmpv` and `rmp-serde` serve as oracles. The helpers
//! here turn value trees into bytes and back through this crate's own primitives.

mod differential;
mod golden;
mod hostile;
mod limits;
mod stream;

use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::*;
use rmpv::Value;

use crate::value::*;
use crate::{MessageScanner, ScanError, ScanLimits, Token};

/// Scans all of `stream`, given to the scanner in pieces that end at `cuts`.
fn scan(
    limits: ScanLimits,
    stream: &[u8],
    cuts: impl IntoIterator<Item = usize>,
) -> (Vec<Bytes>, Option<ScanError>) {
    let mut scanner = MessageScanner::new(limits);
    let mut input = BytesMut::new();
    let mut messages = Vec::new();
    let mut given = 0;
    for cut in cuts.into_iter().chain([stream.len()]) {
        input.extend_from_slice(&stream[given..cut]);
        given = cut;
        loop {
            match scanner.next(&mut input) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(scanner.next(&mut input), Err(error), "error must stay");
                    return (messages, Some(error));
                }
            }
        }
        assert!(scanner.needed() >= 1);
    }
    (messages, None)
}

/// Scans one piece.
fn scan_whole(limits: ScanLimits, stream: &[u8]) -> (Vec<Bytes>, Option<ScanError>) {
    scan(limits, stream, [])
}

/// Encodes with the oracle.
fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).expect("a vector takes any bytes");
    bytes
}

/// Encodes with this crate.
fn write_value(sink: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Nil => write_nil(sink),
        Value::Boolean(value) => write_bool(sink, *value),
        Value::Integer(value) => match value.as_i64() {
            Some(value) => write_i64(sink, value),
            None => write_u64(sink, value.as_u64().expect("beyond i64 is u64")),
        },
        Value::F32(value) => write_f32(sink, *value),
        Value::F64(value) => write_f64(sink, *value),
        Value::String(value) => match value.as_str() {
            Some(value) => write_str(sink, value).expect("short"),
            None => {
                write_str_header(sink, value.as_bytes().len() as u32);
                sink.extend_from_slice(value.as_bytes());
            }
        },
        Value::Binary(value) => write_bin(sink, value).expect("short"),
        Value::Array(values) => {
            write_array_header(sink, values.len() as u32);
            values.iter().for_each(|value| write_value(sink, value));
        }
        Value::Map(pairs) => {
            write_map_header(sink, pairs.len() as u32);
            for (key, value) in pairs {
                write_value(sink, key);
                write_value(sink, value);
            }
        }
        Value::Ext(kind, data) => write_ext(sink, *kind, data).expect("short"),
    }
}

/// Decodes with this crate; advances `input` past the value.
fn read_value(input: &mut &[u8]) -> Value {
    let (token, used) = read_token(input).expect("input is valid");
    *input = &input[used..];
    match token {
        Token::Nil => Value::Nil,
        Token::Bool(value) => value.into(),
        Token::Int(value) => value.into(),
        Token::UInt(value) => {
            assert!(value > i64::MAX as u64, "smaller ones are Int");
            value.into()
        }
        Token::F32(value) => value.into(),
        Token::F64(value) => value.into(),
        Token::Str(text) => {
            let mut bytes = Vec::new();
            write_str_header(&mut bytes, text.len() as u32);
            bytes.extend_from_slice(text);
            rmpv::decode::read_value(&mut bytes.as_slice()).expect("a str")
        }
        Token::Bin(data) => data.into(),
        Token::Array(count) => (0..count).map(|_| read_value(input)).collect(),
        Token::Map(count) => Value::Map(
            (0..count)
                .map(|_| (read_value(input), read_value(input)))
                .collect(),
        ),
        Token::Ext(kind, data) => Value::Ext(kind, data.to_vec()),
    }
}

/// Any value: all types, integers around every width's end, strings across header widths.
fn any_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::from),
        any_i64().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f32>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
        vec(any::<u8>(), 0..300).prop_map(Value::from),
        (any::<i8>(), vec(any::<u8>(), 0..20)).prop_map(|(kind, data)| Value::Ext(kind, data)),
    ];
    scalar.prop_recursive(5, 60, 20, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..20).prop_map(Value::Array),
            vec((inner.clone(), inner), 0..20).prop_map(Value::Map),
        ]
    })
}

/// Integers spread evenly over the encodings.
fn any_i64() -> impl Strategy<Value = i64> {
    (any::<i64>(), 0u32..64).prop_map(|(value, shift)| value >> shift)
}

/// One of each kind of message, in the encodings this crate writes.
fn sample_messages() -> Vec<Vec<u8>> {
    let mut request = Vec::new();
    crate::message::write_request_header(&mut request, 70_000, "station.latest", 3).expect("short");
    write_str(&mut request, "Oslo, a name longer than thirty-one bytes").expect("short");
    write_number_array(&mut request, &[1.5f64, -0.0, f64::NAN]).expect("short");
    write_map_header(&mut request, 1);
    write_bin(&mut request, &[7; 300]).expect("short");
    write_ext(&mut request, -1, &[1; 12]).expect("short");

    let mut notification = Vec::new();
    crate::message::write_notification_header(&mut notification, "report", 1).expect("short");
    write_number_array(&mut notification, &[0i32, -1, 200, -40_000, i32::MAX]).expect("short");

    let mut result = Vec::new();
    crate::message::write_result_header(&mut result, u32::MAX);
    write_array_header(&mut result, 2);
    write_u64(&mut result, u64::MAX);
    write_bool(&mut result, true);

    let mut error = Vec::new();
    crate::message::write_error_header(&mut error, 1);
    write_str(&mut error, "no such station").expect("short");
    crate::message::write_error_end(&mut error);

    vec![request, notification, result, error]
}
