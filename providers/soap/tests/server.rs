//! What a well-behaved client sees of the server.

use std::io::Write;
use std::net::Shutdown;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::StatusCode;
use rmix_soap::http::Response;

use crate::lent::watched;
use crate::raw::{Raw, post};
use crate::served::Served;

#[test]
fn request_is_answered_and_the_connection_kept() {
    let served = Served::start();
    let mut raw = Raw::connect(served.address);
    for round in 0..3 {
        let body = format!("<a>{round}</a>");
        raw.say(post("/echo", "", body.as_bytes()));
        let heard = raw.answer();
        assert_eq!((heard.status, &heard.body[..]), (200, body.as_bytes()));
        assert!(
            heard.head.contains("content-type: text/xml\r\n"),
            "{}",
            heard.head
        );
    }
}

#[test]
fn request_that_comes_byte_by_byte_is_answered() {
    let served = Served::start();
    let mut raw = Raw::connect(served.address);
    for byte in post("/echo", "", b"<a/>") {
        raw.say([byte]);
    }
    assert_eq!(raw.answer().body, b"<a/>");
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let served = Served::start();
    let mut raw = Raw::connect(served.address);
    let mut all = Vec::new();
    for number in 0..100 {
        all.extend(post("/echo", "", format!("<a>{number}</a>").as_bytes()));
    }
    raw.say(&all);
    for number in 0..100 {
        assert_eq!(raw.answer().body, format!("<a>{number}</a>").as_bytes());
    }
}

#[test]
fn long_bodies_go_both_ways() {
    let served = Served::start();
    let mut raw = Raw::connect(served.address);
    let body: Vec<u8> = (0..3_000_000_u32).map(|number| number as u8).collect();
    let mut writer = raw.stream.try_clone().unwrap();
    let request = post("/echo", "", &body);
    let writing = std::thread::spawn(move || writer.write_all(&request).unwrap());
    assert!(raw.answer().body == body, "the body came back changed");
    writing.join().unwrap();
}

#[test]
fn chunked_body_is_joined() {
    let served = Served::start();
    let mut raw = Raw::connect(served.address);
    raw.say("POST /echo HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n");
    raw.say("3;extension=1\r\n<a>\r\n");
    raw.say("5\r\ntext<\r\n3\r\n/a>\r\n0\r\ntrailer: x\r\n\r\n");
    assert_eq!(raw.answer().body, b"<a>text</a>");
    raw.say(post("/echo", "", b"next"));
    assert_eq!(raw.answer().body, b"next");
}

#[test]
fn expectation_is_met_before_the_body() {
    let served = Served::start();
    let mut raw = Raw::connect(served.address);
    let request = post("/echo", "expect: 100-continue\r\n", b"<a/>");
    let (head, body) = request.split_at(request.len() - 4);
    raw.say(head);
    assert_eq!(raw.head().unwrap(), "HTTP/1.1 100 Continue\r\n\r\n");
    raw.say(body);
    assert_eq!(raw.answer().body, b"<a/>");
}

#[test]
fn old_peer_is_answered_and_the_connection_closed() {
    let served = Served::start();
    let mut raw = Raw::connect(served.address);
    raw.say("POST /echo HTTP/1.0\r\ncontent-length: 4\r\n\r\n<a/>");
    let heard = raw.answer();
    assert_eq!((heard.status, &heard.body[..]), (200, &b"<a/>"[..]));
    assert!(heard.head.starts_with("HTTP/1.0 "), "{}", heard.head);
    assert!(raw.is_over());
}

#[test]
fn old_peer_may_ask_for_the_connection_to_be_kept() {
    let served = Served::start();
    let mut raw = Raw::connect(served.address);
    for _ in 0..2 {
        raw.say("POST /echo HTTP/1.0\r\nconnection: keep-alive\r\ncontent-length: 4\r\n\r\n<a/>");
        let heard = raw.answer();
        assert!(
            heard.head.contains("connection: keep-alive"),
            "{}",
            heard.head
        );
    }
}

#[test]
fn peer_that_has_said_all_is_still_answered() {
    let served = Served::start();
    let mut raw = Raw::connect(served.address);
    raw.say(post("/held", "", b"<a/>"));
    raw.stream.shutdown(Shutdown::Write).unwrap();
    let held = served.held.recv().unwrap();
    held.reply.send(Response::text(StatusCode::OK, "late"));
    assert_eq!(raw.answer().body, b"late\n");
    assert!(raw.is_over());
}

#[test]
fn answer_may_come_later_and_from_another_thread() {
    let served = Served::start();
    let mut raw = Raw::connect(served.address);
    raw.say(post("/held", "", b"question"));
    let held = served.held.recv().unwrap();
    assert_eq!(held.body, "question");
    std::thread::spawn(|| held.reply.send(Response::text(StatusCode::OK, "late")));
    assert_eq!(raw.answer().body, b"late\n");
}

#[test]
fn request_nobody_answers_fails() {
    let served = Served::start();
    let mut raw = Raw::connect(served.address);
    raw.say(post("/drop", "", b""));
    assert_eq!(raw.answer().status, 500);
    raw.say(post("/echo", "", b"next"));
    assert_eq!(raw.answer().body, b"next");
}

#[test]
fn description_is_got_with_the_address_that_was_asked() {
    let served = Served::start();
    let mut raw = Raw::connect(served.address);
    raw.say("GET /echo?wsdl HTTP/1.1\r\nhost: here:7\r\n\r\n");
    assert_eq!(raw.answer().body, b"asked here:7\n");
}

#[test]
fn other_methods_are_not_allowed() {
    let served = Served::start();
    for method in ["HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "NONSENSE"] {
        let mut raw = Raw::connect(served.address);
        raw.say(format!("{method} /echo HTTP/1.1\r\nhost: h\r\n\r\n"));
        let head = raw.head().unwrap();
        assert!(head.starts_with("HTTP/1.1 405 "), "{method}: {head}");
        assert!(head.contains("allow: POST, GET\r\n"), "{head}");
    }
}

fn gzipped(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn compressed_body_is_decompressed() {
    let served = Served::start();
    let mut raw = Raw::connect(served.address);
    let packed = gzipped(b"<a>packed</a>");
    raw.say(post("/echo", "content-encoding: gzip\r\n", &packed));
    assert_eq!(raw.answer().body, b"<a>packed</a>");
    raw.say(post("/echo", "content-encoding: gzip\r\n", b"not gzip"));
    assert_eq!(raw.answer().status, 400);
    raw.say(post("/echo", "content-encoding: br\r\n", &packed));
    let heard = raw.answer();
    assert_eq!(heard.status, 415);
    assert!(
        heard.head.contains("accept-encoding: gzip\r\n"),
        "{}",
        heard.head
    );
}

#[test]
fn long_answer_is_compressed_for_who_takes_it() {
    let served = Served::start();
    let mut raw = Raw::connect(served.address);
    let body = vec![b'x'; 4096];
    raw.say(post("/echo", "accept-encoding: gzip\r\n", &body));
    let heard = raw.answer();
    assert!(
        heard.head.contains("content-encoding: gzip\r\n"),
        "{}",
        heard.head
    );
    assert!(heard.body.len() < 200);
    raw.say(post("/echo", "accept-encoding: gzip\r\n", &body[1..]));
    assert!(
        raw.answer().body == body[1..],
        "one byte less is sent as it is"
    );
    raw.say(post("/echo", "", &body));
    assert!(raw.answer().body == body, "nobody asked for gzip");
    let plain = Served::with("gzip=off", |_| {});
    let mut raw = Raw::connect(plain.address);
    raw.say(post("/echo", "accept-encoding: gzip\r\n", &body));
    assert!(raw.answer().body == body);
}

#[test]
fn body_of_the_longest_length_passes_and_a_longer_one_does_not() {
    let served = Served::with("", |limits| limits.message_bytes = 1000);
    let mut raw = Raw::connect(served.address);
    raw.say(post("/echo", "", &[b'x'; 1000]));
    assert_eq!(raw.answer().body.len(), 1000);
    raw.say(post("/echo", "", &[b'x'; 1001]));
    let heard = raw.answer();
    assert_eq!(heard.status, 413);
    let told = String::from_utf8(heard.body).unwrap();
    assert!(told.contains("1000 bytes (message_bytes)"), "{told}");
    assert!(raw.is_over());
}

#[test]
fn long_expected_body_is_refused_before_it_is_sent() {
    let served = Served::with("", |limits| limits.message_bytes = 1000);
    let mut raw = Raw::connect(served.address);
    raw.say(
        "POST /echo HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 1001\r\n\r\n",
    );
    assert_eq!(raw.answer().status, 413);
}

#[test]
fn chunked_and_compressed_bodies_have_the_same_limit() {
    let served = Served::with("", |limits| limits.message_bytes = 1000);
    for (length, status) in [(1000, 200), (1001, 413)] {
        let body = vec![b'x'; length];
        let mut raw = Raw::connect(served.address);
        raw.say("POST /echo HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n");
        raw.say(format!("{length:x}\r\n"));
        raw.say(&body);
        raw.say("\r\n0\r\n\r\n");
        assert_eq!(raw.answer().status, status, "chunked {length}");
        let mut raw = Raw::connect(served.address);
        raw.say(post("/echo", "content-encoding: gzip\r\n", &gzipped(&body)));
        assert_eq!(raw.answer().status, status, "gzip {length}");
    }
}

#[test]
fn bomb_is_refused() {
    let served = Served::with("gzip_ratio=20", |_| {});
    let mut raw = Raw::connect(served.address);
    let bomb = gzipped(&vec![0; 10_000_000]);
    raw.say(post("/echo", "content-encoding: gzip\r\n", &bomb));
    let heard = raw.answer();
    assert_eq!(heard.status, 413);
    let told = String::from_utf8(heard.body).unwrap();
    assert!(told.contains("20 times its length (gzip_ratio)"), "{told}");
}

#[test]
fn running_requests_of_a_connection_are_bounded() {
    let served = Served::with("", |limits| limits.calls = 2);
    let mut raw = Raw::connect(served.address);
    for body in ["1", "2", "3"] {
        raw.say(post("/running", "", body.as_bytes()));
    }
    assert_eq!((raw.answer().status, raw.answer().status), (202, 202));
    let first = served.running.recv().unwrap();
    let _second = served.running.recv().unwrap();
    // Another connection has its own: and when it was answered, the third would have been.
    let mut other = Raw::connect(served.address);
    other.say(post("/running", "", b"4"));
    assert_eq!(other.answer().status, 202);
    let bodies = |served: &Served| served.paths.accepted.lock().unwrap().clone();
    let running = [Bytes::from("1"), Bytes::from("2"), Bytes::from("4")];
    assert_eq!(bodies(&served), running);
    drop(first);
    assert_eq!(raw.answer().status, 202);
    assert_eq!(bodies(&served).len(), 4);
}

#[test]
fn close_lets_the_running_request_end_and_closes_idle_connections() {
    let served = Served::start();
    let mut idle = Raw::connect(served.address);
    idle.say(post("/echo", "", b"x"));
    assert_eq!(idle.answer().status, 200);
    let mut fresh = Raw::connect(served.address);
    let mut busy = Raw::connect(served.address);
    busy.say(post("/held", "", b"x"));
    let held = served.held.recv().unwrap();
    std::thread::scope(|scope| {
        let closing = scope.spawn(served.closer());
        assert!(idle.is_over());
        assert!(fresh.is_over());
        held.reply.send(Response::text(StatusCode::OK, "still"));
        let heard = busy.answer();
        assert_eq!(heard.body, b"still\n");
        assert!(heard.head.contains("connection: close"), "{}", heard.head);
        assert!(busy.is_over());
        watched("the close", || closing.join().unwrap());
    });
    let refused = std::net::TcpStream::connect(served.address);
    assert!(refused.is_err(), "nobody listens any more");
}

#[test]
fn abandoned_listener_drops_its_connections() {
    let served = Served::start();
    let mut busy = Raw::connect(served.address);
    busy.say(post("/held", "", b"x"));
    let held = served.held.recv().unwrap();
    served.listener.abandon();
    assert!(busy.is_over());
    held.reply.send(Response::text(StatusCode::OK, "to nobody"));
    served.close();
}
