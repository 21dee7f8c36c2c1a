//! Input `Submit`: limits of the queue, batches and the window.

use harness_ring::{Action, Config, Content, Event, Limits, MemberId, Mode, Policy, Refusal, Ring};

fn ring(limits: Limits, size: u32) -> Ring<u64> {
    let config = Config {
        mode: Mode::Unidirectional,
        policy: Policy::Survivor,
        limits,
    };
    let founders = (0..size).map(MemberId::first).collect();
    Ring::founder(MemberId::first(0), config, founders).unwrap()
}

fn submit(ring: &mut Ring<u64>, number: u64) -> Vec<Action<u64>> {
    ring.handle(Event::Submit(number));
    std::iter::from_fn(|| ring.poll_action()).collect()
}

#[test]
fn a_ring_of_one_delivers_at_once() {
    let mut ring = ring(Limits::DEFAULT, 1);
    let actions = submit(&mut ring, 7);
    let [Action::Deliver(delivery)] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert_eq!(delivery.content, Content::Batch([7].into()));
    assert_eq!(ring.holders().count(), 0);
}

#[test]
fn the_queue_takes_its_limit_and_refuses_one_more() {
    let limits = Limits {
        window_batches: 0,
        queued_messages_max: 3,
        ..Limits::DEFAULT
    };
    let mut ring = ring(limits, 2);
    for number in 0..3 {
        assert_eq!(submit(&mut ring, number), []);
    }
    let refused = submit(&mut ring, 3);
    assert_eq!(refused, [Action::Refused(Refusal::Busy(3))]);
    assert_eq!(ring.queued(), 3);
}

#[test]
fn the_queue_takes_its_bytes_and_refuses_one_more() {
    let limits = Limits {
        window_batches: 0,
        queued_bytes_max: 16,
        ..Limits::DEFAULT
    };
    let mut ring = ring(limits, 2);
    assert_eq!(submit(&mut ring, 0), []);
    assert_eq!(submit(&mut ring, 1), []);
    assert_eq!(submit(&mut ring, 2), [Action::Refused(Refusal::Busy(2))]);
}

#[test]
fn what_waits_for_the_window_goes_as_one_batch() {
    let limits = Limits {
        window_batches: 1,
        batch_messages_max: 2,
        ..Limits::DEFAULT
    };
    let mut ring = ring(limits, 2);
    for number in 0..4 {
        submit(&mut ring, number);
    }
    assert_eq!(ring.holders().count(), 1, "one batch under way");
    assert_eq!(ring.queued(), 3, "three messages wait");
    let (direction, _) = ring.neighbours().next().unwrap();
    let (to, frame) = ring.take_data(direction).unwrap();
    let mut other = Ring::founder(
        to,
        Config {
            mode: Mode::Unidirectional,
            policy: Policy::Survivor,
            limits,
        },
        vec![MemberId::first(0), MemberId::first(1)],
    )
    .unwrap();
    let from = MemberId::first(0);
    other.handle(Event::Frame { from, frame });
    let (_, frame) = other.take_data(direction).unwrap();
    ring.handle(Event::Frame { from: to, frame });
    assert_eq!(ring.queued(), 1, "two more go together");
}

#[test]
fn founders_are_named_once_and_with_me() {
    let config = Config {
        mode: Mode::Bidirectional,
        policy: Policy::Survivor,
        limits: Limits {
            members_max: 2,
            ..Limits::DEFAULT
        },
    };
    let founder = |members: &[u32]| {
        let members = members.iter().map(|slot| MemberId::first(*slot)).collect();
        Ring::<u64>::founder(MemberId::first(0), config, members)
    };
    assert!(founder(&[0, 1]).is_some());
    assert!(founder(&[1]).is_none());
    assert!(founder(&[0, 0]).is_none());
    assert!(founder(&[0, 1, 2]).is_none());
}
