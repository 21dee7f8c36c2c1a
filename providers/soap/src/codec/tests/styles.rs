//! The other styles: bare, rpc/literal, rpc/encoded with references.

use super::interface::*;
use super::namesakes::*;
use super::{body, case, envelope};
use crate::names::{Interface, PlanError};

#[test]
fn bare_values_are_the_body() {
    let put = case(&BARE, "put");
    let order = Plain {
        name: "o".into(),
        ..Plain::default()
    };
    let request = put.try_request(&order).unwrap();
    assert_eq!(
        body(&request),
        "<ns0:Order><name>o</name><count>0</count></ns0:Order>"
    );
    assert_eq!(put.read_request::<Plain>(&request).unwrap(), order);
    let response = put.response(&order);
    assert_eq!(
        body(&response),
        "<ns1:Receipt><name>o</name><count>0</count></ns1:Receipt>"
    );
    assert_eq!(put.read_response::<Plain>(&response).unwrap(), order);
    let all = case(&BARE, "all");
    let request = all.try_request(&vec![1, 2]).unwrap();
    assert_eq!(
        body(&request),
        "<ns0:All><ns0:n>1</ns0:n><ns0:n>2</ns0:n></ns0:All>"
    );
    assert_eq!(all.read_request::<Vec<i32>>(&request).unwrap(), [1, 2]);
    let response = all.response(&5);
    assert_eq!(body(&response), "<ns1:allResponse>5</ns1:allResponse>");
    assert_eq!(all.read_response::<i32>(&response).unwrap(), 5);
}

#[test]
fn an_empty_body_calls_the_bare_operation_without_arguments() {
    let ping = case(&BARE, "ping");
    for message in [envelope(""), envelope(" <!-- nothing --> ")] {
        let bytes = bytes::Bytes::from(message);
        let len = bytes.len();
        let read = crate::envelope::Envelope::read(bytes, 0..len, None, &Default::default());
        assert_eq!(read.unwrap().operation(&ping.plan), Some(ping.place));
    }
    assert_eq!(body(&ping.response(&())), "");
}

#[test]
fn rpc_parts_stand_in_the_operation() {
    let plain = case(&RPC, "i32");
    let request = plain.try_request(&5).unwrap();
    assert_eq!(body(&request), "<ns0:i32><in>5</in></ns0:i32>");
    let response = envelope("<x:i32Response><anything>6</anything></x:i32Response>");
    assert_eq!(plain.read_response::<i32>(&response), Ok(6));
}

#[test]
fn the_name_of_the_result_is_not_the_result() {
    let name = "<r:result xmlns:r='http://www.w3.org/2003/05/soap-rpc'>anything</r:result>";
    for desc in [&RPC, &ENCODED] {
        let echo = case(desc, "string");
        let response = envelope(&format!(
            "<x:stringResponse>{name}<anything>a</anything></x:stringResponse>"
        ));
        assert_eq!(echo.read_response::<String>(&response), Ok("a".into()));
    }
}

#[test]
fn encoded_values_carry_their_types() {
    let plain = case(&ENCODED, "plain");
    let value = Plain {
        name: "n".into(),
        count: 1,
        maybe: None,
        many: vec!["a".into()],
    };
    let request = plain.try_request(&value).unwrap();
    assert_eq!(
        body(&request),
        "<ns0:plain soap:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><in xsi:type=\"ns0:Plain\">\
         <name xsi:type=\"xsd:string\">n</name><count xsi:type=\"xsd:int\">1</count><maybe xsi:nil=\"true\"/>\
         <many xsi:type=\"enc:Array\" enc:arrayType=\"xsd:string[1]\"><item xsi:type=\"xsd:string\">a</item></many>\
         </in></ns0:plain>"
    );
    assert_eq!(plain.read_request::<Plain>(&request).unwrap(), value);
    let numbers = case(&ENCODED, "f64s");
    let request = numbers.try_request(&vec![0.5, 2.0]).unwrap();
    assert!(
        body(&request)
            .contains("enc:arrayType=\"xsd:double[2]\"><item xsi:type=\"xsd:double\">0.5</item>"),
        "{request}"
    );
    assert_eq!(
        numbers.read_request::<Vec<f64>>(&request).unwrap(),
        [0.5, 2.0]
    );
}

#[test]
fn encoded_types_of_another_namespace_have_its_prefix() {
    let distant = case(&ENCODED, "distant");
    let value = Distant { name: "d".into() };
    let request = distant.try_request(&vec![value.clone()]).unwrap();
    let (_, rest) = request.split_once("=\"urn:d\"").unwrap();
    let (before, _) = request.split_once("=\"urn:d\"").unwrap();
    let (_, prefix) = before.rsplit_once(" xmlns:").unwrap();
    let typed =
        format!("enc:arrayType=\"{prefix}:Distant[1]\"><item xsi:type=\"{prefix}:Distant\">");
    assert!(rest.contains(&typed), "{request}");
    let read = distant.read_request::<Vec<Distant>>(&request);
    assert_eq!(read.unwrap(), [value]);
}

#[test]
fn types_that_share_a_name_are_told_apart_as_in_the_wsdl() {
    let names = rmix_wsdl::names::TypeNames::of(&NAMESAKES);
    let names: Vec<String> = names.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(
        names,
        ["{urn:t}Same", "{urn:t}Same2", "{urn:t}Base", "{urn:t}Base2"]
    );
    let first = case(&NAMESAKES, "first").try_request(&Same { a: 1 });
    assert!(first.unwrap().contains("<in xsi:type=\"ns0:Same\">"));
    let second = case(&NAMESAKES, "second");
    let value = Namesake { b: "b".into() };
    let request = second.try_request(&value).unwrap();
    assert!(request.contains("<in xsi:type=\"ns0:Same2\">"), "{request}");
    assert_eq!(second.read_request::<Namesake>(&request), Ok(value));
    let many = case(&NAMESAKES, "many").try_request(&vec![Namesake { b: "b".into() }]);
    assert!(many.unwrap().contains(" enc:arrayType=\"ns0:Same2[1]\""));

    // Both are called `Base`, and one extends the other.
    let derived = case(&NAMESAKES, "derived");
    let value = Derived::Extended(Extended { a: 1, b: 2 });
    let request = derived.try_request(&value).unwrap();
    assert!(request.contains("<in xsi:type=\"ns0:Base2\">"), "{request}");
    assert_eq!(derived.read_request::<Derived>(&request), Ok(value));
    let plain = request.replace("ns0:Base2", "ns0:Base");
    let base = Derived::Base(Base { a: 1 });
    assert_eq!(derived.read_request::<Derived>(&plain), Ok(base));
}

#[test]
fn absent_and_nil_are_two_in_style_encoded() {
    let case = case(&ENCODED, "facets");
    for nil in [None, Some(None), Some(Some(1))] {
        let facets = Facets {
            nil,
            ..Facets::default()
        };
        let message = case.try_request(&facets).unwrap();
        assert_eq!(
            case.read_request::<Facets>(&message).unwrap().nil,
            nil,
            "{message}"
        );
    }
}

/// It was written as an array, which was not found again.
#[test]
fn a_choice_that_repeats_is_refused_in_style_encoded() {
    let all = vec![Either::Number(1)];
    let error = case(&ENCODED, "repeated").try_request(&Repeated { all });
    let error = error.unwrap_err().to_string();
    assert!(error.contains("leave out `choice`"), "{error}");
    let one = Choices {
        first: "a".into(),
        one: Either::Number(1),
        last: None,
    };
    let case = case(&ENCODED, "choices");
    let message = case.try_request(&one).unwrap();
    assert_eq!(case.read_request::<Choices>(&message), Ok(one));
}

#[test]
fn references_of_soap_1_2_are_ids_alone_or_as_php_writes_them() {
    let tree = case(&ENCODED, "tree");
    for reference in ["a", "#a"] {
        let separate = envelope(&format!(
            "<x:tree><in enc:ref='{reference}' xmlns:enc='e'/></x:tree><m id='a'><value>7</value><children/></m>"
        ));
        let leaf = Tree {
            value: 7,
            children: vec![],
        };
        assert_eq!(tree.read_request::<Tree>(&separate), Ok(leaf));
    }
    let nothing = envelope("<x:tree><in enc:ref='#' xmlns:enc='e'/></x:tree>");
    assert!(tree.read_request::<Tree>(&nothing).is_err());
}

#[test]
fn references_are_followed_within_the_message() {
    let tree = case(&ENCODED, "tree");
    let separate = envelope(
        "<x:tree><in href='#a'/></x:tree><multiRef id='a'><value href=\"#v\"/><children xmlns:enc='e' \
         enc:arrayType='x:Tree[2]'><item href='#b'/><item><value>3</value><children/></item></children></multiRef>\
         <m id='b'><value>2</value></m><m id='v'>1</m>",
    );
    let leaf = |value| Tree {
        value,
        children: vec![],
    };
    let whole = Tree {
        value: 1,
        children: vec![leaf(2), leaf(3)],
    };
    assert_eq!(tree.read_request::<Tree>(&separate), Ok(whole));
    let twice = envelope(
        "<x:tree><in><value>1</value><children><item id='s'><value>2</value></item><item href='#s'/></children></in></x:tree>",
    );
    let whole = Tree {
        value: 1,
        children: vec![leaf(2), leaf(2)],
    };
    assert_eq!(tree.read_request::<Tree>(&twice), Ok(whole));
}

#[test]
fn references_in_a_circle_or_into_nothing_are_refused() {
    let tree = case(&ENCODED, "tree");
    let read = |body: &str| tree.read_request::<Tree>(&envelope(body)).unwrap_err();
    let circle = read(
        "<x:tree><in href='#a'/></x:tree><m id='a'><value>1</value><children><i href='#a'/></children></m>",
    );
    assert!(
        circle.starts_with("values refer to each other in a circle"),
        "{circle}"
    );
    let nothing = read("<x:tree><in href='#b'/></x:tree>");
    assert!(
        nothing.starts_with("a reference leads to no element"),
        "{nothing}"
    );
    let out = read("<x:tree><in href='http://h/x'/></x:tree>");
    assert!(
        out.starts_with("a reference leads out of the message"),
        "{out}"
    );
    let twice = read("<x:tree><in href='#a'/></x:tree><m id='a'/><m id='a'/>");
    assert!(twice.starts_with("an id stands there twice"), "{twice}");
}

#[test]
fn expansion_by_references_is_bounded() {
    // Ten levels that each refer to the next one ten times: 10^10 values in a kilobyte.
    let tree = case(&ENCODED, "tree");
    let mut body = String::from("<x:tree><in href='#l0'/></x:tree>");
    for level in 0..10 {
        let item = format!("<i href='#l{}'/>", level + 1);
        body.push_str(&format!(
            "<m id='l{level}'><value>1</value><children>{}</children></m>",
            item.repeat(10)
        ));
    }
    body.push_str("<m id='l10'><value>1</value></m>");
    let error = tree.read_request::<Tree>(&envelope(&body)).unwrap_err();
    assert!(error.starts_with("items"), "{error}");
}

#[test]
fn literal_messages_have_one_element_in_the_body() {
    let message = envelope("<x:i32><in>1</in></x:i32><x:i32><in>2</in></x:i32>");
    let error = case(&WRAPPED, "i32")
        .read_request::<i32>(&message)
        .unwrap_err();
    assert!(error.starts_with("a SOAP body has one element"), "{error}");
}

#[test]
fn interfaces_that_cannot_be_carried_are_refused_in_a_sentence() {
    use rmix_abi::describe::{FieldDesc, InterfaceDesc, MethodDesc, Schema, style};
    static TWO: [FieldDesc; 2] = [
        FieldDesc::new("a", Schema::of::<i32>()),
        FieldDesc::new("b", Schema::of::<i32>()),
    ];
    static METHODS: [MethodDesc; 1] = [MethodDesc::new("m", 0, 0, &TWO, None, None)];
    static DESC: InterfaceDesc =
        InterfaceDesc::new("I", "urn:i", 0, 0, &METHODS).with_style(style::BARE);
    let error = Interface::plan(&DESC).unwrap_err();
    assert_eq!(
        error.to_string(),
        "I::m: in style \"bare\" the body is one element, but there are several arguments"
    );
    static SAME: [MethodDesc; 2] = [
        MethodDesc::new("m", 0, 0, &[], None, None),
        MethodDesc::new("m", 0, 0, &[], None, None),
    ];
    static AGAIN: InterfaceDesc = InterfaceDesc::new("I", "urn:i", 0, 0, &SAME);
    assert!(matches!(
        Interface::plan(&AGAIN),
        Err(PlanError::SameRequest { .. })
    ));
}
