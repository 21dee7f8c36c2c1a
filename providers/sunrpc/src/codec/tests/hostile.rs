//! Bytes no well-behaved peer sends: cut off, flipped, claiming what is not there.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use rmix_abi::tables::fault;
use serde::de::DeserializeOwned;

use super::sample::{Point, Rich, Shape, rich, small};
use super::{check_refused, decode, encode};

#[test]
fn every_truncation_is_refused() {
    let bytes = encode(&small());
    for cut in 0..bytes.len() {
        let error = decode::<Rich>(&bytes[..cut]).expect_err("cut off");
        assert_eq!(error.class(), fault::MALFORMED, "{error} at {cut}");
        assert!(error.offset() <= cut as u64, "{error} at {cut}");
    }
}

/// Whatever the bytes are: no panic (which [`decode`] checks), and what comes out is a value.
fn check_total(bytes: &[u8]) {
    if let Ok(value) = decode::<Rich>(bytes) {
        let again = encode(&value);
        let value = decode::<Rich>(&again).expect("what was decoded can be encoded");
        assert_eq!(encode(&value), again);
    }
    let _ = decode::<Vec<Shape>>(bytes);
    let _ = decode::<Vec<u8>>(bytes);
    let _ = decode::<BTreeMap<String, Vec<Option<f32>>>>(bytes);
    let _ = decode::<(i8, char, Point)>(bytes);
}

#[test]
fn every_single_bit_flip_is_survived() {
    let bytes = encode(&small());
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        check_total(&damaged);
    }
}

/// Sets the length word before `content` to `right`, which is good, and to other lengths.
fn check_lengths<T: DeserializeOwned>(right: u32, content: &[u8]) {
    let with = |length: u32| [length.to_be_bytes().as_slice(), content].concat();
    assert!(decode::<T>(&with(right)).is_ok());
    for length in [0, right + 1, u32::MAX] {
        let error = decode::<T>(&with(length))
            .err()
            .expect("not so many are there");
        assert_eq!(error.class(), fault::MALFORMED, "{error}");
        assert!(error.offset() <= 4 + content.len() as u64, "{error}");
    }
}

#[test]
fn lengths_are_believed_only_as_far_as_there_are_bytes() {
    check_lengths::<String>(4, b"abcd");
    check_lengths::<serde_bytes::ByteBuf>(4, b"abcd");
    check_lengths::<Vec<u8>>(4, b"abcd");
    check_lengths::<Vec<u32>>(1, b"abcd");
    check_lengths::<Vec<f64>>(1, b"abcdefgh");
    check_lengths::<Vec<(u32, u32)>>(1, b"abcdefgh");
    check_lengths::<BTreeMap<u32, u32>>(1, b"abcdefgh");
    check_refused::<Vec<f64>>(
        b"\xff\xff\xff\xffabcdefgh",
        fault::MALFORMED,
        "an array declares more elements than there are bytes for, 4294967295 declared, limit 8 (at byte 4)",
    );
    check_refused::<BTreeMap<u8, u8>>(
        b"\0\0\0\x03abcdefgh",
        fault::MALFORMED,
        "an array or map declares more elements than there are bytes for, 3 declared, limit 2 (at byte 0)",
    );
    check_refused::<String>(
        b"\0\0\0\x05abcd",
        fault::MALFORMED,
        "a length reaches beyond the message, 5 declared, limit 4 (at byte 0)",
    );
}

#[test]
fn bytes_that_break_a_rule_are_refused_by_rule_and_place() {
    let padding = "padding is not zero (at byte 7)";
    check_refused::<String>(b"\0\0\0\x03abc\x01", fault::MALFORMED, padding);
    check_refused::<Vec<u8>>(b"\0\0\0\x03abc\x01", fault::MALFORMED, padding);
    let marks = "a bool or the mark of an option is neither 0 nor 1, 2 declared (at byte 0)";
    check_refused::<bool>(b"\0\0\0\x02", fault::MALFORMED, marks);
    check_refused::<Option<u8>>(b"\0\0\0\x02", fault::MALFORMED, marks);
    check_refused::<Vec<u16>>(
        b"\0\0\0\x02\0\0\0\x01\0\x01\0\0",
        fault::MALFORMED,
        "the integer does not fit u16, 65536 declared (at byte 8)",
    );
    for index in [b"\0\0\0\x09", b"\xff\xff\xff\xff"] {
        let beyond = decode::<Shape>(index).expect_err("there are five");
        assert!(beyond.to_string().contains("variant index"), "{beyond}");
    }
    check_refused::<u8>(
        b"\0\0\0\x01\0\0\0\0",
        fault::MALFORMED,
        "bytes follow the last value, 4 declared, limit 0 (at byte 4)",
    );
    assert!(decode::<u8>(b"\0\0\x01\0").is_err());
    assert!(decode::<i8>(b"\0\0\0\x80").is_err());
    assert!(decode::<char>(b"\0\0\xd8\0").is_err());
    assert!(decode::<String>(b"\0\0\0\x01\xff\0\0\0").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_bytes_are_survived(bytes in vec(any::<u8>(), 0..200)) {
        check_total(&bytes);
    }

    #[test]
    fn values_with_bytes_replaced_are_survived(
        value in rich(),
        places in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = encode(&value);
        for (place, byte) in places {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        check_total(&bytes);
    }
}
