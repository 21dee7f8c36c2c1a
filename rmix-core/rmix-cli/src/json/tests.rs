//! Values and their JSON: each form both ways, what is refused, and a round trip of any value.

use proptest::prelude::*;
use rmix::Value;

use super::{arguments, compact, pretty, read};
use crate::failure::Failure;

fn text(value: &str) -> Value {
    Value::from(value)
}

/// Both directions of one form.
fn check(value: &Value, json: &str) {
    assert_eq!(compact(value), json);
    assert_eq!(read::value(json).as_ref(), Ok(value), "{json}");
}

fn refused(argument: &str) -> String {
    let texts = ["1".to_owned(), argument.to_owned()];
    match arguments(&texts) {
        Err(Failure::Usage(message)) => message,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check_refused(argument: &str, sentences: &[&str]) {
    let message = refused(argument);
    for sentence in sentences {
        assert!(message.contains(sentence), "{message}");
    }
}

#[test]
fn what_json_has_is_plain() {
    check(&Value::Nil, "null");
    check(&Value::Bool(true), "true");
    check(&Value::Int(i64::MIN), "-9223372036854775808");
    check(&Value::UInt(u64::MAX), "18446744073709551615");
    check(&Value::Float(2.0), "2.0");
    check(&Value::Float(-0.0), "-0.0");
    check(&Value::Float(5e-324), "5e-324");
    check(&text("Tromsø \"\n"), r#""Tromsø \"\n""#);
    check(&Value::Array(vec![Value::Int(1), text("a")]), r#"[1,"a"]"#);
    let map = vec![(text("z"), Value::Int(1)), (text("a"), Value::Map(vec![]))];
    check(&Value::Map(map), r#"{"z":1,"a":{}}"#);
}

#[test]
fn what_json_lacks_is_tagged() {
    check(&Value::Bytes(vec![0, 255]), r#"{"$bytes":"00ff"}"#);
    check(&Value::RawText(vec![0xff]), r#"{"$text":"ff"}"#);
    check(&Value::Ext(-128, vec![1]), r#"{"$ext":[-128,"01"]}"#);
    check(&Value::Float(f64::INFINITY), r#"{"$float":"inf"}"#);
    check(&Value::Float(f64::NEG_INFINITY), r#"{"$float":"-inf"}"#);
    let keys = Value::Map(vec![(Value::Int(1), text("one"))]);
    check(&keys, r#"{"$map":[[1,"one"]]}"#);
}

#[test]
fn nan_is_tagged() {
    assert_eq!(compact(&Value::Float(f64::NAN)), r#"{"$float":"nan"}"#);
    assert_eq!(compact(&Value::Float32(f32::NAN)), r#"{"$float":"nan"}"#);
    let Ok(Value::Float(read)) = read::value(r#"{"$float":"nan"}"#) else {
        panic!("not a float");
    };
    assert!(read.is_nan());
}

#[test]
fn a_map_that_an_object_would_spoil_is_tagged() {
    let twice = vec![(text("a"), Value::Int(1)), (text("a"), Value::Int(2))];
    check(&Value::Map(twice), r#"{"$map":[["a",1],["a",2]]}"#);
    let tag = vec![(text("$bytes"), text("00"))];
    check(&Value::Map(tag), r#"{"$map":[["$bytes","00"]]}"#);
}

#[test]
fn single_precision_is_shown_exactly() {
    assert_eq!(compact(&Value::Float32(0.5)), "0.5");
    assert_eq!(compact(&Value::Float32(0.1)), "0.10000000149011612");
}

#[test]
fn people_get_lines() {
    let map = Value::Map(vec![(text("a"), Value::Array(vec![Value::Int(1)]))]);
    assert_eq!(pretty(&map), "{\n  \"a\": [\n    1\n  ]\n}");
}

#[test]
fn octets_are_read_in_either_case() {
    let read = read::value(r#"{"$bytes": "0aFf"}"#);
    assert_eq!(read, Ok(Value::Bytes(vec![10, 255])));
}

#[test]
fn a_bare_word_gets_a_hint() {
    check_refused("Oslo", &["argument 2", "line 1 column 1", r#"'"Oslo"'"#]);
    check_refused("it's", &[r#"'"it'\''s"'"#]);
    check_refused("NaN", &[r#"'{"$float": "nan"}'"#]);
}

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    check_refused("", &["EOF"]);
    check_refused("[1,", &["line 1 column 3"]);
    check_refused("{\"a\": 1}\n x", &["line 2 column 2"]);
    check_refused("1 2", &["trailing characters", "column 3"]);
    check_refused("1e999", &["out of range"]);
}

#[test]
fn what_would_arrive_as_something_else_is_refused() {
    check_refused(
        "[\"1\\\"2\", 18446744073709551616]",
        &["18446744073709551616 at character 10"],
    );
    check_refused("-9223372036854775809", &["character 1", "64 bits"]);
    check_refused(r#"{"a": 1, "a": 2}"#, &["\"a\" is given twice"]);
}

#[test]
fn what_looks_tagged_and_is_not_is_refused() {
    check_refused(r#"{"$set": 1}"#, &["$bytes, $ext", r#"{"$map": [["$set""#]);
    check_refused(r#"{"$bytes": "0"}"#, &["hexadecimal", "Odd number"]);
    check_refused(r#"{"$bytes": "0g"}"#, &["hexadecimal", "'g'"]);
    check_refused(r#"{"$bytes": [0]}"#, &["expected a string"]);
    check_refused(r#"{"$ext": [1]}"#, &["invalid length 1"]);
    check_refused(r#"{"$float": "1"}"#, &["\"nan\""]);
    check_refused(r#"{"$map": [[1]]}"#, &["invalid length 1"]);
    check_refused(r#"{"$bytes": "00", "a": 1}"#, &["only key"]);
    check_refused(r#"{"a": 1, "$bytes": "00"}"#, &["only key"]);
}

#[test]
fn digits_in_text_are_text() {
    let digits = "\"18446744073709551616\"";
    assert_eq!(read::value(digits), Ok(text("18446744073709551616")));
}

/// Any value that reads back as itself: floats are finite or infinite, and in double precision.
fn any_value() -> impl Strategy<Value = Value> {
    let octets = || proptest::collection::vec(any::<u8>(), 0..8);
    let floats = proptest::num::f64::NORMAL
        | proptest::num::f64::SUBNORMAL
        | proptest::num::f64::ZERO
        | proptest::num::f64::INFINITE;
    let leaf = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<u64>().prop_map(Value::from),
        floats.prop_map(Value::Float),
        any::<String>().prop_map(Value::Text),
        octets().prop_map(Value::RawText),
        octets().prop_map(Value::Bytes),
        (any::<i64>(), octets()).prop_map(|(kind, octets)| Value::Ext(kind, octets)),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let key = prop_oneof!["[a-c$]{0,3}".prop_map(Value::Text), inner.clone()];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            proptest::collection::vec((key, inner), 0..6).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_reads_back_as_itself(value in any_value()) {
        prop_assert_eq!(read::value(&compact(&value)), Ok(value.clone()));
        prop_assert_eq!(read::value(&pretty(&value)), Ok(value));
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        if let Ok(value) = read::value(&text) {
            prop_assert!(read::value(&compact(&value)).is_ok());
        }
    }
}
