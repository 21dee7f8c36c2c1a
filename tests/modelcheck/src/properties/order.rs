//! P6: when a message is stable or delivered at a member, no smaller message of the view is unknown
//! to it.

use std::collections::BTreeSet;

use harness_ring::Stamp;

use crate::cluster::{Cluster, State};
use crate::node::Node;

pub(super) fn holds(_model: &Cluster, state: &State) -> bool {
    state.nodes.iter().all(|node| {
        let view = node.ring.view().id;
        let companions = state
            .nodes
            .iter()
            .filter(|other| other.ring.view().id == view);
        let known: BTreeSet<_> = companions
            .flat_map(|other| other.ring.holders())
            .map(|(stamp, _)| stamp)
            .collect();
        let own: BTreeSet<_> = node.ring.holders().map(|(stamp, _)| stamp).collect();
        known
            .difference(&own)
            .all(|unknown| is_later(node, *unknown) || node.has_delivered(view, *unknown))
    })
}

/// Whether nothing stable here is above a message that is not here.
fn is_later(node: &Node, unknown: Stamp) -> bool {
    let size = node.ring.view().size();
    let highest_of = |origin| {
        let marks = node
            .ring
            .evidence()
            .filter(move |mark| mark.origin == origin);
        marks.map(|mark| mark.up_to).max().unwrap_or(0)
    };
    let mut held = node.ring.holders();
    node.ring.last_delivered() < unknown
        && held.all(|(stamp, holders)| {
            let is_stable = holders.is_all(size) || highest_of(stamp.origin) >= stamp.clock;
            !is_stable || stamp < unknown
        })
}
