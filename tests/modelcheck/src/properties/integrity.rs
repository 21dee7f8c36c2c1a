//! P2: each message is delivered at most once, only if it was submitted, and numbers, with the place among what has the
//! same number, rise within a view.

use std::collections::BTreeSet;

use crate::agreement::request_of;
use crate::cluster::{Cluster, State};
use crate::node::{Entry, SYNCED};

pub(super) fn holds(model: &Cluster, state: &State) -> bool {
    state.nodes.iter().all(|node| {
        let mut seen = BTreeSet::new();
        let mut last = None;
        node.log.iter().all(|entry| match entry {
            Entry::View { .. } => {
                last = None;
                true
            }
            Entry::Message {
                view,
                stamp,
                place,
                payload,
            } => {
                let origin = usize::from(payload / 16);
                let was_submitted = *payload >= SYNCED
                    || (model.requests && request_of(*payload).is_some())
                    || state
                        .submitted()
                        .get(origin)
                        .is_some_and(|count| payload % 16 < *count);
                let number = (*stamp, *place);
                let rises = last.is_none_or(|(before, last)| before == *view && last < number);
                last = Some((*view, number));
                was_submitted && rises && seen.insert(*payload)
            }
        })
    })
}
