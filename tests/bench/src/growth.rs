//! How cost grows: with the bytes of a call, with calls at once on one connection, and with clients. Measured when asked
//! for, written as a table of tab-separated values and as one drawing for each series, with a panel for what also goes between hosts and one for what does not.

use std::path::Path;

use crate::drawing::{Drawing, Line};
use crate::error::BenchError;
use crate::links::{LINKS, Link, RAW_TCP};
use crate::measure::{Figures, Measure, size};
use crate::options::Options;
use crate::place::Placement;
use crate::plan::Step;
use crate::results::{Metric, Results, key};

const PAYLOADS: [u32; 11] = [
    0,
    64,
    1 << 8,
    1 << 10,
    1 << 12,
    1 << 14,
    1 << 16,
    1 << 18,
    1 << 20,
    1 << 22,
    1 << 24,
];
const WINDOWS: [u32; 4] = [1, 4, 16, 64];
const CLIENTS: [u32; 5] = [1, 4, 16, 64, 256];
/// Each of many clients is a process of its own: more than these take their time.
const QUICK_CLIENTS_MAX: u32 = 16;

/// One thing that grows.
struct Series {
    name: &'static str,
    title: &'static str,
    x: &'static str,
    metric: Metric,
    measures: Vec<Measure>,
}

fn series(quick: bool) -> [Series; 3] {
    let few = |clients: &u32| !quick || *clients <= QUICK_CLIENTS_MAX;
    [
        Series {
            name: "payload",
            title: "Time of a call that echoes so many bytes (median, µs; less is better)",
            x: "bytes each way",
            metric: Metric::P50,
            measures: PAYLOADS.map(Measure::Echo).to_vec(),
        },
        Series {
            name: "in-flight",
            title: "Null calls a second, so many at once on one connection (more is better)",
            x: "calls at once",
            metric: Metric::Rate,
            measures: WINDOWS.map(Measure::InFlight).to_vec(),
        },
        Series {
            name: "clients",
            title: "Null calls a second of so many clients, each with a connection of its own (more is better)",
            x: "clients",
            metric: Metric::Rate,
            measures: CLIENTS
                .into_iter()
                .filter(few)
                .map(Measure::Clients)
                .collect(),
        },
    ]
}

/// The steps of one round: every end against itself, across cores.
pub(crate) fn plan(options: &Options) -> Vec<Step> {
    let mut steps = Vec::new();
    for measure in series(options.quick)
        .into_iter()
        .flat_map(|one| one.measures)
    {
        let able = LINKS
            .iter()
            .filter(|link| link.client == link.server && link.can(measure));
        steps.extend(able.map(|link| Step {
            link,
            measure,
            placement: Placement::Cross,
        }));
    }
    let words: Vec<&str> = options.only.split_whitespace().collect();
    steps.retain(|step| words.iter().all(|word| step.label().contains(word)));
    steps
}

/// Writes `growth.tsv` and the drawings into a folder.
pub(crate) fn write(results: &Results, options: &Options, folder: &Path) -> Result<(), BenchError> {
    std::fs::create_dir_all(folder).map_err(file_error(folder))?;
    let mut text = "series\tx\tlink\tp50 us\tp99 us\tp99.9 us\tcpu us\trate\n".to_owned();
    for one in series(options.quick) {
        for link in &LINKS {
            text += &lines(results, &one, link);
        }
    }
    let file = folder.join("growth.tsv");
    std::fs::write(&file, text).map_err(file_error(&file))?;
    draw_all(results, options.quick, folder)
}

/// Draws what `growth.tsv` of the folder says.
pub(crate) fn redraw(folder: &Path) -> Result<(), BenchError> {
    let file = folder.join("growth.tsv");
    let text = std::fs::read_to_string(&file).map_err(file_error(&file))?;
    let results = read(&text).ok_or(BenchError::Wrong {
        what: "reading growth.tsv: a line is not as they are written",
    })?;
    draw_all(&results, false, folder)
}

/// What [`lines`] has written; None where a line is not like that.
fn read(text: &str) -> Option<Results> {
    let all = series(false);
    let mut results = Results::default();
    for line in text.lines().skip(1) {
        let words: Vec<&str> = line.split('\t').collect();
        let [name, number, link, figures @ ..] = &words[..] else {
            return None;
        };
        let series = all.iter().find(|series| series.name == *name)?;
        let measure = series.measures.first()?.with_number(number.parse().ok()?);
        let link = LINKS.iter().find(|one| one.name == *link)?;
        let figures: Vec<f64> = figures
            .iter()
            .map(|word| word.parse())
            .collect::<Result<_, _>>()
            .ok()?;
        let [p50_us, p99_us, p999_us, cpu_us, rate] = figures[..] else {
            return None;
        };
        let figures = Figures {
            p50_us,
            p99_us,
            p999_us,
            cpu_us,
            rate,
        };
        results.put(key(Placement::Cross, measure, link), 0, figures);
    }
    Some(results)
}

fn draw_all(results: &Results, quick: bool, folder: &Path) -> Result<(), BenchError> {
    for one in series(quick) {
        let file = folder.join(format!("growth-{}.svg", one.name));
        draw(results, &one, &file)?;
    }
    Ok(())
}

fn file_error(path: &Path) -> impl Fn(std::io::Error) -> BenchError {
    let path = path.to_owned();
    move |source| BenchError::File {
        path: path.clone(),
        source,
    }
}

fn lines(results: &Results, series: &Series, link: &'static Link) -> String {
    let mut text = String::new();
    for measure in &series.measures {
        let key = key(Placement::Cross, *measure, link);
        let metrics = [
            Metric::P50,
            Metric::P99,
            Metric::P999,
            Metric::Cpu,
            Metric::Rate,
        ];
        let figures = metrics.map(|metric| results.median(key, metric));
        if figures.iter().all(Option::is_none) {
            continue;
        }
        text += &format!("{}\t{}\t{}", series.name, measure.number(), link.name);
        for figure in figures {
            text += &format!("\t{:.2}", figure.unwrap_or(0.0));
        }
        text.push('\n');
    }
    text
}

/// The points of a link that were measured, by the place of what grows.
fn points(results: &Results, series: &Series, link: &'static Link) -> Vec<(i32, f64)> {
    let point = |(place, measure): (i32, &Measure)| {
        let key = key(Placement::Cross, *measure, link);
        let figure = results.median(key, series.metric)?;
        (figure > 0.0).then_some((place, figure))
    };
    (0..).zip(&series.measures).filter_map(point).collect()
}

fn draw(results: &Results, series: &Series, file: &Path) -> Result<(), BenchError> {
    let lines = |of_one_host| {
        let links = LINKS
            .iter()
            .filter(|link| of_one_host == (link.raw != RAW_TCP));
        let lines = links.map(|link| Line {
            link,
            points: points(results, series, link),
        });
        lines.filter(|line| !line.points.is_empty()).collect()
    };
    let is_size = series.metric == Metric::P50;
    let steps = series.measures.iter().map(|measure| match is_size {
        true => size(measure.number()),
        false => measure.number().to_string(),
    });
    let drawing = Drawing {
        title: series.title,
        x: series.x,
        steps: steps.collect(),
        panels: [
            ("over TCP, HTTP: between hosts, too", lines(false)),
            ("over Unix sockets, pipes, shared memory", lines(true)),
        ],
    };
    drawing.write(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_is_written_and_drawn() {
        let mut results = Results::default();
        let [payload, ..] = series(true);
        for (index, measure) in payload.measures.iter().enumerate().skip(1) {
            let figures = Figures {
                p50_us: 10.0 * (index + 1) as f64,
                p99_us: 0.0,
                p999_us: 0.0,
                cpu_us: 0.0,
                rate: 1.0,
            };
            results.put(key(Placement::Cross, *measure, &LINKS[0]), 0, figures);
        }
        let text = lines(&results, &payload, &LINKS[0]);
        assert_eq!(text.lines().count(), payload.measures.len() - 1);
        assert!(text.starts_with("payload\t64\traw tcp\t20.00\t"), "{text}");
        let read = read(&format!("heads\n{text}")).expect("it was written so");
        assert_eq!(lines(&read, &payload, &LINKS[0]), text);
        assert!(super::read("heads\npayload\t64\tnobody\t1\t1\t1\t1\t1").is_none());
        assert_eq!(points(&results, &payload, &LINKS[0])[0], (1, 20.0));
        assert!(points(&results, &payload, &LINKS[1]).is_empty());
        let file = std::env::temp_dir().join(format!("rmix-bench-{}.svg", std::process::id()));
        draw(&results, &payload, &file).expect("it is drawn");
        let drawing = std::fs::read_to_string(&file).expect("it is there");
        std::fs::remove_file(&file).expect("it is there");
        assert!(
            drawing.contains("polyline")
                && drawing.contains("raw tcp")
                && drawing.contains("16 MiB")
        );
    }
}
