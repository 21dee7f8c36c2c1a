//! P5 with an operator: a member goes on with too few only where a force counts, that is while it is blocked in the view in
//! which it was forced; at any other time a force changes nothing. And where nothing moves, a forced member went on.

use crate::cluster::{Cluster, State};
use crate::force::Fate;

pub(super) fn is_lawful(_model: &Cluster, state: &State) -> bool {
    state.nodes.iter().all(|node| !node.force.is_lawless)
}

pub(super) fn ends_the_block(model: &Cluster, state: &State) -> bool {
    if !super::liveness::is_quiet(model, state) || !state.false_suspicions.is_empty() {
        return true;
    }
    // Others name the member that would change the view: it is to be forced there.
    let mut members = state.nodes.iter().filter(|node| node.is_member());
    members.all(|node| node.force.fate != Fate::Counts || node.ring.coordinator() != node.ring.me())
}
