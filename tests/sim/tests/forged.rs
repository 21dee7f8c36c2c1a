//! Checkers of what members know, against members that were told lies, and against doctored ledgers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use harness_ring::{
    Ballot, Body, Content, Direction, Evidence, Frame, Input, Item, MemberId, Packet, RingArc,
    Stamp, Value, View,
};
use rmix_sim::checkers::decisions::Decisions;
use rmix_sim::checkers::ledger::Ledger;
use rmix_sim::checkers::{Processes, evidence, order, sessions, views};
use rmix_sim::process::{Process, Word};
use rmix_sim::world::slot;

use crate::checkers::{process, view};

/// Three members that have done nothing.
fn three() -> Processes {
    let all = [0, 1, 2];
    all.iter().map(|number| process(*number, &all)).collect()
}

/// A member takes items from its predecessor, in the frame of this number.
fn tell(processes: &mut Processes, to: usize, from: usize, number: u64, items: Vec<Item<Word>>) {
    let frame = Frame {
        view: view(&[0, 1, 2]).id,
        body: Body::Data {
            direction: Direction::Forward,
            items,
        },
    };
    give(
        processes.get_mut(&slot(to)).unwrap(),
        slot(from),
        number,
        frame,
    );
}

fn give(process: &mut Process, from: MemberId, number: u64, frame: Frame<Word>) {
    let packet = Packet::Frame {
        number,
        received: 0,
        frame: Arc::new(frame),
    };
    process
        .member
        .handle(Input::Packet { from, packet }, Duration::ZERO);
}

fn copy(clock: u64, holders: RingArc) -> Item<Word> {
    Item::Copy {
        stamp: Stamp { clock, origin: 2 },
        holders,
        content: Some(Content::Batch(vec![Word::Plain(clock)].into())),
    }
}

fn broken(verdict: Result<(), String>, promise: &str) {
    let verdict = verdict.unwrap_err();
    assert!(verdict.starts_with(promise), "{verdict}");
}

#[test]
fn evidence_sees_a_holder_that_does_not_hold() {
    let mut processes = three();
    assert_eq!(evidence::check(&processes), Ok(()));
    tell(&mut processes, 0, 2, 1, vec![copy(1, RingArc::single(2))]);
    broken(evidence::check(&processes), "P3");
}

#[test]
fn evidence_sees_one_who_is_said_to_know_and_does_not() {
    let mut processes = three();
    let evidence = Item::Evidence(Evidence {
        origin: 2,
        up_to: 1,
        known: RingArc::single(2),
    });
    tell(&mut processes, 0, 2, 1, vec![evidence]);
    broken(evidence::check(&processes), "P3");
}

#[test]
fn evidence_sees_a_watermark_above_what_all_hold() {
    let mut processes = three();
    let everyone = [(0, 2), (1, 0), (2, 1)];
    // All are told that all know of a message that one of them alone has.
    for (to, from) in everyone {
        let evidence = Item::Evidence(Evidence {
            origin: 2,
            up_to: 5,
            known: RingArc::all(3),
        });
        tell(&mut processes, to, from, 1, vec![evidence]);
    }
    assert_eq!(evidence::check(&processes), Ok(()), "nobody has a message");
    // It waits behind a smaller one of another origin, so it is held and not delivered.
    let blocking = Item::Copy {
        stamp: Stamp {
            clock: 1,
            origin: 0,
        },
        holders: RingArc::single(0),
        content: Some(Content::Batch(vec![Word::Plain(9)].into())),
    };
    for (to, from) in everyone {
        tell(&mut processes, to, from, 2, vec![blocking.clone()]);
    }
    tell(&mut processes, 0, 2, 3, vec![copy(4, RingArc::single(0))]);
    broken(evidence::check(&processes), "P3");
}

#[test]
fn order_sees_a_member_that_went_past_a_message() {
    let mut processes = three();
    tell(&mut processes, 0, 2, 1, vec![copy(1, RingArc::single(2))]);
    assert_eq!(order::check(&processes), Ok(()));
    // Another delivers a later message and never hears of the first.
    tell(&mut processes, 1, 0, 1, vec![copy(2, RingArc::all(3))]);
    broken(order::check(&processes), "P6");
}

#[test]
fn views_sees_two_decisions_of_one_view() {
    let mut processes = three();
    let value = |ring: Vec<MemberId>, floor| {
        let ballot = Ballot {
            round: 1,
            coordinator: slot(2),
        };
        Arc::new(Value {
            view: View {
                id: view(&[0, 1, 2]).id.next(ballot),
                ring,
            },
            joiners: Vec::new(),
            leavers: Vec::new(),
            floor,
            flush: Vec::new(),
        })
    };
    let ring = vec![slot(0), slot(1)];
    for (to, floor) in [(0, 3), (1, 3)] {
        let value = value(ring.clone(), floor);
        let frame = Frame {
            view: value.view.id,
            body: Body::Install(value),
        };
        give(processes.get_mut(&slot(to)).unwrap(), slot(2), 1, frame);
    }
    assert_eq!(views::check(&processes), Ok(()));

    let (id, mut other) = process(1, &[0, 1, 2]);
    let other_value = value(ring, 4);
    let frame = Frame {
        view: other_value.view.id,
        body: Body::Install(other_value),
    };
    give(&mut other, slot(2), 1, frame);
    processes.insert(id, other);
    broken(views::check(&processes), "P7");
}

#[test]
fn decisions_see_another_decision_of_a_view_and_a_second_follower() {
    let first = view(&[0, 1, 2]).id;
    let value = |coordinator: usize, floor| {
        let ballot = Ballot {
            round: 1,
            coordinator: slot(coordinator),
        };
        Arc::new(Value {
            view: View {
                id: first.next(ballot),
                ring: vec![slot(coordinator)],
            },
            joiners: Vec::new(),
            leavers: Vec::new(),
            floor,
            flush: Vec::new(),
        })
    };
    let mut decisions = Decisions::default();
    assert_eq!(decisions.decides(slot(0), &value(0, 3)), Ok(()));
    assert_eq!(decisions.decides(slot(1), &value(0, 3)), Ok(()));
    broken(decisions.decides(slot(1), &value(0, 4)), "P7");
    let (one, other) = (value(0, 3).view.id, value(1, 3).view.id);
    assert_eq!(decisions.installs(slot(0), one, false), Ok(()));
    assert_eq!(decisions.installs(slot(1), one, false), Ok(()));
    broken(decisions.installs(slot(1), other, false), "P7");
    assert_eq!(decisions.splits(), 0);
    assert_eq!(decisions.installs(slot(1), other, true), Ok(()));
    assert_eq!(decisions.splits(), 1);
}

#[test]
fn decisions_see_a_promise_that_is_taken_back() {
    let mut decisions = Decisions::default();
    let (id, fresh) = process(0, &[0, 1, 2]);
    let (_, mut promised) = process(0, &[0, 1, 2]);
    let suspects = Input::Event(harness_ring::Event::Suspect(slot(1)));
    promised.member.handle(suspects, Duration::ZERO);
    assert_eq!(decisions.promises(id, fresh.member.ring()), Ok(()));
    assert_eq!(decisions.promises(id, promised.member.ring()), Ok(()));
    broken(decisions.promises(id, fresh.member.ring()), "P7");
}

#[test]
fn sessions_see_frames_that_were_never_sent() {
    let mut processes = three();
    // Both ends have a session; one has received from it what the other never gave.
    tell(&mut processes, 0, 2, 1, vec![copy(1, RingArc::single(2))]);
    let other = processes.get_mut(&slot(2)).unwrap();
    other.member.handle(Input::LinkUp(slot(0)), Duration::ZERO);
    broken(sessions::check(&processes), "P12");
}

fn frame(body: Body<Word>) -> Arc<Frame<Word>> {
    let view = view(&[0, 1]).id;
    Arc::new(Frame { view, body })
}

#[test]
fn a_ledger_sees_gaps_doubles_and_changes() {
    let mut ledger = Ledger::default();
    let (one, other) = (slot(0), slot(1));
    let (leave, pull) = (frame(Body::Leave), frame(Body::Pull));
    assert_eq!(ledger.sends(one, other, 1, &leave), Ok(false));
    assert_eq!(ledger.sends(one, other, 2, &pull), Ok(false));
    assert_eq!(ledger.sends(one, other, 1, &leave), Ok(true));
    assert!(ledger.sends(one, other, 1, &pull).is_err(), "another frame");
    assert!(ledger.sends(one, other, 4, &pull).is_err(), "a gap");

    let takes =
        |before, after, number, frame| ledger.takes((one, other), (before, after), number, frame);
    assert_eq!(takes(0, 1, 1, &leave), Ok(()));
    assert_eq!(takes(1, 2, 2, &pull), Ok(()));
    assert_eq!(takes(2, 2, 1, &leave), Ok(()), "late ones are ignored");
    assert!(takes(2, 3, 1, &leave).is_err(), "twice");
    assert!(takes(0, 2, 2, &pull).is_err(), "one left out");
    assert!(takes(0, 1, 1, &pull).is_err(), "another frame");
    assert!(takes(2, 3, 3, &pull).is_err(), "never sent");
}

#[test]
fn nothing_is_wrong_with_members_that_were_told_nothing() {
    let processes: BTreeMap<_, _> = three();
    for verdict in [
        evidence::check(&processes),
        order::check(&processes),
        views::check(&processes),
        sessions::check(&processes),
    ] {
        assert_eq!(verdict, Ok(()));
    }
}
