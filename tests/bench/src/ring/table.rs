//! The ring's figures as tables: one for each size, a line for each system; and the targets.

use super::figures::{Metric, RingResults};
use super::system::{BYTES, Measure, SIZES, System};
use super::targets;
use crate::table::{Table, number};

const HEADS: [&str; 15] = [
    "system",
    "p50 µs",
    "p99 µs",
    "p50 in hops",
    "64 B one",
    "64 B all",
    "1 KiB one",
    "1 KiB all",
    "16 KiB one",
    "16 KiB all",
    "CPU µs 1 KiB all",
    "frames alone",
    "frames 1 KiB all",
    "gap ms",
    "faults",
];

/// All tables.
pub(crate) fn tables(results: &RingResults) -> Vec<Table> {
    let measured = SIZES
        .into_iter()
        .filter(|size| System::ALL.iter().any(|one| results.has(*size, *one)));
    let sizes: Vec<usize> = measured.collect();
    let mut tables: Vec<Table> = sizes
        .iter()
        .map(|members| Table {
            title: format!(
                "group of {members}: stable total order (corosync: agreed order), messages a second from one sender and \
                 from all; {}",
                results.place
            ),
            heads: HEADS.to_vec(),
            lines: System::ALL
                .into_iter()
                .filter(|system| results.has(*members, *system))
                .map(|system| line(results, *members, system))
                .collect(),
        })
        .collect();
    tables.extend(targets::table(results, &sizes));
    tables
}

fn line(results: &RingResults, members: usize, system: System) -> Vec<String> {
    let figure = |measure, metric| {
        let value = results.median(members, system, measure, metric);
        value.map_or_else(dash, number)
    };
    let hops = targets::hops(results, members, system);
    let mut cells = vec![
        system.name().to_owned(),
        figure(Measure::Latency, Metric::P50),
        figure(Measure::Latency, Metric::P99),
        hops.map_or_else(dash, |hops| format!("{hops:.1}")),
    ];
    for bytes in BYTES {
        for all in [false, true] {
            cells.push(figure(Measure::flood(bytes, all), Metric::Rate));
        }
    }
    let many = Measure::flood(BYTES[1], true);
    cells.push(figure(many, Metric::Cpu));
    cells.push(figure(Measure::Latency, Metric::Frames));
    cells.push(figure(many, Metric::Frames));
    cells.push(figure(Measure::Failover, Metric::Gap));
    cells.push(results.faults(members, system).unwrap_or(0).to_string());
    cells
}

fn dash() -> String {
    "–".to_owned()
}
