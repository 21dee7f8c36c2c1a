//! JSON of described types: the bytes are those of the generated types, in XDR and in serde_json; and what is refused.

use std::collections::BTreeMap;

use bytes::Bytes;
use rmix::Data;
use rmix::xsd::Date;
use rmix_abi::describe::{Schema, TypeDesc};
use rmix_abi::host::codec::{decode_value, encode_value};
use rmix_abi::tables::Buf;
use rmix_idl::described::{Described, DescribedSeed};
use rmix_sunrpc::XdrCodec;
use serde::de::value::{Error as ValueError, F64Deserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::wire;

#[derive(Debug, PartialEq, Serialize, Deserialize, Data)]
enum Shape {
    None,
    Circle(f64),
    Line(i32, i32),
    Box { width: u8, label: Option<String> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Data)]
struct Sample {
    small: i8,
    large: u64,
    ratio: f32,
    flag: bool,
    letter: char,
    text: String,
    missing: Option<i32>,
    shapes: Vec<Shape>,
    pair: (u8, String),
    three: [i16; 3],
    nothing: (),
}

fn sample() -> Value {
    json!({
        "small": -7, "large": u64::MAX, "ratio": 0.1, "flag": true, "letter": "ß", "text": "a\"b",
        "missing": null, "pair": [1, "x"], "three": [1, 2, 3], "nothing": null,
        "shapes": ["None", {"Circle": 0.5}, {"Line": [1, 2]}, {"Box": {"width": 3, "label": "l"}}],
    })
}

fn described<'a, T: Data>(value: &'a Value) -> Described<'a> {
    Described {
        ty: Schema::of::<T>().get(),
        value: Some(value),
    }
}

/// The value that the JSON makes, by way of text that the type reads as serde_json does.
fn made<T: Data + DeserializeOwned>(value: &Value) -> Result<T, String> {
    let text =
        serde_json::to_string(&described::<T>(value)).map_err(|failure| failure.to_string())?;
    serde_json::from_str(&text).map_err(|failure| failure.to_string())
}

fn xdr(value: &Described<'_>) -> Result<Vec<u8>, String> {
    let mut enc = XdrCodec::encoder(Buf::new(), 1 << 20);
    enc.depth_left = 64;
    let encoded = encode_value(&mut enc, value).map_err(|error| error.to_string());
    encoded.map(|()| enc.buf.into_vec())
}

thread_local! {
    /// What the next [`Found`] is.
    static TYPE: std::cell::Cell<Option<&'static TypeDesc>> = const { std::cell::Cell::new(None) };
}

/// Lets a seed read where the codec's helper wants a type.
#[derive(Debug)]
struct Found(Value);

impl<'de> Deserialize<'de> for Found {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Found, D::Error> {
        let ty = TYPE.take().expect("it was set");
        DescribedSeed { ty }.deserialize(deserializer).map(Found)
    }
}

fn from_xdr<T: Data>(bytes: Vec<u8>) -> Result<Value, String> {
    TYPE.set(Some(Schema::of::<T>().get()));
    let decoder = XdrCodec::decoder(Bytes::from(bytes), 64, 1_000_000);
    let found = decode_value::<Found>(decoder).map_err(|error| error.to_string());
    found.map(|Found(value)| value)
}

#[test]
fn values_go_there_and_back() {
    let value: Sample = made(&sample()).unwrap();
    assert_eq!(
        (value.small, value.large, value.letter),
        (-7, u64::MAX, 'ß')
    );
    assert_eq!(value.shapes[2], Shape::Line(1, 2));
    let text = serde_json::to_string(&value).unwrap();
    let seed = DescribedSeed {
        ty: Schema::of::<Sample>().get(),
    };
    let shown = seed.deserialize(&mut serde_json::Deserializer::from_str(&text));
    assert_eq!(shown.unwrap(), sample());
}

#[test]
fn bytes_are_those_of_the_type() {
    let value: Sample = made(&sample()).unwrap();
    let bytes = wire::encode(&value);
    assert_eq!(xdr(&described::<Sample>(&sample())).unwrap(), bytes);
    assert_eq!(from_xdr::<Sample>(bytes).unwrap(), sample());
}

#[test]
fn maps_with_text_for_keys_are_objects_and_others_arrays_of_pairs() {
    let named = json!({"a": 1, "b": -2});
    let map: BTreeMap<String, i32> = made(&named).unwrap();
    assert_eq!(
        xdr(&described::<BTreeMap<String, i32>>(&named)).unwrap(),
        wire::encode(&map)
    );
    assert_eq!(
        from_xdr::<BTreeMap<String, i32>>(wire::encode(&map)).unwrap(),
        named
    );
    let map = BTreeMap::from([(1u8, "x".to_owned()), (2, "y".to_owned())]);
    let pairs = json!([[1, "x"], [2, "y"]]);
    assert_eq!(
        xdr(&described::<BTreeMap<u8, String>>(&pairs)).unwrap(),
        wire::encode(&map)
    );
    assert_eq!(
        from_xdr::<BTreeMap<u8, String>>(wire::encode(&map)).unwrap(),
        pairs
    );
}

#[test]
fn octets_are_hexadecimal_digits() {
    let octets = json!("00ff7a");
    let bytes = wire::encode(&rmix::Opaque([0u8, 255, 0x7a]));
    assert_eq!(xdr(&described::<rmix::Opaque<3>>(&octets)).unwrap(), bytes);
    assert_eq!(from_xdr::<rmix::Opaque<3>>(bytes).unwrap(), octets);
    let bytes = [0, 0, 0, 3, 0, 255, 0x7a, 0].to_vec();
    assert_eq!(xdr(&described::<Vec<u8>>(&octets)).unwrap(), bytes);
    assert_eq!(from_xdr::<Vec<u8>>(bytes).unwrap(), octets);
    for wrong in ["0", "0g", "0x00", "é0"] {
        assert!(
            xdr(&described::<Vec<u8>>(&json!(wrong))).is_err(),
            "{wrong}"
        );
    }
    assert!(xdr(&described::<rmix::Opaque<3>>(&json!("00"))).is_err());
}

#[test]
fn absent_and_null_are_kept_apart() {
    #[derive(Debug, Serialize, Data)]
    struct Outer {
        inner: Option<Option<i32>>,
    }
    for (json, value) in [
        (json!({}), None),
        (json!({"inner": null}), Some(None)),
        (json!({"inner": 7}), Some(Some(7))),
    ] {
        let bytes = wire::encode(&Outer { inner: value });
        assert_eq!(xdr(&described::<Outer>(&json)).unwrap(), bytes, "{json}");
    }
}

#[test]
fn numbers_that_json_lacks_are_text() {
    for (text, number) in [
        ("NaN", f64::NAN),
        ("INF", f64::INFINITY),
        ("-INF", f64::NEG_INFINITY),
    ] {
        let bytes = number.to_be_bytes().to_vec();
        assert_eq!(xdr(&described::<f64>(&json!(text))).unwrap(), bytes);
        let found: F64Deserializer<ValueError> = number.into_deserializer();
        let seed = DescribedSeed {
            ty: Schema::of::<f64>().get(),
        };
        assert_eq!(seed.deserialize(found).unwrap(), json!(text));
    }
    let large = json!("340282366920938463463374607431768211455");
    assert_eq!(made::<u128>(&large), Ok(u128::MAX));
}

#[test]
fn what_does_not_fit_is_named() {
    for (name, value, expected) in [
        (
            "small",
            json!(128),
            "128 stands where an integer of 8 bits is expected",
        ),
        ("small", json!(1.5), "1.5 stands where"),
        (
            "large",
            json!(-1),
            "-1 stands where an unsigned integer of 64 bits",
        ),
        ("letter", json!("ab"), "text of one character"),
        ("text", json!(7), "7 stands where text is expected"),
        ("three", json!([1, 2]), "an array of 3"),
        ("pair", json!([1]), "1 elements stand where an array of 2"),
        (
            "unknown",
            json!(1),
            "Sample has no member \"unknown\"; there are small, large",
        ),
        (
            "shapes",
            json!(["Square"]),
            "Shape has no variant \"Square\"; there are None, Circle",
        ),
        (
            "shapes",
            json!([{"Circle": "x"}]),
            "\"x\" stands where a number",
        ),
        (
            "shapes",
            json!([{"None": 1}]),
            "1 is no content of the variant None",
        ),
        (
            "shapes",
            json!([{"Box": {"height": 1}}]),
            "Box has no member \"height\"",
        ),
        ("shapes", json!(["x".repeat(1000)]), "Shape has no variant"),
    ] {
        let mut sample = sample();
        sample[name] = value;
        let failure = made::<Sample>(&sample).unwrap_err();
        assert!(
            failure.contains(expected),
            "{expected:?} is not in {failure:?}"
        );
    }
    let mut sample = sample();
    let members = sample.as_object_mut().unwrap();
    members.remove("missing");
    members.remove("nothing");
    assert!(made::<Sample>(&sample).is_ok());
    sample.as_object_mut().unwrap().remove("text");
    let failure = made::<Sample>(&sample).unwrap_err();
    assert!(
        failure.contains("the member \"text\" of Sample is missing: text"),
        "{failure}"
    );
}

#[test]
fn what_does_not_fit_is_told_with_its_way() {
    let unfit = |change: fn(&mut Value)| {
        let mut value = sample();
        change(&mut value);
        match described::<Sample>(&value).check() {
            Ok(()) => String::new(),
            Err(unfit) => unfit.to_string(),
        }
    };
    assert_eq!(unfit(|_| {}), "");
    assert_eq!(
        unfit(|value| value["shapes"][3]["Box"]["width"] = json!(256)),
        "shapes[3].width: 256 stands where an unsigned integer of 8 bits is expected"
    );
    assert_eq!(
        unfit(|value| value["three"] = json!([1, "x", 3])),
        "three[1]: \"x\" stands where an integer of 16 bits is expected"
    );
    assert_eq!(
        unfit(|value| *value = json!(5)),
        "5 stands where an object (Sample) is expected"
    );
}

#[test]
fn values_are_the_same_however_they_are_written() {
    let same = |change: fn(&mut Value)| {
        let (one, mut other) = (sample(), sample());
        change(&mut other);
        let one = described::<Sample>(&one);
        assert_eq!(one.is_same(Some(&other)), {
            let other = described::<Sample>(&other);
            other.is_same(one.value)
        });
        one.is_same(Some(&other))
    };
    assert!(same(|_| {}));
    assert!(same(|value| value["large"] = json!("18446744073709551615")));
    assert!(same(|value| {
        value.as_object_mut().expect("it is one").remove("missing");
    }));
    assert!(same(|value| value["shapes"][1]["Circle"] = json!(5e-1)));
    assert!(!same(|value| value["small"] = json!(7)));
    assert!(!same(|value| value["missing"] = json!(0)));
    assert!(!same(|value| value["shapes"][0] = json!({"Circle": 1})));
    assert!(!same(|value| value["shapes"][2]["Line"] = json!([1, 3])));
    assert!(!same(
        |value| value["shapes"][3]["Box"]["label"] = json!(null)
    ));
    assert!(!same(|value| value["shapes"] = json!(["None"])));
    assert!(!same(|value| value["pair"] = json!([1, "y"])));
    let floats = |one: Value, other: Value| described::<f64>(&one).is_same(Some(&other));
    assert!(floats(json!("NaN"), json!("NaN")) && floats(json!(1), json!(1.0)));
    assert!(!floats(json!("INF"), json!("NaN")) && !floats(json!("INF"), json!("-INF")));
    let octets = |one: Value, other: Value| described::<Vec<u8>>(&one).is_same(Some(&other));
    assert!(octets(json!("00fF"), json!("00Ff")));
    assert!(!octets(json!("00ff"), json!("00fe")));
}

#[derive(Debug, Serialize, Deserialize, Data)]
enum Moment {
    Never,
    At(Date),
    Between(Date, Date),
    Each { first: Date },
}

#[derive(Debug, Serialize, Deserialize, Data)]
struct Dates {
    at: Date,
    maybe: Option<Date>,
    several: Vec<Vec<Date>>,
    by_name: BTreeMap<String, Date>,
    by_number: BTreeMap<u8, Date>,
    by_date: BTreeMap<Name, u8>,
    moment: Moment,
    pair: (u8, Date),
    room: Option<rmix::Remote>,
}

/// A key that is a text of a type of XML Schema.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Name(String);

impl Data for Name {
    const SCHEMA: TypeDesc = <Date as Data>::SCHEMA;
}

/// What is wrong with [`Dates`], where a text that begins with `x` is wrong.
fn unfit_date(change: impl FnOnce(&mut Value)) -> String {
    let mut value = json!({
        "at": "d", "maybe": null, "several": [["d"], []], "by_name": {"a": "d"}, "by_number": [[1, "d"]],
        "by_date": {"d": 1}, "moment": "Never", "pair": [1, "d"], "room": null,
    });
    change(&mut value);
    let lexical = |built_in: &str, text: &str| match text.starts_with('x') {
        true => Err(format!("{text} is no {built_in}")),
        false => Ok(()),
    };
    match described::<Dates>(&value).check_with(lexical) {
        Ok(()) => "fits".to_owned(),
        Err(unfit) => unfit.to_string(),
    }
}

#[test]
fn texts_of_built_in_types_are_read_wherever_they_stand() {
    assert_eq!(unfit_date(|_| ()), "fits");
    let unfit = |member: &str, value: Value| unfit_date(|all| all[member] = value);
    assert_eq!(unfit("at", json!("x")), "at: x is no date");
    assert_eq!(unfit("maybe", json!("x")), "maybe: x is no date");
    assert_eq!(
        unfit("several", json!([[], ["d", "x"]])),
        "several[1][1]: x is no date"
    );
    assert_eq!(
        unfit("by_name", json!({"a": "d", "b": "x"})),
        "by_name.b: x is no date"
    );
    assert_eq!(
        unfit("by_number", json!([[1, "d"], [2, "x"]])),
        "by_number[1]: x is no date"
    );
    assert_eq!(
        unfit("by_date", json!([["d", 1], ["x", 1]])),
        "by_date[1]: x is no date"
    );
    assert_eq!(
        unfit("moment", json!({"At": "x"})),
        "moment.At: x is no date"
    );
    assert_eq!(
        unfit("moment", json!({"Between": ["d", "x"]})),
        "moment.Between[1]: x is no date"
    );
    assert_eq!(
        unfit("moment", json!({"Each": {"first": "x"}})),
        "moment.Each.first: x is no date"
    );
    assert_eq!(unfit("pair", json!([1, "x"])), "pair[1]: x is no date");
    assert_eq!(
        unfit("room", json!("x")),
        "room: x is no EndpointReferenceType"
    );
    // What does not fit otherwise is told as ever, and before.
    assert_eq!(
        unfit("pair", json!(["x", "x"])),
        "pair[0]: \"x\" stands where an unsigned integer of 8 bits is expected"
    );
}
