//! Addressing headers: what is read, refused and answered; parameters that are echoed.

use bytes::Bytes;

use super::parameters::PARAMETERS_BYTES_MAX;
use super::*;
use crate::envelope::{Envelope, Version};
use crate::xml::XmlLimits;

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const WSA: &str = "http://www.w3.org/2005/08/addressing";
const OLD: &str = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
const HERE: &str = "http://www.w3.org/2005/08/addressing/anonymous";
const NOBODY: &str = "http://www.w3.org/2005/08/addressing/none";

fn envelope(headers: &str) -> Envelope {
    let message = Bytes::from(format!(
        "<s:Envelope xmlns:s='{SOAP}'><s:Header xmlns:a='{WSA}' xmlns:o='{OLD}'>{headers}</s:Header>\
         <s:Body xmlns:a='urn:other'><a:op/></s:Body></s:Envelope>"
    ));
    let len = message.len();
    Envelope::read(message, 0..len, None, &XmlLimits::default()).unwrap()
}

fn read(headers: &str) -> Properties {
    let mut envelope = envelope(headers);
    let found = Properties::read(&mut envelope);
    // The body is read as if nothing had been read before it.
    assert_eq!(&*envelope.body().unwrap().namespace, "urn:other");
    found
}

const GOOD: &str = "<a:Action>urn:x:op</a:Action><a:MessageID>urn:id:1</a:MessageID>";

fn checked(headers: &str) -> Result<(), Violation> {
    check(headers, Addressing::On(Edition::W3c), "", true)
}

fn check(
    headers: &str,
    addressing: Addressing,
    said: &str,
    answered: bool,
) -> Result<(), Violation> {
    let expected = Expected {
        action: "urn:x:op",
        said,
        answered,
        object: 17,
    };
    check_request(&read(headers), addressing, &expected)
}

fn reply_to(name: &str, address: &str) -> String {
    format!("{GOOD}<a:{name}><a:Address> {address}\n</a:Address></a:{name}>")
}

#[test]
fn properties_are_read_of_either_edition() {
    let found = read(&format!("<a:To>http://h/x</a:To>{GOOD}"));
    assert_eq!(found.edition, Some(Edition::W3c));
    assert_eq!(found.to.as_deref(), Some("http://h/x"));
    assert_eq!(found.action.as_deref(), Some("urn:x:op"));
    assert_eq!(found.message_id.as_deref(), Some("urn:id:1"));
    assert_eq!(found.violation, None);
    let found = read(
        "<o:Action>urn:old</o:Action><o:RelatesTo RelationshipType='o:Reply'>urn:1</o:RelatesTo>",
    );
    assert_eq!(found.edition, Some(Edition::Submission));
    assert_eq!(found.action.as_deref(), Some("urn:old"));
    assert_eq!(found.relates_to, ["urn:1"]);
    assert_eq!(read("<x/>").edition, None);
}

#[test]
fn blocks_for_others_are_not_read() {
    let found = read("<a:Action s:actor='urn:proxy'>urn:x</a:Action>");
    assert_eq!((found.edition, found.action), (None, None));
}

#[test]
fn request_without_what_is_required_is_refused() {
    assert_eq!(checked(GOOD), Ok(()));
    assert_eq!(checked(""), Ok(()));
    let required = Addressing::Required(Edition::W3c);
    assert_eq!(
        check("", required, "", true),
        Err(Violation::Missing("Action"))
    );
    assert_eq!(check(GOOD, required, "", true), Ok(()));
    assert_eq!(
        checked("<a:MessageID>urn:1</a:MessageID>"),
        Err(Violation::Missing("Action"))
    );
    let unnamed = "<a:Action>urn:x:op</a:Action>";
    assert_eq!(checked(unnamed), Err(Violation::Missing("MessageID")));
    let oneway = check(unnamed, Addressing::On(Edition::W3c), "", false);
    assert_eq!(oneway, Ok(()));
}

#[test]
fn actions_that_contradict_are_refused() {
    let on = Addressing::On(Edition::W3c);
    assert_eq!(check(GOOD, on, "urn:x:op", true), Ok(()));
    assert_eq!(
        check(GOOD, on, "urn:x:other", true),
        Err(Violation::ActionMismatch)
    );
    let other = GOOD.replace("x:op", "x:other");
    assert_eq!(
        checked(&other),
        Err(Violation::ActionNotSupported {
            found: "urn:x:other".to_owned(),
            expected: "urn:x:op".to_owned()
        })
    );
}

#[test]
fn answers_go_back_or_nowhere() {
    for name in ["ReplyTo", "FaultTo"] {
        assert_eq!(checked(&reply_to(name, HERE)), Ok(()));
        assert_eq!(checked(&reply_to(name, NOBODY)), Ok(()));
        for elsewhere in [
            "http://169.254.169.254/latest",
            "http://127.0.0.1:1/",
            Edition::Submission.anonymous(),
        ] {
            assert_eq!(
                checked(&reply_to(name, elsewhere)),
                Err(Violation::Elsewhere(name))
            );
        }
    }
    let way = |headers: &str| Way::of(read(headers)).unwrap();
    let nobody = way(&reply_to("ReplyTo", NOBODY));
    assert!(nobody.is_to_nobody(false) && nobody.is_to_nobody(true));
    let fault = way(&reply_to("FaultTo", NOBODY));
    assert!(!fault.is_to_nobody(false) && fault.is_to_nobody(true));
    let both = format!(
        "<a:Action>urn:x:op</a:Action><a:ReplyTo><a:Address>{NOBODY}</a:Address></a:ReplyTo>\
         <a:FaultTo><a:Address>{HERE}</a:Address></a:FaultTo>"
    );
    assert_eq!(checked(&both), Ok(()), "no answer, so no id is needed");
    assert!(way(&both).is_to_nobody(false) && !way(&both).is_to_nobody(true));
}

#[test]
fn malformed_headers_are_told_by_their_rule() {
    let long = |len: usize| format!("<a:Action>{}</a:Action>", "x".repeat(len));
    assert_eq!(read(&long(URI_BYTES_MAX)).violation, None);
    for (headers, expected) in [
        (
            "<a:To>urn:1</a:To><a:To>urn:1</a:To>".to_owned(),
            Violation::Repeated("To"),
        ),
        ("<a:Action/>".to_owned(), Violation::NoUri("Action")),
        (
            "<a:Action>two words</a:Action>".to_owned(),
            Violation::NoUri("Action"),
        ),
        ("<a:ReplyTo/>".to_owned(), Violation::NoAddress("ReplyTo")),
        (
            "<a:From><Address>urn:x</Address></a:From>".to_owned(),
            Violation::NoAddress("From"),
        ),
        (
            "<a:FaultTo><a:Address>urn:1</a:Address><a:Address>urn:2</a:Address></a:FaultTo>"
                .to_owned(),
            Violation::Repeated("FaultTo"),
        ),
        (
            long(URI_BYTES_MAX + 1),
            Violation::TooLong {
                name: "Action",
                bytes: URI_BYTES_MAX + 1,
                bytes_max: URI_BYTES_MAX,
            },
        ),
    ] {
        assert_eq!(read(&headers).violation, Some(expected), "{headers}");
    }
    let found = read("<a:Action>urn:<b/></a:Action><a:MessageID>urn:1</a:MessageID>");
    assert!(matches!(found.violation, Some(Violation::Malformed(_))));
    assert_eq!(found.message_id.as_deref(), Some("urn:1"), "answered by it");
}

#[test]
fn calls_for_an_object_of_before_are_refused() {
    let to = |object: &str| format!("{GOOD}<r:object xmlns:r='urn:rmix:soap'>{object}</r:object>");
    assert_eq!(checked(&to("17")), Ok(()));
    assert_eq!(checked(&to("16")), Err(Violation::OtherObject));
    assert_eq!(checked(&to("x")), Err(Violation::OtherObject));
}

#[test]
fn answer_names_its_request_and_echoes_parameters() {
    let headers = format!(
        "<a:Action>urn:x:op</a:Action><a:MessageID>urn:id:&lt;1&gt;</a:MessageID>\
         <a:ReplyTo><a:Address>{HERE}</a:Address><a:ReferenceParameters xmlns:k='urn:k'>\
         <k:key a:note='1' xmlns='urn:d'><inner>&amp;</inner></k:key></a:ReferenceParameters></a:ReplyTo>"
    );
    let way = Way::of(read(&headers)).unwrap();
    let written = way.headers("urn:x:opResponse", MessageId(1), false);
    let found = read(&String::from_utf8(written.clone()).unwrap());
    assert_eq!(found.violation, None);
    assert_eq!(found.relates_to, ["urn:id:<1>"]);
    assert_eq!(found.action.as_deref(), Some("urn:x:opResponse"));
    assert_eq!(found.to.as_deref(), Some(HERE));
    let whole = envelope(&String::from_utf8(written).unwrap());
    let key = whole.headers().last().unwrap();
    assert_eq!((key.namespace(), key.local()), ("urn:k", "key"));
    let text = String::from_utf8_lossy(&whole.text()[key.range()]).into_owned();
    assert!(text.contains(":IsReferenceParameter=\"true\""), "{text}");
    assert!(text.ends_with("><inner>&amp;</inner></k:key>"), "{text}");
}

fn parameters(text: &str) -> Result<Parameters, String> {
    Parameters::parse(text, XmlLimits::default()).map_err(|found| found.text().into_owned())
}

fn put(parameters: &Parameters) -> String {
    let mut out = Vec::new();
    parameters.put(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn parameters_stay_as_they_are_however_often_they_are_echoed() {
    let text = "<a xmlns=\"urn:a\" wsa='x'>1</a><b:b xmlns:b=\"urn:b\"/>";
    let mut found = parameters(text).unwrap();
    assert_eq!(put(&found), text);
    let mut length = 0;
    for _ in 0..3 {
        let mut out = Vec::new();
        found.put_as_headers(Edition::W3c, &mut out);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches("IsReferenceParameter").count(), 2, "{text}");
        found = parameters(&text).unwrap();
        assert_eq!(put(&found).matches("IsReferenceParameter").count(), 0);
        assert!(text.len() >= length);
        length = text.len();
    }
    assert!(parameters("").unwrap().is_empty());
}

#[test]
fn parameters_that_are_no_elements_or_too_many_are_refused() {
    for broken in [
        "text",
        "<a>",
        "</p><p>",
        "<a:b/>",
        "<a/></p>",
        "<!DOCTYPE x><a/>",
    ] {
        assert!(parameters(broken).is_err(), "{broken}");
    }
    let many = |count: usize| "<a/>".repeat(count);
    assert!(parameters(&many(16)).is_ok());
    assert_eq!(
        parameters(&many(17)),
        Err("soap_reference_parameters".to_owned())
    );
    let long = |len: usize| format!("<a>{}</a>", "x".repeat(len - 7));
    assert!(parameters(&long(PARAMETERS_BYTES_MAX)).is_ok());
    assert_eq!(
        parameters(&long(PARAMETERS_BYTES_MAX + 1)),
        Err("soap_reference_parameters_bytes".to_owned())
    );
    // As it stands, before anything of it is left out.
    let marked = |len: usize| {
        let name = "a xmlns:w='http://www.w3.org/2005/08/addressing' w:IsReferenceParameter='true'";
        format!("<{name}>{}</a>", "x".repeat(len - name.len() - 6))
    };
    assert!(parameters(&marked(PARAMETERS_BYTES_MAX)).is_ok());
    assert_eq!(
        parameters(&marked(PARAMETERS_BYTES_MAX + 1)),
        Err("soap_reference_parameters_bytes".to_owned())
    );
}

#[test]
fn answers_are_held_against_their_request() {
    let sent = MessageId(7);
    let answer = |headers: &str, addressing, is_fault| {
        check_answer(&read(headers), addressing, sent, is_fault)
    };
    let right = format!("<a:Action>urn:r</a:Action><a:RelatesTo>{sent}</a:RelatesTo>");
    let wrong = format!("<a:RelatesTo>{}</a:RelatesTo>", MessageId(8));
    let (on, required) = (
        Addressing::On(Edition::W3c),
        Addressing::Required(Edition::W3c),
    );
    assert_eq!(answer(&right, required, false), Ok(()));
    assert!(answer(&wrong, on, false).is_err());
    assert!(answer(&wrong, on, true).is_err());
    assert!(answer("<a:Action>urn:r</a:Action>", on, false).is_err());
    assert_eq!(answer("<a:Action>urn:r</a:Action>", on, true), Ok(()));
    assert_eq!(answer("", on, false), Ok(()));
    assert!(answer("", required, false).is_err());
    let other = format!("<a:RelatesTo RelationshipType='urn:other'>{sent}</a:RelatesTo>");
    assert!(answer(&other, on, false).is_err());
    let unspecified = format!(
        "<a:RelatesTo>{}/unspecified</a:RelatesTo>",
        Edition::W3c.namespace()
    );
    assert_eq!(answer(&unspecified, required, true), Ok(()));
    assert!(answer(&unspecified, on, false).is_err());
}

#[test]
fn request_says_where_what_and_who() {
    let parameters = parameters("<k xmlns='urn:k'/>").unwrap();
    for edition in Edition::ALL {
        let to = "http://h/x?a=1&b".to_owned();
        let headers = RequestHeaders::new(edition, true, to, parameters.clone());
        let mut out = Vec::new();
        headers.put("urn:x:op", MessageId(3), true, &mut out);
        let text = String::from_utf8(out).unwrap().replace("soap:", "s:");
        let found = read(&text);
        assert_eq!(found.violation, None);
        assert_eq!(found.edition, Some(edition));
        assert_eq!(found.to.as_deref(), Some("http://h/x?a=1&b"));
        assert_eq!(found.message_id, Some(MessageId(3).to_string()));
        assert_eq!(found.reply_to.unwrap().address, edition.anonymous());
        let whole = envelope(&text);
        assert!(whole.headers()[0].must_understand());
        assert_eq!(whole.headers().last().unwrap().local(), "k");
        assert_eq!(
            text.contains("IsReferenceParameter"),
            edition == Edition::W3c
        );
    }
    let headers = RequestHeaders::new(
        Edition::W3c,
        false,
        "urn:x".to_owned(),
        Parameters::default(),
    );
    let mut out = Vec::new();
    headers.put("urn:x:op", MessageId(3), false, &mut out);
    assert!(read(&String::from_utf8(out).unwrap()).reply_to.is_none());
}

#[test]
fn message_ids_are_uuids_of_version_4() {
    assert_eq!(
        MessageId(u128::MAX).to_string(),
        "urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff"
    );
    assert_eq!(
        MessageId(0).to_string(),
        "urn:uuid:00000000-0000-4000-8000-000000000000"
    );
}

#[test]
fn faults_are_named_as_each_edition_and_version_has_them() {
    let names = |violation: &Violation, edition| -> Vec<&str> {
        let subcodes = violation.subcodes(edition);
        subcodes.into_iter().map(|name| name.local).collect()
    };
    let elsewhere = Violation::Elsewhere("ReplyTo");
    assert_eq!(
        names(&elsewhere, Edition::W3c),
        ["InvalidAddressingHeader", "OnlyAnonymousAddressSupported"]
    );
    assert_eq!(
        names(&elsewhere, Edition::Submission),
        ["InvalidMessageInformationHeader"]
    );
    let way = Way::of(read(GOOD)).unwrap();
    let (headers, detail) = way.refusal(&elsewhere, MessageId(1), Version::Soap11);
    let headers = String::from_utf8(headers).unwrap();
    assert!(detail.is_empty());
    assert!(headers.contains(">wsa:ReplyTo</wsa:ProblemHeaderQName></wsa:FaultDetail>"));
    assert!(headers.contains("2005/08/addressing/fault<"));
    let (headers, detail) = way.refusal(&elsewhere, MessageId(1), Version::Soap12);
    assert!(!String::from_utf8(headers).unwrap().contains("FaultDetail"));
    assert!(String::from_utf8(detail).unwrap().contains("wsa:ReplyTo"));
    assert!(way.fault_action().ends_with("/soap/fault"));
}
