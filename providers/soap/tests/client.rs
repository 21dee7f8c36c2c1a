//! What the client makes of servers: ours, and scripted ones that do what real ones do.

use std::net::Shutdown;

use http::StatusCode;
use rmix_provider::tables::{Err, cause, delivery, kind};
use rmix_soap::http::Response;

use crate::pool::{answer, call, client, client_with, close, message, open};
use crate::raw::{Raw, Scripted, accept};
use crate::served::Served;

#[test]
fn message_is_answered_over_a_connection_that_is_kept() {
    let served = Served::with("", |limits| limits.connections = 1);
    let client = client(served.address, "/echo");
    for round in 0..3 {
        let text = format!("<a>{round}</a>");
        let answer = call(&client, text.clone().into_bytes()).unwrap();
        assert_eq!(
            (answer.status, &answer.body[..]),
            (StatusCode::OK, text.as_bytes())
        );
        assert_eq!(answer.headers["content-type"], "text/xml; charset=utf-8");
    }
    close(&client);
    served.close();
}

#[test]
fn parts_of_a_body_arrive_one_after_the_other() {
    let served = Served::start();
    let client = client(served.address, "/echo");
    let mut body = rmix_soap::http::Body::from("one ");
    for part in ["two ", "", "three"] {
        body.push(bytes::Bytes::from_static(part.as_bytes()));
    }
    assert_eq!(call(&client, body).unwrap().body, "one two three");
}

#[test]
fn long_bodies_go_both_ways() {
    let served = Served::start();
    let client = client(served.address, "/echo");
    let body: Vec<u8> = (0..5_000_000_u32).map(|number| number as u8).collect();
    assert!(call(&client, body.clone()).unwrap().body == body);
    assert_eq!(call(&client, "short").unwrap().body, "short");
}

#[test]
fn fault_is_an_answer() {
    let served = Served::start();
    let client = client(served.address, "/fault");
    let answer = call(&client, "<a/>").unwrap();
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.body, "a fault\n");
}

#[test]
fn other_status_is_an_error_with_what_the_body_says() {
    let served = Served::start();
    let client = client(served.address, "/elsewhere");
    let failure = call(&client, "<a/>").unwrap_err();
    assert_eq!((failure.kind, failure.code), (kind::FIX_REQUEST, 404));
    assert_eq!(failure.delivery, delivery::NOT_SENT);
    assert!(
        failure
            .text()
            .contains("404 Not Found; the body says: nothing is here")
    );
}

#[test]
fn compressed_answer_is_decompressed() {
    let served = Served::start();
    let client = client(served.address, "/echo?gzip=on");
    let body = vec![b'x'; 50_000];
    let answer = call(&client, body.clone()).unwrap();
    assert_eq!(answer.headers["content-encoding"], "gzip");
    assert!(answer.body == body);
}

/// What a client says to one answer of a scripted server, which is given the request's head first.
fn answered(script: impl FnOnce(&mut Raw) + Send + 'static) -> Result<(u16, Vec<u8>), Err> {
    answered_within(|_| {}, script)
}

fn answered_within(
    change: impl FnOnce(&mut rmix_soap::http::HttpLimits),
    script: impl FnOnce(&mut Raw) + Send + 'static,
) -> Result<(u16, Vec<u8>), Err> {
    let scripted = Scripted::start(|listener| {
        let mut raw = accept(listener);
        let (head, body) = raw.request().unwrap();
        assert!(head.starts_with("POST /x HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("soapaction: \"\"\r\n"), "{head}");
        assert_eq!(body, b"<a/>");
        script(&mut raw);
    });
    let client = client_with(scripted.address, "/x", change);
    let result = call(&client, "<a/>");
    scripted.end();
    result.map(|answer| (answer.status.as_u16(), answer.body.to_vec()))
}

#[test]
fn chunked_answer_is_joined() {
    let heard = answered(|raw| {
        raw.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for byte in b"3;x=y\r\n<a>\r\n4\r\n</a>\r\n0\r\ntrailer: x\r\n\r\n" {
            raw.say([*byte]);
        }
    });
    assert_eq!(heard.unwrap(), (200, b"<a></a>".to_vec()));
}

#[test]
fn answer_that_ends_with_the_connection_is_read_to_its_end() {
    let heard = answered(|raw| {
        raw.say("HTTP/1.0 200 OK\r\n\r\n<a>");
        raw.say("</a>");
        raw.stream.shutdown(Shutdown::Write).unwrap();
    });
    assert_eq!(heard.unwrap(), (200, b"<a></a>".to_vec()));
}

#[test]
fn provisional_answers_are_passed_over_but_not_without_end() {
    let heard = answered(|raw| {
        raw.say("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n");
        raw.say("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n");
    });
    assert_eq!(heard.unwrap(), (202, Vec::new()));
    for (count, good) in [(16, true), (17, false)] {
        let heard = answered(move |raw| {
            raw.say("HTTP/1.1 100 Continue\r\n\r\n".repeat(count));
            raw.say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        });
        assert_eq!(heard.is_ok(), good, "{count}");
    }
}

#[test]
fn redirection_is_told_and_not_followed() {
    let failure = answered(|raw| {
        raw.say("HTTP/1.1 307 Temporary Redirect\r\nlocation: http://evil/\r\ncontent-length: 0\r\n\r\n");
    });
    let failure = failure.unwrap_err();
    assert!(
        failure.text().contains("http://evil/"),
        "{}",
        failure.text()
    );
    assert_eq!(failure.delivery, delivery::NOT_SENT);
}

#[test]
fn broken_answers_are_errors_that_say_so() {
    for (text, why) in [
        ("nonsense\r\n\r\n", "not valid HTTP"),
        ("HTTP/1.1 xyz OK\r\n\r\n", "not valid HTTP"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
            "content-length",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcde",
            "content-length",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
            "chunk",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 1\r\n\r\nx",
            "Content-Encoding",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx",
            "gzip",
        ),
    ] {
        let failure = answered(move |raw| raw.say(text)).unwrap_err();
        assert!(failure.text().contains(why), "{text:?}: {}", failure.text());
        assert_eq!(failure.kind, kind::PEER_BROKEN, "{text:?}");
        assert_eq!(failure.delivery, delivery::MAYBE_EXECUTED, "{text:?}");
    }
}

#[test]
fn answer_that_is_cut_off_is_an_error_wherever_that_is() {
    let whole = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n<a/>";
    for length in 0..whole.len() {
        let failure = answered(move |raw| raw.say(&whole[..length])).unwrap_err();
        assert_eq!(
            failure.cause,
            cause::LINK_CLOSED,
            "{length}: {}",
            failure.text()
        );
        assert_eq!(failure.delivery, delivery::MAYBE_EXECUTED, "{length}");
    }
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n<a/>\r\n";
    assert!(answered(move |raw| raw.say(chunked)).is_err());
}

#[test]
fn answer_at_the_limit_passes_and_one_byte_more_does_not() {
    for (length, good) in [(1000, true), (1001, false)] {
        let limits = |limits: &mut rmix_soap::http::HttpLimits| limits.message_bytes = 1000;
        let body = "x".repeat(length);
        let sized = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
        assert_eq!(
            answered_within(limits, move |raw| raw.say(sized)).is_ok(),
            good
        );
        let chunked = format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n"
        );
        assert_eq!(
            answered_within(limits, move |raw| raw.say(chunked)).is_ok(),
            good
        );
        let closed = format!("HTTP/1.1 200 OK\r\n\r\n{body}");
        assert_eq!(
            answered_within(limits, move |raw| raw.say(closed)).is_ok(),
            good
        );
    }
    let huge = "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n";
    let failure = answered(move |raw| raw.say(huge)).unwrap_err();
    assert_eq!(failure.cause, cause::LIMIT);
}

#[test]
fn head_at_the_limit_passes_and_one_byte_more_does_not() {
    for (length, good) in [(8192, true), (8193, false)] {
        let limits = |limits: &mut rmix_soap::http::HttpLimits| limits.header_bytes = 8192;
        let start = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx: ";
        let filling = "x".repeat(length - start.len() - 4);
        let head = format!("{start}{filling}\r\n\r\n");
        assert_eq!(
            answered_within(limits, move |raw| raw.say(head)).is_ok(),
            good
        );
    }
}

#[test]
fn early_answer_ends_the_sending() {
    let scripted = Scripted::start(|listener| {
        let mut raw = accept(listener);
        raw.head().unwrap();
        raw.say("HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 4\r\n\r\nlong");
        raw.stream.shutdown(Shutdown::Write).unwrap();
        raw.rest();
    });
    let client = client(scripted.address, "/x");
    let failure = call(&client, vec![b'x'; 30_000_000]).unwrap_err();
    assert_eq!(failure.code, 413);
    assert_eq!(failure.delivery, delivery::NOT_SENT);
    scripted.end();
}

#[test]
fn connection_that_the_server_closed_is_not_used_again() {
    let (closed, wait) = std::sync::mpsc::channel();
    let scripted = Scripted::start(move |listener| {
        for (fields, keeps) in [("connection: close\r\n", false), ("", true)] {
            let mut raw = accept(listener);
            raw.request().unwrap();
            raw.say(format!(
                "HTTP/1.1 200 OK\r\n{fields}content-length: 0\r\n\r\n"
            ));
            if keeps {
                // Without a word.
                raw.stream.shutdown(Shutdown::Both).unwrap();
                closed.send(()).unwrap();
            }
        }
        let mut raw = accept(listener);
        raw.request().unwrap();
        raw.say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
    let client = client(scripted.address, "/x");
    call(&client, "1").unwrap();
    call(&client, "2").unwrap();
    wait.recv().unwrap();
    // A connection that was free for so long is looked at first.
    let pause = crate::lent::host();
    let until = pause.now_ns() + 6_000_000;
    while pause.now_ns() < until {
        std::thread::yield_now();
    }
    assert_eq!(call(&client, "3").unwrap().body, "ok");
    scripted.end();
}

#[test]
fn unexpected_words_of_a_server_end_its_connection() {
    let scripted = Scripted::start(move |listener| {
        let mut raw = accept(listener);
        raw.request().unwrap();
        raw.say("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil");
        assert!(raw.is_over(), "it is not used again");
        let mut raw = accept(listener);
        raw.request().unwrap();
        raw.say("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood");
    });
    let client = client(scripted.address, "/x");
    assert_eq!(call(&client, "1").unwrap().body, "1");
    assert_eq!(call(&client, "2").unwrap().body, "good");
    scripted.end();
}

#[test]
fn server_that_cannot_be_reached_was_sent_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("soap+http://{}/x", listener.local_addr().unwrap());
    drop(listener);
    let opened = crate::lent::block_on("opening", open(&endpoint, |_| {}));
    let failure = opened.map(|_| ()).unwrap_err();
    assert_eq!(
        (failure.cause, failure.delivery),
        (cause::CONNECT, delivery::NOT_SENT)
    );
}

#[test]
fn dropped_exchange_closes_its_connection_and_no_other() {
    let served = Served::start();
    let client = client(served.address, "/held?connections=2");
    let mut first = client.post(message("first"), false).unwrap();
    let mut second = client.post(message("second"), false).unwrap();
    crate::lent::block_on("sending", async {
        for exchange in [&mut first, &mut second] {
            std::future::poll_fn(|cx| {
                exchange.poll_sent(&rmix_provider::tables::AbiWaker::lend(cx.waker()))
            })
            .await
            .unwrap();
        }
    });
    let held = [served.held.recv().unwrap(), served.held.recv().unwrap()];
    drop(first);
    for held in held {
        held.reply.send(Response::text(StatusCode::OK, "late"));
    }
    let late = crate::lent::block_on("the other", answer(&mut second)).unwrap();
    assert_eq!(late.body, "late\n");
    drop(second);
    close(&client);
}

#[test]
fn exchange_waits_for_a_connection_and_is_dropped_without_harm() {
    let served = Served::start();
    let client = client(served.address, "/held?connections=1");
    let mut first = client.post(message("first"), false).unwrap();
    let mut second = client.post(message("second"), false).unwrap();
    let mut third = client.post(message("third"), false).unwrap();
    crate::lent::block_on("three on one connection", async {
        let poll = async |exchange: &mut rmix_soap::http::Exchange| {
            std::future::poll_fn(|cx| {
                let polled = exchange.poll(&rmix_provider::tables::AbiWaker::lend(cx.waker()));
                assert!(polled.is_pending());
                std::task::Poll::Ready(())
            })
            .await;
        };
        poll(&mut first).await;
        poll(&mut second).await;
        poll(&mut third).await;
        drop(second);
        served
            .held
            .recv()
            .unwrap()
            .reply
            .send(Response::text(StatusCode::OK, "1"));
        assert_eq!(answer(&mut first).await.unwrap().body, "1\n");
        poll(&mut third).await;
        let held = served.held.recv().unwrap();
        assert_eq!(held.body, "third");
        held.reply.send(Response::text(StatusCode::OK, "3"));
        assert_eq!(answer(&mut third).await.unwrap().body, "3\n");
    });
}

#[test]
fn close_waits_for_exchanges_and_refuses_new_ones() {
    let served = Served::start();
    let client = client(served.address, "/held");
    let mut exchange = client.post(message("last"), false).unwrap();
    crate::lent::block_on("closing", async {
        let closing = std::future::poll_fn(|cx| {
            client.poll_close(&rmix_provider::tables::AbiWaker::lend(cx.waker()))
        });
        let calling = async {
            let polled = std::future::poll_fn(|cx| {
                let waker = rmix_provider::tables::AbiWaker::lend(cx.waker());
                std::task::Poll::Ready(exchange.poll(&waker).is_pending())
            });
            assert!(polled.await);
            assert!(!client.is_open());
            let refused = client.post(message("late"), false).map(|_| ()).unwrap_err();
            assert_eq!(refused.delivery, delivery::NOT_SENT);
            let held = served.held.recv().unwrap();
            held.reply.send(Response::text(StatusCode::OK, "1"));
            let answered = answer(&mut exchange).await.unwrap();
            drop(exchange);
            answered
        };
        let mut closing = std::pin::pin!(closing);
        let first = std::future::poll_fn(|cx| {
            std::task::Poll::Ready(closing.as_mut().poll(cx).is_pending())
        });
        assert!(first.await, "an exchange is there");
        assert_eq!(calling.await.body, "1\n");
        closing.await;
    });
}

#[test]
fn abandoned_client_ends_what_runs() {
    let served = Served::start();
    let client = client(served.address, "/held");
    let mut exchange = client.post(message("x"), false).unwrap();
    crate::lent::block_on("abandoning", async {
        std::future::poll_fn(|cx| {
            exchange.poll_sent(&rmix_provider::tables::AbiWaker::lend(cx.waker()))
        })
        .await
        .unwrap();
        let _held = served.held.recv().unwrap();
        let abandoning = client.clone();
        std::thread::spawn(move || abandoning.abandon());
        let failure = answer(&mut exchange).await.map(|_| ()).unwrap_err();
        assert_eq!(failure.delivery, delivery::MAYBE_EXECUTED);
        assert_eq!(failure.cause, cause::LINK_CLOSED);
    });
}
