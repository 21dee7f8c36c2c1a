//! How often to call, and what came of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use rmix::{CallError, Error, Value};

use crate::failure;

/// What all callers of a measurement share: when it ends.
pub(super) struct Budget {
    until: Option<Instant>,
    calls: Option<u64>,
    begun: AtomicU64,
    done: AtomicU64,
    failed_in_a_row: AtomicU32,
}

impl Budget {
    /// So many calls, or as many as begin within `duration` from now.
    pub(super) fn new(calls: Option<u64>, duration: Duration) -> Budget {
        Budget {
            until: calls.is_none().then(|| Instant::now() + duration),
            calls,
            begun: AtomicU64::new(0),
            done: AtomicU64::new(0),
            failed_in_a_row: AtomicU32::new(0),
        }
    }

    /// Whether to begin another call, which is counted.
    pub(super) fn take(&self) -> bool {
        if self.is_hopeless() || self.until.is_some_and(|until| Instant::now() >= until) {
            return false;
        }
        let before = self.begun.fetch_add(1, Ordering::Relaxed);
        self.calls.is_none_or(|calls| before < calls)
    }

    /// Calls that are over.
    pub(super) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Whether nothing but errors comes any more.
    pub(super) fn is_hopeless(&self) -> bool {
        self.failed_in_a_row.load(Ordering::Relaxed) >= FAILED_IN_A_ROW_MAX
    }

    fn count(&self, failed: bool) {
        self.done.fetch_add(1, Ordering::Relaxed);
        if failed {
            self.failed_in_a_row.fetch_add(1, Ordering::Relaxed);
        } else if self.failed_in_a_row.load(Ordering::Relaxed) != 0 {
            self.failed_in_a_row.store(0, Ordering::Relaxed);
        }
    }
}

/// Errors without an answer between them that end a measurement.
const FAILED_IN_A_ROW_MAX: u32 = 100;

/// Errors of one kind and cause.
pub(super) struct Group {
    pub(super) count: u64,
    /// The sentence of the first.
    pub(super) first: String,
    pub(super) exit_code: u8,
}

/// Outcomes of one caller, or of all when merged.
pub(super) struct Tally {
    latencies: Histogram<u64>,
    faults: u64,
    /// By kind and cause.
    errors: BTreeMap<(&'static str, &'static str), Group>,
}

impl Tally {
    pub(super) fn new() -> Tally {
        let latencies = Histogram::new_with_bounds(1, LATENCY_NS_MAX, DIGITS);
        Tally {
            latencies: latencies.expect("the bounds of the histogram are constants that it allows"),
            faults: 0,
            errors: BTreeMap::new(),
        }
    }

    /// Counts a call that waited for its reply; a fault is a reply.
    pub(super) fn call(
        &mut self,
        budget: &Budget,
        took: Duration,
        outcome: Result<Value, CallError<Value>>,
    ) {
        match outcome {
            Ok(_) => self.answered(budget, took),
            Err(CallError::Fault(_)) => {
                self.faults += 1;
                self.answered(budget, took);
            }
            Err(CallError::Failed(error)) => self.failed(budget, &error),
        }
    }

    /// Counts a one-way call.
    pub(super) fn oneway(&mut self, budget: &Budget, took: Duration, outcome: Result<(), Error>) {
        match outcome {
            Ok(()) => self.answered(budget, took),
            Err(error) => self.failed(budget, &error),
        }
    }

    fn answered(&mut self, budget: &Budget, took: Duration) {
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.latencies.saturating_record(nanoseconds.max(1));
        budget.count(false);
    }

    pub(super) fn failed(&mut self, budget: &Budget, error: &Error) {
        let group = self
            .errors
            .entry((error.kind().name(), error.cause().name()))
            .or_insert_with(|| Group {
                count: 0,
                first: error.to_string(),
                exit_code: failure::exit_code(error),
            });
        group.count += 1;
        budget.count(true);
    }

    /// Adds what another caller counted.
    pub(super) fn merge(&mut self, other: Tally) {
        let added = self.latencies.add(&other.latencies);
        added.expect("histograms of equal bounds can be added");
        self.faults += other.faults;
        for (key, group) in other.errors {
            match self.errors.get_mut(&key) {
                Some(known) => known.count += group.count,
                None => drop(self.errors.insert(key, group)),
            }
        }
    }

    /// Of calls that were answered, in nanoseconds.
    pub(super) fn latencies(&self) -> &Histogram<u64> {
        &self.latencies
    }

    pub(super) fn faults(&self) -> u64 {
        self.faults
    }

    /// Kind, cause and number of errors.
    pub(super) fn errors(&self) -> impl Iterator<Item = ((&'static str, &'static str), &Group)> {
        self.errors.iter().map(|(key, group)| (*key, group))
    }
}

/// The longest time a call can be given, 24 h, is within.
const LATENCY_NS_MAX: u64 = 100_000_000_000_000;
/// Decimal digits of a latency that are true.
const DIGITS: u8 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn endless() -> Budget {
        Budget::new(Some(u64::MAX), Duration::ZERO)
    }

    fn error() -> Error {
        let parsed = rmix::IntoTarget::into_target("no endpoint");
        parsed.expect_err("it has no scheme")
    }

    #[test]
    fn a_budget_of_calls_gives_exactly_so_many() {
        let budget = Budget::new(Some(3), Duration::ZERO);
        let taken = (0..10).filter(|_| budget.take()).count();
        assert_eq!(taken, 3);
    }

    #[test]
    fn a_budget_of_time_ends() {
        assert!(!Budget::new(None, Duration::ZERO).take());
        assert!(Budget::new(None, Duration::from_secs(3600)).take());
    }

    #[test]
    fn errors_in_a_row_end_a_measurement_and_an_answer_begins_the_row_anew() {
        let budget = endless();
        let mut tally = Tally::new();
        for _ in 1..FAILED_IN_A_ROW_MAX {
            tally.failed(&budget, &error());
        }
        tally.oneway(&budget, Duration::from_nanos(7), Ok(()));
        for _ in 1..FAILED_IN_A_ROW_MAX {
            tally.failed(&budget, &error());
        }
        assert!(budget.take());
        tally.failed(&budget, &error());
        assert!(!budget.take());
        let counts: Vec<_> = tally.errors().map(|(_, group)| group.count).collect();
        assert_eq!(counts, [u64::from(FAILED_IN_A_ROW_MAX) * 2 - 1]);
    }

    #[test]
    fn a_fault_is_an_answer() {
        let budget = endless();
        let mut tally = Tally::new();
        let took = Duration::from_micros(5);
        tally.call(&budget, took, Err(CallError::Fault(Value::Nil)));
        tally.call(&budget, took, Ok(Value::Nil));
        assert_eq!((tally.faults(), tally.latencies().len()), (1, 2));
        assert_eq!(budget.done(), 2);
    }

    #[test]
    fn merging_adds_everything() {
        let budget = endless();
        let mut one = Tally::new();
        let mut other = Tally::new();
        one.oneway(&budget, Duration::from_nanos(100), Ok(()));
        one.failed(&budget, &error());
        other.oneway(&budget, LATENCY, Ok(()));
        other.failed(&budget, &error());
        other.call(&budget, LATENCY, Err(CallError::Fault(Value::Nil)));
        one.merge(other);
        assert_eq!((one.faults(), one.latencies().len()), (1, 3));
        assert_eq!(one.latencies().min(), 100);
        let counts: Vec<_> = one.errors().map(|(_, group)| group.count).collect();
        assert_eq!(counts, [2]);
    }

    const LATENCY: Duration = Duration::from_secs(24 * 60 * 60);
}
