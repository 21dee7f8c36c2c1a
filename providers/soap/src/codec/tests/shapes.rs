//! Every construct both ways, with the bytes.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::interface::*;
use super::{body, case};

/// The value in a request and in a response are these bytes, and are read back from them.
fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    method: &str,
    value: &T,
    expected: &str,
) {
    let case = case(&WRAPPED, method);
    let request = case.try_request(value).unwrap();
    assert_eq!(
        body(&request),
        format!("<ns0:{method}>{expected}</ns0:{method}>")
    );
    assert_eq!(&case.read_request::<T>(&request).unwrap(), value);
    let response = case.response(value);
    let returned = expected
        .replace("<in", "<return")
        .replace("</in>", "</return>");
    let wrapper = format!("<ns0:{method}Response>{returned}</ns0:{method}Response>");
    assert_eq!(body(&response), wrapper);
    assert_eq!(&case.read_response::<T>(&response).unwrap(), value);
}

fn plain() -> Plain {
    Plain {
        name: "a<b".into(),
        count: -3,
        maybe: Some(0.5),
        many: vec!["x".into(), "".into()],
    }
}

const PLAIN: &str =
    "<name>a&lt;b</name><count>-3</count><maybe>0.5</maybe><many>x</many><many></many>";

#[test]
fn simple_values_are_elements() {
    check("i32", &-7, "<in>-7</in>");
    check("f64", &1e300, "<in>1e+300</in>");
    check("f64", &f64::NEG_INFINITY, "<in>-INF</in>");
    check("bool", &true, "<in>true</in>");
    check("char", &'&', "<in>&amp;</in>");
    check(
        "string",
        &" a\r\n\"]]>".to_owned(),
        "<in> a&#13;\n\"]]&gt;</in>",
    );
    check(
        "i128",
        &i128::MIN,
        "<in>-170141183460469231731687303715884105728</in>",
    );
    check("bytes", &vec![1u8, 2, 255], "<in>AQL/</in>");
    check(
        "bytes",
        &vec![7u8; 65],
        &format!("<in>{}Bwc=</in>", "BwcH".repeat(21)),
    );
}

#[test]
fn structs_have_their_fields_as_children() {
    check("plain", &plain(), &format!("<in>{PLAIN}</in>"));
    let empty = Plain::default();
    check("plain", &empty, "<in><name></name><count>0</count></in>");
    let tree = |value, children| Tree { value, children };
    let whole = tree(1, vec![tree(2, vec![tree(3, vec![])]), tree(4, vec![])]);
    check(
        "tree",
        &whole,
        "<in><value>1</value><children><value>2</value><children><value>3</value></children></children>\
         <children><value>4</value></children></in>",
    );
}
