//! Each limit at its value and one beyond.

use std::future::poll_fn;
use std::task::Poll;

use rmix_abi::host::Began;
use rmix_abi::tables::{Limits, call_flags, cause, fault, kind};

use crate::host::{OPTIONS, begin, call, method, poll_once, side, socket_path, start};
use crate::raw::{self, CALL, Frame, ONEWAY, Peer, RESULT};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outgoing_message_may_have_message_bytes_and_no_more() {
    let (server, client) = (side(), side());
    let path = socket_path("out-bytes");
    let _listener = server.listen(&path, &Limits::default()).await;
    let limits = Limits {
        message_bytes: 1000,
        ..Limits::default()
    };
    let link = client.connect(&path, &limits, 0).await;
    // Id, kind, length of the name, the name `octets`, and the count of octets.
    let fits = vec![7_u8; 1000 - 7 - 6 - 4];

    let found: Vec<u8> = call(&link, "octets", &fits).await.unwrap();
    assert_eq!(found, fits);

    let mut encoding = begin(&link, "octets", 0).await.unwrap();
    let failure = encoding
        .argument(0, &vec![7_u8; fits.len() + 1])
        .unwrap_err();
    assert_eq!(failure.class(), fault::LIMIT);
    assert!(
        failure
            .to_string()
            .starts_with("message_bytes, 1005 declared, limit 1004"),
        "{failure}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_incoming_message_may_have_message_bytes_and_no_more() {
    let client = side();
    let path = socket_path("in-bytes");
    let listener = raw::listen(&path);
    let limits = Limits {
        message_bytes: 1000,
        ..Limits::default()
    };
    let peer = raw::beside(move || {
        let mut peer = Peer::accept(&listener);
        for octets in [1000 - 7 - 4, 1000 - 7 - 4 + 1] {
            let question = peer.receive().expect("a call comes");
            let body = [&u32::to_le_bytes(octets)[..], &vec![1; octets as usize]].concat();
            peer.send(&Frame::new(question.id, RESULT, "", &body));
        }
        peer.receive()
    });
    let link = client.connect(&path, &limits, 0).await;
    let calling = async {
        let fits: Vec<u8> = call(&link, "x", &()).await.unwrap();
        (fits, call::<_, Vec<u8>>(&link, "x", &()).await.unwrap_err())
    };

    let ((fits, failed), after) = tokio::join!(calling, peer);

    assert_eq!(fits.len(), 989);
    assert_eq!(
        (failed.kind, failed.cause),
        (kind::PEER_BROKEN, cause::LIMIT)
    );
    assert_eq!(
        failed.text(),
        "a frame longer than message_bytes: 1001, limit 1000"
    );
    assert_eq!(after, None, "the connection is closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_may_have_so_many_calls_outstanding_and_then_waits() {
    let (server, client) = (side(), side());
    let path = socket_path("outstanding");
    let _listener = server.listen(&path, &Limits::default()).await;
    let limits = Limits {
        outstanding: 2,
        ..Limits::default()
    };
    let link = client.connect(&path, &limits, 0).await;
    let first = start(&link, "hold", &()).await.unwrap();
    let second = begin(&link, "hold", 0).await.unwrap();

    assert!(matches!(
        link.begin(method("x"), 0, 0, 64).unwrap(),
        Began::Full
    ));
    let mut ready = poll_fn(|cx| link.poll_ready(cx));
    assert!(poll_once(&mut ready).await.is_pending());
    let oneway = link.begin(method("x"), 0, call_flags::ONEWAY, 64).unwrap();
    assert!(
        matches!(oneway, Began::Ready(_)),
        "one-way calls are not outstanding"
    );

    drop(second);
    ready.await.unwrap();
    assert!(matches!(
        link.begin(method("x"), 0, 0, 64).unwrap(),
        Began::Ready(_)
    ));
    server.object.until_held(1).await;
    server.object.answer_held(1).unwrap();
    first.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_not_read_while_so_many_of_its_calls_run() {
    let server = side();
    let path = socket_path("running");
    let limits = Limits {
        outstanding: 2,
        ..Limits::default()
    };
    let _listener = server.listen(&path, &limits).await;
    let to = path.clone();
    let mut peer = raw::beside(move || {
        let mut peer = Peer::connect(&to);
        let calls = (1..=5).flat_map(|id| Frame::new(id, CALL, "hold", &[]).bytes());
        peer.send_bytes(&calls.collect::<Vec<u8>>());
        peer
    })
    .await;

    for answered in 0..5 {
        let running = 2.min(5 - answered);
        server.object.until_held(running).await;
        assert_eq!(server.object.held.lock().unwrap().len(), running);
        server
            .object
            .answer_held(u32::try_from(answered).unwrap())
            .unwrap();
    }

    let answers: Vec<u32> = raw::beside(move || {
        let answers = (0..5).map(|_| peer.receive().expect("every call is answered").id);
        answers.collect()
    })
    .await;
    assert_eq!(answers, [1, 2, 3, 4, 5]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_wait_while_queued_bytes_are_reached_and_the_peer_does_not_read() {
    let client = side();
    let path = socket_path("queued");
    let listener = raw::listen(&path);
    let limits = Limits {
        queued_bytes: 10_000,
        ..Limits::default()
    };
    let link = client.connect(&path, &limits, 0).await;
    let mut peer = raw::beside(move || Peer::accept(&listener)).await;

    // Nobody reads: the kernel's room fills, then the queue's.
    let mut sent = 0_u32;
    while let Began::Ready(mut encoding) = link
        .begin(method("note"), 1, call_flags::ONEWAY, 64)
        .unwrap()
    {
        encoding.argument(0, &(sent, vec![0_u8; 1000])).unwrap();
        encoding.submit_oneway(&OPTIONS).unwrap();
        sent += 1;
    }
    let flushed = poll_fn(|cx| Poll::Ready(link.poll_flush(cx))).await;
    assert!(flushed.is_pending());

    let reading = raw::beside(move || {
        let numbers = (0..sent).map(|_| {
            let frame = peer.receive().expect("all that was queued is sent");
            assert_eq!(frame.kind, ONEWAY);
            u32::from_le_bytes([frame.body[0], frame.body[1], frame.body[2], frame.body[3]])
        });
        numbers.collect::<Vec<u32>>()
    });
    let flush = poll_fn(|cx| link.poll_flush(cx));
    let (flushed, numbers) = tokio::join!(flush, reading);

    flushed.unwrap();
    assert!(numbers.into_iter().eq(0..sent));
    poll_fn(|cx| link.poll_ready(cx)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_has_so_many_connections_and_closes_the_next() {
    let server = side();
    let path = socket_path("connections");
    let limits = Limits {
        connections: 2,
        ..Limits::default()
    };
    let _listener = server.listen(&path, &limits).await;
    let echo = |peer: &mut Peer| {
        peer.send_bytes(&Frame::new(1, CALL, "count", &[]).bytes());
        peer.receive()
    };

    let (one, two, three) = raw::beside(move || {
        let (mut one, mut two) = (Peer::connect(&path), Peer::connect(&path));
        let within = (echo(&mut one), echo(&mut two));
        let mut beyond = Peer::connect(&path);
        (within.0, within.1, beyond.receive())
    })
    .await;

    assert!(one.is_some() && two.is_some());
    assert_eq!(three, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_connection_and_a_slow_message_end() {
    let server = side();
    let path = socket_path("slow");
    let limits = Limits {
        idle_ns: 50_000_000,
        message_ns: 50_000_000,
        ..Limits::default()
    };
    let _listener = server.listen(&path, &limits).await;

    raw::beside(move || {
        assert_eq!(Peer::connect(&path).receive(), None, "silent");
        let mut slow = Peer::connect(&path);
        slow.send_bytes(&[100, 0, 0, 0, 1]);
        assert_eq!(slow.receive(), None, "slow");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inbound_values_may_have_items_and_no_more() {
    let server = side();
    let path = socket_path("items");
    // The list is one; each text is one element and one text.
    let limits = Limits {
        items: 5,
        ..Limits::default()
    };
    let _listener = server.listen(&path, &limits).await;
    let link = server.connect(&path, &Limits::default(), 0).await;

    let found: Vec<String> = call(&link, "texts", &vec![""; 2]).await.unwrap();
    let refused = call::<_, Vec<String>>(&link, "texts", &vec![""; 3]).await;

    assert_eq!(found, ["", ""]);
    let refused = refused.unwrap_err();
    assert_eq!(refused.cause, cause::BAD_ARGUMENTS);
    assert!(refused.text().starts_with("items"), "{}", refused.text());
}
