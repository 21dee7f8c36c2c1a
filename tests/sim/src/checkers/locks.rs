//! Locks: at every place of the common log each replica has the queues that the log alone gives, and
//! in the end nobody owns or awaits one that its owner has given back.

use std::collections::BTreeMap;

use harness_ring::{MemberId, View};

use super::{Processes, Verdict};
use crate::process::{Entry, Word};

/// Who wants which lock, in the order of asking: owners first. As simple as the promise.
#[derive(Default)]
struct Wanted(Vec<(u8, MemberId)>);

impl Wanted {
    fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::View(view) => self.0.retain(|(_, member)| view.contains(*member)),
            Entry::Message { origin, words, .. } => {
                for word in words {
                    self.word(*origin, word);
                }
            }
        }
    }

    fn word(&mut self, origin: MemberId, word: &Word) {
        match word {
            Word::Lock(_, key) if !self.0.contains(&(*key, origin)) => self.0.push((*key, origin)),
            Word::Unlock(_, key) => self.0.retain(|wanted| *wanted != (*key, origin)),
            _ => {}
        }
    }

    fn queues(&self) -> BTreeMap<u8, Vec<MemberId>> {
        let mut queues = BTreeMap::<_, Vec<_>>::new();
        for (key, member) in &self.0 {
            queues.entry(*key).or_default().push(*member);
        }
        queues
    }
}

/// Compares every replica with the common log at its place.
///
/// # Errors
/// If one has other queues.
pub fn check(common: &[Entry], processes: &Processes) -> Verdict {
    let mut wanted = Wanted::default();
    for (entry, position) in common.iter().zip(1_usize..) {
        wanted.apply(entry);
        for (id, process) in processes {
            let replica = process.replica.as_ref();
            let Some(replica) = replica.filter(|replica| replica.position == position) else {
                continue;
            };
            let queues = replica.locks.queues();
            let queues: BTreeMap<u8, Vec<MemberId>> = queues
                .map(|(key, queue)| (*key, queue.iter().copied().collect()))
                .collect();
            let expected = wanted.queues();
            if queues != expected {
                return Err(format!(
                    "P9 {id} has the locks {queues:?} at {position}, the log gives {expected:?}"
                ));
            }
        }
    }
    Ok(())
}

/// Checks the members of the last view, when nothing moves any more: whoever was granted a lock has
/// given it back, so none is left.
///
/// # Errors
/// If one is.
pub fn check_free(top: &View, processes: &Processes) -> Verdict {
    for member in &top.ring {
        let replica = processes[member].replica.as_ref();
        let first = replica.and_then(|replica| replica.locks.queues().next());
        if let Some((key, queue)) = first {
            return Err(format!("P9 lock {key} is still wanted by {queue:?}"));
        }
    }
    Ok(())
}
