//! P9: outcomes are the same everywhere (their digests are part of the state), and no request waits
//! once everyone who was asked has answered or is gone.

use harness_ring::View;

use super::{Processes, Verdict};

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
