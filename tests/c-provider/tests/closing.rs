//! Links and listeners that are closed in order, and at once.

use std::future::poll_fn;
use std::task::Poll;

use rmix_abi::tables::{Limits, cause, delivery};

use crate::host::{call, poll_once, side, socket_path, start};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_closed_finishes_its_calls_and_begins_no_more() {
    let (server, client) = (side(), side());
    let path = socket_path("close-link");
    let _listener = server.listen(&path, &Limits::default()).await;
    let link = client.connect(&path, &Limits::default(), 0).await;
    let pending = start(&link, "hold", &()).await.unwrap();

    let mut closing = poll_fn(|cx| link.poll_close(cx));
    assert!(poll_once(&mut closing).await.is_pending());
    assert!(!link.is_open());
    let refused = call::<_, String>(&link, "echo", "x").await.unwrap_err();
    assert_eq!(
        (refused.cause, refused.delivery),
        (cause::LINK_CLOSED, delivery::NOT_SENT)
    );
    server.object.until_held(1).await;
    server.object.answer_held(42).unwrap();
    let (answer, closed) = tokio::join!(pending, closing);

    assert_eq!(answer.unwrap().decode::<u32>().unwrap(), 42);
    closed.unwrap();
    let gone = server
        .object
        .until(|object| object.closed.lock().unwrap().first().copied());
    assert_eq!(gone.await, 1, "the peer sees the end of the connection");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_that_is_closed_answers_what_runs_and_takes_no_more() {
    let (server, client) = (side(), side());
    let path = socket_path("close-listener");
    let listener = server.listen(&path, &Limits::default()).await;
    let link = client.connect(&path, &Limits::default(), 0).await;
    let pending = start(&link, "hold", &()).await.unwrap();
    server.object.until_held(1).await;

    let mut closing = poll_fn(|cx| listener.poll_close(cx));
    assert!(poll_once(&mut closing).await.is_pending());
    server.object.answer_held(42).unwrap();
    let (answer, closed) = tokio::join!(pending, closing);

    assert_eq!(answer.unwrap().decode::<u32>().unwrap(), 42);
    closed.unwrap();
    assert!(
        !std::path::Path::new(&path).exists(),
        "the socket file is gone"
    );
    let endpoint = format!("cframe+unix://{path}");
    let refused = client
        .provider
        .connect(&endpoint, &Limits::default(), 0)
        .await;
    assert_eq!(refused.err().unwrap().cause, cause::CONNECT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_abandoned_link_fails_its_calls_at_once() {
    let (server, client) = (side(), side());
    let path = socket_path("abandon");
    let _listener = server.listen(&path, &Limits::default()).await;
    let link = client.connect(&path, &Limits::default(), 0).await;
    let pending = start(&link, "hold", &()).await.unwrap();
    server.object.until_held(1).await;

    link.abandon();

    let failed = pending.await.err().unwrap();
    assert_eq!(
        (failed.cause, failed.delivery),
        (cause::LINK_CLOSED, delivery::MAYBE_EXECUTED)
    );
    let closed = poll_fn(|cx| Poll::Ready(link.poll_close(cx))).await;
    assert!(closed.is_ready());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_file_left_by_a_dead_listener_is_taken_over_and_a_live_one_is_not() {
    let server = side();
    let path = socket_path("stale");
    drop(crate::raw::listen(&path));
    assert!(std::path::Path::new(&path).exists());

    let listener = server.listen(&path, &Limits::default()).await;
    let endpoint = listener.endpoint();
    let second = server
        .provider
        .listen(&endpoint, &Limits::default(), 1, None)
        .await;

    assert_eq!(second.err().unwrap().cause, cause::IO);
    let link = server.connect(&path, &Limits::default(), 0).await;
    let heard: String = call(&link, "echo", "x").await.unwrap();
    assert_eq!(heard, "x");
}
