//! P3: who is said to hold a message, holds or has delivered it.

use harness_ring::Stamp;

use super::{Processes, Verdict};
use crate::process::Process;

/// Compares what members say of each other with the truth.
///
/// # Errors
/// If one says what is not so.
pub fn check(processes: &Processes) -> Verdict {
    for (id, process) in processes {
        let view = process.member.ring().view();
        let size = view.size();
        for (stamp, holders) in process.member.ring().holders() {
            let said = view.ring.iter().zip(0_u16..);
            let said = said.filter(|(_, rank)| holders.contains(*rank, size));
            for (member, _) in said {
                let other = &processes[member];
                let is_there = other.member.ring().view().id == view.id;
                if is_there && !has(other, stamp) {
                    return Err(format!("P3 {id} says that {member} holds {stamp}"));
                }
            }
        }
    }
    Ok(())
}

fn has(process: &Process, stamp: Stamp) -> bool {
    let ring = process.member.ring();
    ring.last_delivered() >= stamp || ring.holders().any(|(held, _)| held == stamp)
}
