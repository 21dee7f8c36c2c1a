//! One checker for each promise, and the list of what was broken.

pub mod convergence;
pub mod decisions;
pub mod drops;
pub mod evidence;
pub mod forces;
pub mod integrity;
pub mod ledger;
pub mod liveness;
pub mod locks;
pub mod order;
pub mod prefix;
pub mod progress;
pub mod sessions;
pub mod split;
pub mod state;
pub mod transactions;
pub mod views;

use std::collections::BTreeMap;

use harness_ring::MemberId;

use crate::options::Options;
use crate::process::Process;
use crate::report::Statistics;
use decisions::Decisions;
use forces::Forces;
use ledger::Ledger;

/// What a checker says.
pub type Verdict = Result<(), String>;

/// All processes of a run.
pub type Processes = BTreeMap<MemberId, Process>;

/// How a run may end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// The ring goes on.
    WentOn,
    /// Too few are left for the policy.
    Blocked,
    /// It fell into parts that go on by themselves, which the policy lets happen.
    Split,
}

/// What was broken so far.
#[derive(Debug, Default)]
pub struct Checkers {
    violations: Vec<String>,
    /// All view changes so far.
    pub decisions: Decisions,
    /// All forces so far.
    pub forces: Forces,
    /// All frames so far.
    pub ledger: Ledger,
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

    /// What must hold at the end.
    pub fn at_the_end(
        &mut self,
        options: &Options,
        processes: &Processes,
        statistics: &Statistics,
        rested_at_us: u64,
    ) -> End {
        self.on_the_way(processes);
        self.extend(integrity::check(processes));
        self.extend(transactions::check_order(processes));
        self.extend(progress::check(
            options,
            processes,
            statistics,
            rested_at_us,
        ));
        if self.decisions.splits() > 0 {
            let logs = processes
                .iter()
                .map(|(id, process)| (*id, &process.log[..]));
            self.extend(split::check(&logs.collect()));
            return End::Split;
        }
        self.extend(state::check(processes));
        match prefix::check(processes) {
            Ok(common) => self.extend(locks::check(&common, processes)),
            Err(how) => self.broken(how),
        }
        let Some(top) = liveness::expected(options, processes) else {
            return End::Blocked;
        };
        self.extend(liveness::check(&top, processes));
        self.extend(convergence::check(&top, processes));
        self.extend(transactions::check(&top, processes));
        self.extend(locks::check_free(&top, processes));
        End::WentOn
    }

    /// All that was broken.
    pub fn into_violations(self) -> Vec<String> {
        self.violations
    }
}
