//! Clients that take their time: cut off, each by the limit that it is meant by.

use crate::raw::{Raw, post};
use crate::served::Served;

const MS: u64 = 1_000_000;

#[test]
fn client_that_sends_nothing_is_closed() {
    let served = Served::with("", |limits| limits.handshake_ns = 20 * MS);
    assert!(Raw::connect(served.address).is_over());
}

#[test]
fn slow_head_is_answered_with_408() {
    let served = Served::with("header_timeout=20", |_| {});
    let mut raw = Raw::connect(served.address);
    raw.say("POST /ec");
    assert_eq!(raw.answer().status, 408);
    assert!(raw.is_over());
}

#[test]
fn slow_head_of_a_later_request_is_answered_with_408() {
    let served = Served::with("header_timeout=20", |_| {});
    let mut raw = Raw::connect(served.address);
    raw.say(post("/echo", "", b"x"));
    assert_eq!(raw.answer().status, 200);
    raw.say("POST /ec");
    assert_eq!(raw.answer().status, 408);
    assert!(raw.is_over());
}

#[test]
fn slow_body_is_answered_with_408() {
    let served = Served::with("", |limits| limits.message_ns = 20 * MS);
    let mut raw = Raw::connect(served.address);
    raw.say("POST /echo HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\nhalf");
    let heard = raw.answer();
    assert_eq!(heard.status, 408);
    assert!(heard.head.contains("connection: close"), "{}", heard.head);
    assert!(raw.is_over());
}

#[test]
fn slow_chunks_are_answered_with_408() {
    let served = Served::with("", |limits| limits.message_ns = 20 * MS);
    let mut raw = Raw::connect(served.address);
    raw.say("POST /echo HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab");
    assert_eq!(raw.answer().status, 408);
    assert!(raw.is_over());
}

#[test]
fn silent_connection_is_closed_without_a_word() {
    let served = Served::with("", |limits| limits.idle_ns = 20 * MS);
    let mut raw = Raw::connect(served.address);
    raw.say(post("/echo", "", b"x"));
    assert_eq!(raw.answer().status, 200);
    assert!(raw.is_over());
}

#[test]
fn running_request_has_all_the_time_it_needs() {
    let served = Served::with("", |limits| {
        limits.idle_ns = 20 * MS;
        limits.message_ns = 20 * MS;
        limits.header_ns = 20 * MS;
        limits.handshake_ns = 20 * MS;
    });
    let mut slow = Raw::connect(served.address);
    slow.say(post("/held", "", b"x"));
    let held = served.held.recv().unwrap();
    // Another connection, younger than this request, runs into its limit meanwhile.
    assert!(Raw::connect(served.address).is_over());
    drop(held.reply);
    assert_eq!(slow.answer().status, 500);
}

#[test]
fn peer_that_takes_none_of_its_answer_is_cut_off() {
    let served = Served::with("", |limits| limits.message_ns = 20 * MS);
    let mut raw = Raw::connect(served.address);
    raw.say(post("/held", "", b"x"));
    let held = served.held.recv().unwrap();
    let mut answer = rmix_soap::http::Response::new(http::StatusCode::OK);
    // Longer than the kernel's buffers of both ends.
    answer.body = vec![0; 64 << 20].into();
    held.reply.send(answer);
    served.close();
    assert!(raw.rest().len() < 64 << 20, "it was cut off");
}

#[test]
fn peer_that_takes_its_answer_too_slowly_is_cut_off() {
    let served = Served::with("body_rate=1048576&body_grace=1", |limits| {
        limits.message_ns = 600_000 * MS;
    });
    let mut raw = Raw::connect(served.address);
    raw.say(post("/held", "", b"x"));
    let held = served.held.recv().unwrap();
    let mut answer = rmix_soap::http::Response::new(http::StatusCode::OK);
    answer.body = vec![0; 64 << 20].into();
    held.reply.send(answer);
    // It takes something, but hardly anything.
    raw.exactly(1);
    served.close();
    assert!(raw.rest().len() < 64 << 20, "it was cut off");
}

#[test]
fn slow_head_that_begins_behind_a_request_is_answered_with_408() {
    for (fields, body) in [
        ("content-length: 1", "x"),
        ("transfer-encoding: chunked", "1\r\nx\r\n0\r\n\r\n"),
    ] {
        let served = Served::with("header_timeout=20", |limits| {
            limits.idle_ns = 600_000 * MS;
        });
        let mut raw = Raw::connect(served.address);
        // In one piece: the first bytes of the second head come with the first request.
        raw.say(format!(
            "POST /echo HTTP/1.1\r\nhost: h\r\n{fields}\r\n\r\n{body}POST /ec"
        ));
        assert_eq!(raw.answer().status, 200);
        assert_eq!(raw.answer().status, 408);
        assert!(raw.is_over());
    }
}

#[test]
fn slow_clients_do_not_hinder_others() {
    let served = Served::start();
    let mut slow: Vec<Raw> = (0..50).map(|_| Raw::connect(served.address)).collect();
    for (number, raw) in slow.iter_mut().enumerate() {
        raw.say(&post("/echo", "", b"body")[..number]);
    }
    let mut quick = Raw::connect(served.address);
    for _ in 0..100 {
        quick.say(post("/echo", "", b"x"));
        assert_eq!(quick.answer().status, 200);
    }
    for (number, raw) in slow.iter_mut().enumerate() {
        raw.say(&post("/echo", "", b"body")[number..]);
        assert_eq!(raw.answer().body, b"body");
    }
}
