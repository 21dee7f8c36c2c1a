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
    let around = |name: &str, content: &str| match content {
        "" => format!("<ns0:{name}/>"),
        content => format!("<ns0:{name}>{content}</ns0:{name}>"),
    };
    assert_eq!(body(&request), around(method, expected));
    assert_eq!(&case.read_request::<T>(&request).unwrap(), value);
    let response = case.response(value);
    let returned = expected
        .replace("<in", "<return")
        .replace("</in>", "</return>");
    assert_eq!(
        body(&response),
        around(&format!("{method}Response"), &returned)
    );
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

fn facets() -> Facets {
    Facets {
        id: 9,
        body: "b".into(),
        label: Some("\"l\"\n".into()),
        list: vec![1, -2],
        words: vec!["p".into(), "q".into()],
        hex: vec![0xab, 1],
        nil: Some(None),
        wrapped: vec![plain()],
        numbers: vec![1.0, f64::INFINITY],
        tail: Some(4),
    }
}

#[test]
fn facets_decide_how_fields_stand() {
    let expected = format!(
        "<in id=\"9\" ns1:label=\"&quot;l&quot;&#10;\" words=\"p q\" tail=\"4\"><ns1:body>b</ns1:body>\
         <list>1 -2</list><hex>AB01</hex><nil xsi:nil=\"true\"/>\
         <wrapped><one>{PLAIN}</one></wrapped>\
         <ns1:numbers><ns1:n>1.0</ns1:n><ns1:n>INF</ns1:n></ns1:numbers></in>"
    );
    check("facets", &facets(), &expected);
    let least = Facets {
        nil: None,
        ..Facets::default()
    };
    check(
        "facets",
        &least,
        "<in id=\"0\" words=\"\"><ns1:body></ns1:body><list></list><hex></hex><wrapped/><ns1:numbers/></in>",
    );
}

#[test]
fn items_of_a_list_do_not_leave_their_attribute() {
    let facets = Facets {
        words: vec!["a\"x=\"".into(), "'<&>".into()],
        ..Facets::default()
    };
    let case = case(&WRAPPED, "facets");
    let message = case.try_request(&facets).unwrap();
    let written = " words=\"a&quot;x=&quot; '&lt;&amp;&gt;\"";
    assert!(message.contains(written), "{message}");
    assert_eq!(case.read_request::<Facets>(&message), Ok(facets));
}

#[test]
fn absent_nil_and_value_are_three() {
    for (nil, expected) in [
        (None, ""),
        (Some(None), "<nil xsi:nil=\"true\"/>"),
        (Some(Some(5)), "<nil>5</nil>"),
    ] {
        let value = Facets {
            nil,
            ..Facets::default()
        };
        let expected = format!(
            "<in id=\"0\" words=\"\"><ns1:body></ns1:body><list></list><hex></hex>{expected}<wrapped/><ns1:numbers/></in>"
        );
        check("facets", &value, &expected);
    }
}

#[test]
fn simple_content_has_attributes_around_it() {
    let price = Price {
        value: 2.5,
        currency: "EUR".into(),
    };
    check("price", &price, "<in currency=\"EUR\">2.5</in>");
}

#[test]
fn enums_are_texts_or_elements() {
    check("color", &Color::DarkBlue, "<in>dark blue</in>");
    check("color", &Color::Red, "<in>Red</in>");
    check("either", &Either::Nothing, "<in><Nothing/></in>");
    check("either", &Either::Number(8), "<in><Number>8</Number></in>");
    check(
        "either",
        &Either::Plain(plain()),
        &format!("<in><Plain>{PLAIN}</Plain></in>"),
    );
    check(
        "either",
        &Either::Pair(1, "s".into()),
        "<in><Pair><item0>1</item0><item1>s</item1></Pair></in>",
    );
    check(
        "either",
        &Either::Named {
            left: true,
            right: None,
        },
        "<in><Named><left>true</left></Named></in>",
    );
}

#[test]
fn choices_stand_in_place_of_the_field() {
    let choices = |one| Choices {
        first: "f".into(),
        one,
        last: Some(3),
    };
    check(
        "choices",
        &choices(Either::Number(1)),
        "<in><first>f</first><Number>1</Number><last>3</last></in>",
    );
    check(
        "choices",
        &choices(Either::Nothing),
        "<in><first>f</first><Nothing/><last>3</last></in>",
    );
    let all = vec![
        Either::Number(1),
        Either::Nothing,
        Either::Number(2),
        Either::Named {
            left: false,
            right: Some(true),
        },
    ];
    check(
        "repeated",
        &Repeated { all },
        "<in><Number>1</Number><Nothing/><Number>2</Number>\
         <Named><left>false</left><right>true</right></Named></in>",
    );
    check("repeated", &Repeated { all: vec![] }, "<in/>");
}

#[test]
fn derived_types_carry_their_name() {
    let circle = Circle {
        name: "c".into(),
        radius: 2.0,
    };
    check(
        "shape",
        &AnyShape::Circle(circle),
        "<in xsi:type=\"ns1:Circle\"><name>c</name><radius>2.0</radius></in>",
    );
    check(
        "shape",
        &AnyShape::Shape(Shape { name: "s".into() }),
        "<in xsi:type=\"ns0:Shape\"><name>s</name></in>",
    );
}

#[test]
fn sequences_repeat_their_element() {
    check(
        "f64s",
        &vec![1.5, -0.0, f64::MAX],
        "<in>1.5</in><in>-0.0</in><in>1.7976931348623157e+308</in>",
    );
    check("f64s", &Vec::<f64>::new(), "");
    check(
        "strings",
        &vec!["a".to_owned(), " ".to_owned()],
        "<in>a</in><in> </in>",
    );
    check("maybe", &Some(1), "<in>1</in>");
    check("maybe", &None::<i32>, "");
    check("array", &[1i16, 2, 3], "<in>1</in><in>2</in><in>3</in>");
    check(
        "pair",
        &(1, vec!["a".to_owned()]),
        "<in><item0>1</item0><item1>a</item1></in>",
    );
    check(
        "matrix",
        &vec![vec![1, 2], vec![], vec![3]],
        "<in><item>1</item><item>2</item></in><in/><in><item>3</item></in>",
    );
    let many: Vec<f64> = (0..2000).map(f64::from).collect();
    let expected: String = many
        .iter()
        .map(|value| format!("<in>{value:.1}</in>"))
        .collect();
    check("f64s", &many, &expected);
}

#[test]
fn units_are_empty_elements_and_empty_responses() {
    let case = case(&WRAPPED, "nothing");
    let request = case.try_request(&()).unwrap();
    assert_eq!(body(&request), "<ns0:nothing><in/></ns0:nothing>");
    case.read_request::<()>(&request).unwrap();
    let response = case.response(&());
    assert_eq!(body(&response), "<ns0:nothingResponse/>");
    case.read_response::<()>(&response).unwrap();
}

#[test]
fn declared_faults_are_detail_entries() {
    let case = case(&WRAPPED, "i32");
    let around = |detail: &str| {
        format!(
            "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>the operation ended with a fault that it \
             declares</faultstring><detail>{detail}</detail></soap:Fault>"
        )
    };
    let not_found = case.fault(&Failure::NotFound);
    assert_eq!(body(&not_found), around("<ns0:NotFound/>"));
    assert_eq!(case.read_fault::<Failure>(&not_found), Failure::NotFound);
    let invalid = case.fault(&Failure::Invalid(plain()));
    assert_eq!(
        body(&invalid),
        around(&format!("<ns1:Invalid>{PLAIN}</ns1:Invalid>"))
    );
    assert_eq!(
        case.read_fault::<Failure>(&invalid),
        Failure::Invalid(plain())
    );
}

#[test]
fn several_outputs_stand_in_the_response_or_its_header() {
    let case = case(&WRAPPED, "outputs");
    let value = Outputs {
        sum: 3,
        session: Some("id".into()),
        rest: vec![1, 2],
    };
    let response = case.response(&value);
    let (_, rest) = response.split_once("<soap:Header>").unwrap();
    assert_eq!(
        rest,
        "<ns0:session>id</ns0:session></soap:Header><soap:Body><ns0:outputsResponse><sum>3</sum>\
         <rest>1</rest><rest>2</rest></ns0:outputsResponse></soap:Body></soap:Envelope>"
    );
    assert_eq!(case.read_response::<Outputs>(&response).unwrap(), value);
    let without = Outputs {
        sum: 3,
        session: None,
        rest: vec![],
    };
    let response = case.response(&without);
    assert!(!response.contains("Header"), "{response}");
    assert_eq!(case.read_response::<Outputs>(&response).unwrap(), without);
}
