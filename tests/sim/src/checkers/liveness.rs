//! P4 and P5: when faults have stopped and nothing moves, everyone who can is in one view, at rest.

use harness_ring::{MemberId, Policy, Standing, View};

use super::{Processes, Verdict};
use crate::options::Options;

/// The view that must have gone on; none if the policy rightly blocks it.
pub fn expected(options: &Options, processes: &Processes) -> Option<View> {
    let members = processes.values().filter(|process| process.is_member());
    let views = members.map(|process| process.member.ring().view());
    let top = views.max_by_key(|view| view.id)?;
    let is_in = |member: &MemberId| {
        let process = &processes[member];
        process.is_member() && process.member.ring().view() == top
    };
    let living = top.ring.iter().filter(|member| is_in(member)).count();
    let has_state = |member: &MemberId| is_in(member) && processes[member].replica.is_some();
    if !top.ring.iter().any(has_state) {
        return None;
    }
    let may_go_on = match options.policy {
        Policy::Quorum { tie_break } => {
            let twice = living * 2;
            let has_first = top.ring.first().is_some_and(is_in);
            twice > top.ring.len() || (tie_break && has_first && twice == top.ring.len())
        }
        _ => living > 0,
    };
    may_go_on.then(|| top.clone())
}

/// Checks that it has.
///
/// # Errors
/// If someone lags, waits, is dead, or was forgotten.
pub fn check(top: &View, processes: &Processes) -> Verdict {
    for member in &top.ring {
        let process = &processes[member];
        let ring = process.member.ring();
        if !process.is_member() {
            return Err(format!("P4 {member} is not alive, but in view {top}"));
        }
        if ring.view() != top {
            return Err(format!("P4 {member} is in view {}, not {top}", ring.view()));
        }
        if ring.is_wedged() || !ring.is_idle() || ring.queued() > 0 {
            return Err(format!("P4 {member} is not at rest"));
        }
        if let Some((stamp, holders)) = ring.holders().next() {
            return Err(format!("P4 {member} waits for {stamp}, held by {holders}"));
        }
    }
    for (id, process) in processes {
        let standing = process.member.ring().standing();
        // A minority that nobody of the last view remembers blocks, and says so.
        let says_so = process.member.ring().blocked().is_some();
        if process.alive && !top.contains(*id) && standing == Standing::Member && !says_so {
            return Err(format!("P5 {id} does not know that it is out of {top}"));
        }
        if process.alive && standing == Standing::Joining {
            return Err(format!("P5 {id} was never taken in"));
        }
    }
    Ok(())
}
