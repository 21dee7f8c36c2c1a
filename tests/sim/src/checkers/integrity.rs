//! P2: each message at most once in a log, only submitted ones, and numbers that rise within a view.

use std::collections::BTreeSet;

use super::{Processes, Verdict};
use crate::process::{Entry, Word};

/// Checks every log.
///
/// # Errors
/// If one is wrong.
pub fn check(processes: &Processes) -> Verdict {
    let submitted = processes.values().flat_map(|process| &process.submitted);
    let submitted: BTreeSet<_> = submitted.cloned().collect();
    for (id, process) in processes {
        check_log(&process.log, &submitted).map_err(|what| format!("P2 at {id}: {what}"))?;
    }
    Ok(())
}

/// Checks one log.
///
/// # Errors
/// If it is wrong.
pub fn check_log(log: &[Entry], submitted: &BTreeSet<Word>) -> Verdict {
    let mut seen = BTreeSet::new();
    let mut last = None;
    for entry in log {
        let Entry::Message {
            view, stamp, words, ..
        } = entry
        else {
            last = None;
            continue;
        };
        if last.is_some_and(|(before, number)| before != *view || number >= *stamp) {
            return Err(format!("{stamp} of view {view} comes after {last:?}"));
        }
        last = Some((*view, *stamp));
        for word in words {
            if !submitted.contains(word) {
                return Err(format!("{word:?} was never submitted"));
            }
            if !seen.insert(word) {
                return Err(format!("{word:?} is delivered twice"));
            }
        }
    }
    Ok(())
}
