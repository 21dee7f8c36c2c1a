//! Output `Blocked`: said when a ring is blocked, and once when it is no more, however that ends.

use crate::scenario::Group;
use harness_ring::Standing;

/// What one ring says of being blocked, in order.
fn said_by(slot: u32, output: &str) -> Vec<&str> {
    let prefix = format!("{slot}: blocked");
    let lines = output.lines();
    lines
        .filter_map(|line| line.strip_prefix(&prefix))
        .collect()
}

#[test]
fn it_ends_once_when_enough_are_heard_again() {
    let mut group = Group::default();
    let said = group.run("ring uni quorum 5\nsuspect 4 0\nsuspect 4 1\nsuspect 4 2\nsuspect 4 3");
    assert_eq!(said_by(4, &said), [": NoQuorum"]);
    let said = group.run("retract 4 0");
    assert_eq!(said_by(4, &said), [""; 0], "two of five are too few");
    let said = group.run("retract 4 1\nretract 4 2\nretract 4 3");
    assert_eq!(said_by(4, &said), [" no more"]);
    let said = group.run("suspect 4 0\nsuspect 4 1\nsuspect 4 2");
    assert_eq!(said_by(4, &said), [": NoQuorum"], "and again");
}

#[test]
fn it_ends_once_with_a_view_that_was_forced() {
    let mut group = Group::default();
    let commands = "ring bidi quorum 5\ncrash 0\ncrash 1\ncrash 2\n\
        suspect 3 0\nsuspect 3 1\nsuspect 3 2\nsuspect 4 0\nsuspect 4 1\nsuspect 4 2\nrun";
    let said = group.run(commands);
    for slot in [3, 4] {
        assert_eq!(said_by(slot, &said), [": NoQuorum"]);
    }
    let said = group.run("force 3\nrun");
    for slot in [3, 4] {
        assert_eq!(said_by(slot, &said), [" no more"], "{said}");
        assert_eq!(group.rings[&slot].view().ring.len(), 2);
        assert_eq!(group.rings[&slot].blocked(), None);
    }
}

#[test]
fn it_ends_once_for_who_is_left_alone_by_force() {
    let mut group = Group::default();
    let said =
        group.run("ring uni quorum 3\ncrash 0\ncrash 1\nsuspect 2 0\nsuspect 2 1\nforce 2\nrun");
    assert_eq!(said_by(2, &said), [": NoQuorum", " no more"]);
    assert_eq!(group.rings[&2].view().ring.len(), 1);
}

#[test]
fn it_ends_once_when_the_others_are_fenced() {
    let mut group = Group::default();
    let said = group.run("ring uni fenced 3\ncrash 2\nsuspect 0 2\nsuspect 1 2\nrun");
    assert_eq!(said_by(0, &said), [": Unfenced"]);
    let said = group.run("fenced 0 2\nrun");
    assert_eq!(said_by(0, &said), [" no more"]);
    assert_eq!(group.rings[&0].view().ring.len(), 2);
}

#[test]
fn it_ends_once_when_the_state_is_there() {
    let mut group = Group::default();
    group.run("ring uni quorum 1\njoiner 1\nask 1 0\nrun\njoiner 2\nask 2 0\nrun");
    let said = group.run("crash 0\nsuspect 1 0\nsuspect 2 0\nrun");
    assert_eq!(said_by(1, &said), [": NoState"]);
    let said = group.run("loaded 1\nrun");
    assert_eq!(said_by(1, &said), [" no more"]);
    assert_eq!(group.rings[&1].view().ring.len(), 2);
}

#[test]
fn who_is_left_out_meanwhile_says_that_and_nothing_after_it() {
    let mut group = Group::default();
    let commands = "ring uni quorum 3\nhold 2 0\nhold 2 1\nhold 0 2\nhold 1 2\n\
        suspect 2 0\nsuspect 2 1\nsuspect 0 2\nsuspect 1 2\nrun";
    let said = group.run(commands);
    assert_eq!(said_by(2, &said), [": NoQuorum"]);
    let said = group.run("retract 0 2\nflow 0 2\nflow 1 2\nrun");
    assert_eq!(group.rings[&2].standing(), Standing::Excluded);
    assert_eq!(said_by(2, &said), [""; 0], "{said}");
}
