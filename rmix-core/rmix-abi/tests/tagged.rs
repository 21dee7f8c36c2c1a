//! Decoding a format that describes itself: a letter before each value. `n` nothing, `t` and `f` truth, `i` eight bytes of
//! integer, `d` eight of float, `s` text and `b` octets after one byte of length, `x` an extension (type, length, octets),
//! `[` and `{` with one byte of count (255: unknown, `.` ends), `.` nothing more. All integers big-endian.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use rmix_abi::guest::{
    AnyValue, Decode, DecodeHooks, PrimsMut, StructHead, Taken, VariantHead, dec_table,
};
use rmix_abi::host::codec::decode_value;
use rmix_abi::host::{CodecError, magic};
use rmix_abi::tables::{Dec, DecVt, Fault, UNKNOWN, any, fault, layout, profile};
use serde::de::{self, DeserializeOwned, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

struct Tagged;

fn byte(d: &mut Dec) -> Result<u8, Fault> {
    let first = d.rest().first().copied();
    d.take(1)?;
    Ok(first.unwrap_or_default())
}

fn eight(d: &mut Dec) -> Result<u64, Fault> {
    let bytes = d.rest().first_chunk().copied();
    d.take(8)?;
    Ok(u64::from_be_bytes(bytes.unwrap_or_default()))
}

fn tag(d: &mut Dec, wanted: u8) -> Result<(), Fault> {
    if byte(d)? == wanted {
        return Ok(());
    }
    Err(Fault::new(fault::MISMATCH, "a value of another type stands there").at(d.offset() - 1))
}

fn run(d: &mut Dec, wanted: u8) -> Result<Taken<'_>, Fault> {
    tag(d, wanted)?;
    let len = byte(d)?;
    d.take(len.into())
}

fn count(d: &mut Dec) -> Result<u64, Fault> {
    Ok(match byte(d)? {
        255 => UNKNOWN,
        count => count.into(),
    })
}

macro_rules! integers {
    ($($name:ident),*) => { $(
        fn $name(d: &mut Dec) -> Result<$name, Fault> {
            tag(d, b'i')?;
            // Two's complement: the low bits are the number when it fits.
            (eight(d)? as i64).try_into().map_err(|_| Fault::new(fault::MISMATCH, "the integer does not fit"))
        }
    )* };
}

impl Decode for Tagged {
    const HOOKS: DecodeHooks = DecodeHooks {
        tuple_ends: true,
        structs: true,
        map_ends: true,
        variant_ends: true,
        arguments: true,
        any: true,
        more: true,
        locate: false,
    };
    integers!(i8, i16, i32, i64, u8, u16, u32, u64);
    fn bool(d: &mut Dec) -> Result<bool, Fault> {
        match byte(d)? {
            b't' => Ok(true),
            b'f' => Ok(false),
            _ => Err(Fault::new(fault::MISMATCH, "no truth value")),
        }
    }
    fn f32(d: &mut Dec) -> Result<f32, Fault> {
        Self::f64(d).map(|value| value as f32)
    }
    fn f64(d: &mut Dec) -> Result<f64, Fault> {
        tag(d, b'd')?;
        eight(d).map(f64::from_bits)
    }
    fn char(d: &mut Dec) -> Result<u32, Fault> {
        Self::u32(d)
    }
    fn str(d: &mut Dec) -> Result<Taken<'_>, Fault> {
        run(d, b's')
    }
    fn bytes(d: &mut Dec) -> Result<Taken<'_>, Fault> {
        run(d, b'b')
    }
    fn unit(d: &mut Dec) -> Result<(), Fault> {
        tag(d, b'n')
    }
    fn option(d: &mut Dec) -> Result<bool, Fault> {
        let present = d.rest().first() != Some(&b'n');
        d.advance(usize::from(!present));
        Ok(present)
    }
    fn begin_seq(d: &mut Dec) -> Result<u64, Fault> {
        tag(d, b'[')?;
        count(d)
    }
    fn more(d: &mut Dec) -> Result<bool, Fault> {
        let more = d.rest().first() != Some(&b'.');
        d.advance(usize::from(!more));
        Ok(more)
    }
    fn end_seq(_: &mut Dec, _: u32, _: u64) -> Result<(), Fault> {
        Ok(())
    }
    fn prims(d: &mut Dec, values: PrimsMut<'_>) -> Result<(), Fault> {
        match values {
            PrimsMut::F64(values) => {
                for value in values {
                    *value = Self::f64(d)?;
                }
            }
            PrimsMut::U8(values) => {
                for value in values {
                    *value = Self::u8(d)?;
                }
            }
            _ => return Err(Fault::new(fault::UNSUPPORTED, "not in these tests")),
        }
        Ok(())
    }
    fn begin_tuple(d: &mut Dec, len: u64) -> Result<(), Fault> {
        if Self::begin_seq(d)? == len {
            return Ok(());
        }
        Err(Fault::new(fault::MISMATCH, "a tuple of another length"))
    }
    fn begin_map(d: &mut Dec) -> Result<u64, Fault> {
        tag(d, b'{')?;
        count(d)
    }
    fn begin_struct(d: &mut Dec, _: &[u8]) -> Result<StructHead, Fault> {
        match byte(d)? {
            b'{' => Ok((layout::NAMED, count(d)?)),
            b'[' => Ok((layout::POSITIONAL, count(d)?)),
            _ => Err(Fault::new(fault::MISMATCH, "no struct")),
        }
    }
    fn key(d: &mut Dec) -> Result<Taken<'_>, Fault> {
        Self::str(d)
    }
    fn begin_variant<'a>(d: &'a mut Dec, _: &[u8]) -> Result<VariantHead<'a>, Fault> {
        if d.rest().first() == Some(&b's') {
            return Ok(VariantHead::Name(Self::str(d)?, false));
        }
        tag(d, b'{')?;
        tag(d, 1)?;
        Ok(VariantHead::Name(Self::str(d)?, true))
    }
    fn any(d: &mut Dec) -> Result<AnyValue<'_>, Fault> {
        let plain = |kind, bits| AnyValue {
            kind,
            bits,
            bytes: Taken::NOTHING,
        };
        Ok(match byte(d)? {
            b'n' => plain(any::NIL, 0),
            b't' => plain(any::BOOL, 1),
            b'f' => plain(any::BOOL, 0),
            b'i' => plain(any::I64, eight(d)?),
            b'd' => plain(any::F64, eight(d)?),
            b'[' => plain(any::SEQ, count(d)?),
            b'{' => plain(any::MAP, count(d)?),
            letter @ (b's' | b'b' | b'x') => {
                let bits = if letter == b'x' { byte(d)?.into() } else { 0 };
                let kind = match letter {
                    b's' => any::STR,
                    b'b' => any::BYTES,
                    _ => any::EXT,
                };
                let len = byte(d)?;
                let bytes = d.take(len.into())?;
                AnyValue { kind, bits, bytes }
            }
            _ => return Err(Fault::new(fault::MALFORMED, "an unknown letter")),
        })
    }
    fn skip(d: &mut Dec) -> Result<(), Fault> {
        let found = Self::any(d)?;
        let values = match found.kind {
            any::SEQ => found.bits,
            any::MAP => found.bits.saturating_mul(2),
            _ => 0,
        };
        (0..values).try_for_each(|_| Self::skip(d))
    }
    fn finish(d: &mut Dec) -> Result<(), Fault> {
        match d.remaining() {
            0 => Ok(()),
            _ => Err(Fault::new(fault::MALFORMED, "bytes are left")),
        }
    }
}

pub(crate) static TAGGED: DecVt = dec_table::<Tagged>();

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    let bytes = Bytes::copy_from_slice(bytes);
    decode_value(Dec::over(bytes, &TAGGED, profile::NONE, 16, 100))
}

fn int(value: i64) -> Vec<u8> {
    [&b"i"[..], &value.to_be_bytes()].concat()
}

fn float(value: f64) -> Vec<u8> {
    [&b"d"[..], &value.to_be_bytes()].concat()
}

#[derive(Debug, PartialEq, Deserialize)]
struct Reading {
    place: String,
    at: i32,
    #[serde(default)]
    note: Option<String>,
}

fn reading() -> Reading {
    Reading {
        place: "Oslo".to_owned(),
        at: 7,
        note: None,
    }
}

#[test]
fn named_fields_come_in_any_order_and_unknown_ones_are_skipped() {
    let known = [
        &b"{\x03s\x02at"[..],
        &int(7),
        b"s\x04skip[\x02{\x01tn",
        &int(1),
        b"s\x05places\x04Oslo",
    ];

    assert_eq!(decode::<Reading>(&known.concat()).unwrap(), reading());
}

#[test]
fn positional_fields_come_in_order_and_further_ones_are_skipped() {
    let bytes = [&b"[\x05s\x04Oslo"[..], &int(7), b"n", b"[\x02tf", b"n"].concat();

    assert_eq!(decode::<Reading>(&bytes).unwrap(), reading());
}

#[test]
fn a_missing_field_is_named() {
    let failure = decode::<Reading>(b"{\x01s\x05places\x04Oslo").unwrap_err();

    assert!(
        failure.to_string().starts_with("missing field `at`"),
        "{failure}"
    );
}

#[derive(Debug, PartialEq, Deserialize)]
enum Shape {
    Unit,
    Newtype(String),
    Tuple(bool, bool),
    Struct { at: i32 },
}

#[test]
fn variants_are_found_by_name_with_and_without_content() {
    assert_eq!(decode::<Shape>(b"s\x04Unit").unwrap(), Shape::Unit);
    assert_eq!(decode::<Shape>(b"{\x01s\x04Unitn").unwrap(), Shape::Unit);
    assert_eq!(
        decode::<Shape>(b"{\x01s\x07Newtypes\x01x").unwrap(),
        Shape::Newtype("x".to_owned())
    );
    assert_eq!(
        decode::<Shape>(b"{\x01s\x05Tuple[\x02tf").unwrap(),
        Shape::Tuple(true, false)
    );
    let content = [&b"{\x01s\x06Struct{\x01s\x02at"[..], &int(3)].concat();
    assert_eq!(decode::<Shape>(&content).unwrap(), Shape::Struct { at: 3 });

    let bare = decode::<Shape>(b"s\x07Newtype").unwrap_err();
    assert!(bare.to_string().contains("without its content"), "{bare}");
    assert!(decode::<Shape>(b"s\x05Other").is_err());
}

#[test]
fn a_value_of_no_declared_type_is_what_the_format_says_it_is() {
    let bytes = [
        &b"{\x04s\x01a[\x03ntf"[..],
        b"s\x01b",
        &int(-5),
        b"s\x01c",
        &float(2.5),
        b"s\x01d{\xFFs\x01ks\x01v.",
    ];

    let found: serde_json::Value = decode(&bytes.concat()).unwrap();

    let expected =
        serde_json::json!({"a": [null, true, false], "b": -5, "c": 2.5, "d": {"k": "v"}});
    assert_eq!(found, expected);
}

#[test]
fn lengths_that_are_not_told_end_where_the_format_says() {
    assert_eq!(decode::<Vec<bool>>(b"[\xFFtf.").unwrap(), [true, false]);
    assert_eq!(decode::<Vec<bool>>(b"[\xFF.").unwrap(), [false; 0]);
    let floats = [&b"[\xFF"[..], &float(1.0), &float(2.0), b"."].concat();
    assert_eq!(decode::<Vec<f64>>(&floats).unwrap(), [1.0, 2.0]);
    assert_eq!(
        decode::<BTreeMap<String, bool>>(b"{\xFFs\x01xt.").unwrap(),
        BTreeMap::from([("x".to_owned(), true)])
    );
    assert!(decode::<Vec<bool>>(b"[\xFFtf").is_err());
}

/// Takes the first of a sequence of floats and leaves the others.
#[derive(Debug, PartialEq)]
struct First(f64);

impl<'de> Deserialize<'de> for First {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<First, D::Error> {
        struct Taking;
        impl<'de> Visitor<'de> for Taking {
            type Value = First;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("floats")
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<First, S::Error> {
                let first = seq.next_element()?;
                first.map(First).ok_or_else(|| de::Error::custom("empty"))
            }
        }
        deserializer.deserialize_any(Taking)
    }
}

#[test]
fn a_visitor_that_stops_early_leaves_the_next_value_in_its_place() {
    let floats = |count: u8| {
        let mut bytes = vec![b'[', count];
        (0..count).for_each(|number| bytes.extend(float(number.into())));
        bytes
    };
    for count in [1, 2, 3, 90] {
        let bytes = [&b"[\x02"[..], &floats(count), b"t"].concat();
        let found: (First, bool) = decode(&bytes).unwrap();
        assert_eq!(found, (First(0.0), true), "{count} floats");
    }
}

/// What the adapter hands over for values of the protocol's own.
#[derive(Debug, PartialEq)]
struct Own(Vec<u8>);

impl<'de> Deserialize<'de> for Own {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Own, D::Error> {
        struct Taking;
        impl<'de> Visitor<'de> for Taking {
            type Value = Own;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value of the protocol's own")
            }
            fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Own, D::Error> {
                struct Octets;
                impl<'de> Visitor<'de> for Octets {
                    type Value = Own;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("octets")
                    }
                    fn visit_bytes<E: de::Error>(self, value: &[u8]) -> Result<Own, E> {
                        Ok(Own(value.to_vec()))
                    }
                }
                inner.deserialize_bytes(Octets)
            }
        }
        deserializer.deserialize_newtype_struct(magic::EXT, Taking)
    }
}

#[test]
fn extensions_and_text_that_is_not_utf8_are_handed_over_with_a_mark() {
    let extension = decode::<Own>(b"x\x07\x02ab").unwrap();
    let mut expected = vec![magic::TAG_EXT];
    expected.extend(7_i64.to_le_bytes());
    expected.extend(b"ab");
    assert_eq!(extension, Own(expected));

    let raw = decode::<Own>(b"s\x02\xFFa").unwrap();
    assert_eq!(raw, Own(vec![magic::TAG_RAW_STR, 0xFF, b'a']));

    let strict = decode::<String>(b"s\x02\xFFa").unwrap_err();
    assert!(strict.to_string().contains("not UTF-8"), "{strict}");
}

#[test]
fn an_ignored_value_is_skipped_whole() {
    let bytes = [&b"[\x02{\x01s\x01k[\x02"[..], &int(1), b"s\x00", b"t"].concat();

    let found: (de::IgnoredAny, bool) = decode(&bytes).unwrap();

    assert!(found.1);
}
