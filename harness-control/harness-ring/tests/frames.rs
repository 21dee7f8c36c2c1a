//! Input `Frame`: what is of another view, another ring or against the rules is dropped and said.

use harness_ring::{
    Action, Body, Config, Direction, Drop, Event, Evidence, Exclusion, Frame, Item, Limits,
    MemberId, Mode, Policy, Ring, RingArc, Stamp, Standing, ViewId,
};

fn ring_with(limits: Limits) -> Ring<u64> {
    let config = Config {
        mode: Mode::Unidirectional,
        policy: Policy::Survivor,
        limits,
    };
    let founders = (0..3).map(MemberId::first).collect();
    Ring::founder(MemberId::first(0), config, founders).unwrap()
}

fn ring() -> Ring<u64> {
    ring_with(Limits::DEFAULT)
}

fn handle(ring: &mut Ring<u64>, from: u32, frame: Frame<u64>) -> Vec<Action<u64>> {
    let from = MemberId::first(from);
    ring.handle(Event::Frame { from, frame });
    std::iter::from_fn(|| ring.poll_action()).collect()
}

fn data(view: ViewId, item: Item<u64>) -> Frame<u64> {
    Frame {
        view,
        body: Body::Data {
            direction: Direction::Forward,
            items: vec![item],
        },
    }
}

fn copy(origin: u16, content: Option<u64>) -> Item<u64> {
    Item::Copy {
        stamp: Stamp { clock: 1, origin },
        holders: RingArc::single(2),
        content: content.map(|number| harness_ring::Content::Batch([number].into())),
    }
}

fn reasons(actions: &[Action<u64>]) -> Vec<Drop> {
    let reasons = actions.iter().filter_map(|action| match action {
        Action::Dropped { reason, .. } => Some(*reason),
        _ => None,
    });
    reasons.collect()
}

#[test]
fn forged_and_broken_items_are_nonsense() {
    let mut ring = ring();
    let view = ring.view().id;
    let nonsense = [
        copy(3, Some(1)),
        copy(2, None),
        Item::Evidence(Evidence {
            origin: 3,
            up_to: 1,
            known: RingArc::single(0),
        }),
        Item::Evidence(Evidence {
            origin: 0,
            up_to: 1,
            known: RingArc::single(3),
        }),
    ];
    for item in nonsense {
        let actions = handle(&mut ring, 2, data(view, item));
        assert_eq!(reasons(&actions), [Drop::Nonsense]);
    }
    assert_eq!(ring.holders().count(), 0);
}

#[test]
fn data_comes_from_the_predecessor_only() {
    let mut ring = ring();
    let view = ring.view().id;
    let actions = handle(&mut ring, 1, data(view, copy(1, Some(1))));
    assert_eq!(reasons(&actions), [Drop::NotNeighbour]);
    let actions = handle(&mut ring, 9, data(view, copy(1, Some(1))));
    assert_eq!(reasons(&actions), [Drop::Stranger]);
    let actions = handle(&mut ring, 2, data(view, copy(2, Some(1))));
    assert_eq!(reasons(&actions), []);
}

#[test]
fn a_view_of_another_ring_is_foreign_even_with_the_next_epoch() {
    let mut ring = ring();
    let other = ViewId::founding(&[MemberId::first(8)]);
    let foreign = ViewId { epoch: 2, ..other };
    let actions = handle(&mut ring, 2, data(foreign, copy(2, Some(1))));
    assert_eq!(reasons(&actions), [Drop::ForeignView]);
}

#[test]
fn early_frames_fill_their_limit_and_one_more_excludes() {
    let limits = Limits {
        early_frames_max: 2,
        ..Limits::DEFAULT
    };
    let mut ring = ring_with(limits);
    let next = ring.view().id.next(harness_ring::Ballot {
        round: 1,
        coordinator: MemberId::first(2),
    });
    let early = || data(next, copy(2, Some(1)));
    let first = handle(&mut ring, 2, early());
    assert!(
        matches!(&first[..], [Action::Send { frame, .. }] if frame.body == Body::Pull),
        "the decision is asked for: {first:?}"
    );
    assert_eq!(handle(&mut ring, 2, early()), [], "and only once");
    let last = handle(&mut ring, 2, early());
    assert_eq!(last, [Action::Excluded(Exclusion::EarlyFrames)]);
    assert_eq!(ring.standing(), Standing::Excluded);
}

#[test]
fn nobody_is_excluded_by_a_view_that_is_not_newer() {
    let mut ring = ring();
    let view = ring.view().id;
    let exclude = |view| Frame {
        view,
        body: Body::Exclude,
    };
    assert_eq!(
        reasons(&handle(&mut ring, 2, exclude(view))),
        [Drop::OldView]
    );
    let newer = ViewId { epoch: 2, ..view };
    let actions = handle(&mut ring, 2, exclude(newer));
    assert_eq!(actions, [Action::Excluded(Exclusion::Decided)]);
    assert_eq!(
        reasons(&handle(&mut ring, 2, data(view, copy(2, Some(1))))),
        [Drop::NotMember]
    );
}
