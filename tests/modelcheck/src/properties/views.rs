//! P7: nobody accepts above its promise, and two processes in one view have the same decision for it.
//! P8: a view starts with nothing of the one before.

use crate::cluster::{Cluster, State};

pub(super) fn holds(_model: &Cluster, state: &State) -> bool {
    let below_promise = state.nodes.iter().all(|node| {
        let accepted = node.ring.accepted();
        accepted.is_none_or(|accepted| {
            accepted.ballot <= node.ring.promised()
                && accepted.value.view.id.follows(&node.ring.view().id)
        })
    });
    let one_decision = state.nodes.iter().enumerate().all(|(index, one)| {
        let mut others = state.nodes.iter().skip(index + 1);
        others.all(|other| {
            let same_view = one.ring.view().id == other.ring.view().id;
            !same_view || one.ring.base() == other.ring.base()
        })
    });
    let of_this_view = state.nodes.iter().all(|node| {
        let floor = node.ring.base().map_or(0, |base| base.floor);
        let mut held = node.ring.holders();
        held.all(|(stamp, _)| stamp.clock > floor && stamp.origin < node.ring.view().size())
    });
    below_promise && one_decision && of_this_view
}
