//! Every limit at the limit and one beyond it.

use bytes::Bytes;
use rmix_abi::host::CodecError;
use rmix_abi::host::codec::decode_value;
use rmix_abi::tables::fault;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::sample::{Rich, Shape, small};
use super::{DEPTH, ITEMS, MsgpackCodec, encode, try_encode, try_encode_as};
use crate::codec::StructsAsMaps;

fn decode_within<T: DeserializeOwned>(
    bytes: &[u8],
    depth: u32,
    items: u64,
) -> Result<T, CodecError> {
    decode_value(MsgpackCodec::decoder(
        Bytes::copy_from_slice(bytes),
        depth,
        items,
    ))
}

#[test]
fn message_bytes_are_limited_exactly() {
    let value = small();
    let named = encode(&value).len() as u64;
    assert!(try_encode_as::<StructsAsMaps, _>(&value, named, DEPTH).is_ok());
    // Wherever the limit falls: in a header, a text, a run of numbers or octets.
    for limit in 0..named {
        let error = try_encode_as::<StructsAsMaps, _>(&value, limit, DEPTH).unwrap_err();
        assert_eq!(error.class(), fault::LIMIT, "{error}");
        assert!(error.offset() <= limit);
    }
    let numbers = vec![0.5_f64; 1000];
    let bytes = 3 + 9 * 1000;
    assert!(try_encode_as::<StructsAsMaps, _>(&numbers, bytes, DEPTH).is_ok());
    let error = try_encode_as::<StructsAsMaps, _>(&numbers, bytes - 1, DEPTH).unwrap_err();
    assert_eq!(error.class(), fault::LIMIT, "{error}");
}

#[test]
fn integers_beyond_64_bits_are_refused_with_what_to_do() {
    for value in [i128::from(u64::MAX) + 1, i128::from(i64::MIN) - 1] {
        let error = try_encode(&value).unwrap_err();
        assert_eq!(error.class(), fault::UNSUPPORTED);
        assert!(error.to_string().contains("as text or octets"), "{error}");
    }
    let error = try_encode(&(u128::from(u64::MAX) + 1)).unwrap_err();
    assert_eq!(error.class(), fault::UNSUPPORTED);
}

#[derive(Debug, PartialEq, serde::Serialize, Deserialize)]
struct Nested(Vec<Nested>);

fn nested(arrays: usize) -> Vec<u8> {
    [vec![0x91; arrays - 1], vec![0x90]].concat()
}

#[test]
fn depth_is_limited_exactly_both_ways() {
    // A newtype and its sequence count for one level each.
    let value: Nested = decode_within(&nested(8), 16, ITEMS).expect("at the limit");
    assert!(decode_within::<Nested>(&nested(8), 15, ITEMS).is_err());
    assert!(try_encode_as::<StructsAsMaps, _>(&value, 100, 16).is_ok());
    let error = try_encode_as::<StructsAsMaps, _>(&value, 100, 15).unwrap_err();
    assert_eq!(error.class(), fault::LIMIT, "{error}");
}

#[derive(Debug, Deserialize)]
struct Known {
    #[serde(default)]
    a: u8,
}

#[test]
fn skipped_values_are_no_deeper_than_the_rest_and_need_no_stack() {
    let with_unknown =
        |arrays| [b"\x82\xa1z".to_vec(), nested(arrays), b"\xa1a\x07".to_vec()].concat();
    let known: Known = decode_within(&with_unknown(9), 10, ITEMS).expect("at the limit");
    assert_eq!(known.a, 7);
    let error = decode_within::<Known>(&with_unknown(10), 10, ITEMS).unwrap_err();
    assert_eq!(error.class(), fault::LIMIT);
    assert_eq!(
        error.to_string(),
        "depth, 10 declared, limit 9 (at byte 12)"
    );
    let bomb = nested(1_000_000);
    for depth in [0, 1, 64, u32::MAX - 1] {
        let skipped = decode_within::<IgnoredAny>(&bomb, depth, ITEMS);
        assert_eq!(skipped.is_ok(), depth >= 1_000_000, "{depth}");
    }
    assert!(decode_within::<Nested>(&bomb, 64, ITEMS).is_err());
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
