//! What must happen sometimes, where the budgets of the model allow it; where they do not, it counts
//! as having happened.

use harness_ring::Standing;

use crate::cluster::{Cluster, State};
use crate::force::Fate;
use crate::node::{Entry, Node};

fn messages(node: &Node) -> usize {
    let entries = node.log.iter();
    entries
        .filter(|entry| matches!(entry, Entry::Message { .. }))
        .count()
}

pub(super) fn messages_everywhere(model: &Cluster, state: &State) -> bool {
    let planned: usize = model.submits.iter().map(|count| usize::from(*count)).sum();
    let founders = &state.nodes[..model.founders];
    founders.iter().all(|node| messages(node) >= planned.min(2))
}

pub(super) fn flush(model: &Cluster, state: &State) -> bool {
    let possible = model.crashes > 0 && !model.submits.is_empty() && model.founders > 1;
    let flushed = |node: &Node| node.ring.base().is_some_and(|base| !base.flush.is_empty());
    !possible || state.nodes.iter().any(|node| flushed(node))
}

pub(super) fn view_change(model: &Cluster, state: &State) -> bool {
    let possible = model.crashes > 0 || model.joiners > 0 || model.leaves > 0;
    let epoch_after = 1 + u64::from(model.crashes.min(2)).max(1);
    let mut epochs = state.nodes.iter().map(|node| node.ring.view().id.epoch);
    let epoch_wanted = match model.config.policy {
        harness_ring::Policy::Quorum { .. } => 2,
        _ => epoch_after,
    };
    !possible || epochs.any(|epoch| epoch >= epoch_wanted)
}

pub(super) fn joiner_delivers(model: &Cluster, state: &State) -> bool {
    let mut joiners = state.nodes[model.founders..].iter();
    let possible = model.joiners > 0 && !model.submits.is_empty();
    !possible || joiners.any(|node| messages(node) > 0)
}

pub(super) fn leave(model: &Cluster, state: &State) -> bool {
    let mut nodes = state.nodes.iter();
    model.leaves == 0 || nodes.any(|node| node.ring.standing() == Standing::Left)
}

pub(super) fn exclusion(model: &Cluster, state: &State) -> bool {
    let mut nodes = state.nodes.iter();
    model.false_suspicions == 0
        || nodes.any(|node| node.alive && node.ring.standing() == Standing::Excluded)
}

pub(super) fn outcome(model: &Cluster, state: &State) -> bool {
    let mut replicas = state.nodes.iter().map(|node| node.replica.as_ref());
    !model.requests
        || replicas.all(|replica| replica.is_some_and(|replica| !replica.outcomes().is_empty()))
}

pub(super) fn outcome_without(model: &Cluster, state: &State) -> bool {
    let replicas = state.nodes.iter().filter_map(|node| node.replica.as_ref());
    let mut outcomes = replicas.flat_map(|replica| replica.outcomes());
    !model.requests || model.crashes == 0 || outcomes.any(|outcome| !outcome.done)
}

pub(super) fn forced_view(model: &Cluster, state: &State) -> bool {
    let mut nodes = state.nodes.iter();
    model.forces == 0 || nodes.any(|node| node.force.fate == Fate::Over)
}

/// Of three, one that is blocked is alone, and goes on at once.
pub(super) fn forgotten_force(model: &Cluster, state: &State) -> bool {
    let possible = model.forces > 0 && model.retractions > 0 && model.founders > 3;
    let mut nodes = state.nodes.iter();
    !possible || nodes.any(|node| node.force.fate == Fate::Forgotten)
}

pub(super) fn forced_split(model: &Cluster, state: &State) -> bool {
    let possible = model.forces > 1 && model.false_suspicions > 1;
    !possible || super::prefix::has_split(state)
}
