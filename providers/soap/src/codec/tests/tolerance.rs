//! What peers may write otherwise: order, prefixes, space, comments, references, nil, unknown parts.

use super::interface::*;
use super::{case, envelope};
use crate::xml::XmlLimits;

fn plain(body: &str) -> Result<Plain, String> {
    case(&WRAPPED, "plain").read_request(&envelope(&format!("<x:plain><in>{body}</in></x:plain>")))
}

fn sample() -> Plain {
    Plain {
        name: "n".into(),
        count: 2,
        maybe: Some(1.0),
        many: vec!["a".into(), "b".into()],
    }
}

#[test]
fn fields_come_in_any_order_and_repeat_apart() {
    for body in [
        "<name>n</name><count>2</count><maybe>1</maybe><many>a</many><many>b</many>",
        "<many>a</many><maybe>1</maybe><many>b</many><count>2</count><name>n</name>",
        "<many>a</many><many>b</many><maybe>1</maybe><count>2</count><name>n</name>",
        " <maybe>1</maybe><!-- c --><many>a</many>\n<other><many>z</many></other><many>b</many><name>n</name><count> 2\n</count>",
    ] {
        assert_eq!(plain(body).unwrap(), sample(), "{body}");
    }
}

#[test]
fn numbers_repeat_apart_too() {
    let case = case(&WRAPPED, "outputs");
    let response = envelope(
        "<x:outputsResponse><rest>1</rest><rest a='b'>2</rest><sum>9</sum><rest>3</rest></x:outputsResponse>",
    );
    let read = case.read_response::<Outputs>(&response).unwrap();
    assert_eq!(read.rest, [1, 2, 3]);
    assert_eq!((read.sum, read.session), (9, None));
}

#[test]
fn names_may_be_qualified_or_not() {
    let bodies = [
        "<x:plain><x:in><x:name>n</x:name><x:count>2</x:count></x:in></x:plain>",
        "<plain xmlns='urn:t'><in><name>n</name><count>2</count></in></plain>",
        "<y:plain xmlns:y='urn:t'><in xmlns=''><name>n</name><count>2</count></in></y:plain>",
        "<plain><in><name>n</name><count>2</count></in></plain>",
    ];
    for body in bodies {
        let read = case(&WRAPPED, "plain")
            .read_request::<Plain>(&envelope(body))
            .unwrap();
        assert_eq!((read.name.as_str(), read.count), ("n", 2), "{body}");
    }
    let other = "<x:plain xmlns:z='urn:z'><in><z:name>z</z:name><name>n</name><count>2</count></in></x:plain>";
    let read = case(&WRAPPED, "plain")
        .read_request::<Plain>(&envelope(other))
        .unwrap();
    assert_eq!(read.name, "n");
}

#[test]
fn text_is_put_together() {
    let read = plain(
        "<name>a<!-- x -->b<![CDATA[<c>&amp;\r\n]]>&#x64;&#101;&lt;\r\nf\rg</name><count>1</count>",
    );
    assert_eq!(read.unwrap().name, "ab<c>&amp;\nde<\nf\ng");
    assert_eq!(plain("<name/><count>1</count>").unwrap().name, "");
    assert_eq!(
        plain("<name>  \n </name><count>1</count>").unwrap().name,
        "  \n "
    );
}

#[test]
fn lexical_forms_of_numbers_are_those_of_xml_schema() {
    let float = |text: &str| {
        let body = format!("<x:f64><in>{text}</in></x:f64>");
        case(&WRAPPED, "f64").read_request::<f64>(&envelope(&body))
    };
    assert_eq!(float(" +1.50E+2 "), Ok(150.0));
    assert_eq!(float("-.5"), Ok(-0.5));
    assert_eq!(float("5."), Ok(5.0));
    assert_eq!(float("-INF"), Ok(f64::NEG_INFINITY));
    assert!(float("NaN").unwrap().is_nan());
    for wrong in [
        "", "inf", "nan", "infinity", "1e", "1,5", "0x10", "--1", "1_0",
    ] {
        let error = float(wrong).unwrap_err();
        assert!(
            error.starts_with("the text is not a number (line 1, column 150)"),
            "{wrong}: {error}"
        );
    }
    let integer = |text: &str| {
        let body = format!("<x:i32><in>{text}</in></x:i32>");
        case(&WRAPPED, "i32").read_request::<i32>(&envelope(&body))
    };
    assert_eq!(integer("+007"), Ok(7));
    assert_eq!(integer("-2147483648"), Ok(i32::MIN));
    assert!(
        integer("2147483648")
            .unwrap_err()
            .starts_with("the number does not fit i32")
    );
    assert!(
        integer("1.0")
            .unwrap_err()
            .starts_with("the text is not an integer")
    );
    let truth = |text: &str| {
        let body = format!("<x:bool><in>{text}</in></x:bool>");
        case(&WRAPPED, "bool").read_request::<bool>(&envelope(&body))
    };
    assert_eq!([truth("1"), truth(" false ")], [Ok(true), Ok(false)]);
    assert!(
        truth("True")
            .unwrap_err()
            .starts_with("the text is not a truth value")
    );
}

#[test]
fn octets_may_have_space_in_them() {
    let octets = |text: &str| {
        let body = format!("<x:bytes><in>{text}</in></x:bytes>");
        case(&WRAPPED, "bytes").read_request::<Vec<u8>>(&envelope(&body))
    };
    assert_eq!(octets(" AQ\nL/ \n").unwrap(), [1, 2, 255]);
    assert_eq!(octets("AQ").unwrap(), [1]);
    assert_eq!(octets("").unwrap(), [0u8; 0]);
    assert!(
        octets("A*==")
            .unwrap_err()
            .starts_with("the text is not base64")
    );
}

#[test]
fn nil_is_absence_wherever_a_value_is_optional() {
    let read = plain("<name>n</name><count>1</count><maybe xsi:nil='1'/>").unwrap();
    assert_eq!(read.maybe, None);
    let maybe = |body: &str| case(&WRAPPED, "maybe").read_request::<Option<i32>>(&envelope(body));
    assert_eq!(maybe("<x:maybe><in xsi:nil='true'/></x:maybe>"), Ok(None));
    assert_eq!(
        maybe("<x:maybe><in xsi:nil='false'>3</in></x:maybe>"),
        Ok(Some(3))
    );
    assert_eq!(maybe("<x:maybe/>"), Ok(None));
}

#[test]
fn missing_parts_are_named() {
    let error = plain("<name>n</name>").unwrap_err();
    assert!(error.starts_with("missing field `count`"), "{error}");
    let error = plain("<name>n</name><count>1</count><name>m</name>").unwrap_err();
    assert!(
        error.starts_with("an element stands there twice"),
        "{error}"
    );
}

#[test]
fn derived_types_are_found_by_name_in_scope() {
    let read = |attributes: &str, fields: &str| {
        let body = format!("<x:shape><in {attributes}><name>c</name>{fields}</in></x:shape>");
        case(&WRAPPED, "shape").read_request::<AnyShape>(&envelope(&body))
    };
    let circle = AnyShape::Circle(Circle {
        name: "c".into(),
        radius: 1.0,
    });
    let base = AnyShape::Shape(Shape { name: "c".into() });
    assert_eq!(
        read(
            "xmlns:k='urn:q' xsi:type=' k:Circle '",
            "<radius>1</radius>"
        ),
        Ok(circle)
    );
    assert_eq!(read("xsi:type='x:Shape'", ""), Ok(base.clone()));
    assert_eq!(read("", "<radius>1</radius>"), Ok(base));
    let error = read("xsi:type='x:Circle'", "").unwrap_err();
    assert!(
        error.starts_with("xsi:type names a type that is not described here"),
        "{error}"
    );
    let error = read("xsi:type='k:Circle'", "").unwrap_err();
    assert!(
        error.starts_with("the prefix in xsi:type is not declared"),
        "{error}"
    );
}

#[test]
fn recursion_stops_at_the_depth_of_documents() {
    let nested = |levels: usize| {
        let open = "<children><value>1</value>".repeat(levels);
        let close = "</children>".repeat(levels);
        let body = format!("<x:tree><in><value>0</value>{open}{close}</in></x:tree>");
        case(&WRAPPED, "tree").read_request::<Tree>(&envelope(&body))
    };
    // Two for every tree in a sequence: the host counts both.
    assert!(nested(31).is_ok());
    assert!(nested(32).unwrap_err().starts_with("depth"));
    let limits = XmlLimits {
        depth: 6,
        ..XmlLimits::default()
    };
    let message =
        envelope("<x:tree><in><value>0</value><children><value>1</value></children></in></x:tree>");
    let case = case(&WRAPPED, "tree");
    let read = |limits: &XmlLimits| case.read_request_within::<Tree>(message.as_bytes(), limits);
    assert!(read(&limits).is_ok());
    let error = read(&XmlLimits { depth: 5, ..limits }).unwrap_err();
    assert!(
        error.starts_with("xml_depth, 6 declared, limit 5"),
        "{error}"
    );
}
