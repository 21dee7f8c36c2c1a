//! Inputs `Suspect` and `Retract`: revocable until a view is decided.

use crate::scenario::Group;
use harness_ring::{Blocked, MemberId, Standing};

#[test]
fn a_suspicion_taken_back_before_the_decision_excludes_nobody() {
    let mut group = Group::default();
    group.run("ring uni quorum 3\nhold 1 0\nsuspect 0 2\nretract 0 2\nflow 1 0\nrun");
    for ring in group.rings.values() {
        assert_eq!(ring.standing(), Standing::Member);
        assert_eq!(ring.view().ring.len(), 3);
        assert!(!ring.is_wedged());
    }
}

#[test]
fn a_suspicion_after_the_decision_is_final() {
    let mut group = Group::default();
    group.run("ring uni quorum 3\nsuspect 0 2\nrun\nretract 0 2\nrun");
    assert_eq!(group.rings[&2].standing(), Standing::Excluded);
    assert_eq!(group.rings[&0].view().ring.len(), 2);
}

#[test]
fn a_half_goes_on_only_with_the_first_member() {
    let mut group = Group::default();
    group.run("ring uni tie 2\nsuspect 0 1\nsuspect 1 0\nrun");
    assert_eq!(group.rings[&0].view().ring, [MemberId::first(0)]);
    assert_eq!(group.rings[&1].standing(), Standing::Excluded);
    let mut group = Group::default();
    group.run("ring uni tie 2\ncrash 0\nsuspect 1 0\nrun");
    assert_eq!(group.rings[&1].blocked(), Some(Blocked::NoQuorum));
}

#[test]
fn all_of_a_minority_say_that_it_is_blocked_until_enough_are_heard_again() {
    let mut group = Group::default();
    let said = group.run("ring uni quorum 5\nsuspect 4 0\nsuspect 4 1\nsuspect 4 2");
    assert!(said.contains("4: Blocked(NoQuorum)"), "{said}");
    assert_eq!(group.rings[&4].blocked(), Some(Blocked::NoQuorum));
    group.run("retract 4 0");
    assert_eq!(group.rings[&4].blocked(), None);
}

#[test]
fn a_suspicion_of_oneself_is_none() {
    let mut group = Group::default();
    assert_eq!(group.run("ring uni survivor 2\nsuspect 0 0\nrun"), "");
}
