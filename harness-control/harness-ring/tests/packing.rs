//! What comes together leaves together: messages and copies wait until the member is asked what is to be done.

use std::time::Duration;

use harness_ring::{
    Body, Config, Content, Event, Input, Item, Limits, LinkLimits, Member, MemberId, Mode, Output,
    Packet, Policy,
};

const NOW: Duration = Duration::from_secs(1);

/// A member of a ring of three, linked to both others.
fn member(slot: u32) -> Member<u64> {
    let config = Config {
        mode: Mode::Unidirectional,
        policy: Policy::Survivor,
        limits: Limits::DEFAULT,
    };
    let founders: Vec<_> = (0..3).map(MemberId::first).collect();
    let me = MemberId::first(slot);
    let mut member = Member::founder(me, config, LinkLimits::DEFAULT, founders.clone()).unwrap();
    for peer in founders.into_iter().filter(|peer| *peer != me) {
        member.handle(Input::LinkUp(peer), NOW);
        let packet = Packet::Hello {
            received: 0,
            asks: false,
        };
        member.handle(Input::Packet { from: peer, packet }, NOW);
    }
    while member.poll_action().is_some() {}
    member
}

fn frames(member: &mut Member<u64>) -> Vec<Packet<u64>> {
    let outputs = std::iter::from_fn(|| member.poll_action());
    let packets = outputs.filter_map(|output| match output {
        Output::Packet { packet, .. } => Some(packet),
        _ => None,
    });
    packets
        .filter(|packet| matches!(packet, Packet::Frame { .. }))
        .collect()
}

fn items(packet: &Packet<u64>) -> &[Item<u64>] {
    match packet {
        Packet::Frame { frame, .. } => match &frame.body {
            Body::Data { items, .. } => items,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn messages_that_are_submitted_together_leave_as_one_batch() {
    let mut member = member(0);
    for number in 0..4 {
        member.handle(Input::Event(Event::Submit(number)), NOW);
    }
    assert!(
        !member.has_actions(),
        "nothing leaves before it is asked for"
    );
    let frames = frames(&mut member);
    let [frame] = &frames[..] else {
        panic!("{frames:?}");
    };
    let [Item::Copy { content, .. }] = items(frame) else {
        panic!("{frame:?}");
    };
    assert_eq!(*content, Some(Content::Batch([0, 1, 2, 3].into())));
}

#[test]
fn copies_that_came_one_after_the_other_leave_in_one_frame() {
    let mut origin = member(0);
    let mut next = member(1);
    for number in 0..3 {
        origin.handle(Input::Event(Event::Submit(number)), NOW);
        for packet in frames(&mut origin) {
            let from = MemberId::first(0);
            next.handle(Input::Packet { from, packet }, NOW);
        }
    }
    let frames = frames(&mut next);
    let [frame] = &frames[..] else {
        panic!("{frames:?}");
    };
    assert_eq!(items(frame).len(), 3, "{frame:?}");
}

#[test]
fn what_was_submitted_before_a_view_change_is_submitted_before_it() {
    let mut member = member(0);
    member.handle(Input::Event(Event::Submit(7)), NOW);
    member.handle(Input::Event(Event::Suspect(MemberId::first(2))), NOW);
    assert_eq!(member.ring().queued(), 0);
    let held = member.ring().holders().count();
    assert_eq!(held, 1, "the flush has it");
}
