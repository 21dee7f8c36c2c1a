//! Both ends of one link call, and the peer's death in the middle.

use rmix_abi::tables::{Limits, cause, delivery, kind, refusal};

use crate::host::{call, side, socket_path, start};
use crate::raw::{self, CALL, Frame, ONEWAY, Peer, REFUSAL, RESULT};

fn text(value: &str) -> Vec<u8> {
    let length = u32::try_from(value.len()).expect("tests are small");
    [&length.to_le_bytes()[..], value.as_bytes()].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_peer_calls_back_on_the_link_while_our_call_waits() {
    let client = side();
    let path = socket_path("back");
    let listener = raw::listen(&path);
    let peer = raw::beside(move || {
        let mut peer = Peer::accept(&listener);
        let question = peer.receive().expect("a call comes");
        peer.send(&Frame::new(9, ONEWAY, "note", &5_u32.to_le_bytes()));
        peer.send(&Frame::new(77, CALL, "echo", &text("back")));
        let answer = peer.receive().expect("the callback is answered");
        peer.send(&Frame::new(question.id, RESULT, "", &question.body));
        (question, answer)
    });
    let link = client.connect(&path, &Limits::default(), 1).await;
    let calling = async {
        let heard: String = call(&link, "echo", "forth").await.unwrap();
        heard
    };

    let (heard, (question, answer)) = tokio::join!(calling, peer);

    assert_eq!(heard, "forth");
    assert_eq!(
        question,
        Frame::new(question.id, CALL, "echo", &text("forth"))
    );
    assert_eq!(answer, Frame::new(77, RESULT, "", &text("back")));
    assert_eq!(*client.object.notes.lock().unwrap(), [5]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_without_an_object_refuses_the_peers_calls() {
    let client = side();
    let path = socket_path("noobject");
    let listener = raw::listen(&path);
    let peer = raw::beside(move || {
        let mut peer = Peer::accept(&listener);
        let question = peer.receive().expect("a call comes");
        peer.send(&Frame::new(3, ONEWAY, "note", &5_u32.to_le_bytes()));
        peer.send(&Frame::new(4, CALL, "echo", &text("x")));
        let answer = peer.receive().expect("the callback is answered");
        peer.send(&Frame::new(question.id, RESULT, "", &question.body));
        answer
    });
    let link = client.connect(&path, &Limits::default(), 0).await;
    let calling = async { call::<_, String>(&link, "echo", "forth").await.unwrap() };

    let (_, answer) = tokio::join!(calling, peer);

    assert_eq!((answer.id, answer.kind), (4, REFUSAL));
    assert_eq!(answer.body[..4], refusal::NO_SUCH_OBJECT.to_le_bytes());
    assert!(client.object.notes.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_peer_dies_may_have_run_and_the_next_was_not_sent() {
    let client = side();
    let path = socket_path("death");
    let listener = raw::listen(&path);
    let peer = raw::beside(move || {
        let mut peer = Peer::accept(&listener);
        peer.receive().expect("a call comes");
    });
    let link = client.connect(&path, &Limits::default(), 0).await;
    let calling = async { call::<_, String>(&link, "echo", "x").await };

    let (failed, ()) = tokio::join!(calling, peer);
    let failed = failed.unwrap_err();
    let next = call::<_, String>(&link, "echo", "x").await.unwrap_err();

    assert_eq!(failed.cause, cause::LINK_CLOSED);
    assert_eq!(failed.kind, kind::RECONNECT);
    assert_eq!(failed.delivery, delivery::MAYBE_EXECUTED);
    assert_eq!(next.delivery, delivery::NOT_SENT);
    assert!(!link.is_open());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_link_learns_of_the_death_at_its_next_call_which_was_not_sent() {
    let client = side();
    let path = socket_path("idle-death");
    let listener = raw::listen(&path);
    let peer = raw::beside(move || drop(Peer::accept(&listener)));
    let link = client.connect(&path, &Limits::default(), 0).await;
    peer.await;

    let failed = call::<_, String>(&link, "echo", "x").await.unwrap_err();

    assert_eq!(failed.cause, cause::LINK_CLOSED);
    assert_eq!(failed.delivery, delivery::NOT_SENT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_came_before_the_peer_left_is_delivered() {
    let client = side();
    let path = socket_path("last-words");
    let listener = raw::listen(&path);
    let peer = raw::beside(move || {
        let mut peer = Peer::accept(&listener);
        let question = peer.receive().expect("a call comes");
        peer.send(&Frame::new(question.id, RESULT, "", &question.body));
    });
    let link = client.connect(&path, &Limits::default(), 0).await;
    let first = start(&link, "echo", "kept").await.unwrap();
    peer.await;
    // The peer is gone: this one cannot be sent, and must not cost the other its answer.
    let second = start(&link, "echo", "lost").await;

    let answer = first.await.unwrap();

    assert_eq!(answer.decode::<String>().unwrap(), "kept");
    assert_eq!(second.err().unwrap().delivery, delivery::NOT_SENT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_host_is_told_when_a_caller_is_gone_and_its_answer_fails() {
    let server = side();
    let path = socket_path("caller-gone");
    let _listener = server.listen(&path, &Limits::default()).await;
    let to = path.clone();
    let peer = raw::beside(move || {
        let mut peer = Peer::connect(&to);
        peer.send(&Frame::new(1, CALL, "hold", &[]));
        peer
    })
    .await;
    server.object.until_held(1).await;

    drop(peer);
    let closed = server
        .object
        .until(|object| object.closed.lock().unwrap().first().copied())
        .await;

    assert_eq!(closed, 1);
    let failed = server.object.answer_held(0).unwrap_err();
    assert_eq!(failed.cause, cause::LINK_CLOSED);
}
