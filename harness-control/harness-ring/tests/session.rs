//! Sessions: exactly once and in order over connections that break, limits, and peers that lie.

use std::time::Duration;

use harness_ring::{
    Body, Frame, LinkLimits, MemberId, Packet, Session, UnsentAcknowledged, ViewId,
};

const NOW: Duration = Duration::ZERO;

fn frame(number: u64) -> Frame<u64> {
    let view = ViewId {
        epoch: number,
        ..ViewId::founding(&[MemberId::first(0)])
    };
    Frame {
        view,
        body: Body::Leave,
    }
}

fn limits() -> LinkLimits {
    LinkLimits {
        acknowledge_frames: 2,
        kept_frames_max: 3,
        kept_bytes_max: 100,
        ..LinkLimits::DEFAULT
    }
}

/// Gives packets to a session; returns the frames it took and its answers.
fn give(session: &mut Session<u64>, packets: Vec<Packet<u64>>) -> (Vec<u64>, Vec<Packet<u64>>) {
    let mut frames = Vec::new();
    let mut replies = Vec::new();
    for packet in packets {
        let taken = session.receive(packet, NOW, &limits(), &mut replies);
        frames.extend(taken.unwrap().map(|frame| frame.view.epoch));
    }
    (frames, replies)
}

fn connect(one: &mut Session<u64>, other: &mut Session<u64>) -> Vec<u64> {
    let (hello, back) = (one.connected(), other.connected());
    let (_, answers) = give(other, vec![hello]);
    let (_, mut again) = give(one, vec![back]);
    let (_, more) = give(one, answers);
    again.extend(more);
    let (frames, replies) = give(other, again);
    give(one, replies);
    frames
}

#[test]
fn what_a_broken_connection_lost_is_sent_again_and_nothing_twice() {
    let (mut one, mut other) = (Session::new(), Session::new());
    assert_eq!(connect(&mut one, &mut other), []);
    let first = one.send(frame(1), 1).unwrap();
    let late = one.send(frame(2), 1).unwrap();
    assert_eq!(give(&mut other, vec![first.clone()]).0, [1]);
    one.disconnected();
    other.disconnected();
    assert_eq!(one.send(frame(3), 1), None, "it waits for a connection");
    assert_eq!(connect(&mut one, &mut other), [2, 3]);
    let (frames, _) = give(&mut other, vec![late, first]);
    assert_eq!(frames, [], "frames of the old connection come late");
    assert_eq!(other.received(), 3);
}

#[test]
fn a_gap_is_not_taken() {
    let (mut one, mut other) = (Session::new(), Session::new());
    connect(&mut one, &mut other);
    one.send(frame(1), 1);
    let second = one.send(frame(2), 1).unwrap();
    assert_eq!(give(&mut other, vec![second]).0, []);
    assert_eq!(other.received(), 0);
}

#[test]
fn acknowledgements_go_after_frames_or_after_time() {
    let (mut one, mut other) = (Session::new(), Session::new());
    connect(&mut one, &mut other);
    let mut send = |number| one.send(frame(number), 1).unwrap();
    let (_, replies) = give(&mut other, vec![send(1)]);
    assert_eq!(replies, []);
    let due = other.next_wake().unwrap();
    assert_eq!(other.tick(due - Duration::from_nanos(1)), None);
    assert_eq!(other.tick(due), Some(Packet::Acknowledge { received: 1 }));
    assert_eq!(other.tick(due), None);
    let (_, replies) = give(&mut other, vec![send(2), send(3)]);
    assert_eq!(replies, [Packet::Acknowledge { received: 3 }]);
}

#[test]
fn the_window_has_room_up_to_its_limits() {
    let mut frames = Session::<u64>::new();
    for number in 0..3 {
        assert!(frames.has_room(&limits()), "{number} frames are kept");
        frames.send(frame(number), 1);
    }
    assert!(!frames.has_room(&limits()));
    let mut bytes = Session::<u64>::new();
    bytes.send(frame(1), 99);
    assert!(bytes.has_room(&limits()));
    bytes.send(frame(2), 1);
    assert!(!bytes.has_room(&limits()));
}

#[test]
fn acknowledging_what_was_never_sent_breaks_the_rules() {
    let mut session = Session::<u64>::new();
    session.send(frame(1), 1);
    let mut replies = Vec::new();
    let mut receive = |packet| session.receive(packet, NOW, &limits(), &mut replies);
    assert_eq!(receive(Packet::Acknowledge { received: 1 }), Ok(None));
    let lies = [
        Packet::Acknowledge { received: 2 },
        Packet::Hello {
            received: u64::MAX,
            asks: true,
        },
    ];
    for lie in lies {
        assert_eq!(receive(lie), Err(UnsentAcknowledged));
    }
}
