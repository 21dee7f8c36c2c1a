//! What must hold when a cluster has come to rest: one sequence, at every kernel, without a gap, a repeat or a
//! request too few.

use std::collections::BTreeMap;

use super::cluster::Cluster;
use super::kernel::{Kernel, Taken};
use super::stream::{Mark, Outcome, What};

/// All that is broken.
pub fn check(cluster: &Cluster) -> Vec<String> {
    let mut broken = cluster.complaints.clone();
    let alive = || cluster.servers.values().filter(|server| server.is_alive());
    let Some(longest) = alive()
        .map(|server| &server.log)
        .max_by_key(|log| log.len())
    else {
        return vec!["no server is left".to_owned()];
    };
    let marks = marks(longest);
    let end = marks.last().copied().unwrap_or_default();
    for (id, server) in &cluster.servers {
        if !longest.starts_with(&server.log) {
            broken.push(format!("{id} delivered another sequence"));
        }
        if server.is_alive() && server.mark() != end {
            broken.push(format!("{id} stopped at {:?} of {end:?}", server.mark()));
        }
        if server.is_alive() && server.of_subtree() != end.position {
            broken.push(format!("{id} misses acknowledgements of its kernels"));
        }
        if let Some(ask) = server.gap {
            broken.push(format!("{id} delivered {ask:?} before the one ahead of it"));
        }
    }
    for (place, kernel) in cluster.kernels.iter().enumerate() {
        let how = sequence(&kernel.log, longest, &marks).err();
        broken.extend(how.map(|how| format!("kernel {place} {how}")));
        broken.extend(kernel_end(place, kernel, end));
    }
    broken.extend(requests(cluster, longest));
    broken
}

fn kernel_end(place: usize, kernel: &Kernel, end: Mark) -> Option<String> {
    if let Some(position) = kernel.gap {
        return Some(format!(
            "kernel {place} got {position} without the one before"
        ));
    }
    if kernel.mark() != end {
        return Some(format!(
            "kernel {place} stopped at {:?} of {end:?}",
            kernel.mark()
        ));
    }
    (kernel.open() > 0).then(|| format!("kernel {place} waits for an outcome"))
}

/// Whether a kernel took the common sequence in its order: each entry once, or an image of all up to a place.
///
/// # Errors
/// If it did not.
pub fn sequence(log: &[Taken], common: &[Outcome], marks: &[Mark]) -> Result<(), String> {
    let mut position = 0;
    for taken in log {
        match taken {
            Taken::Outcome(outcome) if common.get(position) == Some(outcome) => position += 1,
            Taken::Outcome(outcome) => {
                return Err(format!("took {outcome:?} at place {}", position + 1));
            }
            Taken::Image(mark) => {
                let later = marks.iter().skip(position).position(|other| other == mark);
                let Some(later) = later else {
                    return Err(format!("took the state {mark:?} at place {position}"));
                };
                position += later;
            }
        }
    }
    Ok(())
}

/// The marks at all places of a sequence, from its start on.
pub fn marks(sequence: &[Outcome]) -> Vec<Mark> {
    let mut mark = Mark::default();
    let mut marks = vec![mark];
    for outcome in sequence {
        mark.advance(outcome);
        marks.push(mark);
    }
    marks
}

/// Every request has one outcome.
fn requests(cluster: &Cluster, common: &[Outcome]) -> Vec<String> {
    let mut done: BTreeMap<u32, u64> = BTreeMap::new();
    let mut broken = Vec::new();
    for outcome in common {
        if let What::Request(ask) = outcome.what {
            let last = done.entry(ask.asker).or_default();
            *last += 1;
            if ask.number != *last {
                broken.push(format!("{ask:?} was carried out as number {last}"));
            }
        }
    }
    for (asker, kernel) in (0..).zip(&cluster.kernels) {
        let count = done.get(&asker).copied().unwrap_or(0);
        if count != kernel.asked() {
            broken.push(format!(
                "{count} of {} requests of kernel {asker} were carried out",
                kernel.asked()
            ));
        }
    }
    broken
}
