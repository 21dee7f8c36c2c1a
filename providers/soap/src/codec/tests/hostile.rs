//! Bytes of nobody's making: every cut, every changed byte, floods, and what XML is abused for.

use super::interface::*;
use super::{Case, case, envelope};
use crate::xml::XmlLimits;

/// Reads a message as whatever the case's operation takes; only that it neither panics nor hangs matters.
type Read = fn(&Case, &[u8]) -> Result<(), String>;

fn read<T: serde::de::DeserializeOwned>(case: &Case, message: &[u8]) -> Result<(), String> {
    let limits = XmlLimits::default();
    let bytes = bytes::Bytes::copy_from_slice(message);
    let len = bytes.len();
    let envelope =
        super::Envelope::read(bytes, 0..len, None, &limits).map_err(|error| error.message)?;
    if envelope.operation(&case.plan) != Some(case.place) {
        return Err("another operation".into());
    }
    let dec = envelope
        .into_request(&case.plan, case.place, Default::default(), (64, 100_000))
        .map_err(|error| error.message)?;
    let read = rmix_abi::host::codec::decode_value::<T>(dec);
    let read = read
        .inspect_err(|error| assert_ne!(error.class(), rmix_abi::tables::fault::PANIC, "{error}"));
    read.map(drop).map_err(|error| error.to_string())
}

fn samples() -> Vec<(Case, String, Read)> {
    let facets = Facets {
        label: Some("<&\">".into()),
        list: vec![1, 2],
        words: vec!["a".into()],
        hex: vec![1, 2],
        nil: Some(None),
        wrapped: vec![
            Plain::default(),
            Plain {
                many: vec!["m".into()],
                ..Plain::default()
            },
        ],
        numbers: vec![0.5, f64::NAN],
        tail: Some(1),
        ..Facets::default()
    };
    let wrapped = |method| case(&WRAPPED, method);
    let tree = "<x:tree><in href='#a'/></x:tree><m id='a'><value>1</value><children><i><value href='#v'/>\
                <children/></i></children></m><m id='v'> 2 </m>";
    let interleaved = "<x:plain xmlns='urn:t'><in><many>a</many><!--c--><name><![CDATA[x]]>&#x41;</name><many>b</many>\
                       <count>1</count></in></x:plain>";
    vec![
        (
            wrapped("facets"),
            wrapped("facets").try_request(&facets).unwrap(),
            read::<Facets>,
        ),
        (wrapped("plain"), envelope(interleaved), read::<Plain>),
        (
            wrapped("repeated"),
            wrapped("repeated")
                .try_request(&Repeated {
                    all: vec![
                        Either::Pair(1, "p".into()),
                        Either::Nothing,
                        Either::Number(2),
                    ],
                })
                .unwrap(),
            read::<Repeated>,
        ),
        (
            wrapped("shape"),
            wrapped("shape")
                .try_request(&AnyShape::Circle(Circle {
                    name: "c".into(),
                    radius: 1.0,
                }))
                .unwrap(),
            read::<AnyShape>,
        ),
        (case(&ENCODED, "tree"), envelope(tree), read::<Tree>),
        (
            wrapped("bytes"),
            wrapped("bytes").try_request(&vec![9u8; 100]).unwrap(),
            read::<Vec<u8>>,
        ),
        (
            wrapped("matrix"),
            wrapped("matrix")
                .try_request(&vec![vec![1, 2], vec![]])
                .unwrap(),
            read::<Vec<Vec<i32>>>,
        ),
    ]
}

#[test]
fn every_sample_reads_and_no_cut_of_it_does() {
    for (case, message, read) in samples() {
        assert_eq!(read(&case, message.as_bytes()), Ok(()), "{message}");
        for cut in 0..message.len() {
            let result = read(&case, &message.as_bytes()[..cut]);
            assert!(result.is_err(), "cut at {cut}: {message}");
        }
    }
}

#[test]
fn no_changed_byte_panics() {
    for (case, message, read) in samples() {
        for place in 0..message.len() {
            for byte in [b'<', b'>', b'&', b'"', b'/', b'!', 0xff] {
                let mut changed = message.clone().into_bytes();
                changed[place] = byte;
                let _ = read(&case, &changed);
            }
        }
    }
}

/// The next of a sequence that one seed fixes (xorshift).
fn next(seed: &mut u64) -> usize {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    usize::try_from(*seed >> 33).unwrap()
}

#[test]
fn spliced_samples_do_not_panic() {
    for start in 1..=150u64 {
        let mut seed = start.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for (case, message, read) in samples() {
            let mut spliced = message.clone().into_bytes();
            for _ in 0..4 {
                let from = next(&mut seed) % message.len();
                let piece =
                    &message.as_bytes()[from..message.len().min(from + next(&mut seed) % 40)];
                let into = next(&mut seed) % spliced.len();
                let over = (next(&mut seed) % 20).min(spliced.len() - into);
                spliced.splice(into..into + over, piece.iter().copied());
            }
            let result = std::panic::catch_unwind(|| read(&case, &spliced));
            assert!(
                result.is_ok(),
                "seed {start}: {}",
                String::from_utf8_lossy(&spliced)
            );
        }
    }
}

fn refused(body: &str) -> String {
    case(&WRAPPED, "plain")
        .read_request::<Plain>(&envelope(body))
        .unwrap_err()
}

#[test]
fn what_xml_is_abused_for_is_refused() {
    let plain = case(&WRAPPED, "plain");
    let dtd = format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{}", envelope("<x:plain/>"));
    let error = plain.read_request::<Plain>(&dtd).unwrap_err();
    assert_eq!(
        error,
        "a SOAP message has no document type declaration (line 1, column 1)"
    );
    let inner = refused("<x:plain><in><!DOCTYPE x></in></x:plain>");
    assert!(
        inner.starts_with("a SOAP message has no document type declaration"),
        "{inner}"
    );
    let instruction = refused("\n<?php x ?><x:plain/>");
    assert!(
        instruction.starts_with("a SOAP message has no processing instructions (line 2, column 1)"),
        "{instruction}"
    );
    let field = |text: &str| {
        refused(&format!(
            "<x:plain><in><name>{text}</name><count>1</count></in></x:plain>"
        ))
    };
    for text in [
        "&a;",
        "&#0;",
        "&#xD800;",
        "&#x110000;",
        "&#;",
        "&#x;",
        "&#99999999999;",
        "&AMP;",
        "&#xfffe;",
    ] {
        let error = field(text);
        assert!(
            error.starts_with("a reference is neither"),
            "{text}: {error}"
        );
    }
    assert!(field("&amp").starts_with("a reference does not end"));
    assert!(field("a\u{1}").starts_with("XML has no control characters"));
    assert!(field("<b/>").starts_with("an element stands where text is expected"));
}

#[test]
fn broken_tags_are_told_with_their_place() {
    for (body, rule) in [
        (
            "<x:plain><in><name>n</name><count>1</count></x:plain></in>",
            "an end tag has another name than its start tag",
        ),
        ("<x:plain a='1' a='2'/>", "an attribute stands there twice"),
        ("<x:plain a=1/>", "an attribute's value is not quoted"),
        ("<x:plain a/>", "an attribute has no value"),
        ("<x:plain a='<'/>", "a < stands in an attribute's value"),
        (
            "<x:plain a='1'b='2'/>",
            "white space is missing before an attribute",
        ),
        ("<y:plain/>", "a prefix is not declared"),
        (
            "<x:plain xmlns:z=''/>",
            "a prefix is declared without a namespace",
        ),
        ("<:plain/>", "a name is expected"),
        ("<x:/>", "a name is expected"),
        ("<x:y:z/>", "a name is expected"),
        ("<1/>", "a name is expected"),
        ("< plain/>", "a name is expected"),
        (
            "<x:plain\u{7f}/>",
            "a name has a character that names do not have",
        ),
        (
            "<!-- a -- b --><x:plain/>",
            "two hyphens stand in a comment",
        ),
        ("<x:plain>text</x:plain>", "text stands between elements"),
    ] {
        let error = refused(body);
        assert!(error.starts_with(rule), "{body}: {error}");
    }
}

fn within(limits: XmlLimits, body: &str) -> Result<Plain, String> {
    case(&WRAPPED, "plain").read_request_within(envelope(body).as_bytes(), &limits)
}

/// At the limit the message is read, below it the limit is named with both numbers.
fn check_limit(name: &str, body: &str, at: usize, limits: impl Fn(usize) -> XmlLimits) {
    let read = within(limits(at), body);
    assert!(read.is_ok(), "{name} {at}: {read:?}");
    let error = within(limits(at - 1), body).unwrap_err();
    assert!(error.starts_with(name), "{error}");
    let limit = format!("limit {}", at - 1);
    assert!(error.contains(&limit), "{error}");
}

#[test]
fn every_limit_holds_at_its_number_and_not_one_beyond() {
    let all = XmlLimits::default();
    let plain = |name: &str, extra: &str| {
        format!("<x:plain><in{extra}><name>{name}</name><count>1</count></in></x:plain>")
    };
    check_limit("xml_depth", &plain("n", ""), 5, |depth| XmlLimits {
        depth,
        ..all
    });
    let attributes: String = (0..10).map(|number| format!(" a{number}='1'")).collect();
    check_limit(
        "xml_attributes",
        &plain("n", &attributes),
        10,
        |attributes| XmlLimits { attributes, ..all },
    );
    let spaces: String = (0..7)
        .map(|number| format!(" xmlns:n{number}='u'"))
        .collect();
    check_limit("xml_namespaces", &plain("n", &spaces), 10, |namespaces| {
        XmlLimits { namespaces, ..all }
    });
    let long = format!(" {}='1'", "a".repeat(30));
    check_limit("xml_name_bytes", &plain("n", &long), 30, |name_bytes| {
        XmlLimits { name_bytes, ..all }
    });
    let elements = |elements: usize| XmlLimits {
        elements: elements as u64,
        ..all
    };
    check_limit("xml_elements", &plain("n", ""), 6, elements);
}

#[test]
fn texts_and_header_blocks_are_limited() {
    let all = XmlLimits::default();
    let text = "t".repeat(400);
    for text in [
        text.clone(),
        format!("<![CDATA[{text}]]>"),
        format!("{}<!---->{}", &text[..200], &text[200..]),
    ] {
        let body = format!("<x:plain><in><name>{text}</name><count>1</count></in></x:plain>");
        let document = case(&WRAPPED, "plain");
        let limits = |text_bytes| XmlLimits { text_bytes, ..all };
        // The whole message is a text to whoever finds out its encoding, where it has to be made UTF-8.
        let read = |bytes| {
            document.read_request_within::<Plain>(envelope(&body).as_bytes(), &limits(bytes))
        };
        assert!(read(400).is_ok());
        assert!(
            read(399)
                .unwrap_err()
                .starts_with("xml_text_bytes, 400 declared, limit 399")
        );
    }
    let blocks = |count: usize| {
        let message = envelope("<x:plain><in><name>n</name><count>1</count></in></x:plain>");
        message.replace(
            "<s:Body>",
            &format!("<s:Header>{}</s:Header><s:Body>", "<x:h/>".repeat(count)),
        )
    };
    let plain = case(&WRAPPED, "plain");
    let limits = XmlLimits { headers: 3, ..all };
    assert!(
        plain
            .read_request_within::<Plain>(blocks(3).as_bytes(), &limits)
            .is_ok()
    );
    let error = plain
        .read_request_within::<Plain>(blocks(4).as_bytes(), &limits)
        .unwrap_err();
    assert!(
        error.starts_with("soap_headers, 4 found, limit 3"),
        "{error}"
    );
}

#[test]
fn text_through_references_is_limited() {
    let tree = case(&ENCODED, "strings");
    let body = format!(
        "<x:strings><in>{}</in></x:strings><m id='a'>{}</m>",
        "<i href='#a'/>".repeat(10),
        "t".repeat(50)
    );
    let read = |reference_bytes| {
        let limits = XmlLimits {
            reference_bytes,
            ..XmlLimits::default()
        };
        tree.read_request_within::<Vec<String>>(envelope(&body).as_bytes(), &limits)
    };
    assert_eq!(read(500).unwrap().len(), 10);
    assert!(
        read(499)
            .unwrap_err()
            .starts_with("xml_reference_bytes, 500 declared, limit 499")
    );
}
