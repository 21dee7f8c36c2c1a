//! Simulates how a cluster grows, prints the table, and writes it with its drawing into a folder.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use rmix_growth::cluster::Timing;
use rmix_growth::{drawing, table};

/// Simulate 64 to 10,000 processes beside the formulas, and write a table and a drawing.
#[derive(Parser)]
struct Arguments {
    /// The folder for ring-growth.tsv and ring-growth.svg
    folder: PathBuf,
}

fn main() -> ExitCode {
    match grow(&Arguments::parse().folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(how) => {
            eprintln!("{how}");
            ExitCode::FAILURE
        }
    }
}

fn grow(folder: &Path) -> Result<(), String> {
    let timing = Timing::default();
    let rows = rmix_growth::rows(timing).map_err(|broken| broken.join("\n"))?;
    print!("{}", table::aligned(&rows));
    let file = folder.join("ring-growth.tsv");
    let written = std::fs::write(&file, table::tsv(&rows));
    written.map_err(|error| format!("{}: {error}", file.display()))?;
    drawing::write(&rows, timing, &folder.join("ring-growth.svg"))
}
