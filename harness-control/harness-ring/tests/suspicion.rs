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
    assert!(said.contains("4: blocked: NoQuorum"), "{said}");
    assert_eq!(group.rings[&4].blocked(), Some(Blocked::NoQuorum));
    group.run("retract 4 0");
    assert_eq!(group.rings[&4].blocked(), None);
}

#[test]
fn a_force_counts_only_while_the_others_are_missing() {
    let mut group = Group::default();
    // Nobody is missing; later it would break the policy.
    group.run("ring uni quorum 3\nforce 2\nrun\nhold 2 0\nhold 2 1\nsuspect 2 0\nsuspect 2 1\nrun");
    assert_eq!(group.rings[&2].view().ring.len(), 3);
    assert_eq!(group.rings[&2].blocked(), Some(Blocked::NoQuorum));
    // They are missing where another would change the view, and then heard of again.
    let mut group = Group::default();
    group.run("ring uni quorum 5\nhold 4 3\nsuspect 4 0\nsuspect 4 1\nsuspect 4 2\nforce 4");
    assert_eq!(group.rings[&4].blocked(), Some(Blocked::NoQuorum));
    group.run("retract 4 0\nretract 4 1\nretract 4 2");
    group.run("suspect 4 0\nsuspect 4 1\nsuspect 4 2\nsuspect 4 3");
    assert_eq!(group.rings[&4].view().ring.len(), 5);
    assert_eq!(group.rings[&4].blocked(), Some(Blocked::NoQuorum));
}

#[test]
fn a_force_that_is_said_twice_counts() {
    let mut group = Group::default();
    group.run("ring uni quorum 5\nsuspect 3 0\nsuspect 3 1\nsuspect 3 2\nforce 3");
    assert!(group.rings[&3].attempted().is_some());
    group.run("force 3\nsuspect 3 4");
    assert_eq!(group.rings[&3].view().ring, [MemberId::first(3)]);
}

#[test]
fn a_force_where_another_would_change_the_view_hides_nothing() {
    let mut group = Group::default();
    group.run("ring uni quorum 5\ncrash 0\ncrash 1\ncrash 2\nsuspect 4 0\nsuspect 4 1\nsuspect 4 2\nforce 4\nrun");
    assert_eq!(group.rings[&4].blocked(), Some(Blocked::NoQuorum));
    assert_eq!(group.rings[&4].coordinator(), MemberId::first(3));
}

#[test]
fn a_fence_that_failed_is_asked_for_again_when_its_member_is_suspected_anew() {
    let mut group = Group::default();
    let asked = group.run("ring uni fenced 2\nsuspect 0 1");
    assert!(asked.contains("0: fence 1"), "{asked}");
    assert_eq!(group.rings[&0].blocked(), Some(Blocked::Unfenced));
    group.run("retract 0 1");
    assert_eq!(group.rings[&0].blocked(), None);
    let asked = group.run("suspect 0 1");
    assert!(asked.contains("0: fence 1"), "{asked}");
}

#[test]
fn who_waits_for_the_state_gets_it_however_many_are_suspected_meanwhile() {
    let mut group = Group::default();
    group.run("ring uni quorum 1\njoiner 1\nask 1 0\nrun\njoiner 2\nask 2 0\nrun");
    group.run("crash 0\nsuspect 1 0\nsuspect 2 0\nrun");
    assert_eq!(group.rings[&1].blocked(), Some(Blocked::NoState));
    group.run("suspect 1 2\nrun\nloaded 1\nrun\nretract 1 2\nrun\nloaded 2\nrun");
    assert_eq!(group.rings[&1].blocked(), None);
    assert_eq!(group.rings[&1].view().ring.len(), 2);
    assert_eq!(group.rings[&2].view().ring.len(), 2);
}

#[test]
fn a_suspicion_of_oneself_is_none() {
    let mut group = Group::default();
    assert_eq!(group.run("ring uni survivor 2\nsuspect 0 0\nrun"), "");
}
