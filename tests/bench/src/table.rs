//! The results as tables: one for each measure and placement, a line for each link.

use crate::links::{LINKS, Link};
use crate::measure::Measure;
use crate::place::Placement;
use crate::results::{Metric, Results, key};
use crate::targets;

/// A table.
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) heads: Vec<&'static str>,
    pub(crate) lines: Vec<Vec<String>>,
}

/// All tables of a run, in the order of the plan.
pub(crate) fn tables(results: &Results) -> Vec<Table> {
    let mut tables = Vec::new();
    for measure in Measure::ALL {
        for placement in Placement::ALL {
            let links = LINKS
                .iter()
                .filter(|link| results.has(placement, measure, link.name));
            let lines: Vec<_> = links
                .map(|link| line(results, link, measure, placement))
                .collect();
            if lines.is_empty() {
                continue;
            }
            let place = match placement {
                Placement::Same => "client and server on core 0",
                Placement::Cross => "client on core 0, server on core 1",
            };
            tables.push(Table {
                title: format!("{}; {place}", measure.title()),
                heads: vec![
                    "link",
                    "p50 µs",
                    "p99 µs",
                    "p99.9 µs",
                    "CPU µs",
                    measure.rate_unit(),
                    "p50/raw",
                    "CPU/raw",
                    "rate/raw",
                    "target",
                ],
                lines,
            });
        }
    }
    tables
}

fn line(results: &Results, link: &Link, measure: Measure, placement: Placement) -> Vec<String> {
    let key = key(placement, measure, link);
    let figure = |metric| results.median(key, metric).map_or_else(dash, number);
    let ratio = |metric| match results.ratio(key, link.raw, metric) {
        Some(ratio) if ratio > 0.0 => format!("{ratio:.2}"),
        _ => dash(),
    };
    let targets = targets::targets(link, measure, placement);
    let targets: Vec<String> = targets
        .iter()
        .map(|target| {
            let verdict = target.verdict(results, link, measure, placement);
            format!("{} {}", target.text(link), verdict.word())
        })
        .collect();
    vec![
        link.name.to_owned(),
        figure(Metric::P50),
        figure(Metric::P99),
        figure(Metric::P999),
        figure(Metric::Cpu),
        figure(Metric::Rate),
        ratio(Metric::P50),
        ratio(Metric::Cpu),
        ratio(Metric::Rate),
        targets.join(", "),
    ]
}

fn dash() -> String {
    "–".to_owned()
}

/// Three digits or so.
pub(crate) fn number(value: f64) -> String {
    match value {
        _ if value == 0.0 => dash(),
        _ if value < 10.0 => format!("{value:.2}"),
        _ if value < 100.0 => format!("{value:.1}"),
        _ if value < 10_000.0 => format!("{value:.0}"),
        _ if value < 1e6 => format!("{:.1} k", value / 1e3),
        _ => format!("{:.2} M", value / 1e6),
    }
}

/// Prints all tables.
pub(crate) fn print(results: &Results) {
    for table in tables(results) {
        print_one(&table);
    }
}

/// Prints one table, columns aligned.
pub(crate) fn print_one(table: &Table) {
    println!("{}", table.title);
    let heads = table.heads.iter().map(|head| (*head).to_owned()).collect();
    let lines = std::iter::once(&heads).chain(&table.lines);
    let widths: Vec<usize> = (0..table.heads.len())
        .map(|column| {
            let cells = lines
                .clone()
                .map(|line: &Vec<String>| line[column].chars().count());
            cells.max().unwrap_or(0)
        })
        .collect();
    for line in lines {
        let mut text = String::from("  ");
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            match column {
                0 => text += &format!("{cell:<width$}"),
                _ if column == line.len() - 1 => text += &format!("  {cell}"),
                _ => text += &format!("  {cell:>width$}"),
            }
        }
        println!("{}", text.trim_end());
    }
    println!();
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_have_about_three_digits() {
        let texts: Vec<_> = [0.0, 1.234, 12.34, 1234.0, 123_456.0, 4_560_000.0]
            .into_iter()
            .map(number)
            .collect();
        assert_eq!(texts, ["–", "1.23", "12.3", "1234", "123.5 k", "4.56 M"]);
    }
}
