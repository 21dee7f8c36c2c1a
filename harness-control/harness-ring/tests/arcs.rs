//! Arcs against sets: joining touching arcs is the union, and arcs that do not touch claim nothing.

use std::collections::BTreeSet;

use harness_ring::RingArc;

fn members(arc: RingArc, size: u16) -> BTreeSet<u16> {
    (0..size).filter(|rank| arc.contains(*rank, size)).collect()
}

fn arcs(size: u16) -> Vec<RingArc> {
    let starts = 0..size;
    starts
        .flat_map(|start| (1..=size).filter_map(move |length| RingArc::new(start, length, size)))
        .collect()
}

#[test]
fn joined_arcs_are_the_union_of_their_members_or_the_first_alone() {
    for size in 1..=7 {
        for one in arcs(size) {
            for other in arcs(size) {
                let joined = members(one.join(other, size), size);
                let both: BTreeSet<_> = &members(one, size) | &members(other, size);
                let touches = arcs(size).iter().any(|arc| members(*arc, size) == both);
                let wanted = if touches { both } else { members(one, size) };
                assert_eq!(joined, wanted, "{one} and {other} of {size}");
            }
        }
    }
}

#[test]
fn covering_is_being_a_superset() {
    for size in 1..=7 {
        for one in arcs(size) {
            for other in arcs(size) {
                let is_superset = members(one, size).is_superset(&members(other, size));
                assert_eq!(one.covers(other, size), is_superset, "{one} {other} {size}");
            }
        }
    }
}

#[test]
fn arcs_outside_the_ring_are_none() {
    assert_eq!(RingArc::new(3, 1, 3), None, "no such member");
    assert_eq!(RingArc::new(0, 0, 3), None, "nobody");
    assert_eq!(RingArc::new(0, 4, 3), None, "more than all");
    assert_eq!(RingArc::new(1, 3, 3), None, "all start at zero");
    assert_eq!(RingArc::new(0, 3, 3), Some(RingArc::all(3)));
    assert_eq!(RingArc::new(2, 2, 3).map(RingArc::parts), Some((2, 2)));
}
