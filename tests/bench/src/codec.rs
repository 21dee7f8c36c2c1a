//! SOAP's codec alone: how fast messages are written and read in memory, beside the rate at which quick-xml finds the
//! tokens of the same messages, which is the least that reading XML costs.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use quick_xml::events::Event;
use rmix::Interface as _;
use rmix_abi::host::codec::{decode_value, encode_value};
use rmix_abi::tables::{Buf, Enc, profile};
use rmix_soap::codec::{Attachments, SoapCodec};
use rmix_soap::envelope::{Envelope, Version, begin_request, finish};
use rmix_soap::names::Interface;
use rmix_soap::xml::XmlLimits;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::BenchError;
use crate::measure::{median, sum_values};
use crate::options::Options;
use crate::place;
use crate::table::{self, Table};

/// What `--only` chooses it by.
const LABEL: &str = "soap codec alone";
const MESSAGE_BYTES_MAX: u64 = 1 << 26;
const DEPTH_MAX: u32 = 64;
const ITEMS_MAX: u64 = 1 << 20;
const READINGS: u32 = 20_000;

/// One of many.
#[derive(rmix::Data, Serialize, Deserialize, Clone, PartialEq)]
pub(crate) struct Reading {
    place: String,
    celsius: f64,
    at: i64,
    checked: bool,
}

/// What is carried.
#[rmix::remote(namespace = "urn:rmix:codec")]
pub(crate) trait Carried {
    /// Numbers.
    async fn doubles(&self, values: Vec<f64>);
    /// A block.
    async fn octets(&self, bytes: Vec<u8>);
    /// Structs.
    async fn readings(&self, readings: Vec<Reading>);
}

/// The rates of one kind of message, in megabytes of XML a second.
#[derive(Debug, Serialize)]
pub(crate) struct Rates {
    message: &'static str,
    message_bytes: usize,
    encode: f64,
    decode: f64,
    quick_xml: f64,
}

/// Measures, where it is chosen.
pub(crate) fn measure(options: &Options) -> Result<Vec<Rates>, BenchError> {
    let is_chosen = options
        .only
        .split_whitespace()
        .all(|word| LABEL.contains(word));
    if !is_chosen {
        return Ok(Vec::new());
    }
    let each = options.duration();
    // A thread of its own: what is pinned stays pinned, and so does all that it starts.
    let measuring = std::thread::spawn(move || {
        place::pin(0)?;
        let blocks: Vec<u8> = (0..=u8::MAX).cycle().take(1 << 20).collect();
        let readings: Vec<Reading> = (0..READINGS).map(reading).collect();
        Ok(vec![
            rates("125,000 f64", "doubles", sum_values(), each)?,
            rates("1 MiB of octets", "octets", blocks, each)?,
            rates("20,000 structs of 4 fields", "readings", readings, each)?,
        ])
    });
    measuring.join().map_err(|_| BenchError::Wrong {
        what: "the codec alone",
    })?
}

fn reading(number: u32) -> Reading {
    Reading {
        place: format!("Station <{number}>"),
        celsius: f64::from(number) / 10.0,
        at: 1_700_000_000 + i64::from(number),
        checked: number.is_multiple_of(2),
    }
}

fn rates<T: Serialize + DeserializeOwned + PartialEq>(
    message: &'static str,
    method: &str,
    value: T,
    each: Duration,
) -> Result<Rates, BenchError> {
    let wrong = || BenchError::Wrong { what: message };
    let plan = Interface::plan(CarriedStub::DESCRIPTION).map_err(|_| wrong())?;
    let plan = Arc::new(plan);
    let place = plan.named(method).ok_or_else(wrong)?;
    let encoded = encode(&plan, place, &value).ok_or_else(wrong)?;
    if decode::<T>(&plan, place, encoded.clone()).as_ref() != Some(&value) {
        return Err(wrong());
    }
    let length = encoded.len();
    Ok(Rates {
        message,
        message_bytes: length,
        encode: rate(length, each, || {
            encode(&plan, place, &value).map(|text| text.len())
        }),
        decode: rate(length, each, || {
            decode::<T>(&plan, place, encoded.clone()).map(|_| length)
        }),
        quick_xml: rate(length, each, || tokens(&encoded)),
    })
}

/// Megabytes a second of what is done again and again: the median of single times.
fn rate(bytes: usize, each: Duration, mut work: impl FnMut() -> Option<usize>) -> f64 {
    let end = Instant::now() + each;
    let mut times = Vec::new();
    while Instant::now() < end || times.len() < 3 {
        let before = Instant::now();
        black_box(work());
        times.push(before.elapsed().as_secs_f64());
    }
    let time = median(times.into_iter()).expect("there are three");
    bytes as f64 / time / 1e6
}

fn encode<T: Serialize>(plan: &Arc<Interface>, place: usize, value: &T) -> Option<Bytes> {
    let mut enc = Enc::new(
        Buf::new(),
        SoapCodec::ENCODER,
        profile::NONE,
        MESSAGE_BYTES_MAX,
    );
    enc.depth_left = DEPTH_MAX;
    begin_request(&mut enc, plan, place, Version::Soap11, b"", None).ok()?;
    encode_value(&mut enc, value).ok()?;
    finish(&mut enc).ok()?;
    Some(Bytes::from(enc.buf.into_vec()))
}

fn decode<T: DeserializeOwned>(plan: &Arc<Interface>, place: usize, text: Bytes) -> Option<T> {
    let length = text.len();
    let envelope = Envelope::read(text, 0..length, None, &XmlLimits::default()).ok()?;
    if envelope.operation(plan) != Some(place) {
        return None;
    }
    let limits = (DEPTH_MAX, ITEMS_MAX);
    let dec = envelope.into_request(plan, place, Attachments::default(), limits);
    decode_value(dec.ok()?).ok()
}

/// How many tokens quick-xml finds.
fn tokens(text: &[u8]) -> Option<usize> {
    let mut reader = quick_xml::Reader::from_reader(text);
    let mut count = 0;
    loop {
        match reader.read_event().ok()? {
            Event::Eof => return Some(count),
            token => {
                black_box(&token);
                count += 1;
            }
        }
    }
}

/// As a table; none when nothing was measured.
pub(crate) fn table(rates: &[Rates]) -> Option<Table> {
    let line = |one: &Rates| {
        vec![
            one.message.to_owned(),
            table::number(one.message_bytes as f64),
            table::number(one.encode),
            table::number(one.decode),
            table::number(one.quick_xml),
        ]
    };
    (!rates.is_empty()).then(|| Table {
        title: "SOAP's codec alone: MB of XML a second on one core".to_owned(),
        heads: vec![
            "message",
            "bytes of XML",
            "encode",
            "decode",
            "quick-xml's tokens",
        ],
        lines: rates.iter().map(line).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::tokens;

    #[test]
    fn tokens_are_those_of_the_whole_text() {
        assert_eq!(tokens(b"<a><b>1</b><b>2</b></a>"), Some(8));
        assert_eq!(tokens(b"<a></b>"), None);
    }
}
