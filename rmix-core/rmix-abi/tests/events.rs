//! What an encoder is told: a codec that writes each event down as a line of text, with every optional event wanted.

use std::collections::BTreeMap;

use rmix_abi::guest::{Encode, EncodeHooks, Prims, enc_table};
use rmix_abi::host::codec::encode_value;
use rmix_abi::host::{CodecError, magic};
use rmix_abi::tables::{Buf, Enc, EncVt, Fault, UNKNOWN, fault, profile};
use serde::ser::Serializer;
use serde::{Serialize, ser::SerializeMap};

type Done = Result<(), Fault>;

struct Lines;

fn line(e: &mut Enc, text: &str) -> Done {
    e.put(format!("{text}\n").as_bytes())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

macro_rules! values {
    ($($name:ident $ty:ty),*) => { $(
        fn $name(e: &mut Enc, value: $ty) -> Done {
            line(e, &format!(concat!(stringify!($name), " {:?}"), value))
        }
    )* };
}

fn length(len: u64) -> String {
    if len == UNKNOWN {
        "?".to_owned()
    } else {
        len.to_string()
    }
}

impl Encode for Lines {
    const HOOKS: EncodeHooks = EncodeHooks {
        tuples: true,
        structs: true,
        fields: true,
        variant_ends: true,
        arguments: true,
    };
    values!(
        bool bool, i8 i8, i16 i16, i32 i32, i64 i64, u8 u8, u16 u16, u32 u32, u64 u64, i128 i128, u128 u128, f32 f32,
        f64 f64, char u32, bytes &[u8]
    );
    fn str(e: &mut Enc, value: &[u8]) -> Done {
        line(e, &format!("str {}", text(value)))
    }
    fn raw_str(e: &mut Enc, value: &[u8]) -> Done {
        line(e, &format!("raw_str {value:?}"))
    }
    fn ext(e: &mut Enc, kind: i64, value: &[u8]) -> Done {
        line(e, &format!("ext {kind} {value:?}"))
    }
    fn unit(e: &mut Enc) -> Done {
        line(e, "unit")
    }
    fn none(e: &mut Enc) -> Done {
        line(e, "none")
    }
    fn some(e: &mut Enc) -> Done {
        line(e, "some")
    }
    fn begin_seq(e: &mut Enc, len: u64, element: u32) -> Result<u64, Fault> {
        line(e, &format!("seq {} of {element}", length(len)))?;
        Ok(77)
    }
    fn end_seq(e: &mut Enc, token: u64, element: u32, count: u64) -> Done {
        line(e, &format!("end seq {token} of {element}: {count}"))
    }
    fn prims(e: &mut Enc, values: Prims<'_>) -> Done {
        line(e, &format!("{values:?}"))
    }
    fn begin_tuple(e: &mut Enc, len: u64) -> Done {
        line(e, &format!("tuple {len}"))
    }
    fn end_tuple(e: &mut Enc) -> Done {
        line(e, "end tuple")
    }
    fn begin_map(e: &mut Enc, len: u64) -> Result<u64, Fault> {
        line(e, &format!("map {}", length(len)))?;
        Ok(78)
    }
    fn end_map(e: &mut Enc, token: u64, count: u64) -> Done {
        line(e, &format!("end map {token}: {count}"))
    }
    fn begin_struct(e: &mut Enc, name: &[u8], fields: u64) -> Done {
        line(e, &format!("struct {} {fields}", text(name)))
    }
    fn field(e: &mut Enc, name: &[u8], index: u32) -> Done {
        line(e, &format!("field {} {index}", text(name)))
    }
    fn end_struct(e: &mut Enc) -> Done {
        line(e, "end struct")
    }
    fn begin_variant(e: &mut Enc, name: &[u8], variant: &[u8], index: u32, shape: u32) -> Done {
        let (name, variant) = (text(name), text(variant));
        line(
            e,
            &format!("variant {name}::{variant} {index} shape {shape}"),
        )
    }
    fn end_variant(e: &mut Enc, shape: u32) -> Done {
        line(e, &format!("end variant shape {shape}"))
    }
    fn argument(e: &mut Enc, index: u32) -> Done {
        line(e, &format!("argument {index}"))
    }
}

pub(crate) static LINES: EncVt = enc_table::<Lines>();

fn told_by(vt: &'static EncVt, value: &impl Serialize) -> Result<String, CodecError> {
    let mut enc = Enc::new(Buf::new(), vt, profile::NONE, 10_000);
    enc.depth_left = 16;
    encode_value(&mut enc, value)?;
    Ok(text(enc.buf.as_slice()))
}

fn check(value: &impl Serialize, expected: &[&str]) {
    let told = told_by(&LINES, value).expect("the codec carries everything");
    assert_eq!(told.lines().collect::<Vec<_>>(), expected);
}

#[derive(Serialize)]
struct Reading {
    place: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<u8>,
    celsius: f64,
}

#[test]
fn structs_tell_their_names_and_the_position_of_each_field() {
    let reading = Reading {
        place: "Oslo",
        note: None,
        celsius: -1.5,
    };

    check(
        &reading,
        &[
            "argument 0",
            "struct Reading 2",
            "field place 0",
            "str Oslo",
            "field celsius 1",
            "f64 -1.5",
            "end struct",
        ],
    );
}

#[derive(Serialize)]
enum Shape {
    Unit,
    Newtype(i8),
    Tuple(u8, bool),
    Struct { inner: () },
}

#[test]
fn variants_open_and_close_with_their_shape() {
    check(
        &(
            Shape::Unit,
            Shape::Newtype(-1),
            Shape::Tuple(1, true),
            Shape::Struct { inner: () },
        ),
        &[
            "argument 0",
            "tuple 4",
            "variant Shape::Unit 0 shape 0",
            "end variant shape 0",
            "variant Shape::Newtype 1 shape 1",
            "i8 -1",
            "end variant shape 1",
            "variant Shape::Tuple 2 shape 2",
            "tuple 2",
            "u8 1",
            "bool true",
            "end tuple",
            "end variant shape 2",
            "variant Shape::Struct 3 shape 3",
            "struct Struct 1",
            "field inner 0",
            "unit",
            "end struct",
            "end variant shape 3",
            "end tuple",
        ],
    );
}

#[test]
fn sequences_tell_their_kind_and_whole_runs_come_in_one_event() {
    check(
        &(
            vec![1_u16, 2],
            vec!["a"],
            Vec::<f64>::new(),
            vec![None::<u8>; 1],
        ),
        &[
            "argument 0",
            "tuple 4",
            "seq 2 of 4",
            "U16([1, 2])",
            "end seq 77 of 4: 2",
            "seq 1 of 0",
            "str a",
            "end seq 77 of 0: 1",
            "seq 0 of 10",
            "end seq 77 of 10: 0",
            "seq 1 of 0",
            "none",
            "end seq 77 of 0: 1",
            "end tuple",
        ],
    );
}

struct Growing;

impl Serialize for Growing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("k", &i128::MIN)?;
        map.end()
    }
}

#[test]
fn maps_tell_keys_and_values_in_turn_and_a_length_when_it_is_known() {
    check(
        &BTreeMap::from([('x', u128::MAX)]),
        &[
            "argument 0",
            "map 1",
            "char 120",
            "u128 340282366920938463463374607431768211455",
            "end map 78: 1",
        ],
    );
    check(
        &Growing,
        &[
            "argument 0",
            "map ?",
            "str k",
            "i128 -170141183460469231731687303715884105728",
            "end map 78: 1",
        ],
    );
}

struct Octets(&'static [u8]);

impl Serialize for Octets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

struct Magic(&'static str, &'static [u8]);

impl Serialize for Magic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(self.0, &Octets(self.1))
    }
}

#[test]
fn octets_extensions_and_raw_text_are_events_of_their_own() {
    check(&Octets(&[1, 2]), &["argument 0", "bytes [1, 2]"]);
    check(
        &Magic(magic::RAW_STR, &[0xFF]),
        &["argument 0", "raw_str [255]"],
    );
    check(
        &Magic(magic::EXT, &[0xFE, 255, 255, 255, 255, 255, 255, 255, 9]),
        &["argument 0", "ext -2 [9]"],
    );
    let short = told_by(&LINES, &Magic(magic::EXT, &[1, 2])).unwrap_err();
    assert_eq!(short.class(), fault::MISMATCH);
}

/// A table with nothing in it: what a codec leaves out is refused, not skipped, where a value would be lost.
static NOTHING: EncVt = {
    // SAFETY: every entry of the table is optional, and all zeros is absent.
    let mut table: EncVt = unsafe { std::mem::zeroed() };
    table.size = size_of::<EncVt>();
    table
};

#[test]
fn events_that_a_table_lacks_are_refused_where_a_value_would_be_lost() {
    fn refused(value: &impl Serialize) {
        let failure = told_by(&NOTHING, value).unwrap_err();
        assert_eq!(failure.class(), fault::UNSUPPORTED, "{failure}");
    }
    refused(&true);
    refused(&1_u8);
    refused(&1_i128);
    refused(&1.5_f32);
    refused(&'x');
    refused(&"x");
    refused(&Octets(b"x"));
    refused(&());
    refused(&None::<u8>);
    refused(&Some(1_u8));
    refused(&vec![1_u8]);
    refused(&Vec::<String>::new());
    refused(&BTreeMap::<u8, u8>::new());
    refused(&Shape::Unit);
    refused(&Magic(magic::RAW_STR, b"x"));
    refused(&Magic(magic::EXT, &[0; 8]));
    // Marks of structure alone are skipped.
    assert_eq!(told_by(&NOTHING, &NoFields {}).unwrap(), "");
}

#[derive(Serialize)]
struct NoFields {}
