//! What peers send that differs from what this codec writes, and values that describe themselves.

use std::collections::BTreeMap;

use rmix_abi::host::magic;
use rmix_abi::tables::fault;
use serde::de::{Deserializer, IgnoredAny, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_bytes::ByteBuf;

use super::sample::{Point, Shape};
use super::{check_refused, decode, encode, try_encode};

#[test]
fn integers_are_read_from_any_width_and_floats_from_integers() {
    assert_eq!(decode::<u8>(b"\xd3\0\0\0\0\0\0\0\x05").unwrap(), 5);
    assert_eq!(decode::<i64>(b"\xcf\0\0\0\0\0\0\0\x05").unwrap(), 5);
    assert_eq!(
        decode::<Vec<i16>>(b"\x92\xcf\0\0\0\0\0\0\0\x05\xff").unwrap(),
        [5, -1]
    );
    assert_eq!(decode::<f64>(b"\x05").unwrap(), 5.0);
    assert_eq!(decode::<f32>(b"\xcb\x3f\xf8\0\0\0\0\0\0").unwrap(), 1.5);
    assert_eq!(
        decode::<Vec<f64>>(b"\x93\x01\xca\x3f\xc0\0\0\xd0\xff").unwrap(),
        [1.0, 1.5, -1.0]
    );
    assert_eq!(
        decode::<i128>(b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff").unwrap(),
        u64::MAX.into()
    );
}

#[test]
fn text_and_octets_stand_for_each_other() {
    assert_eq!(decode::<String>(b"\xc4\x02hi").unwrap(), "hi");
    assert_eq!(decode::<char>(b"\xc4\x01h").unwrap(), 'h');
    assert_eq!(decode::<ByteBuf>(b"\xa2\xff\xfe").unwrap(), [0xff, 0xfe]);
    assert_eq!(decode::<Vec<u8>>(b"\xa2\xff\xfe").unwrap(), [0xff, 0xfe]);
    assert_eq!(decode::<Point>(b"\x92\x01\x02").unwrap(), Point(1, 2));
    let by_octets: BTreeMap<String, u8> = decode(b"\x81\xc4\x01k\x07").unwrap();
    assert_eq!(by_octets["k"], 7);
}

/// Octets that a type wraps one by one, so that serde does not see the primitive.
#[derive(Debug, PartialEq, Deserialize)]
struct Octet(u8);

#[test]
fn bin_is_read_as_a_sequence_or_tuple_of_octets_and_of_nothing_else() {
    let three = b"\xc4\x03\x01\x02\xc1";
    assert_eq!(decode::<[u8; 3]>(three).unwrap(), [1, 2, 0xc1]);
    assert_eq!(
        decode::<Vec<Octet>>(three).unwrap(),
        [Octet(1), Octet(2), Octet(0xc1)]
    );
    assert_eq!(
        decode::<(Vec<u8>, u8)>(b"\x92\xc4\x02\xc3\xc3\x05").unwrap(),
        (vec![0xc3; 2], 5)
    );
    let long = encode(&vec![9_u8; 70_000]);
    assert_eq!(decode::<Vec<u8>>(&long).unwrap(), [9; 70_000]);
    let sentence = "octets stand where a sequence of other values is expected (at byte 2)";
    check_refused::<Vec<u16>>(three, fault::MISMATCH, sentence);
    check_refused::<Vec<bool>>(b"\xc4\x01\xc3", fault::MISMATCH, sentence);
    check_refused::<Vec<String>>(b"\xc4\x02\xa1a", fault::MISMATCH, sentence);
    check_refused::<Vec<Shape>>(b"\xc4\x02\xa1a", fault::MISMATCH, sentence);
    check_refused::<(u8, bool)>(
        b"\xc4\x02\x01\xc3",
        fault::MISMATCH,
        "octets stand where a sequence of other values is expected (at byte 3)",
    );
}

#[test]
fn variants_are_read_by_index_too() {
    assert_eq!(decode::<Shape>(b"\x00").unwrap(), Shape::Empty);
    assert_eq!(decode::<Shape>(b"\x81\x01\x05").unwrap(), Shape::Size(5));
    assert_eq!(
        decode::<Shape>(b"\x81\xc4\x04Size\x05").unwrap(),
        Shape::Size(5)
    );
    // A unit variant with a placeholder, by name and by index, then something after it.
    for first in [
        b"\x81\xa5Empty\xc0".as_slice(),
        b"\x81\x00\x92\x01\x90",
        b"\x00",
    ] {
        let bytes = [b"\x92", first, b"\x81\x04\x00"].concat();
        let found: Vec<Shape> = decode(&bytes).unwrap();
        assert_eq!(found, [Shape::Empty, Shape::Inner(Box::new(Shape::Empty))]);
    }
    check_refused::<(Shape, u8)>(
        b"\x92\x01\x05",
        fault::MISMATCH,
        "a variant stands there by its index alone, without its content (at byte 2)",
    );
    let beyond = decode::<Shape>(b"\x09").expect_err("there are five");
    assert!(beyond.to_string().contains("variant index"), "{beyond}");
    check_refused::<Shape>(
        b"\xce\xff\xff\xff\xff",
        fault::MISMATCH,
        "the integer does not fit u32, 4294967295 declared, limit 4294967295 (at byte 0)",
    );
    check_refused::<Shape>(
        b"\x82\xa4Size\x05\xa4Size\x05",
        fault::MISMATCH,
        "the map has other than the one pair of a variant, 2 declared, limit 1 (at byte 0)",
    );
    check_refused::<Shape>(
        b"\x81\xc3\x05",
        fault::MISMATCH,
        "the map's key is neither a variant's name nor its index (at byte 1)",
    );
}

#[derive(Debug, PartialEq, Deserialize)]
struct Two {
    a: u8,
    b: Option<String>,
}

#[test]
fn structs_skip_unknown_fields_and_surplus_values() {
    let two = Two {
        a: 1,
        b: Some("x".into()),
    };
    let named =
        b"\x84\xa1b\xa1x\xa1z\x92\xc0\x81\xa1q\xc4\x01\xc1\xc4\x01a\x01\xa1y\xc7\x03\x05abc";
    assert_eq!(decode::<Two>(named).unwrap(), two);
    assert_eq!(decode::<Two>(b"\x93\x01\xa1x\x92\x01\x02").unwrap(), two);
    assert_eq!(
        decode::<Two>(b"\x81\xa1a\x01").unwrap(),
        Two { a: 1, b: None }
    );
    let ignored = decode::<Vec<IgnoredAny>>(b"\xc4\x02\xc1\xc1").unwrap();
    assert_eq!(ignored.len(), 2);
}

#[test]
fn nil_is_no_container_and_the_fault_says_what_accepts_it() {
    let check = |error: String, what: &str| {
        let expected = format!("nil stands where {what} is expected; an Option would accept it");
        assert_eq!(error, format!("{expected} (at byte 0)"));
    };
    check(
        decode::<Vec<u8>>(b"\xc0").unwrap_err().to_string(),
        "a sequence",
    );
    check(
        decode::<(u8, u8)>(b"\xc0").unwrap_err().to_string(),
        "a tuple",
    );
    check(
        decode::<BTreeMap<u8, u8>>(b"\xc0").unwrap_err().to_string(),
        "a map",
    );
    check(
        decode::<Two>(b"\xc0").unwrap_err().to_string(),
        "a struct (a map by field name, or an array)",
    );
    check(
        decode::<Shape>(b"\xc0").err().unwrap().to_string(),
        "an enum (a variant's name or index, or a map of one pair)",
    );
    check(decode::<String>(b"\xc0").unwrap_err().to_string(), "text");
    check(decode::<u8>(b"\xc0").unwrap_err().to_string(), "an integer");
    assert_eq!(decode::<Option<Vec<u8>>>(b"\xc0").unwrap(), None);
}

#[test]
fn other_types_are_refused_by_name_and_place() {
    let refused = check_refused::<(u8, u8)>;
    refused(
        b"\x92\x01\xa1a",
        fault::MISMATCH,
        "text stands where an integer is expected (at byte 2)",
    );
    refused(
        b"\x92\x01\xc3",
        fault::MISMATCH,
        "a boolean stands where an integer is expected (at byte 2)",
    );
    refused(
        b"\x92\x01\xcd\x01\x00",
        fault::MISMATCH,
        "the integer does not fit u8, 256 declared, limit 255 (at byte 2)",
    );
    refused(
        b"\x92\x01\xff",
        fault::MISMATCH,
        "the negative integer does not fit u8, limit 255 (at byte 2)",
    );
    refused(
        b"\x92\x01\xc1",
        fault::MALFORMED,
        "the marker 0xc1 is reserved (at byte 2)",
    );
    refused(
        b"\x93\x01\x02\x03",
        fault::MISMATCH,
        "the array has another length than the declared tuple, 3 declared, limit 2 (at byte 0)",
    );
    refused(
        b"\x91\x01",
        fault::MISMATCH,
        "the array has another length than the declared tuple, 1 declared, limit 2 (at byte 0)",
    );
    check_refused::<Vec<i8>>(
        b"\x92\x01\xcc\x80",
        fault::MISMATCH,
        "the integer does not fit i8, 128 declared, limit 127 (at byte 2)",
    );
    check_refused::<Vec<f32>>(
        b"\x92\x01\xc0",
        fault::MISMATCH,
        "nil stands where a float is expected; an Option would accept it (at byte 2)",
    );
    check_refused::<char>(
        b"\xa2ab",
        fault::MISMATCH,
        "the text is not one character, which a char is, 2 declared (at byte 0)",
    );
    check_refused::<String>(
        b"\xa2\xff\xfe",
        fault::MALFORMED,
        "text is not UTF-8 (at byte 3)",
    );
    check_refused::<bool>(
        b"\xc3\xc3",
        fault::MALFORMED,
        "bytes follow the last value, 1 declared, limit 0 (at byte 1)",
    );
}

/// What a self-describing decoder found.
#[derive(Debug, PartialEq)]
enum Found {
    Unit,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
    Octets(Vec<u8>),
    Sequence(Vec<Found>),
    Pairs(Vec<(Found, Found)>),
    Own(Vec<u8>),
}

struct FoundVisitor;

impl<'de> Visitor<'de> for FoundVisitor {
    type Value = Found;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("anything")
    }
    fn visit_unit<E>(self) -> Result<Found, E> {
        Ok(Found::Unit)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Found, E> {
        Ok(Found::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Found, E> {
        Ok(Found::Signed(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Found, E> {
        Ok(Found::Unsigned(value))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Found, E> {
        Ok(Found::Float(value))
    }
    fn visit_str<E>(self, value: &str) -> Result<Found, E> {
        Ok(Found::Text(value.into()))
    }
    fn visit_bytes<E>(self, value: &[u8]) -> Result<Found, E> {
        Ok(Found::Octets(value.into()))
    }
    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Found, D::Error> {
        ByteBuf::deserialize(inner).map(|tagged| Found::Own(tagged.into_vec()))
    }
    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Found, A::Error> {
        let mut found = Vec::new();
        while let Some(element) = seq.next_element()? {
            found.push(element);
        }
        Ok(Found::Sequence(found))
    }
    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let mut found = Vec::new();
        while let Some(pair) = map.next_entry()? {
            found.push(pair);
        }
        Ok(Found::Pairs(found))
    }
}

impl<'de> Deserialize<'de> for Found {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_any(FoundVisitor)
    }
}

#[test]
fn values_describe_themselves() {
    let bytes = b"\x9a\xc0\xc3\xff\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xca\x3f\xc0\0\0\
        \xcb\x3f\xf8\0\0\0\0\0\0\xa1a\xc4\x01\xc1\x92\x01\x80\x81\xa1k\x90";
    let expected = Found::Sequence(vec![
        Found::Unit,
        Found::Bool(true),
        Found::Signed(-1),
        Found::Unsigned(u64::MAX),
        Found::Float(1.5),
        Found::Float(1.5),
        Found::Text("a".into()),
        Found::Octets(vec![0xc1]),
        Found::Sequence(vec![Found::Signed(1), Found::Pairs(vec![])]),
        Found::Pairs(vec![(Found::Text("k".into()), Found::Sequence(vec![]))]),
    ]);
    assert_eq!(decode::<Found>(bytes).unwrap(), expected);
}

/// A value of a type of the protocol's own, as the façade hands it over.
struct Own(&'static str, Vec<u8>);

impl Serialize for Own {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(self.0, serde_bytes::Bytes::new(&self.1))
    }
}

fn ext(kind: i64, content: &[u8]) -> Own {
    Own(magic::EXT, [&kind.to_le_bytes(), content].concat())
}

#[test]
fn extensions_and_text_that_is_not_utf8_pass_both_ways() {
    for (kind, content, bytes) in [
        (-1_i64, b"abcd".as_slice(), b"\xd6\xffabcd".as_slice()),
        (127, b"", b"\xc7\x00\x7f"),
        (-128, b"abc", b"\xc7\x03\x80abc"),
    ] {
        assert_eq!(encode(&ext(kind, content)), bytes);
        let tagged = [&[magic::TAG_EXT], kind.to_le_bytes().as_slice(), content].concat();
        assert_eq!(decode::<Found>(bytes).unwrap(), Found::Own(tagged));
    }
    for kind in [-129, 128, i64::MAX] {
        let error = try_encode(&ext(kind, b"")).expect_err("no such type");
        assert_eq!(error.class(), fault::UNSUPPORTED, "{error}");
    }
    let raw = encode(&Own(magic::RAW_STR, vec![0xff, 0xfe]));
    assert_eq!(raw, b"\xa2\xff\xfe");
    assert_eq!(
        decode::<Found>(&raw).unwrap(),
        Found::Own(vec![magic::TAG_RAW_STR, 0xff, 0xfe])
    );
}
