//! How cost grows: with the bytes of a call, with calls at once on one connection, and with clients. Measured when asked
//! for, written as a table of tab-separated values and as one drawing for each series.

use std::path::Path;

use plotters::prelude::*;

use crate::error::BenchError;
use crate::links::{LINKS, Link};
use crate::measure::Measure;
use crate::options::Options;
use crate::place::Placement;
use crate::plan::Step;
use crate::results::{Metric, Results, key};

const PAYLOADS: [u32; 9] = [
    0,
    64,
    1 << 10,
    1 << 12,
    1 << 14,
    1 << 16,
    1 << 18,
    1 << 20,
    1 << 24,
];
const WINDOWS: [u32; 4] = [1, 4, 16, 64];
const CLIENTS: [u32; 5] = [1, 4, 16, 64, 256];
/// Each of many clients is a process of its own: more than these take their time.
const QUICK_CLIENTS_MAX: u32 = 16;
const SIZE: (u32, u32) = (960, 600);

/// One thing that grows.
struct Series {
    name: &'static str,
    title: &'static str,
    x: &'static str,
    y: &'static str,
    metric: Metric,
    measures: Vec<Measure>,
}

fn series(quick: bool) -> [Series; 3] {
    let few = |clients: &u32| !quick || *clients <= QUICK_CLIENTS_MAX;
    [
        Series {
            name: "payload",
            title: "Echo: median time of a call",
            x: "bytes each way (0 is drawn at 1)",
            y: "µs",
            metric: Metric::P50,
            measures: PAYLOADS.map(Measure::Echo).to_vec(),
        },
        Series {
            name: "in-flight",
            title: "Null calls at once on one connection",
            x: "calls at once",
            y: "calls a second",
            metric: Metric::Rate,
            measures: WINDOWS.map(Measure::InFlight).to_vec(),
        },
        Series {
            name: "clients",
            title: "Clients with null calls, each with a connection of its own",
            x: "clients",
            y: "calls a second",
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
        let file = folder.join(format!("growth-{}.svg", one.name));
        draw(results, &one, &file)?;
    }
    let file = folder.join("growth.tsv");
    std::fs::write(&file, text).map_err(file_error(&file))
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

/// The points of a link that were measured; logarithms have no zero.
fn points(results: &Results, series: &Series, link: &'static Link) -> Vec<(f64, f64)> {
    let point = |measure: &Measure| {
        let key = key(Placement::Cross, *measure, link);
        let figure = results.median(key, series.metric)?;
        let x = f64::from(measure.number().max(1));
        (figure > 0.0).then_some((x, figure))
    };
    series.measures.iter().filter_map(point).collect()
}

fn draw(results: &Results, series: &Series, file: &Path) -> Result<(), BenchError> {
    let links = LINKS
        .iter()
        .map(|link| (link.name, points(results, series, link)));
    let links: Vec<_> = links.filter(|(_, points)| !points.is_empty()).collect();
    if links.is_empty() {
        return Ok(());
    }
    let drawn = try_draw(&links, series, file);
    drawn.map_err(|failure| BenchError::Drawing {
        path: file.to_owned(),
        complaint: failure.to_string(),
    })
}

type Points = (&'static str, Vec<(f64, f64)>);
type DrawingError = DrawingAreaErrorKind<<SVGBackend<'static> as DrawingBackend>::ErrorType>;

fn try_draw(links: &[Points], series: &Series, file: &Path) -> Result<(), DrawingError> {
    let all = links.iter().flat_map(|(_, points)| points);
    let (mut right, mut low, mut high) = (2.0_f64, f64::MAX, 0.0_f64);
    for (x, y) in all {
        right = right.max(*x);
        low = low.min(*y);
        high = high.max(*y);
    }
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(series.title, ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(80)
        .build_cartesian_2d(
            (1.0..right).log_scale(),
            (low / 1.3..high * 1.3).log_scale(),
        )?;
    chart
        .configure_mesh()
        .x_desc(series.x)
        .y_desc(series.y)
        .light_line_style(WHITE)
        .draw()?;
    for (index, (name, points)) in links.iter().enumerate() {
        let hue = index as f64 / links.len() as f64;
        let colour = HSLColor(hue, 0.75, if index % 2 == 0 { 0.35 } else { 0.5 });
        chart
            .draw_series(LineSeries::new(
                points.iter().copied(),
                colour.stroke_width(2),
            ))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .draw()?;
    area.present()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Figures;

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
        assert_eq!(points(&results, &payload, &LINKS[0])[0], (64.0, 20.0));
        assert!(points(&results, &payload, &LINKS[1]).is_empty());
        let file = std::env::temp_dir().join(format!("rmix-bench-{}.svg", std::process::id()));
        draw(&results, &payload, &file).expect("it is drawn");
        let drawing = std::fs::read_to_string(&file).expect("it is there");
        std::fs::remove_file(&file).expect("it is there");
        assert!(drawing.contains("polyline") && drawing.contains("raw tcp"));
    }
}
