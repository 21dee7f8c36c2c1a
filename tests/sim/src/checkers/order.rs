//! P6: no message is delivered while a smaller one of the same view is unknown to the member.

use std::collections::{BTreeMap, BTreeSet};

use harness_ring::{Stamp, ViewId};

use super::{Processes, Verdict};
use crate::process::{Entry, Process};

/// Compares what anyone holds with what everyone has passed.
///
/// # Errors
/// If a member has passed a message that it never had.
pub fn check(processes: &Processes) -> Verdict {
    let mut held: BTreeMap<ViewId, BTreeSet<Stamp>> = BTreeMap::new();
    for process in processes.values() {
        let ring = process.member.ring();
        let of_view = held.entry(ring.view().id).or_default();
        of_view.extend(ring.holders().map(|(stamp, _)| stamp));
    }
    for (id, process) in processes {
        let ring = process.member.ring();
        let view = ring.view().id;
        let passed = held[&view].range(..=ring.last_delivered());
        for stamp in passed {
            if !was_delivered(process, view, *stamp) {
                return Err(format!("P6 {id} went past {stamp} of view {view}"));
            }
        }
    }
    Ok(())
}

fn was_delivered(process: &Process, wanted: ViewId, number: Stamp) -> bool {
    let newest_first = process.log.iter().rev();
    newest_first
        .take_while(|entry| matches!(entry, Entry::Message { .. }))
        .any(|entry| {
            matches!(entry, Entry::Message { view, stamp, .. }
                if *view == wanted && *stamp == number)
        })
}
