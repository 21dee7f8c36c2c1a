//! A process that came back: what its earlier incarnation sent comes late and is ignored.

use std::time::Duration;

use harness_ring::{
    Config, Input, Limits, LinkLimits, Member, MemberId, Mode, Output, Packet, Policy,
};

#[test]
fn packets_of_an_earlier_incarnation_are_ignored() {
    let config = Config {
        mode: Mode::Unidirectional,
        policy: Policy::Survivor,
        limits: Limits::DEFAULT,
    };
    let (me, before) = (MemberId::first(0), MemberId::first(1));
    let now = Duration::ZERO;
    let founders = vec![me, before];
    let mut member = Member::<u64>::founder(me, config, LinkLimits::DEFAULT, founders).unwrap();
    let hello = |asks| Packet::Hello { received: 0, asks };
    let mut give = |from, packet| {
        member.handle(Input::Packet { from, packet }, now);
        std::iter::from_fn(|| member.poll_action()).collect::<Vec<_>>()
    };
    let answer = Output::Packet {
        to: before,
        packet: hello(false),
    };
    assert_eq!(give(before, hello(true)), [answer]);
    let after = before.next_incarnation();
    assert_eq!(give(after, hello(true)).len(), 1);
    assert_eq!(give(before, hello(true)), [], "it is over");
    let lie = Packet::Acknowledge { received: 7 };
    assert_eq!(give(after, lie), [Output::Broken(after)]);
}
