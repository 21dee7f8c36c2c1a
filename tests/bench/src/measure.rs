//! What is measured: the measures, and what one measurement of one link brings.

use hdrhistogram::Histogram;
use serde::Serialize;

/// Bytes of an echo, as in the C programs.
pub(crate) const ECHO_BYTES: usize = 64 * 1024;
/// Bytes of a one-way message.
pub(crate) const POST_BYTES: usize = 64;
/// Numbers of a sum: one megabyte.
pub(crate) const SUM_VALUES: usize = 125_000;
/// Calls at once on one connection.
pub(crate) const WINDOW: usize = 64;
/// Clients at once, each a process with a connection of its own.
pub(crate) const CLIENTS: usize = 8;

/// A measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) enum Measure {
    /// Calls without values, one after the other, waiting in the caller's thread.
    Null,
    /// The same, awaited on a single-threaded tokio runtime.
    NullAsync,
    /// 64 KiB there and back.
    Echo,
    /// 125,000 f64 there, one back.
    Sum,
    /// 64 null calls at once on one connection.
    InFlight,
    /// Eight clients with null calls.
    Clients,
    /// One-way messages of 64 bytes until the server has counted all.
    OneWay,
}

impl Measure {
    /// All, in the order they are run and printed.
    pub(crate) const ALL: [Measure; 7] = [
        Measure::Null,
        Measure::NullAsync,
        Measure::Echo,
        Measure::Sum,
        Measure::InFlight,
        Measure::Clients,
        Measure::OneWay,
    ];

    /// The word for it on command lines.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Measure::Null => "null",
            Measure::NullAsync => "null-async",
            Measure::Echo => "echo",
            Measure::Sum => "sum",
            Measure::InFlight => "in-flight",
            Measure::Clients => "clients",
            Measure::OneWay => "one-way",
        }
    }

    /// What it is, for people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Measure::Null => "null call, synchronous",
            Measure::NullAsync => "null call, asynchronous (raw: synchronous)",
            Measure::Echo => "echo of 64 KiB",
            Measure::Sum => "sum of 125,000 f64 (1 MB)",
            Measure::InFlight => "64 null calls in flight on one connection",
            Measure::Clients => "8 clients with null calls",
            Measure::OneWay => "one-way messages of 64 bytes",
        }
    }

    /// Whether it is judged by a rate (more is better) and not by the time of a call.
    pub(crate) fn is_rate(self) -> bool {
        !matches!(self, Measure::Null | Measure::NullAsync | Measure::Echo)
    }

    /// The unit of its rate.
    pub(crate) fn rate_unit(self) -> &'static str {
        match self {
            Measure::Sum => "MB/s",
            Measure::OneWay => "messages/s",
            _ => "calls/s",
        }
    }
}

/// What one client reported.
pub(crate) struct Report {
    /// Calls or messages.
    pub(crate) units: u64,
    /// From start to end.
    pub(crate) wall_ns: u64,
    /// User and system time of client and server.
    pub(crate) cpu_ns: u64,
    /// The time of each call, where calls are one after the other.
    pub(crate) samples: Vec<u32>,
}

/// One measurement.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Figures {
    /// Median time of a call; 0 where calls are not one after the other.
    pub(crate) p50_us: f64,
    /// What one call in a hundred exceeds.
    pub(crate) p99_us: f64,
    /// User and system time of both processes per call; 0 with many clients.
    pub(crate) cpu_us: f64,
    /// In the measure's unit.
    pub(crate) rate: f64,
}

impl Figures {
    /// From what the clients reported.
    pub(crate) fn of(measure: Measure, reports: &[Report]) -> Figures {
        let mut histogram = Histogram::<u64>::new(3).expect("3 digits are allowed");
        let mut called_ns = 0_u64;
        for sample in reports.iter().flat_map(|report| &report.samples) {
            called_ns += u64::from(*sample);
            histogram += u64::from(*sample).max(1);
        }
        let per_second = |report: &Report| report.units as f64 * 1e9 / report.wall_ns.max(1) as f64;
        let rate = match measure {
            // What the client does between two calls is not counted.
            Measure::Sum => {
                histogram.len() as f64 * SUM_VALUES as f64 * 8e3 / called_ns.max(1) as f64
            }
            _ => reports.iter().map(per_second).sum(),
        };
        let units: u64 = reports.iter().map(|report| report.units).sum();
        // Each of many clients saw the server's whole time: there is no sum of these.
        let cpu_us = match reports {
            [only] => only.cpu_ns as f64 / 1e3 / units.max(1) as f64,
            _ => 0.0,
        };
        let percentile = |quantile| match histogram.len() {
            0 => 0.0,
            _ => histogram.value_at_quantile(quantile) as f64 / 1e3,
        };
        Figures {
            p50_us: percentile(0.5),
            p99_us: percentile(0.99),
            cpu_us,
            rate,
        }
    }
}

/// The median; nothing of nothing.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2).copied()?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = values[values.len() / 2 - 1];
    Some((lower + upper) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_between_the_middle_two() {
        assert_eq!(median([4.0, 1.0, 3.0, 2.0].into_iter()), Some(2.5));
        assert_eq!(median([9.0, 1.0, 3.0].into_iter()), Some(3.0));
        assert_eq!(median(std::iter::empty()), None);
    }

    #[test]
    fn a_sum_is_rated_by_the_time_of_its_calls_alone() {
        let report = Report {
            units: 2,
            wall_ns: 1_000_000_000,
            cpu_ns: 3_000,
            samples: vec![1_000_000, 1_000_000],
        };
        let figures = Figures::of(Measure::Sum, &[report]);
        assert_eq!(figures.rate, 1000.0);
        assert_eq!(figures.cpu_us, 1.5);
        assert!((figures.p50_us - 1000.0).abs() < 1.0, "{figures:?}");
    }

    #[test]
    fn rates_of_many_clients_add_up() {
        let report = |units| Report {
            units,
            wall_ns: 1_000_000_000,
            cpu_ns: 1,
            samples: Vec::new(),
        };
        let figures = Figures::of(Measure::Clients, &[report(100), report(50)]);
        assert_eq!(figures.rate, 150.0);
    }
}
