//! P11, flow control: of the messages that are held and not delivered, no more are a member's own than
//! its window allows, and one more that says that it has loaded the state.

use crate::cluster::{Cluster, State};

pub(super) fn holds(model: &Cluster, state: &State) -> bool {
    let window = model.config.limits.window_batches;
    state.nodes.iter().enumerate().all(|(slot, node)| {
        let rank = node.ring.view().rank_of(node.ring.me());
        let held = node.ring.holders();
        let own = held.filter(|(stamp, _)| Some(stamp.origin) == rank);
        own.count() <= window + usize::from(slot >= model.founders)
    })
}
