//! Lines of many links in two panels with one scale: ours thick, raw transports dotted, peers thin, names at the side in
//! the order in which the lines end. It knows nothing of measuring.

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::error::BenchError;
use crate::links::Link;
use crate::peers::Side;
use crate::table::number;

const SIZE: (u32, u32) = (1240, 560);
const TITLE_HEIGHT: u32 = 34;
const NAMES_WIDTH: u32 = 150;
const NAME_HEIGHT: i32 = 19;
const FONT: &str = "sans-serif";

const OURS: [RGBColor; 6] = [
    RGBColor(31, 90, 220),
    RGBColor(214, 39, 40),
    RGBColor(20, 140, 60),
    RGBColor(150, 60, 190),
    RGBColor(230, 110, 0),
    RGBColor(0, 150, 160),
];
const PEERS: [RGBColor; 10] = [
    RGBColor(120, 120, 200),
    RGBColor(205, 130, 130),
    RGBColor(130, 175, 120),
    RGBColor(190, 150, 60),
    RGBColor(160, 110, 160),
    RGBColor(110, 170, 190),
    RGBColor(170, 140, 110),
    RGBColor(220, 150, 190),
    RGBColor(120, 140, 90),
    RGBColor(140, 90, 60),
];
const RAW: RGBColor = RGBColor(70, 70, 70);

/// The line of a link: places on the axis, and figures.
pub(crate) struct Line {
    pub(crate) link: &'static Link,
    pub(crate) points: Vec<(i32, f64)>,
}

/// A drawing.
pub(crate) struct Drawing<'a> {
    pub(crate) title: &'a str,
    /// What grows.
    pub(crate) x: &'a str,
    /// The places on its axis.
    pub(crate) steps: Vec<String>,
    pub(crate) panels: [(&'a str, Vec<Line>); 2],
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Failure = DrawingAreaErrorKind<<SVGBackend<'static> as DrawingBackend>::ErrorType>;

/// How a line is drawn.
#[derive(Clone, Copy)]
struct Pen {
    colour: RGBColor,
    width: u32,
    is_dotted: bool,
}

impl Drawing<'_> {
    /// Writes it as SVG; nothing where there is no line.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write(&self, file: &Path) -> Result<(), BenchError> {
        let mut low = f64::MAX;
        let mut high = 0.0_f64;
        for (_, figure) in self.lines().flat_map(|line| &line.points) {
            low = low.min(*figure);
            high = high.max(*figure);
        }
        if high <= 0.0 {
            return Ok(());
        }
        let drawn = self.draw(file, (low / 1.4, high * 1.4));
        drawn.map_err(|failure| BenchError::Drawing {
            path: file.to_owned(),
            complaint: failure.to_string(),
        })
    }

    fn lines(&self) -> impl Iterator<Item = &Line> {
        self.panels.iter().flat_map(|(_, lines)| lines)
    }

    fn draw(&self, file: &Path, range: (f64, f64)) -> Result<(), Failure> {
        let area = SVGBackend::new(file, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        let (head, body) = area.split_vertically(TITLE_HEIGHT);
        head.draw(&Text::new(self.title, (16, 10), (FONT, 18)))?;
        let present: Vec<_> = self
            .panels
            .iter()
            .filter(|(_, lines)| !lines.is_empty())
            .collect();
        let areas = body.split_evenly((1, present.len()));
        for (area, (name, lines)) in areas.iter().zip(present) {
            self.panel(area, name, lines, range)?;
        }
        area.present()
    }

    fn panel(
        &self,
        area: &Area<'_>,
        name: &str,
        lines: &[Line],
        (low, high): (f64, f64),
    ) -> Result<(), Failure> {
        let (width, _) = area.dim_in_pixel();
        let (chart_area, names) = area.split_horizontally(width.saturating_sub(NAMES_WIDTH));
        let last = i32::try_from(self.steps.len()).unwrap_or(i32::MAX) - 1;
        let mut chart = ChartBuilder::on(&chart_area)
            .caption(name, (FONT, 15))
            .margin(10)
            .x_label_area_size(44)
            .y_label_area_size(62)
            .build_cartesian_2d(0..last.max(1), (low..high).log_scale())?;
        let step = |place: &i32| {
            let place = usize::try_from(*place).ok();
            place
                .and_then(|place| self.steps.get(place))
                .cloned()
                .unwrap_or_default()
        };
        chart
            .configure_mesh()
            .x_desc(self.x)
            .x_labels(self.steps.len())
            .x_label_formatter(&step)
            .x_label_style((FONT, 11))
            .y_label_style((FONT, 12))
            .y_label_formatter(&|figure| number(*figure))
            .bold_line_style(RGBColor(225, 225, 225))
            .light_line_style(WHITE)
            .draw()?;
        let mut ends = Vec::new();
        for (line, pen) in lines.iter().zip(pens(lines)) {
            let points = line.points.iter().copied();
            let style = pen.colour.stroke_width(pen.width);
            if pen.is_dotted {
                chart.draw_series(DashedLineSeries::new(points, 3, 3, style))?;
            } else {
                chart.draw_series(LineSeries::new(points, style))?;
            }
            ends.extend(
                line.points
                    .last()
                    .map(|(_, figure)| (*figure, line.link.name, pen)),
            );
        }
        ends.sort_by(|one, other| other.0.total_cmp(&one.0));
        write_names(&names, &ends)
    }
}

/// A pen for each line, none twice in a panel as long as there are colours.
fn pens(lines: &[Line]) -> impl Iterator<Item = Pen> {
    let mut ours = OURS.into_iter().cycle();
    let mut peers = PEERS.into_iter().cycle();
    lines.iter().map(move |line| match line.link.client {
        Side::Ours(_) => Pen {
            colour: ours.next().unwrap_or(BLACK),
            width: 3,
            is_dotted: false,
        },
        Side::Raw(_) => Pen {
            colour: RAW,
            width: 2,
            is_dotted: true,
        },
        _ => Pen {
            colour: peers.next().unwrap_or(BLACK),
            width: 2,
            is_dotted: false,
        },
    })
}

fn write_names(area: &Area<'_>, ends: &[(f64, &str, Pen)]) -> Result<(), Failure> {
    for (row, (_, name, pen)) in (0..).zip(ends) {
        let y = 44 + row * NAME_HEIGHT;
        let style = pen.colour.stroke_width(pen.width);
        let dashes: &[(i32, i32)] = if pen.is_dotted {
            &[(0, 5), (8, 13), (16, 21)]
        } else {
            &[(0, 21)]
        };
        for (from, to) in dashes {
            area.draw(&PathElement::new([(*from, y + 6), (*to, y + 6)], style))?;
        }
        area.draw(&Text::new(*name, (28, y), (FONT, 13)))?;
    }
    Ok(())
}
