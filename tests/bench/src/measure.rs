//! What is measured: the measures, and what one measurement of one link brings.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// Bytes of a one-way message.
pub(crate) const POST_BYTES: usize = 64;
/// Numbers of a sum: one megabyte.
pub(crate) const SUM_VALUES: usize = 125_000;

/// The numbers of a sum: roots, so that as text they are as long as doubles are.
pub(crate) fn sum_values() -> Vec<f64> {
    let numbers = (0..u32::try_from(SUM_VALUES).expect("it is small")).map(f64::from);
    numbers.map(f64::sqrt).collect()
}

/// A measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "String")]
pub(crate) enum Measure {
    /// Calls without values, one after the other, waiting in the caller's thread.
    Null,
    /// The same, awaited on a single-threaded tokio runtime.
    NullAsync,
    /// So many bytes there and back.
    Echo(u32),
    /// 125,000 f64 there, one back.
    Sum,
    /// The same as octets; of SOAP as a part beside the envelope (MTOM).
    SumOctets,
    /// So many null calls at once on one connection.
    InFlight(u32),
    /// So many clients with null calls, each with a connection of its own.
    Clients(u32),
    /// So many links that do nothing, held by one client.
    Links(u32),
    /// One-way messages of 64 bytes until the server has counted all.
    OneWay,
}

impl Measure {
    /// A small echo.
    pub(crate) const ECHO_1K: Measure = Measure::Echo(1024);
    /// A large one.
    pub(crate) const ECHO_64K: Measure = Measure::Echo(64 * 1024);
    /// Many calls at once.
    pub(crate) const IN_FLIGHT: Measure = Measure::InFlight(64);
    /// Many clients.
    pub(crate) const CLIENTS: Measure = Measure::Clients(8);

    /// Those of the tables of calls, in the order they are run and printed.
    pub(crate) const ALL: [Measure; 9] = [
        Measure::Null,
        Measure::NullAsync,
        Measure::ECHO_1K,
        Measure::ECHO_64K,
        Measure::Sum,
        Measure::SumOctets,
        Measure::IN_FLIGHT,
        Measure::CLIENTS,
        Measure::OneWay,
    ];

    /// The word for it on command lines.
    pub(crate) fn word(self) -> String {
        match self {
            Measure::Null => "null".to_owned(),
            Measure::NullAsync => "null-async".to_owned(),
            Measure::Echo(bytes) => format!("echo:{bytes}"),
            Measure::Sum => "sum".to_owned(),
            Measure::SumOctets => "sum-octets".to_owned(),
            Measure::InFlight(calls) => format!("in-flight:{calls}"),
            Measure::Clients(clients) => format!("clients:{clients}"),
            Measure::Links(links) => format!("links:{links}"),
            Measure::OneWay => "one-way".to_owned(),
        }
    }

    /// The measure of a word.
    pub(crate) fn of_word(word: &str) -> Option<Measure> {
        let (name, number) = match word.split_once(':') {
            Some((name, number)) => (name, Some(number.parse().ok()?)),
            None => (word, None),
        };
        match (name, number) {
            ("echo", Some(bytes)) => Some(Measure::Echo(bytes)),
            ("in-flight", Some(calls)) => Some(Measure::InFlight(calls)),
            ("clients", Some(clients)) => Some(Measure::Clients(clients)),
            ("links", Some(links)) => Some(Measure::Links(links)),
            (_, None) => Measure::ALL.into_iter().find(|one| one.word() == word),
            _ => None,
        }
    }

    /// What it is, for people.
    pub(crate) fn title(self) -> String {
        match self {
            Measure::Null => "null call, synchronous".to_owned(),
            Measure::NullAsync => "null call, asynchronous (raw: synchronous)".to_owned(),
            Measure::Echo(bytes) => format!("echo of {}", size(bytes)),
            Measure::Sum => "sum of 125,000 f64 (1 MB; SOAP: as text)".to_owned(),
            Measure::SumOctets => "sum of 125,000 f64 as octets (SOAP: MTOM)".to_owned(),
            Measure::InFlight(calls) => format!("{calls} null calls in flight on one connection"),
            Measure::Clients(clients) => format!("{clients} clients with null calls"),
            Measure::Links(links) => format!("{links} links that do nothing"),
            Measure::OneWay => "one-way messages of 64 bytes".to_owned(),
        }
    }

    /// Whether it is judged by a rate (more is better) and not by the time of a call.
    pub(crate) fn is_rate(self) -> bool {
        !matches!(self, Measure::Null | Measure::NullAsync | Measure::Echo(_))
    }

    /// The unit of its rate.
    pub(crate) fn rate_unit(self) -> &'static str {
        match self {
            Measure::Sum | Measure::SumOctets => "MB/s",
            Measure::OneWay => "messages/s",
            _ => "calls/s",
        }
    }

    /// What raw transports do in its place: asynchronous calls have no raw form, and numbers are octets there.
    pub(crate) fn raw(self) -> Measure {
        match self {
            Measure::NullAsync => Measure::Null,
            Measure::SumOctets => Measure::Sum,
            other => other,
        }
    }

    /// How many clients at once.
    pub(crate) fn clients(self) -> u32 {
        match self {
            Measure::Clients(clients) => clients,
            _ => 1,
        }
    }

    /// The number of its kind; 1 where it has none.
    pub(crate) fn number(self) -> u32 {
        match self {
            Measure::Echo(number) | Measure::InFlight(number) | Measure::Clients(number) => number,
            _ => 1,
        }
    }

    /// The same with another number, where it has one.
    pub(crate) fn with_number(self, number: u32) -> Measure {
        match self {
            Measure::Echo(_) => Measure::Echo(number),
            Measure::InFlight(_) => Measure::InFlight(number),
            Measure::Clients(_) => Measure::Clients(number),
            Measure::Links(_) => Measure::Links(number),
            other => other,
        }
    }

    /// Whether they differ by nothing but a number.
    pub(crate) fn is_like(self, other: Measure) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

impl From<Measure> for String {
    fn from(measure: Measure) -> String {
        measure.word()
    }
}

/// A number of bytes in words.
pub(crate) fn size(bytes: u32) -> String {
    const KIB: u32 = 1024;
    const MIB: u32 = KIB * KIB;
    match bytes {
        _ if bytes >= MIB && bytes.is_multiple_of(MIB) => format!("{} MiB", bytes / MIB),
        _ if bytes >= KIB && bytes.is_multiple_of(KIB) => format!("{} KiB", bytes / KIB),
        _ => format!("{bytes} B"),
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
    /// What one call in a thousand exceeds.
    pub(crate) p999_us: f64,
    /// User and system time of both processes per call; 0 with many clients.
    pub(crate) cpu_us: f64,
    /// In the measure's unit.
    pub(crate) rate: f64,
}

impl Figures {
    /// From what the clients reported, and the time from the word to the last report.
    pub(crate) fn of(measure: Measure, reports: &[Report], elapsed: Duration) -> Figures {
        let mut histogram = Histogram::<u64>::new(3).expect("3 digits are allowed");
        let mut called_ns = 0_u64;
        for sample in reports.iter().flat_map(|report| &report.samples) {
            called_ns += u64::from(*sample);
            histogram += u64::from(*sample).max(1);
        }
        let per_second = |report: &Report| report.units as f64 * 1e9 / report.wall_ns.max(1) as f64;
        let units: u64 = reports.iter().map(|report| report.units).sum();
        let rate = match measure {
            // What the client does between two calls is not counted.
            Measure::Sum | Measure::SumOctets => {
                histogram.len() as f64 * SUM_VALUES as f64 * 8e3 / called_ns.max(1) as f64
            }
            _ => match reports {
                [only] => per_second(only),
                // Their own times may lie one behind the other, where they wait for a core.
                _ => units as f64 / elapsed.as_secs_f64(),
            },
        };
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
            p999_us: percentile(0.999),
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
    fn every_measure_is_found_by_its_word() {
        for measure in Measure::ALL {
            assert_eq!(Measure::of_word(&measure.word()), Some(measure));
        }
        for word in ["echo", "echo:x", "null:1", "nothing", ""] {
            assert_eq!(Measure::of_word(word), None, "{word}");
        }
    }

    #[test]
    fn a_sum_is_rated_by_the_time_of_its_calls_alone() {
        let report = Report {
            units: 2,
            wall_ns: 1_000_000_000,
            cpu_ns: 3_000,
            samples: vec![1_000_000, 1_000_000],
        };
        let figures = Figures::of(Measure::Sum, &[report], Duration::from_secs(9));
        assert_eq!(figures.rate, 1000.0);
        assert_eq!(figures.cpu_us, 1.5);
        assert!((figures.p50_us - 1000.0).abs() < 1.0, "{figures:?}");
    }

    #[test]
    fn many_clients_are_rated_by_the_time_they_took_together() {
        let report = |units| Report {
            units,
            wall_ns: 1_000_000_000,
            cpu_ns: 1,
            samples: Vec::new(),
        };
        let reports = [report(100), report(50)];
        let figures = Figures::of(Measure::CLIENTS, &reports, Duration::from_secs(2));
        assert_eq!(figures.rate, 75.0);
    }
}
