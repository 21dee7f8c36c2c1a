//! P11: a ring comes to rest soon after the last fault, and changes its view only for a reason.

use super::{Processes, Verdict};
use crate::options::Options;
use crate::report::Statistics;

/// Judges a whole run: when it came to rest, and how many views it took.
///
/// # Errors
/// If it was restless.
pub fn check(
    options: &Options,
    processes: &Processes,
    statistics: &Statistics,
    rested_at_us: u64,
) -> Verdict {
    let faults_end = u64::try_from(options.faults_until.as_micros()).unwrap_or(u64::MAX);
    let healed_after = rested_at_us.saturating_sub(faults_end);
    if healed_after > HEALED_AFTER_US_MAX {
        return Err(format!(
            "P11 it moves {healed_after} µs after the last fault"
        ));
    }
    // Without mistakes, and with nobody who comes or goes, every change leaves someone out.
    let nobody_changes_mind = !options.may_mistake()
        && options.joiners == 0
        && options.restarts == 0
        && options.leaves == 0;
    let unchanged = statistics.of("views without a change");
    if nobody_changes_mind && unchanged > 0 {
        return Err(format!("P11 {unchanged} views changed nothing"));
    }
    let epochs = processes
        .values()
        .map(|process| process.member.ring().view().id.epoch);
    let epochs = epochs.max().unwrap_or(0);
    // Everyone comes and goes once; a mistake can cost a change there and one back.
    let reasons = 2 * processes.len() as u64 + 2 * mistakes(statistics);
    if epochs > 1 + reasons {
        return Err(format!("P11 {epochs} views for {reasons} reasons"));
    }
    Ok(())
}

fn mistakes(statistics: &Statistics) -> u64 {
    [
        "false suspicions",
        "retractions",
        "slow members",
        "forces that counted",
    ]
    .iter()
    .map(|kind| statistics.of(kind))
    .sum()
}

/// Joiners ask forty times, forty milliseconds apart at most, and load as often; then come the
/// restarts of those that were left out.
const HEALED_AFTER_US_MAX: u64 = 10_000_000;
