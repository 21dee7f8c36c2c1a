//! Bytes no well-behaved peer sends: cut off, flipped, claiming what is not there.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use rmix_abi::tables::fault;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::sample::{Point, Rich, Shape, rich, small};
use super::{check_refused, decode, encode, encode_arrays};

#[test]
fn every_truncation_is_refused() {
    for bytes in [encode(&small()), encode_arrays(&small())] {
        for cut in 0..bytes.len() {
            let error = decode::<Rich>(&bytes[..cut]).expect_err("cut off");
            assert_eq!(error.class(), fault::MALFORMED, "{error} at {cut}");
            assert!(error.offset() <= cut as u64, "{error} at {cut}");
            assert!(decode::<IgnoredAny>(&bytes[..cut]).is_err(), "{cut}");
        }
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
    let _ = decode::<(i128, char, Point)>(bytes);
    let _ = decode::<IgnoredAny>(bytes);
}

#[test]
fn every_single_bit_flip_is_survived() {
    for bytes in [encode(&small()), encode_arrays(&small())] {
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            check_total(&damaged);
        }
    }
}

/// Sets the length field of a value of three units to other lengths: 0, and one more than there are
/// bytes for, and the largest.
fn check_lengths<T: DeserializeOwned>(markers: [u8; 3], content: &[u8]) {
    for (marker, width) in markers.into_iter().zip([1, 2, 4]) {
        if marker == 0 {
            continue;
        }
        let with = |length: u32| {
            let field = length.to_be_bytes();
            [&[marker], &field[4 - width..], content].concat()
        };
        assert!(decode::<T>(&with(3)).is_ok(), "{marker:#x}");
        let error = decode::<T>(&with(0)).err().expect("three bytes are left");
        assert!(error.to_string().starts_with("bytes follow"), "{error}");
        for length in [4, u32::MAX >> (32 - 8 * width)] {
            let error = decode::<T>(&with(length))
                .err()
                .expect("they are not there");
            assert_eq!(error.class(), fault::MALFORMED, "{error}");
            assert_eq!(error.offset(), 0, "{error}");
        }
    }
}

#[test]
fn lengths_are_believed_only_as_far_as_there_are_bytes() {
    check_lengths::<String>([0xd9, 0xda, 0xdb], b"abc");
    check_lengths::<Vec<u8>>([0xc4, 0xc5, 0xc6], b"abc");
    check_lengths::<Vec<u8>>([0, 0xdc, 0xdd], b"abc");
    check_lengths::<Vec<f64>>([0, 0xdc, 0xdd], b"abc");
    check_lengths::<Vec<IgnoredAny>>([0, 0xdc, 0xdd], b"abc");
    check_lengths::<BTreeMap<u8, u8>>([0, 0xde, 0xdf], b"\x01\x01\x02\x02\x03\x03");
    check_lengths::<IgnoredAny>([0xc7, 0xc8, 0xc9], b"\x01abc");
    check_refused::<Vec<Vec<u8>>>(
        b"\xdd\xff\xff\xff\xff\xdd\xff\xff\xff\xff",
        fault::MALFORMED,
        "a container declares more values than there are bytes, 4294967295 declared, limit 5 (at byte 0)",
    );
    check_refused::<BTreeMap<u8, u8>>(
        b"\xdf\xff\xff\xff\xff\x01\x01\x01",
        fault::MALFORMED,
        "a container declares more values than there are bytes, 4294967295 declared, limit 1 (at byte 0)",
    );
    check_refused::<String>(
        b"\xdb\xff\xff\xff\xffab",
        fault::MALFORMED,
        "the value ends early, 4294967300 declared, limit 7 (at byte 0)",
    );
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
