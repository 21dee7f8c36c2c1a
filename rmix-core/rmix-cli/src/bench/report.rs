//! The figures of a measurement, for people and as JSON.

use serde::Serialize;

use crate::arguments::Bench;

use super::Measured;

/// What is printed.
#[derive(Serialize)]
pub(super) struct Report<'a> {
    endpoint: &'a str,
    method: &'a str,
    mode: &'static str,
    concurrency: u32,
    /// Answered, or taken by the link when one-way.
    calls: u64,
    faults: u64,
    seconds: f64,
    rate: f64,
    latency_ns: Option<Latency>,
    errors: Vec<Errors<'a>>,
    ended_early: bool,
}

#[derive(Serialize)]
struct Latency {
    min: u64,
    p50: u64,
    p90: u64,
    p99: u64,
    #[serde(rename = "p99.9")]
    p999: u64,
    max: u64,
    mean: f64,
}

#[derive(Serialize)]
struct Errors<'a> {
    kind: &'a str,
    cause: &'a str,
    count: u64,
    first: &'a str,
}

impl<'a> Report<'a> {
    pub(super) fn new(options: &'a Bench, measured: &'a Measured) -> Report<'a> {
        let tally = &measured.tally;
        let latencies = tally.latencies();
        let at = |quantile| latencies.value_at_quantile(quantile);
        let latency = (!latencies.is_empty()).then(|| Latency {
            min: latencies.min(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: latencies.max(),
            mean: latencies.mean(),
        });
        let calls = latencies.len();
        let errors = tally.errors().map(|((kind, cause), group)| Errors {
            kind,
            cause,
            count: group.count,
            first: &group.first,
        });
        Report {
            endpoint: &options.peer.endpoint,
            method: &options.operation.method,
            mode: mode(options),
            concurrency: options.concurrency,
            calls,
            faults: tally.faults(),
            seconds: measured.seconds,
            rate: rate(calls, measured.seconds),
            latency_ns: latency,
            errors: errors.collect(),
            ended_early: measured.ended_early,
        }
    }

    /// As a few lines.
    pub(super) fn shown(&self) -> String {
        let mut lines = vec![
            format!("{} {}", self.endpoint, self.method),
            format!("mode     {}, {} in flight", self.mode, self.concurrency),
            format!("calls    {} in {:.3} s", self.calls, self.seconds),
            format!("rate     {:.1} per second", self.rate),
        ];
        if let Some(latency) = &self.latency_ns {
            let figures = [
                ("min", latency.min),
                ("p50", latency.p50),
                ("p90", latency.p90),
                ("p99", latency.p99),
                ("p99.9", latency.p999),
                ("max", latency.max),
            ];
            let names: String = figures.map(|(name, _)| format!("{name:>10}")).concat();
            let times: String = figures.map(|(_, ns)| format!("{:>10}", time(ns))).concat();
            lines.push(format!("latency{names}"));
            lines.push(format!("       {times}"));
        }
        if self.faults > 0 {
            lines.push(format!("faults   {}, counted as answers", self.faults));
        }
        for errors in &self.errors {
            lines.push(format!(
                "errors   {} of kind {}, cause {}; the first: {}",
                errors.count, errors.kind, errors.cause, errors.first
            ));
        }
        if self.ended_early {
            lines.push("ended early: nothing but errors came any more".to_owned());
        }
        lines.join("\n")
    }
}

fn mode(options: &Bench) -> &'static str {
    match (options.oneway, options.concurrency) {
        (false, 1) => "synchronous",
        (false, _) => "asynchronous",
        (true, 1) => "one-way, synchronous",
        (true, _) => "one-way, asynchronous",
    }
}

fn rate(calls: u64, seconds: f64) -> f64 {
    if seconds <= 0.0 {
        return 0.0;
    }
    // Exact up to 2^53 calls.
    calls as f64 / seconds
}

/// Three digits and a unit.
fn time(nanoseconds: u64) -> String {
    let units = [("ns", 1.0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)];
    let value = nanoseconds as f64;
    let (unit, scaled) = units
        .into_iter()
        .map(|(unit, size)| (unit, value / size))
        .find(|(_, scaled)| *scaled < 999.5)
        .unwrap_or(("s", value / 1e9));
    let decimals = match scaled {
        _ if unit == "ns" => 0,
        scaled if scaled < 9.995 => 2,
        scaled if scaled < 99.95 => 1,
        _ => 0,
    };
    format!("{scaled:.decimals$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_have_three_digits_and_a_unit() {
        let shown = [
            1,
            999,
            1_000,
            12_340,
            999_499,
            999_500,
            1_234_567,
            59_999_000_000,
        ]
        .map(time);
        let expected = [
            "1 ns", "999 ns", "1.00 µs", "12.3 µs", "999 µs", "1.00 ms", "1.23 ms", "60.0 s",
        ];
        assert_eq!(shown, expected);
        assert_eq!(time(86_400_000_000_000), "86400 s");
    }
}
