//! The rows as a drawing: formulas as lines, what was simulated as dots on them.

use std::path::Path;

use harness_ring::Mode;
use plotters::coord::Shift;
use plotters::prelude::*;

use super::cluster::Timing;
use super::measure::{Figure, Row};
use super::shape::Shape;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Failure = DrawingAreaErrorKind<<SVGBackend<'static> as DrawingBackend>::ErrorType>;

/// Lines of one colour: clusters that are built alike.
struct Line {
    name: &'static str,
    colour: RGBColor,
    mode: Mode,
    has_trees: bool,
}

/// One figure of all.
struct Panel {
    title: &'static str,
    unit: &'static str,
    figure: Figure,
    /// What one of the unit is.
    unit_size: f64,
}

/// Draws the rows into a file.
///
/// # Errors
/// The file cannot be written.
pub fn write(rows: &[Row], timing: Timing, file: &Path) -> Result<(), String> {
    draw(rows, timing, file).map_err(|failure| format!("{}: {failure}", file.display()))
}

fn draw(rows: &[Row], timing: Timing, file: &Path) -> Result<(), Failure> {
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let (head, body) = area.split_vertically(HEAD_HEIGHT);
    head.draw(&Text::new(title(rows), (16, 10), (FONT, 18)))?;
    let (panels, legend) = body.split_vertically(SIZE.1 - HEAD_HEIGHT - LEGEND_HEIGHT);
    let areas = panels.split_evenly((1, PANELS.len()));
    for (area, panel) in areas.iter().zip(&PANELS) {
        draw_panel(area, panel, rows, &timing)?;
    }
    draw_legend(&legend)?;
    area.present()
}

fn draw_panel(
    area: &Area<'_>,
    panel: &Panel,
    rows: &[Row],
    timing: &Timing,
) -> Result<(), Failure> {
    let formula = |shape: &Shape| panel.figure.formula(shape, timing);
    let all: Vec<Vec<(f64, f64)>> = LINES
        .iter()
        .map(|line| curve(line, rows, &formula, panel.unit_size))
        .collect();
    let figures = all.iter().flatten().map(|(_, figure)| *figure);
    let (low, high) = figures.fold((f64::MAX, 0.0_f64), |(low, high), figure| {
        (low.min(figure), high.max(figure))
    });
    let sizes = rows.iter().map(|row| row.shape.processes as f64);
    let (first, last) = sizes.fold((f64::MAX, 0.0_f64), |(first, last), size| {
        (first.min(size), last.max(size))
    });
    let mut chart = ChartBuilder::on(area)
        .caption(panel.title, (FONT, 15))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(
            (first / 1.2..last * 1.2).log_scale(),
            (low / 1.5..high * 1.5).log_scale(),
        )?;
    chart
        .configure_mesh()
        .x_desc("processes")
        .y_desc(panel.unit)
        .x_label_formatter(&|processes| number(*processes))
        .y_label_formatter(&|figure| number(*figure))
        .label_style((FONT, 12))
        .axis_desc_style((FONT, 13))
        .bold_line_style(RGBColor(225, 225, 225))
        .light_line_style(RGBColor(244, 244, 244))
        .draw()?;
    for (line, points) in LINES.iter().zip(all) {
        chart.draw_series(LineSeries::new(points, line.colour.stroke_width(2)))?;
        let simulated = rows.iter().filter(|row| line.has(&row.shape));
        let dots = simulated.filter_map(|row| {
            let figure = row.simulated(panel.figure)? as f64 / panel.unit_size;
            let place = (row.shape.processes as f64, figure);
            Some(Circle::new(place, DOT_RADIUS, line.colour.filled()))
        });
        chart.draw_series(dots)?;
    }
    Ok(())
}

/// The formula of a line between its smallest and its largest row.
fn curve(
    line: &Line,
    rows: &[Row],
    formula: &dyn Fn(&Shape) -> Option<u64>,
    unit_size: f64,
) -> Vec<(f64, f64)> {
    let mut shapes: Vec<_> = rows.iter().map(|row| row.shape).collect();
    shapes.retain(|shape| line.has(shape));
    shapes.sort_by_key(|shape| shape.processes);
    let (Some(first), Some(last)) = (shapes.first(), shapes.last()) else {
        return Vec::new();
    };
    let mut sizes = vec![first.processes];
    while let Some(size) = sizes.last().copied().filter(|size| *size < last.processes) {
        sizes.push((size + size / CURVE_STEP + 1).min(last.processes));
    }
    let points = sizes.into_iter().filter_map(|processes| {
        let servers = if line.has_trees {
            first.servers
        } else {
            processes
        };
        let shape = Shape {
            processes,
            servers,
            ..*first
        };
        Some((processes as f64, formula(&shape)? as f64 / unit_size))
    });
    points.collect()
}

fn draw_legend(area: &Area<'_>) -> Result<(), Failure> {
    for (place, line) in (0..).zip(&LINES) {
        let x = 24 + place * LEGEND_WIDTH;
        let style = line.colour.stroke_width(2);
        area.draw(&PathElement::new([(x, 14), (x + 28, 14)], style))?;
        area.draw(&Circle::new((x + 14, 14), DOT_RADIUS, line.colour.filled()))?;
        area.draw(&Text::new(line.name, (x + 36, 8), (FONT, 13)))?;
    }
    Ok(())
}

impl Line {
    fn has(&self, shape: &Shape) -> bool {
        self.mode == shape.mode && self.has_trees == (shape.kernels() > 0)
    }
}

fn title(rows: &[Row]) -> String {
    let trees = rows.iter().find(|row| row.shape.kernels() > 0);
    let trees = trees.map_or_else(String::new, |row| {
        let shape = &row.shape;
        format!(
            "A ring of {} servers with trees of kernels, {} below each process, beside ",
            shape.servers, shape.degree
        )
    });
    format!("{trees}one flat ring of all: lines are formulas, dots are simulated")
}

/// The text of a tick, which is a power of ten or few times one.
fn number(figure: f64) -> String {
    if figure < 1.0 {
        return format!("{figure}");
    }
    let digits = format!("{figure:.0}");
    match digits.len().checked_sub(3) {
        Some(thousands) if figure >= 10_000.0 => {
            format!("{},{}", &digits[..thousands], &digits[thousands..])
        }
        _ => digits,
    }
}

const SIZE: (u32, u32) = (1320, 520);
const HEAD_HEIGHT: u32 = 36;
const LEGEND_HEIGHT: u32 = 34;
const LEGEND_WIDTH: i32 = 250;
const FONT: &str = "sans-serif";
const DOT_RADIUS: i32 = 4;
/// The next point of a curve is one part in so many further.
const CURVE_STEP: usize = 25;
const LINES: [Line; 4] = [
    Line {
        name: "servers and trees, one way",
        colour: RGBColor(31, 90, 220),
        mode: Mode::Unidirectional,
        has_trees: true,
    },
    Line {
        name: "servers and trees, both ways",
        colour: RGBColor(20, 140, 60),
        mode: Mode::Bidirectional,
        has_trees: true,
    },
    Line {
        name: "flat ring, one way",
        colour: RGBColor(214, 39, 40),
        mode: Mode::Unidirectional,
        has_trees: false,
    },
    Line {
        name: "flat ring, both ways",
        colour: RGBColor(230, 130, 0),
        mode: Mode::Bidirectional,
        has_trees: false,
    },
];
const PANELS: [Panel; 3] = [
    Panel {
        title: "Request until the last has delivered it",
        unit: "ms, with hops of 0.1 ms",
        figure: Figure::Request,
        unit_size: 1_000.0,
    },
    Panel {
        title: "View after a death at the last (the same one way and both)",
        unit: "ms after the detection",
        figure: Figure::ViewChange,
        unit_size: 1_000.0,
    },
    Panel {
        title: "Frames of one request at the busiest server",
        unit: "frames sent and received",
        figure: Figure::ServerFrames,
        unit_size: 1.0,
    },
];
