//! One checker for each promise, and the list of what was broken.

pub mod convergence;
pub mod drops;
pub mod evidence;
pub mod integrity;
pub mod liveness;
pub mod order;
pub mod prefix;
pub mod sessions;
pub mod state;
pub mod transactions;
pub mod views;

use std::collections::BTreeMap;

use harness_ring::MemberId;

use crate::options::Options;
use crate::process::Process;

/// What a checker says.
pub type Verdict = Result<(), String>;

/// All processes of a run.
pub type Processes = BTreeMap<MemberId, Process>;

/// What was broken so far.
#[derive(Debug, Default)]
pub struct Checkers {
    violations: Vec<String>,
}

impl Checkers {
    /// Something was broken.
    pub fn broken(&mut self, how: String) {
        self.violations.push(how);
    }

    /// Notes a verdict.
    pub fn extend(&mut self, verdict: Verdict) {
        self.violations.extend(verdict.err());
    }

    /// Whether anything was broken.
    pub fn has_failed(&self) -> bool {
        !self.violations.is_empty()
    }

    /// What must hold at any time.
    pub fn on_the_way(&mut self, processes: &Processes) {
        self.extend(evidence::check(processes));
        self.extend(order::check(processes));
        self.extend(views::check(processes));
        self.extend(sessions::check(processes));
    }

    /// What must hold at the end. Returns whether the ring went on; if not, it was rightly blocked.
    pub fn at_the_end(&mut self, options: &Options, processes: &Processes) -> bool {
        self.on_the_way(processes);
        self.extend(prefix::check(processes).map(|_| ()));
        self.extend(integrity::check(processes));
        self.extend(state::check(processes));
        match liveness::expected(options, processes) {
            Some(top) => {
                self.extend(liveness::check(&top, processes));
                self.extend(convergence::check(&top, processes));
                self.extend(transactions::check(&top, processes));
                true
            }
            None => false,
        }
    }

    /// All that was broken.
    pub fn into_violations(self) -> Vec<String> {
        self.violations
    }
}
