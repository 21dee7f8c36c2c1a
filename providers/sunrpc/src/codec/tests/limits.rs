//! Every limit at the limit and one beyond it, and what XDR cannot carry.

use rmix_abi::host::magic;
use rmix_abi::tables::fault;
use serde::de::{Deserializer, IgnoredAny, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::sample::{Rich, Shape, small};
use super::{BYTES_MAX, DEPTH, ITEMS, check_refused, decode_within, encode, try_encode};

#[test]
fn message_bytes_are_limited_exactly() {
    let value = small();
    let whole = encode(&value).len() as u64;
    assert!(try_encode(&value, whole, DEPTH).is_ok());
    // Wherever the limit falls: in a length, a text, a run of numbers, padding.
    for limit in 0..whole {
        let error = try_encode(&value, limit, DEPTH).unwrap_err();
        assert_eq!(error.class(), fault::LIMIT, "{error}");
        assert!(error.offset() <= limit);
    }
    let numbers = vec![0.5_f64; 1000];
    assert!(try_encode(&numbers, 8004, DEPTH).is_ok());
    let error = try_encode(&numbers, 8003, DEPTH).unwrap_err();
    assert_eq!(error.class(), fault::LIMIT, "{error}");
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Nested(Vec<Nested>);

#[test]
fn depth_is_limited_exactly_both_ways() {
    let nested = |arrays: usize| [[0, 0, 0, 1].repeat(arrays - 1), vec![0; 4]].concat();
    // A newtype and its sequence count for one level each.
    let value: Nested = decode_within(&nested(8), 16, ITEMS).expect("at the limit");
    let error = decode_within::<Nested>(&nested(8), 15, ITEMS).unwrap_err();
    assert_eq!(error.class(), fault::LIMIT, "{error}");
    assert!(try_encode(&value, 100, 16).is_ok());
    let error = try_encode(&value, 100, 15).unwrap_err();
    assert_eq!(error.class(), fault::LIMIT, "{error}");
    assert!(decode_within::<Nested>(&nested(1_000_000), DEPTH, ITEMS).is_err());
}

#[test]
fn items_are_limited_exactly() {
    let bytes = encode(&small());
    let enough = (0..)
        .find(|items| decode_within::<Rich>(&bytes, DEPTH, *items).is_ok())
        .expect("some number is enough");
    assert!(enough > 0);
    let error = decode_within::<Rich>(&bytes, DEPTH, enough - 1).unwrap_err();
    assert_eq!(error.class(), fault::LIMIT, "{error}");
    // Numbers and octets in bulk are one item together with their sequence.
    let many = encode(&vec![1_u32; 100]);
    assert!(decode_within::<Vec<u32>>(&many, DEPTH, 1).is_ok());
    assert!(decode_within::<Vec<u32>>(&many, DEPTH, 0).is_err());
    let shapes = encode(&vec![Shape::Empty; 100]);
    assert!(decode_within::<Vec<Shape>>(&shapes, DEPTH, 100).is_err());
}

#[test]
fn elements_without_bytes_are_bounded_by_the_items() {
    let claimed = |count: u32| count.to_be_bytes();
    assert_eq!(
        decode_within::<Vec<()>>(&claimed(99), DEPTH, 100)
            .unwrap()
            .len(),
        99
    );
    for count in [100, u32::MAX] {
        let error = decode_within::<Vec<()>>(&claimed(count), DEPTH, 100).unwrap_err();
        assert_eq!(error.class(), fault::LIMIT, "{error}");
    }
}

/// Octets of a newtype of the protocol's own, as the façade hands them over.
struct Own(&'static str);

impl Serialize for Own {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(self.0, serde_bytes::Bytes::new(b"12345678ab"))
    }
}

/// A value that wants to be told what stands there.
#[derive(Debug)]
struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Anything;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("anything")
    }
}

impl<'de> Deserialize<'de> for Anything {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Anything, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

#[test]
fn what_xdr_cannot_carry_is_refused_with_what_to_do() {
    let refused = |value: Result<Vec<u8>, _>, advice: &str| {
        let error: rmix_abi::host::CodecError = value.unwrap_err();
        assert_eq!(error.class(), fault::UNSUPPORTED, "{error}");
        assert!(error.to_string().contains(advice), "{error}");
    };
    refused(
        try_encode(&1_i128, BYTES_MAX, DEPTH),
        "declare two u64, text or 16 octets",
    );
    refused(
        try_encode(&1_u128, BYTES_MAX, DEPTH),
        "declare two u64, text or 16 octets",
    );
    refused(
        try_encode(&Own(magic::EXT), BYTES_MAX, DEPTH),
        "declare a struct",
    );
    refused(
        try_encode(&Own(magic::RAW_STR), BYTES_MAX, DEPTH),
        "as octets (Vec<u8>)",
    );
    let sentence =
        "XDR has no 128-bit integers: declare two u64, text or 16 octets instead (at byte 0)";
    check_refused::<i128>(&[0; 16], fault::UNSUPPORTED, sentence);
    check_refused::<u128>(&[0; 16], fault::UNSUPPORTED, sentence);
    check_refused::<Anything>(
        &[0; 4],
        fault::UNSUPPORTED,
        "this protocol's values do not describe themselves: a declared type is needed (at byte 0)",
    );
    let ignored = decode_within::<IgnoredAny>(&[0; 4], DEPTH, ITEMS).unwrap_err();
    assert_eq!(ignored.class(), fault::UNSUPPORTED, "{ignored}");
}
