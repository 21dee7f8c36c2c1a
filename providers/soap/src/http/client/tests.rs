//! Requests and answers as bytes: known ones, and every way to break them that is short enough to be tried.

use http::{HeaderName, HeaderValue};
use rmix_provider::tables::Limits;

use super::wire::{AnswerReader, Broken, RawAnswer, Template};
use crate::http::limits::HttpLimits;
use crate::http::message::Message;

fn message() -> Message {
    Message {
        content_type: HeaderValue::from_static("text/xml"),
        fields: vec![(
            HeaderName::from_static("soapaction"),
            HeaderValue::from_static("\"urn:x\""),
        )],
        body: "<a/>".into(),
    }
}

fn limits() -> HttpLimits {
    let mut limits = HttpLimits::of(&Limits::default());
    limits.message_bytes = 100;
    limits.header_bytes = 200;
    limits
}

fn reader() -> AnswerReader {
    let template = Template::new("h:1", "/x", false).unwrap();
    template.begin(&message(), &mut Vec::new()).unwrap()
}

/// Feeds an answer in pieces that end at `cuts`, then the end of the stream.
fn read_in(pieces: &[&[u8]]) -> Result<RawAnswer, Broken> {
    let mut reader = reader();
    let mut input = Vec::new();
    for (number, piece) in pieces.iter().enumerate() {
        input.extend_from_slice(piece);
        let ended = number + 1 == pieces.len();
        let (used, answer) = reader.advance(&input, ended, &limits())?;
        input.drain(..used);
        if let Some(answer) = answer {
            return Ok(answer);
        }
    }
    Err(Broken::CutOff)
}

const SIZED: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>";
const CHUNKED: &[u8] =
    b"HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\n<\r\n3\r\na/>\r\n0\r\n\r\n";
const CLOSED: &[u8] = b"HTTP/1.0 200 OK\r\n\r\n<a/>";
const INTERIM: &[u8] =
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";

#[test]
fn request_head_is_as_it_should_be() {
    let template = Template::new("h:1", "/x?y", true).unwrap();
    let mut head = Vec::new();
    template.begin(&message(), &mut head).unwrap();
    let expected = "POST /x?y HTTP/1.1\r\nhost: h:1\r\naccept-encoding: gzip\r\ncontent-type: text/xml\r\n\
                    content-length: 4\r\nsoapaction: \"urn:x\"\r\n\r\n";
    assert_eq!(String::from_utf8(head).unwrap(), expected);
}

#[test]
fn heads_follow_each_other_without_being_mixed() {
    let template = Template::new("h:1", "/x", false).unwrap();
    let (mut once, mut twice) = (Vec::new(), Vec::new());
    template.begin(&message(), &mut once).unwrap();
    for _ in 0..2 {
        template.begin(&message(), &mut twice).unwrap();
    }
    assert_eq!(twice, [&once[..], &once[..]].concat());
}

#[test]
fn long_fields_fit_their_head() {
    let mut long = message();
    let value = "x".repeat(100_000);
    long.fields[0].1 = HeaderValue::from_str(&value).unwrap();
    let template = Template::new("h:1", "/x", false).unwrap();
    let mut head = Vec::new();
    template.begin(&long, &mut head).unwrap();
    assert!(String::from_utf8(head).unwrap().contains(&value));
}

#[test]
fn answers_are_the_same_wherever_they_are_cut() {
    for (whole, body, persistent) in [
        (SIZED, &b"<a/>"[..], true),
        (CHUNKED, b"<a/>", true),
        (CLOSED, b"<a/>", false),
        (INTERIM, b"", true),
    ] {
        for first in 0..=whole.len() {
            for second in first..=whole.len() {
                let pieces = [
                    &whole[..first],
                    &whole[first..second],
                    &whole[second..],
                    b"",
                ];
                let answer = read_in(&pieces).unwrap();
                assert_eq!(answer.body, body, "{first} {second}");
                assert_eq!(answer.persistent, persistent, "{first} {second}");
            }
        }
    }
}

#[test]
fn truncated_answers_are_cut_off() {
    for whole in [SIZED, CHUNKED, INTERIM] {
        // Of the last chunk, the line that ends the trailers may be missing.
        let least = if whole == CHUNKED { 2 } else { 1 };
        for length in 0..=whole.len() - least - 1 {
            let result = read_in(&[&whole[..length], b""]);
            assert_eq!(result.map(|_| ()), Err(Broken::CutOff), "{length}");
        }
    }
}

#[test]
fn changed_bits_are_an_answer_or_an_error_and_never_longer_than_allowed() {
    for whole in [SIZED, CHUNKED, CLOSED, INTERIM] {
        for index in 0..whole.len() {
            for bit in 0..8 {
                let mut changed = whole.to_vec();
                changed[index] ^= 1 << bit;
                if let Ok(answer) = read_in(&[&changed, b""]) {
                    assert!(answer.body.len() <= changed.len());
                }
            }
        }
    }
}

#[test]
fn lengths_are_checked_before_anything_is_kept() {
    for (length, good) in [
        ("0", true),
        ("100", true),
        ("101", false),
        ("4294967295", false),
        ("18446744073709551615", false),
        ("18446744073709551616", false),
        ("-1", false),
    ] {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        let advanced = reader().advance(head.as_bytes(), false, &limits());
        assert_eq!(advanced.is_ok(), good, "{length}");
    }
    for (length, good) in [("64", true), ("65", false)] {
        let count = usize::from_str_radix(length, 16).unwrap();
        let body = "x".repeat(count);
        let whole = format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{length}\r\n{body}\r\n0\r\n\r\n"
        );
        assert_eq!(read_in(&[whole.as_bytes()]).is_ok(), good, "{length}");
    }
    for length in ["ffffffffffffffff", "fffffffffffffffff", "-1", ""] {
        let whole =
            format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{length}\r\nx\r\n");
        assert!(read_in(&[whole.as_bytes(), b""]).is_err(), "{length}");
    }
}

#[test]
fn head_and_chunk_extensions_are_bounded() {
    let endless = "HTTP/1.1 200 OK\r\nx: ".to_owned() + &"x".repeat(200);
    let limit = limits().header_bytes;
    let advanced = reader().advance(endless.as_bytes(), false, &limits());
    assert_eq!(advanced.map(|_| ()), Err(Broken::HeaderBytes { limit }));
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let endless = head.to_owned() + "1;" + &"x".repeat(1000);
    assert!(read_in(&[endless.as_bytes(), b"x"]).is_err());
    let fields: String = (0..1000).map(|number| format!("{number}: \r\n")).collect();
    let many = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
    assert!(read_in(&[many.as_bytes()]).is_err());
}

#[test]
fn what_follows_an_answer_is_left_alone() {
    let both = [SIZED, CHUNKED].concat();
    let (used, answer) = reader().advance(&both, false, &limits()).unwrap();
    assert_eq!(
        (used, answer.unwrap().body),
        (SIZED.len(), b"<a/>".to_vec())
    );
    let (used, answer) = reader().advance(&both[used..], false, &limits()).unwrap();
    assert_eq!(
        (used, answer.unwrap().body),
        (CHUNKED.len(), b"<a/>".to_vec())
    );
}

#[test]
fn connections_are_kept_as_the_answer_says() {
    for (version, fields, kept) in [
        ("1.1", "", true),
        ("1.1", "connection: close\r\n", false),
        ("1.1", "connection: x, Close\r\n", false),
        ("1.1", "connection: x\r\nconnection: CLOSE\r\n", false),
        ("1.1", "connection: keep-alive\r\n", true),
        ("1.0", "", false),
        ("1.0", "connection: Keep-Alive\r\n", true),
        ("1.0", "connection: keep-alive, close\r\n", false),
    ] {
        let whole = format!("HTTP/{version} 200 OK\r\n{fields}content-length: 0\r\n\r\n");
        let answer = read_in(&[whole.as_bytes()]).unwrap();
        assert_eq!(answer.persistent, kept, "{version} {fields:?}");
    }
}
