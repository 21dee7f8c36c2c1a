//! Envelopes up to the body: versions, encodings, header blocks.

use bytes::Bytes;

use super::{Envelope, EnvelopeErrorKind, Version};
use crate::xml::{XmlLimits, line_and_column, to_utf8};

const OLD: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const NEW: &str = "http://www.w3.org/2003/05/soap-envelope";

fn read(message: &[u8]) -> Result<Envelope, super::EnvelopeError> {
    let bytes = Bytes::copy_from_slice(message);
    let len = bytes.len();
    Envelope::read(bytes, 0..len, None, &XmlLimits::default())
}

fn refused(message: &str) -> (EnvelopeErrorKind, String) {
    let error = read(message.as_bytes()).unwrap_err();
    (error.kind, error.message)
}

#[test]
fn version_is_the_namespace() {
    for (namespace, version) in [(OLD, Version::Soap11), (NEW, Version::Soap12)] {
        let message =
            format!("<?xml version='1.0'?>\n<Envelope xmlns='{namespace}'><Body/></Envelope>");
        let envelope = read(message.as_bytes()).unwrap();
        assert_eq!(envelope.version(), version);
        assert_eq!(envelope.body(), None);
    }
    let (kind, message) = refused("<e:Envelope xmlns:e='urn:soap3'><e:Body/></e:Envelope>");
    assert_eq!(kind, EnvelopeErrorKind::VersionMismatch);
    assert_eq!(
        message,
        "the envelope is neither of SOAP 1.1 nor of 1.2: its namespace is \"urn:soap3\""
    );
}

#[test]
fn what_is_no_envelope_is_told_with_line_and_column() {
    for (message, expected) in [
        ("", "the document ends early (line 1, column 1)"),
        (
            "\n <html/>",
            "the root element is not an Envelope (line 2, column 2)",
        ),
        ("hello", "text stands between elements (line 1, column 1)"),
        (
            &format!("<Envelope xmlns='{OLD}'/>"),
            "the envelope has no Body (line 1, column 62)",
        ),
        (
            &format!("<Envelope xmlns='{OLD}'>\n<Foot/></Envelope>"),
            "an envelope has a Header and a Body, and here is something else (line 2, column 1)",
        ),
        (
            &format!("<e:Envelope xmlns:e='{OLD}'><Body/></e:Envelope>"),
            "an envelope has a Header and a Body, and here is something else (line 1, column 65)",
        ),
    ] {
        assert_eq!(
            refused(message),
            (EnvelopeErrorKind::Malformed, expected.to_owned())
        );
    }
}

#[test]
fn header_blocks_are_listed_with_whom_they_are_for() {
    let message = format!(
        "<e:Envelope xmlns:e='{NEW}'><e:Header xmlns:h='urn:h'><h:a e:mustUnderstand=' true '>x</h:a>\
         <b e:role='{NEW}/role/next' xmlns='urn:b'/><h:c e:role='urn:other' e:mustUnderstand='1'/></e:Header>\
         <e:Body xmlns:b='urn:body'><b:op/></e:Body></e:Envelope>"
    );
    let envelope = read(message.as_bytes()).unwrap();
    let blocks: Vec<_> = envelope
        .headers()
        .iter()
        .map(|block| {
            (
                block.namespace(),
                block.local(),
                block.must_understand(),
                block.is_for_us(),
            )
        })
        .collect();
    assert_eq!(
        blocks,
        [
            ("urn:h", "a", true, true),
            ("urn:b", "b", false, true),
            ("urn:h", "c", true, false)
        ]
    );
    let range = envelope.headers()[0].range();
    assert_eq!(
        &envelope.text()[range],
        b"<h:a e:mustUnderstand=' true '>x</h:a>"
    );
    let body = envelope.body().unwrap();
    assert_eq!((&*body.namespace, &*body.local), ("urn:body", "op"));
    let broken = message.replace("' true '", "'yes'");
    assert!(
        refused(&broken)
            .1
            .starts_with("the text is not a truth value")
    );
}

#[test]
fn namespaces_of_the_header_are_not_those_of_the_body() {
    let message = format!(
        "<e:Envelope xmlns:e='{OLD}'><e:Header xmlns:h='urn:h'><h:a/></e:Header><e:Body><h:op/></e:Body></e:Envelope>"
    );
    assert!(refused(&message).1.starts_with("a prefix is not declared"));
}

#[test]
fn every_encoding_reads_the_same() {
    let text = format!("<e:Envelope xmlns:e='{OLD}'><e:Body><ö>ü𝄞</ö></e:Body></e:Envelope>");
    let wide = |unit: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
        format!("{mark}<?xml version='1.0' encoding='UTF-16'?>{text}")
            .encode_utf16()
            .flat_map(unit)
            .collect()
    };
    for message in [
        text.clone().into_bytes(),
        format!("\u{feff}{text}").into_bytes(),
        format!("<?xml version='1.0' encoding='utf-8' standalone='yes'?>{text}").into_bytes(),
        wide(u16::to_be_bytes, "\u{feff}"),
        wide(u16::to_le_bytes, "\u{feff}"),
        wide(u16::to_be_bytes, ""),
        wide(u16::to_le_bytes, ""),
    ] {
        let envelope = read(&message).unwrap();
        assert_eq!(&*envelope.body().unwrap().local, "ö");
        assert!(
            envelope
                .text()
                .ends_with("<ö>ü𝄞</ö></e:Body></e:Envelope>".as_bytes())
        );
    }
    let latin: Vec<u8> = format!("<?xml version='1.0' encoding='ISO-8859-1'?><e:Envelope xmlns:e='{OLD}'><e:Body><o/></e:Body><!-- ")
        .into_bytes().into_iter().chain([0xfc]).chain(b" --></e:Envelope>".iter().copied()).collect();
    assert!(
        read(&latin)
            .unwrap()
            .text()
            .ends_with("<!-- ü --></e:Envelope>".as_bytes())
    );
}

#[test]
fn encodings_that_do_not_hold_are_refused() {
    for (message, rule) in [
        (&b"<a>\xff</a>"[..], "the message is not UTF-8"),
        (b"\xfe\xff\x00<\x00", "UTF-16 has an even number of bytes"),
        (
            b"\xfe\xff\xd8\x00\x00<",
            "half a surrogate pair stands in UTF-16",
        ),
        (
            b"<?xml version='1.0' encoding='UTF-16'?><a/>",
            "the message is not UTF-16 as it declares",
        ),
        (
            b"<?xml version='1.0' encoding='US-ASCII'?><a>\xc3\xbc</a>",
            "the message is not US-ASCII as it declares",
        ),
        (
            b"<?xml version='1.0' encoding='EBCDIC'?><a/>",
            "the message's encoding is none of UTF-8",
        ),
        (b"<?xml version='1.1'?><a/>", "SOAP messages are XML 1.0"),
        (b"<?xml version='1.0'", "the XML declaration does not end"),
    ] {
        let error = read(message).unwrap_err();
        assert!(error.message.starts_with(rule), "{error}");
    }
    assert!(to_utf8(b"<a/>", Some("utf-16"), 99).is_err());
    assert!(to_utf8("ü".as_bytes(), Some("US-ASCII"), 99).is_err());
    let wide: Vec<u8> = "\u{feff}aaaa"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    assert!(to_utf8(&wide, None, 4).is_ok());
    assert!(
        to_utf8(&wide, None, 3)
            .unwrap_err()
            .text()
            .starts_with("message_bytes")
    );
}

#[test]
fn places_are_lines_and_columns_from_one() {
    assert_eq!(line_and_column(b"", 0), (1, 1));
    assert_eq!(line_and_column(b"a\nbc", 1), (1, 2));
    assert_eq!(line_and_column(b"a\nbc", 2), (2, 1));
    assert_eq!(line_and_column(b"a\nbc", 99), (2, 3));
}
