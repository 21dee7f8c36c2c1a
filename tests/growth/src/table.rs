//! The rows as tab-separated values and as a table to be read.

use harness_ring::Mode;

use super::measure::{Figure, Row};

/// The head of a figure's columns, with its unit.
fn head(figure: Figure) -> &'static str {
    match figure {
        Figure::Request => "request us",
        Figure::RingFrames => "ring frames",
        Figure::TreeFrames => "tree frames",
        Figure::ServerFrames => "busiest server frames",
        Figure::ViewChange => "view change us",
        Figure::Attach => "orphans attached us",
        Figure::Attached => "subtrees to one server",
        Figure::Interrupted => "interrupted request us",
        Figure::RequestAfter => "request after us",
    }
}

/// A line for each row; each figure as simulated and as its formula says, empty where there is none.
pub fn tsv(rows: &[Row]) -> String {
    let mut text = "processes\tservers\tdepth\tways".to_owned();
    for figure in Figure::ALL {
        let head = head(figure);
        text += &format!("\t{head}\t{head} by formula");
    }
    text.push('\n');
    for row in rows {
        text += &names(row).join("\t");
        for figure in Figure::ALL {
            let (simulated, formula) = (row.simulated(figure), row.formula(figure));
            text += &format!("\t{}\t{}", shown(simulated, ""), shown(formula, ""));
        }
        text.push('\n');
    }
    text
}

/// Columns side by side, each figure as `simulated/formula`.
pub fn aligned(rows: &[Row]) -> String {
    let heads = ["processes", "servers", "depth", "ways"].map(str::to_owned);
    let mut lines = vec![heads.to_vec()];
    lines[0].extend(Figure::ALL.map(|figure| head(figure).to_owned()));
    for row in rows {
        let mut cells = names(row).to_vec();
        cells.extend(Figure::ALL.map(|figure| {
            let (simulated, formula) = (row.simulated(figure), row.formula(figure));
            format!("{}/{}", shown(simulated, "-"), shown(formula, "-"))
        }));
        lines.push(cells);
    }
    let width = |column: usize| lines.iter().map(|line| line[column].len()).max();
    let widths: Vec<_> = (0..lines[0].len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        for (cell, width) in line.iter().zip(&widths) {
            text += &format!("{cell:>width$}  ", width = width.unwrap_or(0));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

fn names(row: &Row) -> [String; 4] {
    let shape = &row.shape;
    let ways = match shape.mode {
        Mode::Unidirectional => "one",
        Mode::Bidirectional => "both",
    };
    [
        shape.processes.to_string(),
        shape.servers.to_string(),
        shape.depth().to_string(),
        ways.to_owned(),
    ]
}

fn shown(figure: Option<u64>, none: &str) -> String {
    figure.map_or(none.to_owned(), |figure| figure.to_string())
}
