//! A member that is connected and takes nothing: data waits, then it is suspected, and no longer when
//! it goes on.

use std::time::Duration;

use harness_ring::{
    Action, Config, Event, Input, Limits, LinkLimits, Member, MemberId, Mode, Output, Packet,
    Policy,
};

/// A member of two whose window to the other is full.
fn full() -> (Member<u64>, MemberId, LinkLimits, Duration) {
    let config = Config {
        mode: Mode::Unidirectional,
        policy: Policy::Survivor,
        limits: Limits::DEFAULT,
    };
    let links = LinkLimits {
        kept_frames_max: 2,
        ..LinkLimits::DEFAULT
    };
    let (me, slow) = (MemberId::first(0), MemberId::first(1));
    let founders = vec![me, slow];
    let mut member = Member::<u64>::founder(me, config, links, founders).unwrap();
    let now = Duration::from_secs(1);
    member.handle(Input::LinkUp(slow), now);
    let packet = Packet::Hello {
        received: 0,
        asks: false,
    };
    member.handle(Input::Packet { from: slow, packet }, now);
    let mut outputs = Vec::new();
    for number in 0..10 {
        member.handle(Input::Event(Event::Submit(number)), now);
        outputs.extend(std::iter::from_fn(|| member.poll_action()));
    }
    let frames = outputs.iter().filter(|output| {
        matches!(
            output,
            Output::Packet {
                packet: Packet::Frame { .. },
                ..
            }
        )
    });
    assert_eq!(
        frames.count(),
        2,
        "the window holds two frames, the rest waits"
    );
    (member, slow, links, now)
}

#[test]
fn a_member_that_takes_nothing_is_left_out_as_slow() {
    let (mut member, slow, links, now) = full();
    let me = member.ring().me();
    let due = member.next_wake(now).unwrap();
    assert_eq!(due, now + links.slow_after);
    member.tick(due - Duration::from_nanos(1));
    assert_eq!(member.poll_action(), None);
    member.tick(due);
    let outputs: Vec<_> = std::iter::from_fn(|| member.poll_action()).collect();
    assert_eq!(outputs.first(), Some(&Output::Slow(slow)));
    let is_alone = outputs.iter().any(|output| {
        matches!(output, Output::Action(Action::ViewChange { view, excluded, .. })
            if view.ring == [me] && *excluded == [slow])
    });
    assert!(is_alone, "{outputs:?}");
}

#[test]
fn nobody_waits_for_a_member_that_was_left_out_before_it_was_slow() {
    let (mut member, slow, links, now) = full();
    let due = now + links.slow_after;
    assert_eq!(member.next_wake(now), Some(due));

    member.handle(Input::Event(Event::Suspect(slow)), now);

    assert_eq!(member.ring().view().ring, [member.ring().me()]);
    assert_eq!(member.next_wake(now), None);
    member.tick(due);
    assert_eq!(
        member.next_wake(due),
        None,
        "a time in the past would be waited for at once, for ever"
    );
    let outputs: Vec<_> = std::iter::from_fn(|| member.poll_action()).collect();
    assert!(!outputs.contains(&Output::Slow(slow)), "{outputs:?}");
}
