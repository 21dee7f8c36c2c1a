//! Runs searches by name: `--list` shows them, `--all` runs every one.

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use rmix_modelcheck::runs::{self, First};

/// Exhaustive searches over small rings.
#[derive(Parser)]
struct Arguments {
    /// Only names
    #[arg(long)]
    list: bool,
    /// Every search, also those that take hours
    #[arg(long)]
    all: bool,
    /// Depth first: a tenth of the memory, but the ways to violations are not the shortest
    #[arg(long)]
    depth_first: bool,
    /// Threads
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Which searches; the small ones if none is named
    names: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let is_wanted = |run: &runs::Run| {
        arguments.all
            || arguments.names.iter().any(|name| name == run.name)
            || (arguments.names.is_empty() && run.is_small)
    };
    let mut passed = true;
    for run in runs::all() {
        if arguments.list {
            println!("{}{}", run.name, if run.is_small { " (gate)" } else { "" });
        } else if is_wanted(&run) {
            let start = Instant::now();
            let first = match arguments.depth_first {
                true => First::Deepest,
                false => First::Nearest,
            };
            let report = run.search(first, arguments.threads);
            let seconds = start.elapsed().as_secs_f64();
            println!(
                "{}: {} states, depth {}, {seconds:.1} s",
                run.name, report.states, report.depth
            );
            for violation in &report.violations {
                println!("  {violation}");
            }
            passed &= report.violations.is_empty();
        }
    }
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
