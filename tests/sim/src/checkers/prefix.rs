//! P1: all logs, of the dead and the excluded too, are parts of one common log.

use std::collections::BTreeMap;

use harness_ring::MemberId;

use super::Processes;
use crate::process::Entry;

/// Builds the common log; fails where two processes saw different things at one place.
///
/// # Errors
/// If they did.
pub fn check(processes: &Processes) -> Result<Vec<Entry>, String> {
    let logs = processes
        .iter()
        .map(|(id, process)| (*id, &process.log[..]));
    merge(&logs.collect())
}

/// The log of which all these are parts. A log starts with the view that its process started in.
///
/// # Errors
/// If there is none, or a log starts where no other has been.
pub fn merge(logs: &BTreeMap<MemberId, &[Entry]>) -> Result<Vec<Entry>, String> {
    let mut common: Vec<Entry> = Vec::new();
    let mut left: Vec<_> = logs.iter().filter(|(_, log)| !log.is_empty()).collect();
    // Joiners are placed once someone who was there before has logged their first view.
    loop {
        let before = left.len();
        let mut waiting = Vec::new();
        for (id, log) in left {
            let is_founder = matches!(log.first(), Some(Entry::View(view)) if view.id.epoch == 1);
            let start = if is_founder {
                Some(0)
            } else {
                common.iter().position(|entry| Some(entry) == log.first())
            };
            match start {
                Some(start) => extend(&mut common, start, *id, log)?,
                None => waiting.push((id, log)),
            }
        }
        if waiting.is_empty() {
            return Ok(common);
        }
        if waiting.len() == before {
            let id = waiting[0].0;
            return Err(format!(
                "P1 {id} starts with a view that no member before it saw"
            ));
        }
        left = waiting;
    }
}

fn extend(
    common: &mut Vec<Entry>,
    start: usize,
    id: MemberId,
    log: &[Entry],
) -> Result<(), String> {
    for (offset, entry) in log.iter().enumerate() {
        match common.get(start + offset) {
            None => common.push(entry.clone()),
            Some(other) if same(other, entry) => {}
            Some(other) => {
                return Err(format!(
                    "P1 at place {} {id} saw {entry:?}, another {other:?}",
                    start + offset
                ));
            }
        }
    }
    Ok(())
}

/// A message is the same whether its view's end delivered it or not.
pub(super) fn same(one: &Entry, other: &Entry) -> bool {
    match (one, other) {
        (
            Entry::Message {
                view, stamp, words, ..
            },
            Entry::Message {
                view: other_view,
                stamp: other_stamp,
                words: other_words,
                ..
            },
        ) => view == other_view && stamp == other_stamp && words == other_words,
        (Entry::View(one), Entry::View(other)) => one == other,
        _ => false,
    }
}
