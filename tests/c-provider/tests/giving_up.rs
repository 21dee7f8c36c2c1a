//! Calls that are dropped before their answer comes: the answer is dropped too, and reading passes to another call.

use std::task::Poll;

use rmix_abi::tables::{Limits, call_flags};

use crate::host::{begin, call, poll_once, side, socket_path, start, start_with};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_answer_to_a_dropped_call_is_dropped() {
    let (server, client) = (side(), side());
    let path = socket_path("late");
    let _listener = server.listen(&path, &Limits::default()).await;
    let link = client.connect(&path, &Limits::default(), 0).await;
    let mut given_up = start(&link, "hold", &()).await.unwrap();
    assert!(poll_once(&mut given_up).await.is_pending());
    server.object.until_held(1).await;

    drop(given_up);
    server.object.answer_held(13).unwrap();

    // The late answer lies before this one in the stream.
    let heard: String = call(&link, "echo", "after").await.unwrap();
    assert_eq!(heard, "after");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_leader_passes_reading_on() {
    let (server, client) = (side(), side());
    let path = socket_path("leader-dropped");
    let _listener = server.listen(&path, &Limits::default()).await;
    let link = client.connect(&path, &Limits::default(), 0).await;
    let mut leader = start_with(&link, "hold", call_flags::DRIVEN, &())
        .await
        .unwrap();
    let follower = start_with(&link, "hold", call_flags::DRIVEN, &())
        .await
        .unwrap();
    assert!(poll_once(&mut leader).await.is_pending());
    let (polled, was_polled) = tokio::sync::oneshot::channel();
    let following = tokio::spawn(async move {
        let mut follower = follower;
        assert!(poll_once(&mut follower).await.is_pending());
        polled.send(()).unwrap();
        follower.await.unwrap().decode::<u32>().unwrap()
    });
    was_polled.await.unwrap();
    server.object.until_held(2).await;

    drop(leader);
    server.object.answer_held(1).unwrap();
    server.object.answer_held(2).unwrap();

    assert_eq!(following.await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_that_is_done_passes_reading_on() {
    let (server, client) = (side(), side());
    let path = socket_path("leader-done");
    let _listener = server.listen(&path, &Limits::default()).await;
    let link = client.connect(&path, &Limits::default(), 0).await;
    let mut leader = start_with(&link, "hold", call_flags::DRIVEN, &())
        .await
        .unwrap();
    let followers: Vec<_> = futures_of(&link, 20).await;
    assert!(poll_once(&mut leader).await.is_pending());
    let following: Vec<_> = followers.into_iter().map(tokio::spawn).collect();
    server.object.until_held(21).await;

    server.object.answer_held(0).unwrap();
    assert_eq!(leader.await.unwrap().decode::<u32>().unwrap(), 0);
    for number in 1..=20 {
        server.object.answer_held(number).unwrap();
    }

    for (number, follower) in (1_u32..).zip(following) {
        let answer = follower.await.unwrap().unwrap();
        assert_eq!(answer.decode::<u32>().unwrap(), number);
    }
}

async fn futures_of(
    link: &std::sync::Arc<rmix_abi::host::Link>,
    count: usize,
) -> Vec<rmix_abi::host::Call> {
    let mut calls = Vec::new();
    for _ in 0..count {
        calls.push(
            start_with(link, "hold", call_flags::DRIVEN, &())
                .await
                .unwrap(),
        );
    }
    calls
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_left_alone_does_not_stop_the_others() {
    let (server, client) = (side(), side());
    let path = socket_path("left-alone");
    let _listener = server.listen(&path, &Limits::default()).await;
    let link = client.connect(&path, &Limits::default(), 0).await;
    let mut left_alone = start(&link, "hold", &()).await.unwrap();
    assert!(poll_once(&mut left_alone).await.is_pending());
    let never_polled = start(&link, "hold", &()).await.unwrap();

    let heard: String = call(&link, "echo", "driven").await.unwrap();
    let undriven = start(&link, "echo", "undriven").await.unwrap();
    let also: String = undriven.await.unwrap().decode().unwrap();

    assert_eq!((heard, also), ("driven".to_owned(), "undriven".to_owned()));
    server.object.until_held(2).await;
    server.object.answer_held(1).unwrap();
    server.object.answer_held(2).unwrap();
    assert_eq!(never_polled.await.unwrap().decode::<u32>().unwrap(), 2);
    assert_eq!(left_alone.await.unwrap().decode::<u32>().unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_driven_leader_hands_reading_to_the_background_when_another_call_needs_it() {
    let (server, client) = (side(), side());
    let path = socket_path("to-background");
    let _listener = server.listen(&path, &Limits::default()).await;
    let link = client.connect(&path, &Limits::default(), 0).await;
    let mut leader = start_with(&link, "hold", call_flags::DRIVEN, &())
        .await
        .unwrap();
    assert!(poll_once(&mut leader).await.is_pending());
    let follower = start(&link, "hold", &()).await.unwrap();
    server.object.until_held(2).await;

    server.object.answer_held(1).unwrap();
    assert_eq!(leader.await.unwrap().decode::<u32>().unwrap(), 1);
    server.object.answer_held(2).unwrap();

    assert_eq!(follower.await.unwrap().decode::<u32>().unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_not_submitted_leaves_no_trace() {
    let (server, client) = (side(), side());
    let path = socket_path("aborted");
    let _listener = server.listen(&path, &Limits::default()).await;
    let limits = Limits {
        outstanding: 1,
        ..Limits::default()
    };
    let link = client.connect(&path, &limits, 0).await;
    let mut encoding = begin(&link, "echo", 0).await.unwrap();
    encoding.argument(0, "never sent").unwrap();
    let ready = std::future::poll_fn(|cx| Poll::Ready(link.poll_ready(cx))).await;
    assert!(ready.is_pending());

    drop(encoding);

    let heard: String = call(&link, "echo", "sent").await.unwrap();
    assert_eq!(heard, "sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_give_up_at_random_do_not_stop_the_others() {
    let (server, client) = (side(), side());
    let path = socket_path("random");
    let _listener = server.listen(&path, &Limits::default()).await;
    let link = client.connect(&path, &Limits::default(), 0).await;

    let callers: Vec<_> = (0..50_u32)
        .map(|caller| {
            let link = link.clone();
            tokio::spawn(async move {
                for round in 0..40_u32 {
                    let said = format!("{caller}/{round}");
                    let mut pending = start_with(&link, "echo", call_flags::DRIVEN, &said)
                        .await
                        .unwrap();
                    // A fixed mixture of calls dropped unpolled, dropped after one poll, and finished.
                    match (caller * 7 + round * 13) % 5 {
                        0 => drop(pending),
                        1 => drop(poll_once(&mut pending).await),
                        _ => {
                            let heard: String = pending.await.unwrap().decode().unwrap();
                            assert_eq!(heard, said);
                        }
                    }
                }
            })
        })
        .collect();

    for caller in callers {
        caller.await.unwrap();
    }
}
