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
