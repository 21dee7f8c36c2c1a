//! What a run did and what it broke.

use std::collections::BTreeMap;

use crate::checkers::End;

/// Counts over a run, so that a run in which nothing happened is seen.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    counts: BTreeMap<&'static str, u64>,
    /// The largest of each, which do not add up.
    peaks: BTreeMap<&'static str, u64>,
}

impl Statistics {
    /// One more of these.
    pub fn count(&mut self, what: &'static str) {
        self.add(what, 1);
    }

    /// So many more.
    pub fn add(&mut self, what: &'static str, many: u64) {
        *self.counts.entry(what).or_default() += many;
    }

    /// One that may be the largest.
    pub fn peak(&mut self, what: &'static str, value: u64) {
        let peak = self.peaks.entry(what).or_default();
        *peak = (*peak).max(value);
    }

    /// How many there were.
    pub fn of(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or(0)
    }

    /// Adds another run's.
    pub fn merge(&mut self, other: &Statistics) {
        for (what, many) in &other.counts {
            *self.counts.entry(what).or_default() += many;
        }
        for (what, value) in &other.peaks {
            self.peak(what, *value);
        }
    }
}

impl std::fmt::Display for Statistics {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown: Vec<_> = self
            .counts
            .iter()
            .map(|(what, many)| format!("{what} {many}"))
            .chain(
                self.peaks
                    .iter()
                    .map(|(what, value)| format!("{what} at most {value}")),
            )
            .collect();
        write!(out, "{}", shown.join(", "))
    }
}

/// The result of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// What happened.
    pub statistics: Statistics,
    /// Which promises were broken, and how.
    pub violations: Vec<String>,
    /// How it ended.
    pub end: End,
}

impl Report {
    /// The command that repeats this run.
    pub fn replay(&self) -> String {
        replay(self.seed)
    }
}

/// The command that repeats the run of a seed.
pub fn replay(seed: u64) -> String {
    format!("cargo run --release -p rmix-sim -- --seed {seed} --runs 1 --trace")
}
