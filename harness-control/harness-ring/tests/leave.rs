//! Input `Leave`: alone at once, with others by a view change, and not with the only state.

use crate::scenario::Group;
use harness_ring::Standing;

#[test]
fn who_is_alone_goes_at_once() {
    let mut group = Group::default();
    group.run("ring uni quorum 1\nleave 0");
    assert_eq!(group.rings[&0].standing(), Standing::Left);
}

#[test]
fn all_can_leave_one_after_the_other() {
    let mut group = Group::default();
    group.run("ring bidi survivor 3\nleave 0\nleave 1\nleave 2\nrun");
    for ring in group.rings.values() {
        assert_eq!(ring.standing(), Standing::Left);
    }
}

#[test]
fn nobody_leaves_while_a_joiner_needs_the_state() {
    let mut group = Group::default();
    group.run("ring uni survivor 1\njoiner 1\nask 1 0\nrun\nleave 0\nrun");
    assert_eq!(group.rings[&0].standing(), Standing::Member);
    group.run("loaded 1\nrun");
    assert_eq!(group.rings[&0].standing(), Standing::Left);
    assert_eq!(group.rings[&1].view().ring.len(), 1);
}
