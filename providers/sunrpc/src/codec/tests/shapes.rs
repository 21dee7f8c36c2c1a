//! What RFC 4506 has besides serde's shapes, in bytes: unions and enums with declared discriminants, linked lists, octets
//! and arrays of fixed length, bounds.

use bytes::Bytes;
use rmix::{Array, Bounded, List, Opaque, Union};
use rmix_abi::host::CodecError;
use rmix_abi::host::codec::{decode_value, encode_value};
use rmix_abi::tables::Buf;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{BYTES_MAX, DEPTH, ITEMS, XdrCodec};
use crate::codec::Nul;

#[derive(Debug, Clone, PartialEq, Union)]
#[repr(i32)]
enum Lookup {
    Found(u64) = 0,
    NoEntry = 2,
    Stale = -70,
    Many(Box<List<Lookup>>) = 0x0100_0000,
    #[rmix(default)]
    Failed(i32, Bounded<String, 4>),
}

#[derive(Debug, Clone, PartialEq, Union)]
enum Status {
    Fine = 1,
    Odd = -1,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Entry {
    cookie: Opaque<5>,
    next: Option<Box<Entry>>,
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, CodecError> {
    let mut enc = XdrCodec::encoder(Buf::new(), BYTES_MAX);
    enc.depth_left = DEPTH;
    encode_value(&mut enc, value)?;
    assert_eq!(enc.depth_left, DEPTH, "depth is given back");
    Ok(enc.buf.into_vec())
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    decode_within(bytes, ITEMS)
}

fn decode_within<T: DeserializeOwned>(bytes: &[u8], items: u64) -> Result<T, CodecError> {
    let bytes = Bytes::copy_from_slice(bytes);
    decode_value(XdrCodec::decoder(bytes, DEPTH, items))
}

#[track_caller]
fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: T, bytes: &[u8]) {
    assert_eq!(encode(&value).unwrap(), bytes);
    assert_eq!(decode::<T>(bytes).unwrap(), value);
}

#[track_caller]
fn refused<T: DeserializeOwned + std::fmt::Debug>(bytes: &[u8], why: &str) {
    let error = decode::<T>(bytes).expect_err("it is refused").to_string();
    assert!(error.contains(why), "{error}");
}

#[test]
fn discriminants_stand_on_the_wire() {
    check(Lookup::Found(9), b"\0\0\0\0\0\0\0\0\0\0\0\x09");
    check(Lookup::NoEntry, b"\0\0\0\x02");
    check(Lookup::Stale, b"\xff\xff\xff\xba");
    check(Status::Fine, b"\0\0\0\x01");
    check(Status::Odd, b"\xff\xff\xff\xff");
}

#[test]
fn default_arm_stands_for_every_other_discriminant() {
    let text = Bounded::from("gone".to_owned());
    check(Lookup::Failed(-2, text), b"\xff\xff\xff\xfe\0\0\0\x04gone");
    refused::<Status>(b"\0\0\0\0", "no arm has the discriminant 0");
}

#[test]
fn lists_are_chains_of_optional_elements() {
    let list = |items: &[u16]| items.iter().copied().collect::<List<u16>>();
    check(list(&[]), b"\0\0\0\0");
    check(
        list(&[7, 8]),
        b"\0\0\0\x01\0\0\0\x07\0\0\0\x01\0\0\0\x08\0\0\0\0",
    );
    let nested = List(vec![Lookup::NoEntry]);
    check(
        Lookup::Many(Box::new(nested)),
        b"\x01\0\0\0\0\0\0\x01\0\0\0\x02\0\0\0\0",
    );
    refused::<List<u16>>(b"\0\0\0\x02", "neither 0 nor 1");
    refused::<List<u16>>(b"\0\0\0\x01\0\0\0\x07", "ends early");
}

#[test]
fn lists_are_bounded_by_items_not_by_depth() {
    let long: List<u32> = (0..10_000).collect();
    let bytes = encode(&long).unwrap();
    // The list itself counts too.
    assert_eq!(decode_within::<List<u32>>(&bytes, 10_001).unwrap(), long);
    let beyond = decode_within::<List<u32>>(&bytes, 10_000).unwrap_err();
    assert!(beyond.to_string().contains("items"), "{beyond}");
}

#[test]
fn octets_of_fixed_length_have_padding_and_no_length() {
    check(Opaque([1, 2, 3, 4, 5]), b"\x01\x02\x03\x04\x05\0\0\0");
    check(Opaque([9; 4]), b"\x09\x09\x09\x09");
    check(
        Entry {
            cookie: Opaque([1; 5]),
            next: Some(Box::new(Entry {
                cookie: Opaque([2; 5]),
                next: None,
            })),
        },
        b"\x01\x01\x01\x01\x01\0\0\0\0\0\0\x01\x02\x02\x02\x02\x02\0\0\0\0\0\0\0",
    );
    refused::<Opaque<5>>(b"\x01\x02\x03\x04\x05\0\0\x01", "padding that is not zero");
    refused::<Opaque<5>>(b"\x01\x02\x03\x04\x05\0\0", "ends early");
}

#[test]
fn long_arrays_have_no_length() {
    let bytes: Vec<u8> = (0..40u32).flat_map(u32::to_be_bytes).collect();
    let array = Array::<u32, 40>(std::array::from_fn(|at| u32::try_from(at).unwrap()));
    check(array, &bytes);
}

#[test]
fn bounds_hold_at_the_limit_and_refuse_beyond() {
    check(
        Bounded::<Vec<u8>, 3>::from(vec![1, 2, 3]),
        b"\0\0\0\x03\x01\x02\x03\0",
    );
    let beyond = encode(&Bounded::<Vec<u8>, 3>::from(vec![0; 4])).unwrap_err();
    assert!(
        beyond.to_string().contains("beyond the bound of 3"),
        "{beyond}"
    );
    refused::<Bounded<Vec<u8>, 3>>(b"\0\0\0\x04\x01\x02\x03\x04", "beyond the bound of 3");
    // The declared length is compared with the bytes that are there, whatever the bound.
    refused::<Bounded<Vec<u32>, 9>>(b"\x7f\xff\xff\xff", "more elements than there are bytes");
}

#[test]
fn nul_in_text_is_refused_escaped_or_kept() {
    let with = |nul: Nul, text: &str| {
        let mut enc = XdrCodec::encoder(Buf::new(), BYTES_MAX);
        enc.depth_left = DEPTH;
        nul.set(&mut enc);
        encode_value(&mut enc, text).map(|()| enc.buf.into_vec())
    };
    let refused = with(Nul::Refuse, "a\0b").unwrap_err();
    assert!(refused.to_string().contains("NUL"), "{refused}");
    assert_eq!(with(Nul::Escape, "a\0b").unwrap(), b"\0\0\0\x04a\\0b");
    assert_eq!(with(Nul::Escape, "\0\0").unwrap(), b"\0\0\0\x04\\0\\0");
    assert_eq!(with(Nul::Keep, "a\0b").unwrap(), b"\0\0\0\x03a\0b\0");
    assert_eq!(with(Nul::Refuse, "ab").unwrap(), b"\0\0\0\x02ab\0\0");
    // Octets are no text.
    check(vec![0u8, 1], b"\0\0\0\x02\0\x01\0\0");
}
