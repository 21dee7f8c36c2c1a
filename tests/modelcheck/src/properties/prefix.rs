//! P1: of any two processes, dead and excluded ones too, one saw the start of what the other saw.
//! With false suspicions only under `Quorum`: `Survivor` splits then, as documented.

use harness_ring::Policy;

use crate::cluster::{Cluster, State};
use crate::node::Entry;

pub(super) fn holds(model: &Cluster, state: &State) -> bool {
    let may_split =
        model.false_suspicions > 0 && !matches!(model.config.policy, Policy::Quorum { .. });
    if may_split {
        return true;
    }
    state.nodes.iter().enumerate().all(|(index, one)| {
        let others = state.nodes.iter().skip(index + 1);
        others.into_iter().all(|other| agree(&one.log, &other.log))
    })
}

/// Compares from where the later of both joined.
fn agree(one: &[Entry], other: &[Entry]) -> bool {
    match (start(one), start(other)) {
        (None, _) | (_, None) => true,
        (Some((_, false)), Some((_, false))) => is_prefix(one, other),
        (Some((view, true)), Some((_, false))) => from_view(other, view, one),
        (Some((_, false)), Some((view, true))) => from_view(one, view, other),
        (Some((first, true)), Some((second, true))) => {
            if first <= second {
                from_view(one, second, other)
            } else {
                from_view(other, first, one)
            }
        }
    }
}

fn start(log: &[Entry]) -> Option<(harness_ring::ViewId, bool)> {
    match log.first() {
        Some(Entry::View { view, is_first }) => Some((*view, *is_first)),
        _ => None,
    }
}

/// Compares a joiner's log with that part of a longer one that starts at the same view.
fn from_view(longer: &[Entry], first: harness_ring::ViewId, joiner: &[Entry]) -> bool {
    let place = longer
        .iter()
        .position(|entry| matches!(entry, Entry::View { view, .. } if *view == first));
    // Not there yet, if the longer one ended before.
    place.is_none_or(|place| is_prefix(&longer[place + 1..], &joiner[1..]))
}

fn is_prefix(one: &[Entry], other: &[Entry]) -> bool {
    one.iter()
        .zip(other)
        .all(|(left, right)| match (left, right) {
            (Entry::View { view: left, .. }, Entry::View { view: right, .. }) => left == right,
            _ => left == right,
        })
}
