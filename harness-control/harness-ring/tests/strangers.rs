//! Well-formed frames that no member of the view would send: from processes that are not in it, and with numbers and
//! decisions that cannot be.

use std::sync::Arc;

use harness_ring::{
    Accept, Action, Ballot, Body, Drop, Event, Exclusion, Frame, Limits, MemberId, Standing, Value,
    View, ViewId,
};

use crate::scenario::Group;

const STRANGER: MemberId = MemberId::first(77);

fn group(size: &str) -> Group {
    let mut group = Group::default();
    group.run(&format!("ring uni quorum {size}"));
    group
}

/// What a member does when this frame comes.
fn told(group: &mut Group, to: u32, from: MemberId, frame: Frame<u64>) -> Vec<Action<u64>> {
    let ring = group.rings.get_mut(&to).expect("it is there");
    ring.handle(Event::Frame { from, frame });
    std::iter::from_fn(|| ring.poll_action()).collect()
}

fn is_dropped(actions: &[Action<u64>], why: Drop) -> bool {
    matches!(actions, [Action::Dropped { reason, .. }] if *reason == why)
}

/// The view after that of a member, of these, as decided by a ballot.
fn next(group: &Group, of: u32, ballot: Ballot, ring: &[MemberId]) -> Value<u64> {
    let before = group.rings[&of].view();
    let is_new = |member: &&MemberId| !before.contains(**member);
    Value {
        view: View {
            id: before.id.next(ballot),
            ring: ring.to_vec(),
        },
        joiners: ring.iter().filter(is_new).copied().collect(),
        leavers: Vec::new(),
        floor: 0,
        flush: Vec::new(),
    }
}

fn install(value: Value<u64>) -> Frame<u64> {
    Frame {
        view: value.view.id,
        body: Body::Install(Arc::new(value)),
    }
}

fn by(coordinator: MemberId) -> Ballot {
    Ballot {
        round: 1,
        coordinator,
    }
}

#[test]
fn a_stranger_cannot_tell_a_member_to_go() {
    let mut group = group("3");
    let view = ViewId {
        epoch: 99,
        ..group.rings[&1].view().id
    };
    let body = Body::Exclude;
    let actions = told(&mut group, 1, STRANGER, Frame { view, body });
    assert!(is_dropped(&actions, Drop::Hearsay), "{actions:?}");
    assert_eq!(group.rings[&1].standing(), Standing::Member);
}

#[test]
fn a_member_that_is_blocked_is_told_to_go_by_whoever_has_replaced_the_others() {
    let mut group = group("3");
    group.run("suspect 1 0\nsuspect 1 2");
    let view = ViewId {
        epoch: 99,
        ..group.rings[&1].view().id
    };
    let body = Body::Exclude;
    let actions = told(&mut group, 1, STRANGER, Frame { view, body });
    assert_eq!(actions, [Action::Excluded(Exclusion::Decided)]);
}

#[test]
fn a_stranger_cannot_install_a_view() {
    let mut group = group("3");
    let value = next(&group, 1, by(STRANGER), &[MemberId::first(1), STRANGER]);
    let actions = told(&mut group, 1, STRANGER, install(value));
    assert!(is_dropped(&actions, Drop::Stranger), "{actions:?}");
    assert_eq!(group.rings[&1].view().ring.len(), 3);
}

#[test]
fn a_stranger_cannot_install_a_view_above_the_ballot_that_was_promised() {
    let mut group = group("3");
    group.run("hold 1 0\nsuspect 0 2\nrun");
    assert_eq!(group.rings[&1].promised(), by(MemberId::first(0)));
    let ballot = Ballot {
        round: 2,
        coordinator: MemberId::first(0),
    };
    let value = next(&group, 1, ballot, &[MemberId::first(1), STRANGER]);
    let actions = told(&mut group, 1, STRANGER, install(value));
    assert!(is_dropped(&actions, Drop::Stranger), "{actions:?}");
}

#[test]
fn who_joined_may_bring_the_view_that_it_joined_by() {
    let mut group = group("3");
    group.run("hold 1 0\nsuspect 0 2\nrun");
    let joiner = MemberId::first(3);
    let ring = [MemberId::first(0), MemberId::first(1), joiner];
    let value = next(&group, 1, by(MemberId::first(0)), &ring);
    told(&mut group, 1, joiner, install(value));
    assert_eq!(group.rings[&1].view().ring, ring);
}

#[test]
fn frames_of_strangers_do_not_count_as_early() {
    let mut group = group("3");
    let view = group.rings[&1].view().id.next(by(STRANGER));
    for _ in 0..=Limits::DEFAULT.early_frames_max {
        let body = Body::Leave;
        let actions = told(&mut group, 1, STRANGER, Frame { view, body });
        assert!(is_dropped(&actions, Drop::Stranger), "{actions:?}");
    }
    assert_eq!(group.rings[&1].standing(), Standing::Member);
}

#[test]
fn a_decision_that_cannot_follow_the_view_is_dropped() {
    let [zero, one, two] = [0, 1, 2].map(MemberId::first);
    let mut group = group("3");
    let sound = next(&group, 1, by(zero), &[zero, one]);
    let wrong = [
        Value {
            view: View {
                ring: Vec::new(),
                ..sound.view.clone()
            },
            ..sound.clone()
        },
        next(&group, 1, by(zero), &[zero, one, one]),
        Value {
            joiners: vec![zero],
            ..sound.clone()
        },
        Value {
            joiners: vec![STRANGER],
            ..sound.clone()
        },
        Value {
            leavers: vec![one],
            ..sound.clone()
        },
        Value {
            leavers: vec![STRANGER],
            ..sound.clone()
        },
    ];
    for value in wrong {
        let shown = format!("{value:?}");
        let actions = told(&mut group, 1, zero, install(value));
        assert!(is_dropped(&actions, Drop::Stranger), "{shown}: {actions:?}");
    }
    let leaves = Value {
        leavers: vec![two],
        ..sound
    };
    told(&mut group, 1, zero, install(leaves));
    assert_eq!(group.rings[&1].view().ring, [zero, one]);
}

#[test]
fn a_coordinator_decides_what_it_proposed_whatever_comes_back() {
    let mut group = group("3");
    group.run("suspect 0 2\nhold 1 0\nrun");
    group.run("flow 1 0\nhold 0 1\nrun");
    let ballot = by(MemberId::first(0));
    let before = group.rings[&0].view().clone();
    let other = Value {
        view: before.clone(),
        ..next(&group, 0, ballot, &[MemberId::first(0)])
    };
    let token = Accept {
        ballot,
        participants: vec![MemberId::first(0), MemberId::first(1)],
        base: None,
        value: Arc::new(other),
    };
    let body = Body::Accept(Box::new(token));
    let frame = Frame {
        view: before.id,
        body,
    };
    told(&mut group, 0, MemberId::first(1), frame);
    let ring = &group.rings[&0].view().ring;
    assert_eq!(*ring, [MemberId::first(0), MemberId::first(1)]);
}
