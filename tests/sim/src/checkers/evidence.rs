//! P3: who is said to hold a message, holds or has delivered it; what is said to be stable is held by
//! all; who is said to know that, knows it.

use std::collections::BTreeMap;

use harness_ring::{Rank, Stamp, ViewId};

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
    let members = by_view(processes);
    members.values().try_for_each(|members| {
        check_marks(members)?;
        check_stable(members)
    })
}

/// The processes in each view, with their ranks.
fn by_view(processes: &Processes) -> BTreeMap<ViewId, Vec<(Rank, &Process)>> {
    let mut views = BTreeMap::<_, Vec<_>>::new();
    for (id, process) in processes {
        let view = process.member.ring().view();
        if let Some(rank) = view.rank_of(*id) {
            views.entry(view.id).or_default().push((rank, process));
        }
    }
    views
}

/// Who is said to know a watermark has one that is as high.
fn check_marks(members: &[(Rank, &Process)]) -> Verdict {
    let highest: Vec<(Rank, BTreeMap<Rank, u64>)> = members
        .iter()
        .map(|(rank, process)| (*rank, highest(process)))
        .collect();
    for (_, process) in members {
        let size = process.member.ring().view().size();
        for mark in process.member.ring().evidence() {
            let said = highest
                .iter()
                .filter(|(rank, _)| mark.known.contains(*rank, size));
            for (rank, marks) in said {
                if marks
                    .get(&mark.origin)
                    .is_none_or(|up_to| *up_to < mark.up_to)
                {
                    let (id, mark) = (process.id, mark.up_to);
                    return Err(format!("P3 {id} says that rank {rank} knows of {mark}"));
                }
            }
        }
    }
    Ok(())
}

/// What anyone holds below anyone's watermark is held or delivered by everyone.
fn check_stable(members: &[(Rank, &Process)]) -> Verdict {
    let mut stable = BTreeMap::<Rank, u64>::new();
    for (_, process) in members {
        for (origin, up_to) in highest(process) {
            let known = stable.entry(origin).or_default();
            *known = (*known).max(up_to);
        }
    }
    for (_, holder) in members {
        for (stamp, _) in holder.member.ring().holders() {
            let is_stable = stable
                .get(&stamp.origin)
                .is_some_and(|up_to| *up_to >= stamp.clock);
            let missing = members.iter().find(|(_, other)| !has(other, stamp));
            if let Some((rank, _)) = missing.filter(|_| is_stable) {
                return Err(format!(
                    "P3 {stamp} counts as stable, rank {rank} has it not"
                ));
            }
        }
    }
    Ok(())
}

fn highest(process: &Process) -> BTreeMap<Rank, u64> {
    let mut highest = BTreeMap::<_, u64>::new();
    for mark in process.member.ring().evidence() {
        let known = highest.entry(mark.origin).or_default();
        *known = (*known).max(mark.up_to);
    }
    highest
}

fn has(process: &Process, stamp: Stamp) -> bool {
    let ring = process.member.ring();
    ring.last_delivered() >= stamp || ring.holders().any(|(held, _)| held == stamp)
}
