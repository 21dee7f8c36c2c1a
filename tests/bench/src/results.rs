//! All figures of a run, and what is derived from them: medians, and ratios taken round by round.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::beside::Beside;
use crate::error::BenchError;
use crate::links::Link;
use crate::machine::Machine;
use crate::measure::{Figures, Measure, median};
use crate::place::Placement;
use crate::ring::{RingResults, Written};

/// What was measured: where, what, and of which link.
pub(crate) type Key = (Placement, Measure, &'static str);

/// All figures of a run.
#[derive(Default)]
pub(crate) struct Results {
    /// By what was measured, then by round.
    figures: BTreeMap<Key, BTreeMap<u32, Figures>>,
    /// What could not be measured, each once.
    pub(crate) failures: Vec<String>,
}

/// A figure of one measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Metric {
    P50,
    P99,
    P999,
    Cpu,
    Rate,
}

impl Metric {
    fn of(self, figures: &Figures) -> f64 {
        match self {
            Metric::P50 => figures.p50_us,
            Metric::P99 => figures.p99_us,
            Metric::P999 => figures.p999_us,
            Metric::Cpu => figures.cpu_us,
            Metric::Rate => figures.rate,
        }
    }
}

impl Results {
    pub(crate) fn put(&mut self, key: Key, round: u32, figures: Figures) {
        self.figures.entry(key).or_default().insert(round, figures);
    }

    pub(crate) fn failed(&mut self, what: &str, why: &dyn std::error::Error) {
        let failure = format!("{what}: {}", crate::error::with_causes(why));
        if !self.failures.contains(&failure) {
            self.failures.push(failure);
        }
    }

    /// All that was measured.
    pub(crate) fn keys(&self) -> impl Iterator<Item = Key> {
        self.figures.keys().copied()
    }

    /// Whether there is anything.
    pub(crate) fn has(&self, placement: Placement, measure: Measure, link: &'static str) -> bool {
        self.figures.contains_key(&(placement, measure, link))
    }

    /// The median of all rounds.
    pub(crate) fn median(&self, key: Key, metric: Metric) -> Option<f64> {
        let rounds = self.figures.get(&key)?;
        median(rounds.values().map(|figures| metric.of(figures)))
    }

    /// The median of the ratios to another link in the same round. Asynchronous calls have no raw form: they are
    /// compared with synchronous ones.
    pub(crate) fn ratio(&self, key: Key, to: &'static str, metric: Metric) -> Option<f64> {
        let (placement, measure, _) = key;
        let rounds = self.figures.get(&key)?;
        let same = (placement, measure, to);
        let raw = (placement, measure.raw(), to);
        let others = self.figures.get(&same).or_else(|| self.figures.get(&raw))?;
        median(rounds.iter().filter_map(|(round, figures)| {
            let other = metric.of(others.get(round)?);
            (other > 0.0).then(|| metric.of(figures) / other)
        }))
    }

    /// Writes every figure of every round.
    pub(crate) fn write_json(
        &self,
        machine: &Machine,
        beside: &Beside,
        group: &RingResults,
        file: &Path,
    ) -> Result<(), BenchError> {
        let written = WrittenRun {
            machine,
            measurements: self
                .figures
                .iter()
                .map(|((placement, measure, link), rounds)| Measurement {
                    link,
                    measure: *measure,
                    placement: *placement,
                    rate_unit: measure.rate_unit(),
                    rounds: rounds.values().copied().collect(),
                })
                .collect(),
            beside,
            group: group.written(),
            failures: self.failures.iter().chain(&group.failures).collect(),
        };
        let mut text = serde_json::to_string_pretty(&written).expect("names and numbers are JSON");
        text.push('\n');
        std::fs::write(file, text).map_err(|source| BenchError::File {
            path: file.to_owned(),
            source,
        })
    }
}

/// The key of a link's figures.
pub(crate) fn key(placement: Placement, measure: Measure, link: &Link) -> Key {
    (placement, measure, link.name)
}

#[derive(Serialize)]
struct WrittenRun<'a> {
    machine: &'a Machine,
    measurements: Vec<Measurement<'a>>,
    #[serde(flatten)]
    beside: &'a Beside,
    group: Vec<Written<'a>>,
    failures: Vec<&'a String>,
}

#[derive(Serialize)]
struct Measurement<'a> {
    link: &'a str,
    measure: Measure,
    placement: Placement,
    rate_unit: &'static str,
    rounds: Vec<Figures>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(p50_us: f64) -> Figures {
        Figures {
            p50_us,
            p99_us: p50_us,
            p999_us: p50_us,
            cpu_us: 0.0,
            rate: 1.0,
        }
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        let mut results = Results::default();
        let ours = (Placement::Same, Measure::NullAsync, "msgpack+tcp");
        let raw = (Placement::Same, Measure::Null, "raw tcp");
        for (round, (one, other)) in [(10.0, 10.0), (40.0, 20.0), (60.0, 40.0)]
            .into_iter()
            .enumerate()
        {
            let round = u32::try_from(round).expect("there are three");
            results.put(ours, round, figures(one));
            results.put(raw, round, figures(other));
        }
        assert_eq!(results.ratio(ours, "raw tcp", Metric::P50), Some(1.5));
        assert_eq!(results.ratio(ours, "raw tcp", Metric::Cpu), None);
        assert_eq!(results.ratio(ours, "raw unix", Metric::P50), None);
    }
}
