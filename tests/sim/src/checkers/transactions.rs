//! P9: outcomes are the same everywhere (their digests are part of the state) and come in the order of
//! the requests, and no request waits once everyone who was asked has answered or is gone.

use harness_ring::View;

use super::{Processes, Verdict};

/// Checks the order of outcomes of each domain at every process, dead ones too.
///
/// # Errors
/// If an outcome overtook another of its domain, or answers nothing.
pub fn check_order(processes: &Processes) -> Verdict {
    for (id, process) in processes {
        let misplaced = process.replica.as_ref();
        if let Some(request) = misplaced.and_then(|replica| replica.misplaced) {
            return Err(format!(
                "P9 {id} had the outcome of {request:?} out of turn"
            ));
        }
    }
    Ok(())
}

/// Checks the members of the last view, when nothing moves any more.
///
/// # Errors
/// If a request waits.
pub fn check(top: &View, processes: &Processes) -> Verdict {
    for member in &top.ring {
        let replica = processes[member].replica.as_ref();
        let waiting = replica.map_or(0, |replica| replica.transactions.waiting());
        if waiting > 0 {
            return Err(format!("P9 {waiting} requests wait at {member}"));
        }
    }
    Ok(())
}
