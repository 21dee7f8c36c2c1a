//! The medians of a run as tab-separated values, a line for each link, measure and placement.

use std::path::Path;

use crate::beside::Beside;
use crate::error::BenchError;
use crate::results::{Metric, Results};

const METRICS: [Metric; 5] = [
    Metric::P50,
    Metric::P99,
    Metric::P999,
    Metric::Cpu,
    Metric::Rate,
];

/// Writes the file.
pub(crate) fn write(results: &Results, beside: &Beside, file: &Path) -> Result<(), BenchError> {
    std::fs::write(file, text(results, beside)).map_err(|source| BenchError::File {
        path: file.to_owned(),
        source,
    })
}

fn text(results: &Results, beside: &Beside) -> String {
    let mut text =
        "link\tmeasure\tplacement\tp50 us\tp99 us\tp99.9 us\tcpu us\trate\trate unit\n".to_owned();
    for key in results.keys() {
        let (placement, measure, link) = key;
        text += &format!("{link}\t{}\t{}", measure.word(), placement.word());
        for metric in METRICS {
            text += &format!("\t{:.3}", results.median(key, metric).unwrap_or(0.0));
        }
        text += &format!("\t{}\n", measure.rate_unit());
    }
    text += "\nlink\tidle client KiB\tidle server KiB\n";
    for idle in &beside.idle_memory {
        let (client, server) = (idle.client_kib, idle.server_kib);
        text += &format!("{}\t{client:.2}\t{server:.2}\n", idle.link);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Figures, Measure};
    use crate::place::Placement;

    #[test]
    fn each_median_has_a_line_with_all_columns() {
        let mut results = Results::default();
        let figures = Figures {
            p50_us: 1.5,
            p99_us: 2.0,
            p999_us: 3.0,
            cpu_us: 4.0,
            rate: 5.0,
        };
        results.put((Placement::Same, Measure::Null, "shm"), 0, figures);
        let text = text(&results, &Beside::default());
        let line = "shm\tnull\tsame\t1.500\t2.000\t3.000\t4.000\t5.000\tcalls/s";
        assert_eq!(text.lines().nth(1), Some(line));
    }
}
