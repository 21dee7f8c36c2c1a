//! All figures of the ring's measures, by size, system and measure, one for each round.

use std::collections::BTreeMap;

use serde::Serialize;

use super::system::{Measure, System};
use crate::measure::median;

type Key = (usize, System, Measure);

/// What one measurement brought; zero where the measure has no such figure.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Figures {
    /// Time until a message is delivered where it came from.
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// Messages a second, of all senders together.
    pub(crate) rate: f64,
    /// Time of all processes of all members for one message.
    pub(crate) cpu_us: f64,
    /// Frames that all members sent for one message, as they count them.
    pub(crate) frames: f64,
    /// The longest time without a delivery at any survivor.
    pub(crate) gap_ms: f64,
    /// What was found wrong with members: messages lost, repeated, or in another order.
    pub(crate) faults: usize,
}

/// One figure of a measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Metric {
    P50,
    P99,
    Rate,
    Cpu,
    Frames,
    Gap,
}

impl Metric {
    fn of(self, figures: &Figures) -> f64 {
        match self {
            Metric::P50 => figures.p50_us,
            Metric::P99 => figures.p99_us,
            Metric::Rate => figures.rate,
            Metric::Cpu => figures.cpu_us,
            Metric::Frames => figures.frames,
            Metric::Gap => figures.gap_ms,
        }
    }
}

/// All figures.
#[derive(Default)]
pub(crate) struct RingResults {
    figures: BTreeMap<Key, Vec<Figures>>,
    /// What could not be measured, and promises that were broken.
    pub(crate) failures: Vec<String>,
    /// Where members ran.
    pub(crate) place: &'static str,
}

impl RingResults {
    pub(crate) fn put(&mut self, members: usize, system: System, measure: Measure, one: Figures) {
        let rounds = self.figures.entry((members, system, measure)).or_default();
        rounds.push(one);
    }

    pub(crate) fn failed(&mut self, what: &str, why: &dyn std::error::Error) {
        let text = format!("{what}: {}", crate::error::with_causes(why));
        self.failures.push(text);
    }

    pub(crate) fn broken(&mut self, what: &str, promise: &str) {
        self.failures.push(format!("{what}: {promise}"));
    }

    /// The median of all rounds; none where it was not measured.
    pub(crate) fn median(
        &self,
        members: usize,
        system: System,
        measure: Measure,
        metric: Metric,
    ) -> Option<f64> {
        let rounds = self.figures.get(&(members, system, measure))?;
        median(rounds.iter().map(|figures| metric.of(figures))).filter(|value| *value > 0.0)
    }

    /// The worst of all rounds.
    pub(crate) fn worst(
        &self,
        members: usize,
        system: System,
        measure: Measure,
        metric: Metric,
    ) -> Option<f64> {
        let rounds = self.figures.get(&(members, system, measure))?;
        rounds
            .iter()
            .map(|figures| metric.of(figures))
            .max_by(f64::total_cmp)
    }

    /// Faults of all rounds and measures.
    pub(crate) fn faults(&self, members: usize, system: System) -> Option<usize> {
        let of_it = self
            .figures
            .iter()
            .filter(|((size, one, _), _)| (*size, *one) == (members, system));
        let rounds: Vec<_> = of_it.flat_map(|(_, rounds)| rounds).collect();
        (!rounds.is_empty()).then(|| rounds.iter().map(|figures| figures.faults).sum())
    }

    pub(crate) fn has(&self, members: usize, system: System) -> bool {
        self.faults(members, system).is_some()
    }

    /// Every figure of every round, for JSON.
    pub(crate) fn written(&self) -> Vec<Written<'_>> {
        self.figures
            .iter()
            .map(|((members, system, measure), rounds)| Written {
                members: *members,
                system: system.name(),
                measure: measure.word(),
                rounds,
            })
            .collect()
    }

    /// Medians as tab-separated values.
    pub(crate) fn tab_separated(&self) -> String {
        let mut text =
            "members\tsystem\tmeasure\tp50 us\tp99 us\trate\tcpu us\tframes\tgap ms\n".to_owned();
        for (members, system, measure) in self.figures.keys() {
            text += &format!("{members}\t{}\t{}", system.name(), measure.word());
            for metric in METRICS {
                let value = self.median(*members, *system, *measure, metric);
                text += &format!("\t{:.2}", value.unwrap_or(0.0));
            }
            text.push('\n');
        }
        text
    }
}

const METRICS: [Metric; 6] = [
    Metric::P50,
    Metric::P99,
    Metric::Rate,
    Metric::Cpu,
    Metric::Frames,
    Metric::Gap,
];

/// One line of the JSON.
#[derive(Serialize)]
pub(crate) struct Written<'a> {
    members: usize,
    system: &'static str,
    measure: String,
    rounds: &'a [Figures],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_the_worst_are_of_all_rounds() {
        let mut results = RingResults::default();
        for gap_ms in [9.0, 30.0, 12.0] {
            let figures = Figures {
                gap_ms,
                faults: 1,
                ..Figures::default()
            };
            results.put(3, System::Raw, Measure::Failover, figures);
        }
        let median = results.median(3, System::Raw, Measure::Failover, Metric::Gap);
        assert_eq!(median, Some(12.0));
        let worst = results.worst(3, System::Raw, Measure::Failover, Metric::Gap);
        assert_eq!(worst, Some(30.0));
        assert_eq!(results.faults(3, System::Raw), Some(3));
        assert_eq!(results.faults(5, System::Raw), None);
        let text = results.tab_separated();
        assert_eq!(text.lines().count(), 2);
        assert!(text.ends_with("\t12.00\n"), "{text}");
    }
}
