//! The targets of group communication, and whether they were reached.

use super::figures::{Metric, RingResults};
use super::system::{BYTES, Link, Measure, Mode, SIZES, System};
use crate::table::Table;

/// Differences below this are noise.
const NOISE: f64 = 0.2;
const HOPS_FACTOR: f64 = 1.5;
const RATE_64: f64 = 100e3;
const RATE_1K: f64 = 60e3;
const TIMES_COROSYNC: f64 = 5.0;
const GAP_MS: f64 = 50.0;
const COROSYNC: System = System::Corosync;

/// Those that must reach them.
const OURS: [System; 2] = [
    System::Ring(Mode::Uni, Link::Tcp),
    System::Ring(Mode::Bidi, Link::Tcp),
];

/// How often a latency contains the time of one hop of the raw ring, of the same run.
pub(crate) fn hops(results: &RingResults, members: usize, system: System) -> Option<f64> {
    let laps = results.median(members, System::Raw, Measure::Latency, Metric::P50)?;
    let own = results.median(members, system, Measure::Latency, Metric::P50)?;
    Some(own * 2.0 * members as f64 / laps)
}

/// A figure beside its bound, which is above it or below it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Compared {
    value: f64,
    bound: f64,
    at_most: bool,
}

impl Compared {
    fn text(self) -> String {
        let Compared {
            value,
            bound,
            at_most,
        } = self;
        let sign = if at_most { "≤" } else { "≥" };
        let (value, bound) = match at_most {
            true => (value, bound),
            false => (-value, -bound),
        };
        let missing = value - bound;
        let verdict = match missing {
            _ if missing <= 0.0 => "reached",
            _ if missing <= NOISE * bound.abs() => "within noise",
            _ => "missed",
        };
        let shown = |value: f64| match value.abs() {
            value if value >= 1000.0 => format!("{:.1} k", value / 1e3),
            value if value >= 100.0 => format!("{value:.0}"),
            value => format!("{value:.1}"),
        };
        format!("{} {sign} {} {verdict}", shown(value), shown(bound))
    }
}

/// The table; none where nothing was measured.
pub(crate) fn table(results: &RingResults, sizes: &[usize]) -> Option<Table> {
    let mut lines = Vec::new();
    for system in OURS {
        for (name, compare) in all() {
            let cells = SIZES.map(|members| match sizes.contains(&members) {
                true => compare(results, members, system).map_or_else(String::new, Compared::text),
                false => String::new(),
            });
            if cells.iter().any(|cell| !cell.is_empty()) {
                let mut line = vec![format!("{}: {name}", system.name())];
                line.extend(cells);
                lines.push(line);
            }
        }
    }
    (!lines.is_empty()).then(|| Table {
        title: "group communication: targets".to_owned(),
        heads: vec!["target", "N = 3", "N = 5", "N = 8"],
        lines,
    })
}

type Compare = Box<dyn Fn(&RingResults, usize, System) -> Option<Compared>>;

fn all() -> Vec<(String, Compare)> {
    let mut all: Vec<(String, Compare)> = vec![
        (
            "p50 in raw hops, 1.5 × 2(N−1)".to_owned(),
            Box::new(|results, members, system| {
                at_most(
                    hops(results, members, system),
                    Some(HOPS_FACTOR * 2.0 * (members - 1) as f64),
                )
            }),
        ),
        (
            "p50 µs, corosync's".to_owned(),
            Box::new(|results, members, system| {
                let p50 = |system| results.median(members, system, Measure::Latency, Metric::P50);
                at_most(p50(system), p50(COROSYNC))
            }),
        ),
        (
            "longest gap ms of all rounds".to_owned(),
            Box::new(|results, members, system| {
                let gap = results.worst(members, system, Measure::Failover, Metric::Gap);
                at_most(gap, Some(GAP_MS))
            }),
        ),
        (
            "messages lost, repeated or out of order".to_owned(),
            Box::new(|results, members, system| {
                at_most(
                    results.faults(members, system).map(|faults| faults as f64),
                    Some(0.0),
                )
            }),
        ),
    ];
    for (bytes, name, bound) in [
        (BYTES[0], "64 B/s, all", Some(RATE_64)),
        (BYTES[1], "1 KiB/s, all", Some(RATE_1K)),
    ] {
        let compare = move |results: &RingResults, members, system| {
            let rate = results.median(members, system, Measure::flood(bytes, true), Metric::Rate);
            at_least(rate, bound.filter(|_| members == SIZES[0]))
        };
        all.push((name.to_owned(), Box::new(compare)));
    }
    for bytes in BYTES {
        for is_all in [false, true] {
            let who = if is_all { "all" } else { "one" };
            let compare = move |results: &RingResults, members, system| {
                let measure = Measure::flood(bytes, is_all);
                let rate = |system| results.median(members, system, measure, Metric::Rate);
                let bound = rate(COROSYNC).map(|rate| rate * TIMES_COROSYNC);
                at_least(rate(system), bound)
            };
            all.push((
                format!("{bytes} B/s {who}, 5 × corosync"),
                Box::new(compare),
            ));
        }
    }
    all
}

fn at_most(value: Option<f64>, bound: Option<f64>) -> Option<Compared> {
    let (value, bound) = value.zip(bound)?;
    Some(Compared {
        value,
        bound,
        at_most: true,
    })
}

fn at_least(value: Option<f64>, bound: Option<f64>) -> Option<Compared> {
    let compared = at_most(value, bound)?;
    Some(Compared {
        at_most: false,
        ..compared
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ring::figures::Figures;

    #[test]
    fn a_bound_is_reached_near_or_missed_on_its_side() {
        let text = |value, bound, at_most| {
            let compared = Compared {
                value,
                bound,
                at_most,
            };
            compared.text()
        };
        assert_eq!(text(5.0, 6.0, true), "5.0 ≤ 6.0 reached");
        assert_eq!(text(7.0, 6.0, true), "7.0 ≤ 6.0 within noise");
        assert_eq!(text(8.0, 6.0, true), "8.0 ≤ 6.0 missed");
        assert_eq!(text(1.0, 0.0, true), "1.0 ≤ 0.0 missed");
        assert_eq!(text(120e3, 100e3, false), "120.0 k ≥ 100.0 k reached");
        assert_eq!(text(85e3, 100e3, false), "85.0 k ≥ 100.0 k within noise");
        assert_eq!(text(70e3, 100e3, false), "70.0 k ≥ 100.0 k missed");
    }

    #[test]
    fn latencies_are_compared_with_hops_of_the_same_size() {
        let mut results = RingResults::default();
        let figures = |p50_us| Figures {
            p50_us,
            ..Figures::default()
        };
        let ours = OURS[0];
        // Two laps of three hops.
        results.put(3, System::Raw, Measure::Latency, figures(120.0));
        results.put(3, ours, Measure::Latency, figures(100.0));
        assert_eq!(hops(&results, 3, ours), Some(5.0));
        assert_eq!(hops(&results, 5, ours), None);
        let table = table(&results, &[3]).expect("there is a figure");
        let line = &table.lines[0];
        assert!(line[1].starts_with("5.0 ≤ 6.0 reached"), "{line:?}");
        assert!(line[2].is_empty());
    }
}
