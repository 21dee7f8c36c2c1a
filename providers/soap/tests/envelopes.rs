//! Requests of peers that are unlike ours, as raw HTTP: what is tolerated, and the fault and status of what is not.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use rmix::Exported;

use crate::calls::{MyStation, StationSkeleton, runtime};

pub(crate) const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
pub(crate) const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";

fn exported() -> (rmix::Runtime, Exported, String) {
    let rmix = runtime();
    let skeleton = StationSkeleton::new(MyStation::default());
    let endpoint = "soap+http://127.0.0.1:0/station?schemas=separate";
    let exported = rmix.export_blocking(skeleton, [endpoint]).unwrap();
    let endpoint = exported.endpoints()[0].to_string();
    let authority = endpoint.strip_prefix("soap+http://").unwrap();
    let authority = authority.split('/').next().unwrap().to_owned();
    (rmix, exported, authority)
}

/// Status and whole answer.
pub(crate) fn ask(authority: &str, head: &str, body: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(authority).unwrap();
    let length = body.len();
    let head = format!(
        "{head}\r\nHost: example.org\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer)
}

fn post(authority: &str, fields: &str, body: impl AsRef<[u8]>) -> (u16, String) {
    let head = format!("POST /station HTTP/1.1\r\n{fields}");
    ask(authority, &head, body.as_ref())
}

pub(crate) fn envelope(version: &str, header: &str, body: &str) -> String {
    format!(
        "<e:Envelope xmlns:e='{version}'><e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
    )
}

const ADD: &str =
    "<t:add xmlns:t='urn:test:station'><b> 2 </b><!-- the order is another --><a>1</a></t:add>";

#[test]
fn requests_that_are_unlike_ours_are_understood() {
    let (_rmix, _exported, authority) = exported();
    let xml = "Content-Type: text/xml";
    let plain = envelope(SOAP11, "", ADD);
    let default = format!(
        "<Envelope xmlns='{SOAP11}'><Body><add xmlns='urn:test:station'><a xmlns=''>1</a><b xmlns=''><![CDATA[2]]></b></add></Body></Envelope>"
    );
    let optional = envelope(SOAP11, "<x:y xmlns:x='urn:x' e:mustUnderstand='0'/>", ADD);
    let elsewhere = envelope(
        SOAP11,
        "<x:y xmlns:x='urn:x' e:mustUnderstand='1' e:actor='urn:somebody'/>",
        ADD,
    );
    let own = envelope(
        SOAP11,
        "<x:y xmlns:x='urn:x' mustUnderstand='1' actor='x'/>",
        ADD,
    );
    let utf16: Vec<u8> = format!("\u{feff}{plain}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let bom = format!("\u{feff}{plain}");
    for (fields, body) in [
        (xml, plain.as_bytes()),
        (xml, default.as_bytes()),
        (xml, optional.as_bytes()),
        (xml, elsewhere.as_bytes()),
        // Attributes without a prefix are the block's own.
        (xml, own.as_bytes()),
        (xml, &utf16),
        (xml, bom.as_bytes()),
        (
            "Content-Type: text/xml; charset=utf-8\r\nSOAPAction: \"\"",
            plain.as_bytes(),
        ),
        (
            "Content-Type: text/xml\r\nSOAPAction: urn:any",
            plain.as_bytes(),
        ),
        ("Content-Type: application/xml", plain.as_bytes()),
    ] {
        let (status, answer) = post(&authority, fields, body);
        assert_eq!(status, 200, "{fields}: {answer}");
        assert!(answer.contains("<return>3</return>"), "{answer}");
        assert!(answer.contains(SOAP11), "{answer}");
    }
    let newer = envelope(SOAP12, "", ADD);
    let (status, answer) = post(
        &authority,
        "Content-Type: application/soap+xml; action=\"x\"",
        newer,
    );
    assert_eq!(status, 200);
    assert!(
        answer.contains("application/soap+xml") && answer.contains(SOAP12),
        "{answer}"
    );
}

/// Asks, and compares status and what the answer says.
#[track_caller]
fn check(authority: &str, fields: &str, body: &str, status: u16, says: [&str; 2]) {
    let (found, answer) = post(authority, fields, body);
    assert_eq!(found, status, "{body}: {answer}");
    for said in says {
        assert!(answer.contains(said), "{body}: {answer}");
    }
    assert!(!answer.contains("src/"), "{answer}");
}

const XML: &str = "Content-Type: text/xml";
const NEWER: &str = "Content-Type: application/soap+xml";

#[test]
fn envelopes_that_are_wrong_have_their_fault_and_status() {
    let (_rmix, _exported, authority) = exported();
    let must = |version| envelope(version, "<x:y xmlns:x='urn:x' e:mustUnderstand='1'/>", ADD);
    let check = |fields, body: &str, status, says| check(&authority, fields, body, status, says);
    check(XML, &must(SOAP11), 500, ["soap:MustUnderstand", "{urn:x}y"]);
    check(
        NEWER,
        &must(SOAP12),
        500,
        ["soap:MustUnderstand", "{urn:x}y"],
    );
    let block = "<x:y xmlns:x='urn:x' role='admin' mustUnderstand='0' e:mustUnderstand='1'/>";
    let disguised = envelope(SOAP12, block, ADD);
    check(NEWER, &disguised, 500, ["soap:MustUnderstand", "{urn:x}y"]);
    let unknown = envelope("urn:soap:2.0", "", ADD);
    check(XML, &unknown, 500, ["soap:VersionMismatch", "urn:soap:2.0"]);
    let other = envelope(SOAP12, "", ADD);
    check(XML, &other, 400, ["soap:Sender", "announces"]);
    check(XML, "<e:Envelope", 500, ["soap:Client", "line 1"]);
    check(XML, "", 500, ["soap:Client", "faultstring"]);
    let plain = envelope(SOAP11, "", ADD);
    let typed = format!("<!DOCTYPE x [<!ENTITY a 'b'>]>{plain}");
    check(XML, &typed, 500, ["soap:Client", "type declaration"]);
    let deep = envelope(SOAP11, "", &"<x>".repeat(200));
    check(XML, &deep, 500, ["soap:Client", "faultstring"]);
}

#[test]
fn calls_that_are_wrong_have_their_fault_and_status() {
    let (_rmix, _exported, authority) = exported();
    let check = |fields, body: &str, status, says| check(&authority, fields, body, status, says);
    let none = "<t:none xmlns:t='urn:test:station'/>";
    let body = envelope(SOAP11, "", none);
    check(XML, &body, 500, ["soap:Client", "{urn:test:station}none"]);
    let body = envelope(SOAP12, "", none);
    check(NEWER, &body, 400, ["soap:Sender", "{urn:test:station}none"]);
    check(
        XML,
        &envelope(SOAP11, "", "<add/>"),
        500,
        ["soap:Client", "add"],
    );
    let bad = "<t:add xmlns:t='urn:test:station'><a>one</a><b>2</b></t:add>";
    check(XML, &envelope(SOAP11, "", bad), 500, ["soap:Client", "add"]);
    check(
        NEWER,
        &envelope(SOAP12, "", bad),
        400,
        ["soap:Sender", "add"],
    );
    let swap = "<t:swap xmlns:t='urn:test:station'><a>1</a><b>2</b></t:swap>";
    let action = "Content-Type: text/xml\r\nSOAPAction: \"urn:other\"";
    check(
        action,
        &envelope(SOAP11, "", swap),
        500,
        ["soap:Client", "contradicts"],
    );
    let (status, answer) = post(&authority, "Content-Type: text/html", "x");
    assert_eq!(status, 415, "{answer}");
    let (status, _) = ask(
        &authority,
        "POST /other HTTP/1.1\r\nContent-Type: text/xml",
        b"x",
    );
    assert_eq!(status, 404);
}

#[test]
fn descriptions_have_the_address_that_was_asked() {
    let (_rmix, _exported, authority) = exported();
    let get = |path: &str| ask(&authority, &format!("GET {path} HTTP/1.1"), b"");
    for query in ["?wsdl", "?WSDL", "?singleWsdl&wsdl"] {
        let (status, answer) = get(&format!("/station{query}"));
        assert_eq!(status, 200);
        assert!(answer.contains("http://example.org/station\""), "{answer}");
        assert!(
            answer.contains("http://example.org/station?xsd=0"),
            "{answer}"
        );
    }
    let (status, answer) = get("/station?xsd=0");
    assert_eq!(status, 200);
    assert!(answer.contains("<xs:schema"), "{answer}");
    for (path, expected) in [
        ("/station?xsd=99", 404),
        ("/station?xsd=x", 404),
        ("/station", 405),
        ("/other?wsdl", 404),
    ] {
        assert_eq!(get(path).0, expected, "{path}");
    }
}

#[test]
fn part_that_is_included_again_and_again_is_refused() {
    let (_rmix, _exported, authority) = exported();
    let include = "<xop:Include xmlns:xop='http://www.w3.org/2004/08/xop/include' href='cid:p'/>";
    let item = format!("<data>{include}</data>");
    let ask = |count: usize, part: &[u8]| {
        let body = format!(
            "<t:blobs xmlns:t='urn:test:station'>{}</t:blobs>",
            item.repeat(count)
        );
        let envelope = envelope(SOAP11, "", &body);
        let mut message = format!("--b\r\nContent-Type: application/xop+xml\r\nContent-ID: <e>\r\n\r\n{envelope}\r\n--b\r\nContent-ID: <p>\r\n\r\n").into_bytes();
        message.extend_from_slice(part);
        message.extend_from_slice(b"\r\n--b--\r\n");
        post(
            &authority,
            "Content-Type: multipart/related; boundary=b; start=\"<e>\"; type=\"application/xop+xml\"; start-info=\"text/xml\"",
            message,
        )
    };
    let (status, answer) = ask(3, &[b'x'; 1000]);
    assert_eq!(status, 200, "{answer}");
    assert!(answer.contains("<return>3000</return>"), "{answer}");
    let (status, answer) = ask(40, &vec![b'x'; 1 << 20]);
    assert_eq!(status, 500, "{answer}");
    assert!(answer.contains("xml_reference_bytes"), "{answer}");
}

#[test]
fn words_of_the_peer_are_cut_off_in_faults() {
    let (_rmix, _exported, authority) = exported();
    let long = "u:".to_owned() + &">".repeat(1 << 20);
    let action = format!("{XML}\r\nSOAPAction: \"{}\"", "a".repeat(5000));
    let swap = "<t:swap xmlns:t='urn:test:station'><a>1</a><b>2</b></t:swap>";
    let must = format!("<x:y xmlns:x='{long}' e:mustUnderstand='1'/>");
    for (fields, body) in [
        (
            XML,
            envelope(SOAP11, "", &format!("<t:none xmlns:t='{long}'/>")),
        ),
        (XML, envelope(SOAP11, &must, ADD)),
        (XML, envelope(&long, "", ADD)),
        (&action, envelope(SOAP11, "", swap)),
    ] {
        let (status, answer) = post(&authority, fields, body);
        assert_eq!(status, 500);
        assert!(answer.len() < 8000, "{} bytes", answer.len());
    }
}

#[test]
fn what_is_wrong_within_arguments_is_told_with_line_and_column() {
    let (_rmix, _exported, authority) = exported();
    let add = |inside: &str| {
        let body = format!("<t:add xmlns:t='urn:test:station'>\n{inside}</t:add>");
        envelope(SOAP11, "", &body)
    };
    for (inside, place) in [
        // Not well-formed, found when the call is read already.
        ("<a>1</a>\n <b>2</c>", "(line 3, column 8)"),
        ("<a>1</a>\n <b>2<!-- -- --></b>", "(line 3, column 11)"),
        ("<a>1</a><b>2</b>\n<b", "(line 3, column 3)"),
        ("<a>1</a>\n\n<b>&none;</b>", "(line 4, column 4)"),
        // No number; twice; missing; too many.
        ("<a>1</a>\n<b>two</b>", "(line 3, column 1)"),
        ("<a>1</a>\n", "(line 3, column 1)"),
    ] {
        let (status, answer) = post(&authority, XML, add(inside));
        assert_eq!(status, 500, "{inside}: {answer}");
        assert!(answer.contains("soap:Client"), "{inside}: {answer}");
        assert!(answer.contains(place), "{inside}: {answer}");
        assert!(!answer.contains("at byte"), "{inside}: {answer}");
    }
}
