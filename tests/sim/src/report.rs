//! What a run did and what it broke.

use std::collections::BTreeMap;

/// Counts over a run, so that a run in which nothing happened is seen.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    counts: BTreeMap<&'static str, u64>,
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

    /// How many there were.
    pub fn of(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or(0)
    }

    /// Adds another run's.
    pub fn merge(&mut self, other: &Statistics) {
        for (what, many) in &other.counts {
            *self.counts.entry(what).or_default() += many;
        }
    }
}

impl std::fmt::Display for Statistics {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown: Vec<_> = self
            .counts
            .iter()
            .map(|(what, many)| format!("{what} {many}"))
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
    /// Whether the ring went on to the end, or was rightly blocked.
    pub went_on: bool,
}

impl Report {
    /// The command that repeats this run.
    pub fn replay(&self) -> String {
        format!(
            "cargo run --release -p rmix-sim -- --seed {} --runs 1 --trace",
            self.seed
        )
    }
}
