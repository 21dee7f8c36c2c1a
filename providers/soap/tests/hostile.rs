//! Clients that break rules: refused, and nothing else is harmed.

use std::net::TcpStream;

use crate::raw::{Raw, post};
use crate::served::Served;

/// What a server says to a request, and whether it then closes the connection.
fn refused(served: &Served, request: impl AsRef<[u8]>) -> u16 {
    let mut raw = Raw::connect(served.address);
    raw.say(request);
    let heard = raw.answer();
    assert!(
        raw.is_over(),
        "the connection was kept after {}",
        heard.head
    );
    heard.status
}

#[test]
fn broken_heads_are_refused_and_the_connection_closed() {
    let served = Served::start();
    for head in [
        "\x16\x03\x01\x02\x00\x01\x00\x01\x7c\x03\x03\r\n\r\n",
        "POST /echo\r\n\r\n",
        "POST /echo HTTP/9.9\r\n\r\n",
        "POST /e cho HTTP/1.1\r\nhost: h\r\n\r\n",
        "POST /echo HTTP/1.1\r\nhost: h\r\nno colon\r\n\r\n",
        "POST /echo HTTP/1.1\r\nhost: h\r\nbad name: x\r\n\r\n",
        "POST /echo HTTP/1.1\r\nhost: h\r\nnul: \0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nhost: h\r\ncontent-length : 4\r\n\r\nbody",
    ] {
        assert_eq!(refused(&served, head), 400, "{head:?}");
    }
}

#[test]
fn lengths_that_do_not_say_where_a_request_ends_are_refused() {
    let served = Served::start();
    for fields in [
        "content-length: -1",
        "content-length: +4",
        "content-length: 4 4",
        "content-length: 0x4",
        "content-length: 99999999999999999999",
        "content-length: 4\r\ncontent-length: 5",
        "transfer-encoding: gzip",
        "transfer-encoding: chunked, gzip",
        "transfer-encoding: xchunked",
        "transfer-encoding:\x0bchunked",
    ] {
        let request = format!("POST /echo HTTP/1.1\r\nhost: h\r\n{fields}\r\n\r\nbody");
        assert_eq!(refused(&served, request), 400, "{fields:?}");
    }
    let old = "POST /echo HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(refused(&served, old), 400);
}

#[test]
fn two_lengths_end_the_connection_whatever_hides_behind() {
    let served = Served::start();
    for fields in [
        "content-length: 4\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 4",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\ntransfer-encoding: chunked",
    ] {
        let mut raw = Raw::connect(served.address);
        let hidden = String::from_utf8(post("/oneway", "", b"hidden")).unwrap();
        raw.say(format!(
            "POST /echo HTTP/1.1\r\nhost: h\r\n{fields}\r\n\r\n0\r\n\r\n{hidden}"
        ));
        let heard = raw.answer();
        assert!(matches!(heard.status, 200 | 400), "{}", heard.head);
        assert!(raw.is_over(), "{fields:?}");
        assert!(
            served.paths.accepted.lock().unwrap().is_empty(),
            "{fields:?}"
        );
    }
}

#[test]
fn broken_chunks_are_refused() {
    let served = Served::start();
    for chunks in [
        "x\r\n",
        "-1\r\n",
        "fffffffffffffffff\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "3 3\r\nabc\r\n0\r\n\r\n",
    ] {
        let head = "POST /echo HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n";
        assert_eq!(
            refused(&served, format!("{head}{chunks}")),
            400,
            "{chunks:?}"
        );
    }
}

#[test]
fn request_that_is_cut_off_is_not_run() {
    let served = Served::start();
    let whole = post("/oneway", "", b"never whole");
    let chunked =
        b"POST /oneway HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n9\r\nnever";
    for cut in [
        &whole[..5],
        &whole[..30],
        &whole[..whole.len() - 1],
        chunked,
    ] {
        let mut raw = Raw::connect(served.address);
        raw.say(cut);
        raw.stream.shutdown(std::net::Shutdown::Write).unwrap();
        // Told why or not, it is over.
        raw.rest();
    }
    assert!(served.paths.accepted.lock().unwrap().is_empty());
}

#[test]
fn host_must_be_named_once() {
    let served = Served::start();
    let mut raw = Raw::connect(served.address);
    raw.say("GET /?wsdl HTTP/1.1\r\n\r\n");
    assert_eq!(raw.answer().status, 400);
    let mut raw = Raw::connect(served.address);
    raw.say("GET /?wsdl HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n");
    assert_eq!(raw.answer().status, 400);
    let mut raw = Raw::connect(served.address);
    raw.say("GET /?wsdl HTTP/1.0\r\n\r\n");
    assert_eq!(raw.answer().status, 200);
}

/// A request whose head has so many bytes.
fn head_of(bytes: usize) -> String {
    let start = "POST /echo HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\nx: ";
    let filling = "x".repeat(bytes - start.len() - 4);
    format!("{start}{filling}\r\n\r\n")
}

#[test]
fn head_of_the_longest_length_passes_and_a_longer_one_does_not() {
    let served = Served::with("header_bytes=8192", |_| {});
    let mut raw = Raw::connect(served.address);
    raw.say(head_of(8192));
    assert_eq!(raw.answer().status, 200);
    assert_eq!(refused(&served, head_of(8193)), 431);
    assert_eq!(refused(&served, head_of(100_000)), 431);
}

#[test]
fn fields_are_bounded_in_number() {
    let served = Served::with("header_fields=10", |_| {});
    let request = |fields: usize| {
        let filling: String = (2..fields)
            .map(|number| format!("x{number}: y\r\n"))
            .collect();
        format!("POST /echo HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n{filling}\r\n")
    };
    let mut raw = Raw::connect(served.address);
    raw.say(request(10));
    assert_eq!(raw.answer().status, 200);
    assert_eq!(refused(&served, request(11)), 431);
}

#[test]
fn connections_are_bounded_for_each_peer() {
    let served = Served::with("", |limits| limits.connections_per_peer = 2);
    let mut kept: Vec<Raw> = (0..2).map(|_| Raw::connect(served.address)).collect();
    for raw in &mut kept {
        raw.say(post("/echo", "", b"x"));
        assert_eq!(raw.answer().status, 200);
    }
    assert!(
        Raw::connect(served.address).is_over(),
        "the third is closed"
    );
    kept.pop();
    // Its end is noticed by the server in its own time.
    let again = || {
        let mut raw = Raw::connect(served.address);
        let written = std::io::Write::write_all(&mut raw.stream, &post("/echo", "", b"x"));
        written.is_ok() && raw.head().is_some()
    };
    crate::lent::watched("a place that becomes free", || while !again() {});
}

#[test]
fn connections_are_bounded_in_all() {
    let served = Served::with("", |limits| limits.connections = 1);
    let mut first = Raw::connect(served.address);
    first.say(post("/echo", "", b"x"));
    assert_eq!(first.answer().status, 200);
    assert!(Raw::connect(served.address).is_over());
    first.say(post("/echo", "", b"x"));
    assert_eq!(first.answer().status, 200);
}

#[test]
fn refusal_reaches_a_peer_that_goes_on_sending() {
    let served = Served::with("", |limits| limits.message_bytes = 1000);
    for _ in 0..20 {
        let mut raw = Raw::connect(served.address);
        raw.say(post("/echo", "", &[b'x'; 800_000]));
        assert_eq!(raw.answer().status, 413);
        let end = std::io::Read::read(&mut raw.stream, &mut [0]);
        assert_eq!(end.expect("it is ended, not reset"), 0);
    }
}

#[test]
fn peer_that_reads_no_answers_is_not_read_any_more() {
    let served = Served::start();
    let raw = TcpStream::connect(served.address).unwrap();
    raw.set_nonblocking(true).unwrap();
    let request = post("/echo", "", &[b'x'; 100_000]);
    // The server stops reading once its answers stay; then the kernel's buffers are full. What it holds is bounded.
    let mut sent = 0;
    let mut stuck = 0;
    while stuck < 1000 {
        match std::io::Write::write(&mut &raw, &request[sent % request.len()..]) {
            Ok(count) => {
                sent += count;
                stuck = 0;
            }
            Err(failure) => {
                assert_eq!(failure.kind(), std::io::ErrorKind::WouldBlock);
                stuck += 1;
                std::thread::yield_now();
            }
        }
        assert!(sent < 100_000_000, "it reads without end");
    }
    let mut other = Raw::connect(served.address);
    other.say(post("/echo", "", b"x"));
    assert_eq!(other.answer().status, 200);
}
