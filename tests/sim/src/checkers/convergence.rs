//! P4: members of the last view have the same state, and it has every message of a member that was
//! never out.

use std::collections::BTreeSet;

use harness_ring::View;

use super::{Processes, Verdict};
use crate::process::Entry;

/// Checks the members of the last view.
///
/// # Errors
/// If one lags or a message is lost.
pub fn check(top: &View, processes: &Processes) -> Verdict {
    let members = || top.ring.iter().map(|member| &processes[member]);
    let mut replicas =
        members().filter_map(|process| Some((process.id, process.replica.as_ref()?)));
    let Some((first, replica)) = replicas.next() else {
        return Ok(());
    };
    let place = (replica.position, replica.digest);
    if let Some((other, _)) = replicas.find(|(_, other)| (other.position, other.digest) != place) {
        return Err(format!("P4 {first} and {other} end with different states"));
    }
    let common = super::prefix::check(processes)?;
    let words = common.iter().flat_map(|entry| match entry {
        Entry::Message { words, .. } => &words[..],
        Entry::View(_) => &[],
    });
    let delivered: BTreeSet<_> = words.collect();
    for process in members() {
        let lost = process
            .submitted
            .iter()
            .find(|word| !delivered.contains(word) && !process.refused.contains(word));
        if let Some(word) = lost {
            return Err(format!(
                "P4 {:?} of {} was never delivered",
                word, process.id
            ));
        }
    }
    Ok(())
}
