//! Bytes written by hand, both ways: one line per row of the table in `codec`, and the example of
//! RFC 4506 s7.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Serialize, Serializer};

use super::sample::{Meters, Point, Shape};
use super::{decode, encode};

/// Asserts that `value` becomes `bytes` and comes back from them.
fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: T, bytes: &[u8]) {
    assert_eq!(encode(&value), bytes, "{value:?}");
    assert_eq!(decode::<T>(bytes).expect("as written"), value);
}

#[test]
fn scalars_fill_whole_blocks() {
    check(true, b"\0\0\0\x01");
    check(-1_i8, b"\xff\xff\xff\xff");
    check(-2_i16, b"\xff\xff\xff\xfe");
    check(200_u8, b"\0\0\0\xc8");
    check(300_u16, b"\0\0\x01\x2c");
    check(-3_i32, b"\xff\xff\xff\xfd");
    check(u32::MAX, b"\xff\xff\xff\xff");
    check(-4_i64, b"\xff\xff\xff\xff\xff\xff\xff\xfc");
    check(u64::MAX, b"\xff\xff\xff\xff\xff\xff\xff\xff");
    check(1.5_f32, b"\x3f\xc0\0\0");
    check(1.5_f64, b"\x3f\xf8\0\0\0\0\0\0");
    check('ß', b"\0\0\0\xdf");
    check((), b"");
}

#[test]
fn text_and_octets_are_padded_with_zeros() {
    check("".to_owned(), b"\0\0\0\0");
    check("héllo".to_owned(), b"\0\0\0\x06h\xc3\xa9llo\0\0");
    check(vec![1_u8, 2, 3, 4], b"\0\0\0\x04\x01\x02\x03\x04");
    check(vec![1_u8], b"\0\0\0\x01\x01\0\0\0");
    check(Vec::<u8>::new(), b"\0\0\0\0");
    check(
        vec![vec![9_u8], vec![8, 8]],
        b"\0\0\0\x02\0\0\0\x01\x09\0\0\0\0\0\0\x02\x08\x08\0\0",
    );
    check(
        serde_bytes::ByteBuf::from(vec![7, 7, 7]),
        b"\0\0\0\x03\x07\x07\x07\0",
    );
}

#[test]
fn other_sequences_are_arrays_of_blocks() {
    check(Vec::<u16>::new(), b"\0\0\0\0");
    check(vec![-1_i8, 1], b"\0\0\0\x02\xff\xff\xff\xff\0\0\0\x01");
    check(vec![1_u64], b"\0\0\0\x01\0\0\0\0\0\0\0\x01");
    check(vec![true], b"\0\0\0\x01\0\0\0\x01");
    check([7_u8, 8], b"\0\0\0\x07\0\0\0\x08");
    check((1_u8, "x".to_owned()), b"\0\0\0\x01\0\0\0\x01x\0\0\0");
    check(vec![(), ()], b"\0\0\0\x02");
    check(Point(-1, 1), b"\xff\xff\xff\xff\0\0\0\x01");
    check(Meters(1.5), b"\x3f\xc0\0\0");
}

#[test]
fn options_are_optional_data_and_maps_arrays_of_pairs() {
    check(None::<u8>, b"\0\0\0\0");
    check(Some(3_u8), b"\0\0\0\x01\0\0\0\x03");
    check(Some(Some(())), b"\0\0\0\x01\0\0\0\x01");
    check(Some(None::<()>), b"\0\0\0\x01\0\0\0\0");
    check(
        BTreeMap::from([(1_u8, true)]),
        b"\0\0\0\x01\0\0\0\x01\0\0\0\x01",
    );
    check(BTreeMap::<String, u8>::new(), b"\0\0\0\0");
    check(BTreeMap::from([((), ())]), b"\0\0\0\x01");
}

#[test]
fn variants_are_unions_over_their_position() {
    check(Shape::Empty, b"\0\0\0\0");
    check(Shape::Size(5), b"\0\0\0\x01\0\0\0\0\0\0\0\x05");
    check(
        Shape::Pair(1, "a".into()),
        b"\0\0\0\x02\0\0\0\x01\0\0\0\x01a\0\0\0",
    );
    check(
        Shape::Named { x: 1.5, tag: None },
        b"\0\0\0\x03\x3f\xf8\0\0\0\0\0\0\0\0\0\0",
    );
    check(Shape::Inner(Box::new(Shape::Empty)), b"\0\0\0\x04\0\0\0\0");
}

/// A sequence that does not say its length.
struct Unsaid<'a, T>(&'a [T]);

impl<T: Serialize> Serialize for Unsaid<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        for element in self.0 {
            sequence.serialize_element(element)?;
        }
        sequence.end()
    }
}

/// A map that does not say its length.
struct UnsaidPairs<'a>(&'a [(u8, Unsaid<'a, String>)]);

impl Serialize for UnsaidPairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[test]
fn unsaid_lengths_are_filled_in() {
    let texts = ["a".to_owned(), "b".to_owned()];
    let said = BTreeMap::from([
        (1_u8, texts.to_vec()),
        (2, vec![]),
        (3, texts[1..].to_vec()),
    ]);
    let unsaid = UnsaidPairs(&[
        (1, Unsaid(&texts)),
        (2, Unsaid(&[])),
        (3, Unsaid(&texts[1..])),
    ]);
    assert_eq!(encode(&unsaid), encode(&said));
    for octets in [b"".as_slice(), b"a", b"abc", b"abcd", b"abcde"] {
        assert_eq!(encode(&Unsaid(octets)), encode(octets));
    }
    assert_eq!(encode(&Unsaid(&[0.5_f64])), encode(&[0.5_f64][..]));
}

/// RFC 4506 s7: `enum filekind`, `union filetype` and `struct file`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct File {
    filename: String,
    kind: FileType,
    owner: String,
    data: Vec<u8>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum FileType {
    Text,
    Data(String),
    Exec(String),
}

#[test]
fn example_of_the_specification_has_its_bytes() {
    let file = File {
        filename: "sillyprog".into(),
        kind: FileType::Exec("lisp".into()),
        owner: "john".into(),
        data: b"(quit)".into(),
    };
    let bytes =
        b"\0\0\0\x09sillyprog\0\0\0\0\0\0\x02\0\0\0\x04lisp\0\0\0\x04john\0\0\0\x06(quit)\0\0";
    check(file, bytes);
}
