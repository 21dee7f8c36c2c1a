//! P10: replicas at the same place of the same view are the same, those of joiners too.

use std::collections::BTreeMap;

use super::{Processes, Verdict};

/// Compares the replicas, and the snapshots that are kept.
///
/// # Errors
/// If two at one place differ.
pub fn check(processes: &Processes) -> Verdict {
    let mut digests = BTreeMap::new();
    for (id, process) in processes {
        let kept = process.snapshots.values().map(|(replica, _)| replica);
        for replica in process.replica.iter().chain(kept) {
            let (first, digest) = digests
                .entry((replica.view, replica.position))
                .or_insert((*id, replica.digest));
            if *digest != replica.digest {
                let place = replica.position;
                return Err(format!("P10 {id} and {first} differ at place {place}"));
            }
        }
    }
    Ok(())
}
