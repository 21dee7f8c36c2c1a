//! The checker of forces fails where somebody goes on with too few and was not forced to, or not any more.

use std::collections::BTreeMap;

use harness_ring::{Ballot, Config, Event, MemberId, Mode, Policy, Ring, View};
use rmix_sim::checkers::Processes;
use rmix_sim::checkers::forces::{Change, Forces};
use rmix_sim::process::Word;
use rmix_sim::world::slot;

use crate::checkers::{process, view};

const QUORUM: Policy = Policy::Quorum { tie_break: false };
const TIE: Policy = Policy::Quorum { tie_break: true };

/// The view that a member proposes in another one.
fn next(last: &View, proposer: usize, members: &[usize]) -> View {
    let ballot = Ballot {
        round: 1,
        coordinator: slot(proposer),
    };
    View {
        id: last.id.next(ballot),
        ring: members.iter().map(|number| slot(*number)).collect(),
    }
}

fn installs(
    forces: &Forces,
    id: usize,
    policy: Policy,
    change: (&View, &View),
    left: &[MemberId],
) -> Result<bool, String> {
    let change = Change {
        last: change.0,
        next: change.1,
        left,
    };
    forces.installs(slot(id), policy, change, &Processes::new())
}

#[test]
fn a_majority_needs_no_force_and_a_minority_does() {
    let last = view(&[0, 1, 2, 3]);
    let forces = Forces::default();
    let most = next(&last, 1, &[1, 2, 3]);
    assert_eq!(installs(&forces, 1, QUORUM, (&last, &most), &[]), Ok(false));
    let half = next(&last, 0, &[0, 3]);
    assert_eq!(installs(&forces, 0, TIE, (&last, &half), &[]), Ok(false));
    assert!(installs(&forces, 0, QUORUM, (&last, &half), &[]).is_err());
    // Who leaves took part.
    let left = [slot(1)];
    assert_eq!(
        installs(&forces, 0, QUORUM, (&last, &half), &left),
        Ok(false)
    );
    let without_first = next(&last, 1, &[1, 3]);
    assert!(installs(&forces, 1, TIE, (&last, &without_first), &[]).is_err());
}

#[test]
fn a_minority_goes_on_where_its_proposer_was_forced() {
    let last = view(&[0, 1, 2]);
    let alone = next(&last, 2, &[2]);
    let mut forces = Forces::default();
    forces.count(slot(1), last.id);
    assert!(installs(&forces, 2, QUORUM, (&last, &alone), &[]).is_err());
    forces.count(slot(2), last.id);
    assert!(forces.counted_in(alone.id.parent));
    assert_eq!(installs(&forces, 2, QUORUM, (&last, &alone), &[]), Ok(true));
    // That was one view.
    let pair = next(&last, 0, &[0, 2]);
    let later = next(&pair, 2, &[2]);
    assert!(installs(&forces, 2, QUORUM, (&pair, &later), &[]).is_err());
}

#[test]
fn a_fence_makes_sure_that_only_the_dead_are_left_out() {
    let last = view(&[0, 1]);
    let alone = next(&last, 0, &[0]);
    let mut processes = BTreeMap::from([process(0, &[0, 1]), process(1, &[0, 1])]);
    let change = Change {
        last: &last,
        next: &alone,
        left: &[],
    };
    let forces = Forces::default();
    let check =
        |processes: &Processes| forces.installs(slot(0), Policy::FencedSurvivor, change, processes);
    assert!(check(&processes).is_err());
    processes.get_mut(&slot(1)).unwrap().alive = false;
    assert_eq!(check(&processes), Ok(false));
}

/// A ring that goes on with whoever is left, where the checker is told of another policy.
fn careless(id: usize) -> Ring<Word> {
    let config = Config {
        mode: Mode::Unidirectional,
        policy: Policy::Survivor,
        limits: harness_ring::Limits::DEFAULT,
    };
    let founders = (0..5).map(slot).collect();
    Ring::founder(slot(id), config, founders).unwrap()
}

#[test]
fn a_change_begun_with_too_few_is_seen_unless_a_force_counts() {
    let none = Processes::new();
    let mut ring = careless(3);
    let mut forces = Forces::default();
    for whom in [0, 1] {
        ring.handle(Event::Suspect(slot(whom)));
        assert_eq!(forces.after(slot(3), QUORUM, &ring, false, &none), Ok(()));
    }
    ring.handle(Event::Suspect(slot(2)));
    assert!(ring.attempted().is_some());
    let mut forced = Forces::default();
    forced.count(slot(3), ring.view().id);
    assert_eq!(forced.after(slot(3), QUORUM, &ring, false, &none), Ok(()));
    assert!(forces.after(slot(3), QUORUM, &ring, false, &none).is_err());
    assert!(forced.counts(slot(3), ring.view().id));
}

#[test]
fn a_force_counts_no_longer_when_enough_are_heard_again() {
    let none = Processes::new();
    let mut ring = careless(0);
    let mut forces = Forces::default();
    for whom in [1, 2, 3] {
        ring.handle(Event::Suspect(slot(whom)));
    }
    forces.count(slot(0), ring.view().id);
    assert_eq!(forces.after(slot(0), QUORUM, &ring, false, &none), Ok(()));
    ring.handle(Event::Retract(slot(1)));
    assert_eq!(forces.after(slot(0), QUORUM, &ring, false, &none), Ok(()));
    assert!(!forces.counts(slot(0), ring.view().id));
    ring.handle(Event::Suspect(slot(1)));
    assert!(forces.after(slot(0), QUORUM, &ring, false, &none).is_err());
}
