//! What a decoder allocates for the bytes that were received: at most eight times as much at once, and a little.

use super::interface::*;
use super::{case, envelope};

/// Live bytes for each byte of the message (PROTOCOLS.md d0), and whatever its length.
const PER_BYTE: usize = 8;
const SLACK: usize = 64 * 1024;

/// Reads a message as what the operation takes, within the budget.
fn check<T: serde::de::DeserializeOwned>(
    desc: &'static rmix_abi::describe::InterfaceDesc,
    method: &str,
    body: &str,
) -> Result<T, String> {
    let case = case(desc, method);
    let message = envelope(body);
    let mut read = None;
    // The copy of the message that the test makes is not the decoder's.
    let allowed = (PER_BYTE + 1) * message.len() + SLACK;
    let used = allocation_counter::measure(|| read = Some(case.read_request::<T>(&message)));
    assert!(
        used.bytes_max <= allowed as u64,
        "{} bytes for {} of {method}",
        used.bytes_max,
        message.len()
    );
    read.unwrap()
}

#[test]
fn what_is_passed_over_costs_nothing_that_stays() {
    let plain = "<name>n</name><count>1</count>";
    let floods = [
        "<a/>".repeat(200_000),
        "<a b='c'/>".repeat(100_000),
        format!("{}{}", "<a>".repeat(50), "</a>".repeat(50)).repeat(1000),
        "<!---->".repeat(100_000),
    ];
    for flood in floods {
        let body = format!("<x:plain><in>{flood}{plain}</in></x:plain>");
        check::<Plain>(&WRAPPED, "plain", &body).unwrap();
    }
}

#[test]
fn interrupted_runs_are_indexed_within_the_budget() {
    let flood = "<many/><a/>".repeat(40_000);
    let other = "<many/><maybe/>".repeat(40_000);
    let plain = "<name>n</name><count>1</count>";
    let body = format!("<x:plain><in>{flood}{plain}</in></x:plain>");
    assert_eq!(
        check::<Plain>(&WRAPPED, "plain", &body).unwrap().many.len(),
        40_000
    );
    let body = format!("<x:plain><in>{other}{plain}</in></x:plain>");
    let twice = check::<Plain>(&WRAPPED, "plain", &body).unwrap_err();
    assert!(
        twice.contains("items") || twice.contains("twice") || twice.contains("number"),
        "{twice}"
    );
}

#[test]
fn numbers_and_texts_are_held_once_or_twice() {
    let body = format!("<x:f64s>{}</x:f64s>", "<in>1</in>".repeat(100_000));
    assert_eq!(
        check::<Vec<f64>>(&WRAPPED, "f64s", &body).unwrap().len(),
        100_000
    );
    let pieces = format!(
        "<x:string><in>{}</in></x:string>",
        "&#65;<!---->".repeat(50_000)
    );
    assert_eq!(
        check::<String>(&WRAPPED, "string", &pieces).unwrap().len(),
        50_000
    );
    let octets = format!("<x:bytes><in>{}</in></x:bytes>", "QUJD ".repeat(100_000));
    assert_eq!(
        check::<Vec<u8>>(&WRAPPED, "bytes", &octets).unwrap().len(),
        300_000
    );
}

#[test]
fn ids_are_found_within_the_budget() {
    let ids: String = (0..50_000)
        .map(|number| format!("<m id='{number}'/>"))
        .collect();
    let body = format!("<x:tree><in href='#a'/></x:tree><m id='a'><value>1</value></m>{ids}");
    assert_eq!(check::<Tree>(&ENCODED, "tree", &body).unwrap().value, 1);
}

/// Reads any sequence and keeps nothing of it: what is left is the decoder's own.
struct Passed<T>(std::marker::PhantomData<T>);

impl<'de, T: serde::de::DeserializeOwned> serde::Deserialize<'de> for Passed<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each<T>(std::marker::PhantomData<T>);
        impl<'de, T: serde::de::DeserializeOwned> serde::de::Visitor<'de> for Each<T> {
            type Value = ();
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a sequence")
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
                while seq.next_element::<T>()?.is_some() {}
                Ok(())
            }
        }
        deserializer.deserialize_seq(Each(std::marker::PhantomData::<T>))?;
        Ok(Passed(std::marker::PhantomData))
    }
}

#[test]
fn many_short_values_cost_the_decoder_little() {
    let items = usize::try_from(super::ITEMS).unwrap() / 2 - 10;
    for item in [
        "<in/>",
        "<in></in>",
        "<in>&lt;</in>",
        "<in><![CDATA[x]]></in>",
    ] {
        let body = format!("<x:strings>{}</x:strings>", item.repeat(items));
        check::<Passed<String>>(&WRAPPED, "strings", &body).unwrap();
    }
    let structs = "<in><distant/></in>".repeat(items / 8);
    let body = format!("<x:distant>{structs}</x:distant>");
    // Whatever is missing in them, it is told within the budget.
    let _ = check::<Passed<Distant>>(&WRAPPED, "distant", &body);
}

#[test]
fn attributes_and_declarations_cost_what_they_are_long() {
    let attributes: String = (0..64).map(|number| format!(" a{number}=''")).collect();
    let spaces: String = (0..60)
        .map(|number| format!(" xmlns:n{number}='u'"))
        .collect();
    let plain = "<name>n</name><count>1</count>";
    for extra in [attributes, spaces] {
        let flat = format!("<a{extra}/>").repeat(400);
        let nested = format!("{}{}", format!("<a{extra}>").repeat(4), "</a>".repeat(4)).repeat(100);
        let read = format!("<in{extra}/>").repeat(400);
        let body = format!("<x:strings>{read}{flat}{nested}</x:strings>");
        check::<Passed<String>>(&WRAPPED, "strings", &body).unwrap();
        let body = format!("<x:plain><in>{flat}{nested}{plain}</in></x:plain>");
        check::<Plain>(&WRAPPED, "plain", &body).unwrap();
    }
}

#[test]
fn short_parts_cost_what_they_are_long() {
    let count = 256;
    let mut message = b"--b\r\n\r\n<e/>\r\n".to_vec();
    for number in 1..count {
        message.extend_from_slice(format!("--b\r\nContent-ID:{number}\r\n\r\n\r\n").as_bytes());
    }
    message.extend_from_slice(b"--b--");
    let length = message.len();
    let message = bytes::Bytes::from(message);
    let media_type = crate::mime::MediaType::parse("multipart/related; boundary=b").unwrap();
    let limits = crate::mime::MimeLimits::default();
    let mut read = None;
    let used = allocation_counter::measure(|| {
        read = Some(crate::mime::read_package(&message, &media_type, &limits));
    });
    let allowed = (PER_BYTE * length + 1024) as u64;
    assert!(read.unwrap().is_ok());
    assert!(
        used.bytes_max <= allowed,
        "{} bytes for {length}",
        used.bytes_max
    );
}
