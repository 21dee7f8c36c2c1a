//! Bytes written by hand, both ways: one line per row of the table in `codec`.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::sample::{Meters, Point, Shape};
use super::{decode, encode, encode_arrays};

/// Asserts that `value` becomes `bytes` and comes back from them.
fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: T, bytes: &[u8]) {
    assert_eq!(encode(&value), bytes, "{value:?}");
    assert_eq!(decode::<T>(bytes).expect("as written"), value);
}

#[test]
fn scalars_take_their_smallest_encoding() {
    check(true, b"\xc3");
    check(127_i64, b"\x7f");
    check(-32_i8, b"\xe0");
    check(-33_i32, b"\xd0\xdf");
    check(200_u8, b"\xcc\xc8");
    check(65_536_u64, b"\xce\x00\x01\x00\x00");
    check(1.5_f32, b"\xca\x3f\xc0\x00\x00");
    check(1.5_f64, b"\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00");
    check('é', b"\xa2\xc3\xa9");
    check("héllo".to_owned(), b"\xa6h\xc3\xa9llo");
    check((), b"\xc0");
}

#[test]
fn integers_of_128_bits_pass_when_64_hold_them() {
    check(
        i128::from(u64::MAX),
        b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
    );
    check(
        i128::from(i64::MIN),
        b"\xd3\x80\x00\x00\x00\x00\x00\x00\x00",
    );
    check(5_u128, b"\x05");
}

#[test]
fn options_are_nil_or_the_value_itself() {
    check(None::<u8>, b"\xc0");
    check(Some(3_u8), b"\x03");
    check(vec![Some("a".to_owned()), None], b"\x92\xa1a\xc0");
}

#[test]
fn octets_are_bin_and_other_sequences_arrays() {
    check(vec![1_u8, 200], b"\xc4\x02\x01\xc8");
    check(Vec::<u16>::new(), b"\x90");
    check(vec![1_u16, 300], b"\x92\x01\xcd\x01\x2c");
    check(
        vec![vec![1_u8], vec![2, 3]],
        b"\x92\xc4\x01\x01\xc4\x02\x02\x03",
    );
    check([7_u8, 8], b"\x92\x07\x08");
    check((1_u8, "x".to_owned()), b"\x92\x01\xa1x");
    check(Point(-1, 1), b"\x92\xff\x01");
    check(Meters(1.5), b"\xca\x3f\xc0\x00\x00");
}

#[test]
fn maps_keep_their_keys_whatever_they_are() {
    check(
        BTreeMap::from([(1_u8, true), (2, false)]),
        b"\x82\x01\xc3\x02\xc2",
    );
    check(BTreeMap::<String, u8>::new(), b"\x80");
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Reading {
    place: String,
    at: i64,
}

#[test]
fn structs_are_maps_by_field_name_or_arrays() {
    let reading = Reading {
        place: "Oslo".into(),
        at: -1,
    };
    let named = b"\x82\xa5place\xa4Oslo\xa2at\xff";
    let arrays = b"\x92\xa4Oslo\xff";
    assert_eq!(encode(&reading), named);
    assert_eq!(encode_arrays(&reading), arrays);
    assert_eq!(decode::<Reading>(named).expect("a map"), reading);
    assert_eq!(decode::<Reading>(arrays).expect("an array"), reading);
}

#[test]
fn variants_are_their_name_or_a_map_of_one_pair() {
    check(Shape::Empty, b"\xa5Empty");
    check(Shape::Size(5), b"\x81\xa4Size\x05");
    check(Shape::Pair(1, "a".into()), b"\x81\xa4Pair\x92\x01\xa1a");
    let named = Shape::Named { x: 1.5, tag: None };
    check(
        named,
        b"\x81\xa5Named\x82\xa1x\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\xa3tag\xc0",
    );
    let inner = Shape::Inner(Box::new(Shape::Empty));
    check(inner, b"\x81\xa5Inner\xa5Empty");
    assert_eq!(
        encode_arrays(&Shape::Named { x: 1.5, tag: None }),
        b"\x81\xa5Named\x92\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\xc0"
    );
}
