//! P1: of any two processes, dead and excluded ones too, one saw the start of what the other saw.
//! With false suspicions only under `Quorum`: `Survivor` splits then, as documented.
//!
//! A force gives up a part of this, and only where someone alive is suspected: who leaves a view in which one counted may
//! go on to another view than the others, after other messages. Who goes on to the same view has seen the same.

use std::collections::BTreeSet;

use harness_ring::{Policy, ViewId};

use crate::cluster::{Cluster, State};
use crate::node::Entry;

pub(super) fn holds(model: &Cluster, state: &State) -> bool {
    let mistakes = model.false_suspicions > 0;
    let may_split = mistakes && !matches!(model.config.policy, Policy::Quorum { .. });
    if may_split {
        return true;
    }
    let forced: BTreeSet<ViewId> = match mistakes {
        true => counted_in(state),
        false => BTreeSet::new(),
    };
    pairs(state).all(|(one, other)| is_allowed(one, other, &forced))
}

/// Whether two logs contradict each other.
pub(super) fn has_split(state: &State) -> bool {
    let none = BTreeSet::new();
    pairs(state).any(|(one, other)| !is_allowed(one, other, &none))
}

fn counted_in(state: &State) -> BTreeSet<ViewId> {
    let forces = state.nodes.iter().map(|node| &node.force);
    forces
        .flat_map(|force| force.counted_in.iter().copied())
        .collect()
}

fn pairs(state: &State) -> impl Iterator<Item = (&[Entry], &[Entry])> {
    let nodes = state.nodes.iter().enumerate();
    nodes.flat_map(|(index, one)| {
        let others = state.nodes.iter().skip(index + 1);
        others.map(|other| (&one.log[..], &other.log[..]))
    })
}

/// Whether one log is the start of the other, or they part at the end of a view in which a force counted. Compares from
/// where the later of both joined.
fn is_allowed(one: &[Entry], other: &[Entry], forced: &BTreeSet<ViewId>) -> bool {
    match (start(one), start(other)) {
        (None, _) | (_, None) => true,
        (Some((_, false)), Some((_, false))) => agree(one, other, forced),
        (Some((view, true)), Some((_, false))) => from_view(other, view, one, forced),
        (Some((_, false)), Some((view, true))) => from_view(one, view, other, forced),
        (Some((first, true)), Some((second, true))) => {
            if first <= second {
                from_view(one, second, other, forced)
            } else {
                from_view(other, first, one, forced)
            }
        }
    }
}

fn start(log: &[Entry]) -> Option<(ViewId, bool)> {
    match log.first() {
        Some(Entry::View { view, is_first }) => Some((*view, *is_first)),
        _ => None,
    }
}

/// Compares a joiner's log with that part of a longer one that starts at the same view.
fn from_view(longer: &[Entry], first: ViewId, joiner: &[Entry], forced: &BTreeSet<ViewId>) -> bool {
    let place = longer
        .iter()
        .position(|entry| matches!(entry, Entry::View { view, .. } if *view == first));
    // Not there yet, if the longer one ended before.
    place.is_none_or(|place| agree(&longer[place..], joiner, forced))
}

fn agree(one: &[Entry], other: &[Entry], forced: &BTreeSet<ViewId>) -> bool {
    let mut both = one.iter().zip(other);
    let Some(parted_at) = both.position(|(left, right)| !is_same(left, right)) else {
        return true;
    };
    let before = one[..parted_at].iter().rev().find_map(view_of);
    let next = |log: &[Entry]| log[parted_at..].iter().find_map(view_of);
    let (left, right) = (next(one), next(other));
    before.is_some_and(|view| forced.contains(&view))
        && left.is_some()
        && right.is_some()
        && left != right
}

fn is_same(left: &Entry, right: &Entry) -> bool {
    match (view_of(left), view_of(right)) {
        (Some(left), Some(right)) => left == right,
        _ => left == right,
    }
}

fn view_of(entry: &Entry) -> Option<ViewId> {
    match entry {
        Entry::View { view, .. } => Some(*view),
        Entry::Message { .. } => None,
    }
}
