//! Values whose types are known at run time only: the bytes of C and of the generated types, and what is refused.

use bytes::Bytes;
use proptest::prelude::*;
use rmix_abi::host::codec::{decode_value, encode_value};
use rmix_abi::tables::Buf;
use rmix_idl::dynamic::{Seed, Typed, Value};
use rmix_idl::model::Type;
use rmix_idl::{Import, Model};
use rmix_sunrpc::XdrCodec;
use serde::de::{DeserializeSeed, Deserializer};

use crate::wire;

fn everything() -> Model {
    let model = Import::new(wire::testdata("everything.x")).model();
    model.unwrap_or_else(|error| panic!("{error}"))
}

fn named(model: &Model, name: &str) -> Type {
    let (id, _) = model.find_type(name).expect("it is defined");
    Type::Named(id)
}

fn encode(model: &Model, ty: &Type, value: &Value) -> Result<Vec<u8>, String> {
    let mut enc = XdrCodec::encoder(Buf::new(), 1 << 24);
    enc.depth_left = 64;
    let typed = Typed { model, ty, value };
    let encoded = encode_value(&mut enc, &typed).map_err(|error| error.to_string());
    encoded.map(|()| enc.buf.into_vec())
}

thread_local! {
    /// What the next [`Found`] is.
    static TYPE: std::cell::RefCell<Option<(Model, Type)>> = const { std::cell::RefCell::new(None) };
}

/// Lets a seed read where the codec's helper wants a type.
#[derive(Debug)]
struct Found(Value);

impl<'de> serde::Deserialize<'de> for Found {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Found, D::Error> {
        let (model, ty) = TYPE.take().expect("it was set");
        let seed = Seed {
            model: &model,
            ty: &ty,
        };
        seed.deserialize(deserializer).map(Found)
    }
}

fn decode(model: &Model, ty: &Type, bytes: &[u8]) -> Result<Value, String> {
    TYPE.set(Some((model.clone(), ty.clone())));
    let decoder = XdrCodec::decoder(Bytes::copy_from_slice(bytes), 64, 1_000_000);
    let found = decode_value::<Found>(decoder).map_err(|error| error.to_string());
    found.map(|Found(value)| value)
}

#[test]
fn every_construct_carries_what_c_and_the_generated_types_carry() {
    let model = everything();
    let ty = named(&model, "all");
    let bytes = wire::bytes_of_c();
    assert_eq!(wire::encode(&wire::all()), bytes);
    let value = decode(&model, &ty, &bytes).expect("it is one");
    assert_eq!(encode(&model, &ty, &value), Ok(bytes));

    let Value::Struct(fields) = value else {
        panic!("it is a struct");
    };
    let entry = |id, name: &str| vec![Value::Integer(id), Value::Text(name.to_owned())];
    let list = vec![
        Value::Struct(entry(1, "one")),
        Value::Struct(entry(2, "two")),
    ];
    assert_eq!(fields.get(2), Some(&Value::List(list)));
    let mut alone = entry(3, "three");
    alone.push(Value::List(vec![Value::Struct(entry(2, "two"))]));
    assert_eq!(fields.get(3), Some(&Value::Struct(alone)));
    let results = vec![
        Value::Union(0, Some(Box::new(Value::Integer(-44)))),
        Value::Union(6, Some(Box::new(Value::Text("blue".to_owned())))),
        Value::Union(-1, None),
    ];
    assert_eq!(fields.get(5), Some(&Value::List(results)));
    // The discriminant of `word` is unsigned.
    let words = vec![
        Value::Union(0xffff_ffff, Some(Box::new(Value::Integer(1)))),
        Value::Union(0x8000_0000, None),
    ];
    assert_eq!(fields.get(8), Some(&Value::List(words)));
}

#[test]
fn long_list_needs_no_stack() {
    let model = everything();
    let ty = named(&model, "entries");
    let item = |id| Value::Struct(vec![Value::Integer(id), Value::Text(String::new())]);
    let value = Value::List((0..300_000).map(item).collect());
    let bytes = encode(&model, &ty, &value).expect("XDR carries it");
    assert_eq!(bytes.len(), 300_000 * 12 + 4);
    assert_eq!(decode(&model, &ty, &bytes), Ok(value));
}

/// Makes a value of a length.
type Make = fn(usize) -> Value;

#[test]
fn bounds_hold_both_ways() {
    let model = everything();
    let cases: [(&str, Make, usize); 3] = [
        ("label", |n| Value::Text("x".repeat(n)), 16),
        ("blob", |n| Value::Octets(vec![7; n]), 8),
        ("char_array", |n| Value::List(vec![Value::Integer(1); n]), 4),
    ];
    for (name, make, max) in cases {
        let ty = named(&model, name);
        let within = make(max);
        let bytes = encode(&model, &ty, &within).expect("within the bound");
        assert_eq!(decode(&model, &ty, &bytes), Ok(within), "{name}");
        let beyond = make(max + 1);
        let refused = encode(&model, &ty, &beyond).expect_err("beyond the bound");
        assert!(refused.contains("beyond the bound"), "{refused}");
        let unbounded = match beyond {
            Value::Text(_) => Type::String { max: None },
            Value::Octets(_) => Type::Opaque { max: None },
            _ => Type::Sequence {
                element: Box::new(Type::UnsignedChar),
                max: None,
            },
        };
        let bytes = encode(&model, &unbounded, &beyond).expect("XDR carries it");
        let refused = decode(&model, &ty, &bytes).expect_err("beyond the bound");
        assert!(refused.contains("beyond the bound"), "{refused}");
    }
}

#[test]
fn integers_have_the_range_of_their_type() {
    let model = everything();
    for (ty, least, greatest) in [
        (Type::Char, -128, 127),
        (Type::UnsignedChar, 0, 255),
        (Type::Short, -32_768, 32_767),
        (Type::UnsignedShort, 0, 65_535),
        (Type::Int, i32::MIN.into(), i32::MAX.into()),
        (Type::UnsignedInt, 0, u32::MAX.into()),
        (Type::Hyper, i64::MIN.into(), i64::MAX.into()),
        (Type::UnsignedHyper, 0, i128::from(u64::MAX)),
    ] {
        for number in [least, greatest] {
            let value = Value::Integer(number);
            let bytes = encode(&model, &ty, &value).expect("within the range");
            assert_eq!(decode(&model, &ty, &bytes), Ok(value));
        }
        for number in [least - 1, greatest + 1] {
            let refused = encode(&model, &ty, &Value::Integer(number));
            assert!(
                refused.is_err_and(|why| why.contains("outside the range")),
                "{number}"
            );
        }
    }
}

#[test]
fn what_is_no_value_of_the_type_is_refused() {
    let model = everything();
    let text = Value::Text("x".to_owned());
    for (name, value, words) in [
        ("point", text.clone(), "expected point, found a text"),
        (
            "point",
            Value::Struct(vec![Value::Integer(1)]),
            "2 fields with 1 values",
        ),
        ("result", Value::Union(4, None), "`result` has no arm for 4"),
        (
            "result",
            Value::Union(-1, Some(Box::new(text.clone()))),
            "expected result, found a union",
        ),
        ("handle", Value::Octets(vec![0; 7]), "with 7 elements"),
        ("maybe", Value::List(vec![]), "found a list"),
        ("entries", Value::Optional(None), "found an optional value"),
    ] {
        let refused = encode(&model, &named(&model, name), &value);
        let why = refused.expect_err("it is no value of the type");
        assert!(why.contains(words), "{name}: {why}");
    }
    for (name, bytes, words) in [
        ("flag", &[0, 0, 0, 2][..], "a bool is 0 or 1"),
        ("result", &[0, 0, 0, 4], "no arm has the discriminant 4"),
        ("entries", &[0, 0, 0, 2], "neither 0 nor 1"),
        ("handle", &[0; 7], "ends early"),
        ("point", &[0; 9], "bytes follow"),
    ] {
        let why = decode(&model, &named(&model, name), bytes).expect_err("it is none");
        assert!(why.contains(words), "{name}: {why}");
    }
}

#[test]
fn strings_of_c_need_not_be_utf8_and_enums_need_no_name() {
    let model = everything();
    let latin = [0, 0, 0, 2, 0xe9, b'a', 0, 0];
    let ty = named(&model, "label");
    let value = decode(&model, &ty, &latin);
    assert_eq!(value, Ok(Value::Octets(vec![0xe9, b'a'])));
    let again = encode(&model, &ty, &value.expect("it is one"));
    assert_eq!(again, Ok(latin.to_vec()));
    let ty = named(&model, "colour");
    assert_eq!(decode(&model, &ty, &[0, 0, 0, 4]), Ok(Value::Enum(4)));
    assert_eq!(
        encode(&model, &ty, &Value::Enum(-2)),
        Ok(vec![255, 255, 255, 254])
    );
}

proptest! {
    /// Any bytes: a value that is the same again, or an error.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(prop_oneof![Just(0u8), Just(1), any::<u8>()], 0..200)) {
        let model = everything();
        for name in ["all", "other", "tree", "shelf", "arrays", "expression"] {
            let ty = named(&model, name);
            if let Ok(value) = decode(&model, &ty, &bytes) {
                prop_assert_eq!(encode(&model, &ty, &value), Ok(bytes.clone()));
            }
        }
    }
}
