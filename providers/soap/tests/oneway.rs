//! One-way messages: in order, gathered, and what is told of those that fail.

use rmix_provider::tables::{cause, delivery};

use crate::lent::{another, block_on, on_this_thread, watched};
use crate::pool::{answer, call, client, client_with, close, flush, message, open, open_of};
use crate::raw::{Raw, Scripted, accept};
use crate::served::Served;

fn texts(served: &Served) -> Vec<String> {
    let accepted = served.paths.accepted.lock().unwrap();
    let texts = accepted.iter().map(|body| String::from_utf8(body.to_vec()));
    texts.map(Result::unwrap).collect()
}

#[test]
fn ten_thousand_arrive_in_order_before_the_call_that_follows_them() {
    let served = Served::start();
    let client = client(served.address, "/oneway");
    let sent: Vec<String> = (0..10_000).map(|number| number.to_string()).collect();
    for text in &sent {
        client
            .post_oneway(message(text.clone().into_bytes()))
            .unwrap();
    }
    assert_eq!(call(&client, "last").unwrap().status, 202);
    let mut arrived = texts(&served);
    assert_eq!(arrived.pop().as_deref(), Some("last"));
    assert!(
        arrived == sent,
        "{} of {} arrived",
        arrived.len(),
        sent.len()
    );
}

#[test]
fn they_go_out_while_their_caller_does_something_else() {
    let served = Served::start();
    let endpoint = format!("soap+http://{}/oneway", served.address);
    on_this_thread(async move {
        let client = open(&endpoint, |_| {}).await.unwrap();
        client.post_oneway(message("one")).unwrap();
        client.post_oneway(message("two")).unwrap();
        std::future::poll_fn(|cx| {
            client.poll_close(&rmix_provider::tables::AbiWaker::lend(cx.waker()))
        })
        .await;
    });
    assert_eq!(texts(&served), ["one", "two"]);
}

#[test]
fn close_waits_until_all_were_answered() {
    let served = Served::start();
    let client = client(served.address, "/oneway");
    for number in 0..100 {
        client
            .post_oneway(message(number.to_string().into_bytes()))
            .unwrap();
    }
    close(&client);
    assert_eq!(texts(&served).len(), 100);
    assert!(client.post_oneway(message("late")).is_err());
}

#[test]
fn queue_is_bounded_and_room_is_told() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let scripted = Scripted::start(move |listener| {
        let _first = accept(listener);
        let mut raw = accept(listener);
        wait.recv().unwrap();
        while raw.request().is_some() {
            raw.say("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n");
        }
    });
    let client = client_with(scripted.address, "/x", |limits| {
        limits.queued_bytes = 10_000
    });
    let mut posted = 0;
    while client.has_room() {
        client.post_oneway(message(vec![b'x'; 1000])).unwrap();
        posted += 1;
    }
    // The first waits for its answer, outside of the queue or still in it.
    assert!((8..=9).contains(&posted), "{posted}");
    go.send(()).unwrap();
    let ready = std::future::poll_fn(|cx| {
        client.poll_ready(&rmix_provider::tables::AbiWaker::lend(cx.waker()))
    });
    block_on("room", ready);
    assert!(client.has_room());
    flush(&client).unwrap();
    close(&client);
    drop(client);
    scripted.end();
}

#[test]
fn refusal_is_told_to_the_next_message_once() {
    let served = Served::start();
    let client = client(served.address, "/elsewhere");
    client.post_oneway(message("lost")).unwrap();
    let told = watched("the failure", || {
        loop {
            if let Err(failure) = client.post_oneway(message("next")) {
                return failure;
            }
        }
    });
    assert_eq!((told.code, told.delivery), (404, delivery::NOT_SENT));
    assert!(
        told.text().contains("an earlier one-way message failed"),
        "{}",
        told.text()
    );
}

#[test]
fn flush_tells_of_a_message_that_was_lost() {
    let scripted = Scripted::start(|listener| {
        let _first = accept(listener);
        let mut raw = accept(listener);
        raw.request().unwrap();
    });
    let client = client(scripted.address, "/x");
    client.post_oneway(message("lost")).unwrap();
    scripted.end();
    let told = watched("the failure", || {
        loop {
            if let Err(failure) = flush(&client) {
                return failure;
            }
        }
    });
    assert_eq!(told.delivery, delivery::MAYBE_EXECUTED);
    assert_eq!(told.cause, cause::LINK_CLOSED);
}

/// Reads requests up to one, and answers each; returns their bodies.
fn answer_some(raw: &mut Raw, count: usize, last: &str) -> Vec<String> {
    (1..=count)
        .map(|number| {
            let (_, body) = raw.request().expect("a message");
            let fields = if number == count { last } else { "" };
            raw.say(format!(
                "HTTP/1.1 202 Accepted\r\nserver: rmix\r\n{fields}content-length: 0\r\n\r\n"
            ));
            String::from_utf8(body).unwrap()
        })
        .collect()
}

#[test]
fn messages_behind_an_answer_that_closes_are_sent_again() {
    let scripted = Scripted::start(|listener| {
        let _first = accept(listener);
        let mut bodies = Vec::new();
        // Ten connections of ten messages each; what was pipelined behind the last is thrown away.
        for _ in 0..10 {
            let mut raw = accept(listener);
            bodies.extend(answer_some(&mut raw, 10, "connection: close\r\n"));
        }
        let sent: Vec<String> = (0..100).map(|number| number.to_string()).collect();
        assert_eq!(bodies, sent);
    });
    let client = client(scripted.address, "/x");
    for number in 0..100 {
        client
            .post_oneway(message(number.to_string().into_bytes()))
            .unwrap();
    }
    close(&client);
    scripted.end();
}

#[test]
fn peer_that_answers_the_first_message_of_each_read_gets_them_all() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let scripted = Scripted::start(move |listener| {
        let _first = accept(listener);
        let mut raw = accept(listener);
        wait.recv().unwrap();
        for number in 0..20 {
            let (_, body) = raw.request().unwrap();
            assert_eq!(body, number.to_string().into_bytes());
            raw.forget();
            raw.say("HTTP/1.1 202 Accepted\r\nserver: gSOAP/2.8\r\ncontent-length: 0\r\n\r\n");
        }
        assert!(raw.is_over());
    });
    let client = client(scripted.address, "/x");
    for number in 0..20 {
        client
            .post_oneway(message(number.to_string().into_bytes()))
            .unwrap();
    }
    go.send(()).unwrap();
    flush(&client).unwrap();
    close(&client);
    scripted.end();
}

#[test]
fn peer_that_says_so_gets_messages_before_it_has_answered_those_before_them() {
    let scripted = Scripted::start(|listener| {
        let _first = accept(listener);
        let mut raw = accept(listener);
        assert_eq!(answer_some(&mut raw, 1, ""), ["0"]);
        let bodies = [1, 2].map(|_| raw.request().expect("a message").1);
        assert_eq!(bodies, [b"1", b"2"]);
        raw.say("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".repeat(2));
        assert!(raw.is_over());
    });
    let client = client(scripted.address, "/x");
    for number in 0..3 {
        client
            .post_oneway(message(number.to_string().into_bytes()))
            .unwrap();
    }
    close(&client);
    scripted.end();
}

#[test]
fn our_server_says_that_it_takes_pipelined_messages() {
    let served = Served::start();
    let mut raw = Raw::connect(served.address);
    raw.say(crate::raw::post("/oneway", "", b"x"));
    let head = raw.answer().head;
    assert!(head.contains("server: rmix\r\n"), "{head}");
}

#[test]
fn peer_that_keeps_no_connection_gets_them_one_by_one() {
    let scripted = Scripted::start(|listener| {
        let _first = accept(listener);
        for number in 0..5 {
            let mut raw = accept(listener);
            let (_, body) = raw.request().unwrap();
            assert_eq!(body, number.to_string().into_bytes());
            raw.say("HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n");
            assert!(raw.is_over(), "nothing was pipelined");
        }
    });
    let client = client(scripted.address, "/x");
    for number in 0..5 {
        client
            .post_oneway(message(number.to_string().into_bytes()))
            .unwrap();
    }
    close(&client);
    scripted.end();
}

#[test]
fn connection_that_breaks_loses_what_was_begun_and_nothing_else() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let scripted = Scripted::start(move |listener| {
        let _first = accept(listener);
        let mut raw = accept(listener);
        assert_eq!(raw.request().unwrap().1, b"0");
        wait.recv().unwrap();
        // No answer: the first is lost, and the others were not begun.
        drop(raw);
        let mut raw = accept(listener);
        assert_eq!(answer_some(&mut raw, 2, ""), ["1", "2"]);
        assert!(raw.is_over());
    });
    let client = client(scripted.address, "/x");
    for number in 0..3 {
        client
            .post_oneway(message(number.to_string().into_bytes()))
            .unwrap();
    }
    go.send(()).unwrap();
    close(&client);
    drop(client);
    scripted.end();
}

#[test]
fn message_that_is_never_answered_is_given_up() {
    let scripted = Scripted::start(|listener| {
        let _first = accept(listener);
        let mut raw = accept(listener);
        raw.request().unwrap();
        assert!(raw.is_over());
    });
    let client = client_with(scripted.address, "/x", |limits| {
        limits.message_ns = 20_000_000
    });
    client.post_oneway(message("lost")).unwrap();
    scripted.end();
    let told = watched("the failure", || {
        loop {
            if let Err(failure) = flush(&client) {
                return failure;
            }
        }
    });
    assert!(told.text().contains("message_timeout"), "{}", told.text());
}

#[test]
fn abandoned_client_lets_nobody_wait() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let scripted = Scripted::start(move |listener| {
        let _first = accept(listener);
        let _ = wait.recv();
    });
    let client = client(scripted.address, "/x");
    client.post_oneway(message("x")).unwrap();
    let mut after = client.post(message("after"), false).unwrap();
    let abandoning = client.clone();
    let thread = std::thread::spawn(move || abandoning.abandon());
    let failure = block_on("the call behind", answer(&mut after))
        .map(|_| ())
        .unwrap_err();
    assert_eq!(failure.delivery, delivery::NOT_SENT);
    thread.join().unwrap();
    drop(go);
    scripted.end();
}

#[test]
fn host_that_runs_nothing_any_more_is_not_waited_for() {
    let served = Served::start();
    let tasks = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (_runtime, host) = another(rmix::Runtime::builder().handle(tasks.handle().clone()));
    let endpoint = format!("soap+http://{}/oneway", served.address);
    let client = block_on("opening a client", open_of(host, &endpoint, |_| {})).unwrap();
    drop(tasks);
    // The task that would send it is dropped before it has run.
    client.post_oneway(message("never")).unwrap();
    let told = flush(&client).unwrap_err();
    assert_eq!(
        (told.cause, told.delivery),
        (cause::SHUTDOWN, delivery::MAYBE_EXECUTED)
    );
    close(&client);
    assert_eq!(texts(&served), Vec::<String>::new());
}
