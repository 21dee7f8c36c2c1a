//! The targets: what each link must reach in each measure, and whether it did.

use crate::links::{Link, RAW_TCP};
use crate::measure::Measure;
use crate::peers::ours::SOAP;
use crate::place::Placement;
use crate::results::{Metric, Results, key};

/// Differences below this are noise.
pub(crate) const NOISE: f64 = 0.2;

/// A bound on a ratio.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    metric: Metric,
    /// What it is a ratio to: the raw link of the transport, or the peer itself.
    to: To,
    bound: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    Raw,
    RawTcp,
    Peer,
    /// To nothing: microseconds.
    Absolute,
}

/// How far a target was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Reached,
    /// Missed by less than the noise.
    Near,
    Missed,
    /// What it is compared with was not measured.
    Unknown,
}

impl Verdict {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Verdict::Reached => "reached",
            Verdict::Near => "within noise",
            Verdict::Missed => "missed",
            Verdict::Unknown => "?",
        }
    }
}

/// The bounds of one link: null on one core (time, CPU), asynchronous, across cores, and rates.
struct Bounds {
    same: f64,
    same_cpu: f64,
    asynchronous: f64,
    cross: (f64, To),
    sum: (f64, To),
    in_flight: (f64, To),
    clients: (f64, To),
    one_way: (f64, To),
}

const SUNRPC: Bounds = Bounds {
    same: 1.15,
    same_cpu: 1.2,
    asynchronous: 1.5,
    cross: (1.0, To::Peer),
    sum: (0.6, To::Raw),
    in_flight: (0.4, To::Raw),
    clients: (1.0, To::Peer),
    one_way: (0.6, To::Raw),
};
const MSGPACK_TCP: Bounds = Bounds {
    cross: (1.05, To::Raw),
    sum: (0.8, To::Raw),
    clients: (1.1, To::Raw),
    ..SUNRPC
};
const LOCAL: Bounds = Bounds {
    same: 1.2,
    same_cpu: 1.25,
    asynchronous: 1.6,
    cross: (1.1, To::Raw),
    sum: (0.8, To::Raw),
    in_flight: (0.4, To::Raw),
    clients: (1.0, To::Raw),
    one_way: (0.5, To::Raw),
};

/// Asleep where it must be, on one core; awake on two. The peer is iceoryx2.
const SHM: Bounds = Bounds {
    same: 1.2,
    same_cpu: 1.2,
    asynchronous: 1.5,
    cross: (1.3, To::Absolute),
    sum: (1.0, To::Peer),
    in_flight: (5.0, To::Peer),
    clients: (2.6, To::RawTcp),
    one_way: (5.0, To::Peer),
};

/// The peer is gSOAP. Calls in flight on one connection are not what HTTP can do.
const SOAP_HTTP: Bounds = Bounds {
    same: 2.5,
    same_cpu: 2.5,
    asynchronous: 3.0,
    cross: (1.6, To::Raw),
    sum: (0.04, To::Raw),
    in_flight: (0.0, To::Raw),
    clients: (2.0, To::Peer),
    one_way: (10.0, To::Peer),
};

/// The targets of a link in a measure.
pub(crate) fn targets(link: &Link, measure: Measure, placement: Placement) -> Vec<Target> {
    let bounds = match link.name {
        "sunrpc+tcp" => SUNRPC,
        "msgpack+tcp" => MSGPACK_TCP,
        "msgpack+unix" | "pipe" => LOCAL,
        "shm" => SHM,
        SOAP => SOAP_HTTP,
        _ if link.peer.is_some() => return crosswise(measure),
        _ => return Vec::new(),
    };
    let target = |metric, (bound, to)| Target { metric, to, bound };
    match (measure, placement) {
        (Measure::Null, Placement::Same) => vec![
            target(Metric::P50, (bounds.same, To::Raw)),
            target(Metric::Cpu, (bounds.same_cpu, To::Raw)),
        ],
        (Measure::Null, Placement::Cross) => vec![target(Metric::P50, bounds.cross)],
        (Measure::NullAsync, Placement::Same) => {
            vec![target(Metric::P50, (bounds.asynchronous, To::Raw))]
        }
        (Measure::Sum, _) => vec![target(Metric::Rate, bounds.sum)],
        (Measure::InFlight(_), _) => vec![target(Metric::Rate, bounds.in_flight)],
        (Measure::Clients(_), _) => vec![target(Metric::Rate, bounds.clients)],
        (Measure::OneWay, _) => vec![target(Metric::Rate, bounds.one_way)],
        (Measure::NullAsync, Placement::Cross)
        | (Measure::Echo(_) | Measure::SumOctets | Measure::Links(_), _) => Vec::new(),
    }
}

/// With one end the real peer: no worse than the peer against itself, where the peer can do the same.
fn crosswise(measure: Measure) -> Vec<Target> {
    let metric = match measure {
        Measure::NullAsync | Measure::InFlight(_) => return Vec::new(),
        _ if measure.is_rate() => Metric::Rate,
        _ => Metric::P50,
    };
    vec![Target {
        metric,
        to: To::Peer,
        bound: 1.0,
    }]
}

impl Target {
    /// In words.
    pub(crate) fn text(&self, link: &Link) -> String {
        let sign = if self.more_is_better() { "≥" } else { "≤" };
        let name = match self.metric {
            Metric::P50 => "p50",
            Metric::P99 => "p99",
            Metric::P999 => "p99.9",
            Metric::Cpu => "CPU",
            Metric::Rate => "rate",
        };
        match self.to {
            To::Raw => format!("{name} {sign} {:.2} raw", self.bound),
            To::RawTcp => format!("{name} {sign} {:.2} {RAW_TCP}", self.bound),
            To::Absolute => format!("{name} {sign} {:.1} µs", self.bound),
            To::Peer if self.bound == 1.0 => format!("{name} {sign} {}", link.peer.unwrap_or("?")),
            To::Peer => {
                let peer = link.peer.unwrap_or("?");
                format!("{name} {sign} {peer} × {:.0}", self.bound)
            }
        }
    }

    /// Compares.
    pub(crate) fn verdict(
        &self,
        results: &Results,
        link: &Link,
        measure: Measure,
        placement: Placement,
    ) -> Verdict {
        let key = key(placement, measure, link);
        let ratio_to = |to| results.ratio(key, to, self.metric);
        let ratio = match self.to {
            To::Raw => ratio_to(link.raw),
            To::RawTcp => ratio_to(RAW_TCP),
            To::Peer => link.peer.and_then(ratio_to),
            To::Absolute => results.median(key, self.metric),
        };
        ratio.map_or(Verdict::Unknown, |ratio| self.judge(ratio))
    }

    fn judge(&self, ratio: f64) -> Verdict {
        let worse = if self.more_is_better() {
            self.bound / ratio
        } else {
            ratio / self.bound
        };
        match worse {
            _ if worse <= 1.0 => Verdict::Reached,
            _ if worse <= 1.0 + NOISE => Verdict::Near,
            _ => Verdict::Missed,
        }
    }

    fn more_is_better(&self) -> bool {
        self.metric == Metric::Rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_reached_near_or_missed() {
        let time = Target {
            metric: Metric::P50,
            to: To::Raw,
            bound: 1.0,
        };
        assert_eq!(time.judge(1.0), Verdict::Reached);
        assert_eq!(time.judge(1.19), Verdict::Near);
        assert_eq!(time.judge(1.21), Verdict::Missed);
        let rate = Target {
            metric: Metric::Rate,
            ..time
        };
        assert_eq!(rate.judge(1.5), Verdict::Reached);
        assert_eq!(rate.judge(0.9), Verdict::Near);
        assert_eq!(rate.judge(0.5), Verdict::Missed);
    }
}
