//! Input `Join`: who may come, how many may wait.

use harness_ring::{Action, Config, Event, Limits, MemberId, Mode, Policy, Refusal, Ring};

fn member(limits: Limits) -> Ring<u64> {
    let config = Config {
        mode: Mode::Unidirectional,
        policy: Policy::Survivor,
        limits,
    };
    // Not the coordinator, so that requests wait.
    let founders = vec![MemberId::first(0), MemberId::first(1)];
    Ring::founder(MemberId::first(1), config, founders).unwrap()
}

fn refusals(ring: &mut Ring<u64>, joiner: MemberId) -> Vec<Refusal<u64>> {
    ring.handle(Event::Join(joiner));
    let actions = std::iter::from_fn(|| ring.poll_action());
    let refusals = actions.filter_map(|action| match action {
        Action::Refused(refusal) => Some(refusal),
        _ => None,
    });
    refusals.collect()
}

#[test]
fn requests_fill_their_limit_and_one_more_is_refused() {
    let limits = Limits {
        joins_max: 2,
        ..Limits::DEFAULT
    };
    let mut ring = member(limits);
    let id = MemberId::first;
    assert_eq!(refusals(&mut ring, id(5)), []);
    assert_eq!(refusals(&mut ring, id(6)), []);
    assert_eq!(refusals(&mut ring, id(7)), [Refusal::JoinsFull(id(7))]);
    assert_eq!(refusals(&mut ring, id(6)), [], "it waits already");
}

#[test]
fn an_earlier_incarnation_than_the_members_is_refused() {
    let config = Config {
        mode: Mode::Unidirectional,
        policy: Policy::Survivor,
        limits: Limits::DEFAULT,
    };
    let second = MemberId::first(0).next_incarnation();
    let founders = vec![MemberId::first(1), second];
    let mut ring = Ring::<u64>::founder(MemberId::first(1), config, founders).unwrap();
    let outdated = MemberId::first(0);
    assert_eq!(
        refusals(&mut ring, outdated),
        [Refusal::JoinOutdated(outdated)]
    );
}

#[test]
fn a_later_incarnation_replaces_the_member_of_its_slot() {
    let mut ring = member(Limits::DEFAULT);
    let next = MemberId::first(0).next_incarnation();
    assert_eq!(refusals(&mut ring, next), []);
    // Its process would not ask if the one before were alive.
    let members = ring.view().ring.clone();
    assert_eq!(members, [MemberId::first(1), next]);
}
