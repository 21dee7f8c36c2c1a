//! P3: who is said to hold a message, holds or has delivered it; what is said to be stable is held by
//! all; who is said to know that, knows it.

use harness_ring::{Evidence, RingArc, Stamp};

use crate::cluster::{Cluster, State};
use crate::node::Node;

pub(super) fn holds(_model: &Cluster, state: &State) -> bool {
    state.nodes.iter().all(|node| {
        let pending = node.ring.holders();
        let mut evidence = node.ring.evidence();
        pending
            .into_iter()
            .all(|(stamp, holders)| all_hold(state, node, stamp, holders))
            && evidence.all(|mark| is_stable(state, node, mark) && all_know(state, node, mark))
    })
}

/// The members of this process's view that are in it now, with their ranks.
fn companions<'a>(state: &'a State, node: &'a Node) -> impl Iterator<Item = (u16, &'a Node)> {
    let view = node.ring.view();
    state.nodes.iter().filter_map(|other| {
        let rank = view.rank_of(other.ring.me())?;
        (other.ring.view().id == view.id).then_some((rank, &**other))
    })
}

fn all_hold(state: &State, node: &Node, stamp: Stamp, holders: RingArc) -> bool {
    let size = node.ring.view().size();
    companions(state, node)
        .filter(|(rank, _)| holders.contains(*rank, size))
        .all(|(_, other)| has(other, stamp))
}

/// Whether a process holds or has delivered a message of its view.
fn has(node: &Node, stamp: Stamp) -> bool {
    node.ring.holders().any(|(held, _)| held == stamp)
        || node.has_delivered(node.ring.view().id, stamp)
}

/// Everything of an origin up to the mark that anyone knows of is known to everyone.
fn is_stable(state: &State, node: &Node, mark: Evidence) -> bool {
    let known = companions(state, node).flat_map(|(_, other)| other.ring.holders());
    let covered =
        known.filter(|(stamp, _)| stamp.origin == mark.origin && stamp.clock <= mark.up_to);
    covered
        .into_iter()
        .all(|(stamp, _)| companions(state, node).all(|(_, other)| has(other, stamp)))
}

fn all_know(state: &State, node: &Node, mark: Evidence) -> bool {
    let size = node.ring.view().size();
    companions(state, node)
        .filter(|(rank, _)| mark.known.contains(*rank, size))
        .all(|(_, other)| {
            let mut marks = other.ring.evidence();
            marks.any(|own| own.origin == mark.origin && own.up_to >= mark.up_to)
        })
}
