//! Bytes no honest peer sends: broken frames end the connection, broken values fail the decoding, and nothing else happens.

use rmix_abi::tables::{Limits, reply};

use crate::calls::{Shapes, shapes};
use crate::host::{call, side, socket_path, start};
use crate::raw::{self, Frame, Peer, RESULT};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_frames_end_the_connection_with_a_reason() {
    let server = side();
    let path = socket_path("broken");
    let limits = Limits {
        message_bytes: 1000,
        ..Limits::default()
    };
    let _listener = server.listen(&path, &limits).await;
    let cases: [(&[u8], &str); 7] = [
        (&[0, 0, 0, 0], "a frame shorter than its header: 0"),
        (&[6, 0, 0, 0], "a frame shorter than its header: 6"),
        (&[0xE9, 3, 0, 0], "a frame longer than message_bytes: 1001"),
        (
            &[255, 255, 255, 255],
            "a frame longer than message_bytes: 4294967295",
        ),
        (
            &[7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
            "an unknown kind of frame: 0",
        ),
        (
            &[7, 0, 0, 0, 1, 0, 0, 0, 6, 0, 0],
            "an unknown kind of frame: 6",
        ),
        (
            &[8, 0, 0, 0, 1, 0, 0, 0, 1, 2, 0, b'x'],
            "a name longer than its frame: 2",
        ),
    ];

    for (bytes, reason) in cases {
        let (to, bytes) = (path.clone(), bytes.to_vec());
        let after = raw::beside(move || {
            let mut peer = Peer::connect(&to);
            peer.send_bytes(&bytes);
            peer.receive()
        })
        .await;
        assert_eq!(after, None, "{reason}");
        let lines = server.object.lines.lock().unwrap();
        assert!(
            lines.iter().any(|line| line.contains(reason)),
            "{reason}: {lines:?}"
        );
    }

    let link = server.connect(&path, &limits, 0).await;
    let heard: String = call(&link, "echo", "still here").await.unwrap();
    assert_eq!(heard, "still here");
}

/// Answers as many calls as there are bodies, each with the next body.
fn answer(listener: std::os::unix::net::UnixListener, bodies: Vec<Vec<u8>>) {
    let mut peer = Peer::accept(&listener);
    for body in bodies {
        let question = peer.receive().expect("a call comes for every body");
        peer.send(&Frame::new(question.id, RESULT, "", &body));
    }
}

/// The bytes of [`shapes`], as the provider under test writes them.
async fn golden() -> Vec<u8> {
    let client = side();
    let path = socket_path("golden");
    let listener = raw::listen(&path);
    let peer = raw::beside(move || {
        Peer::accept(&listener)
            .receive()
            .expect("a call comes")
            .body
    });
    let link = client.connect(&path, &Limits::default(), 0).await;
    let _call = start(&link, "shapes", &shapes()).await.unwrap();
    peer.await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_truncation_and_extension_of_a_value_is_refused() {
    let client = side();
    let path = socket_path("truncated");
    let listener = raw::listen(&path);
    let golden = golden().await;
    let mut bodies: Vec<Vec<u8>> = (0..golden.len())
        .map(|end| golden[..end].to_vec())
        .collect();
    bodies.push([&golden[..], &[0]].concat());
    let count = bodies.len();
    let peer = raw::beside(move || answer(listener, bodies));
    let link = client.connect(&path, &Limits::default(), 0).await;

    for case in 0..count {
        let answer = start(&link, "x", &()).await.unwrap().await.unwrap();
        assert_eq!(answer.kind, reply::VALUE);
        let failure = answer.decode::<Shapes>().unwrap_err();
        assert!(
            failure.offset() <= golden.len() as u64,
            "case {case}: {failure}"
        );
    }
    peer.await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_single_bit_flip_does_more_than_fail() {
    let client = side();
    let path = socket_path("flipped");
    let listener = raw::listen(&path);
    let golden = golden().await;
    let bodies: Vec<Vec<u8>> = (0..golden.len() * 8)
        .map(|bit| {
            let mut body = golden.clone();
            body[bit / 8] ^= 1 << (bit % 8);
            body
        })
        .collect();
    let count = bodies.len();
    let peer = raw::beside(move || answer(listener, bodies));
    let link = client.connect(&path, &Limits::default(), 0).await;

    let mut changed = 0;
    for _ in 0..count {
        let answer = start(&link, "x", &()).await.unwrap().await.unwrap();
        if let Ok(value) = answer.decode::<Shapes>() {
            // As text, because -0.0 equals 0.0.
            assert_ne!(format!("{value:?}"), format!("{:?}", shapes()));
            changed += 1;
        }
    }
    peer.await;
    assert!(changed > 0, "flips inside numbers give other numbers");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bytes_of_a_value_are_these() {
    let client = side();
    let path = socket_path("bytes");
    let listener = raw::listen(&path);
    let peer = raw::beside(move || Peer::accept(&listener).receive().expect("a call comes"));
    let link = client.connect(&path, &Limits::default(), 0).await;

    let value = (true, -2_i16, Some(1_u8), "hi", vec![1.0_f64], [7_u32; 1]);
    let _call = start(&link, "m", &value).await.unwrap();

    let body = [
        &[1][..],
        &[0xFE, 0xFF],
        &[1, 1],
        &[2, 0, 0, 0, b'h', b'i'],
        &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F],
        &[7, 0, 0, 0],
    ];
    assert_eq!(peer.await, Frame::new(1, raw::CALL, "m", &body.concat()));
}
