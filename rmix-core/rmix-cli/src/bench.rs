//! `rmix bench`: one operation, called again and again over one link.

mod load;
mod progress;
mod report;
mod tally;

use std::process::ExitCode;
use std::time::Instant;

use rmix::Value;

use crate::arguments::Bench;
use crate::failure::{self, Failure};
use crate::{json, output};

use report::Report;
use tally::{Budget, Tally};

/// Measures, and prints the figures.
///
/// # Errors
/// The peer cannot be reached at all. What fails later is counted, and is in the exit code.
pub(crate) fn run(options: &Bench) -> Result<ExitCode, Failure> {
    let arguments = json::arguments(&options.operation.arguments)?;
    let measured = if options.concurrency == 1 {
        load::one_at_a_time(options, &arguments)?
    } else {
        load::in_flight(options, arguments)?
    };
    let report = Report::new(options, &measured);
    output::result(&if options.json {
        json::text(&report, false)
    } else {
        report.shown()
    })?;
    Ok(ExitCode::from(exit_code(&measured.tally)))
}

/// What a measurement gave.
struct Measured {
    tally: Tally,
    seconds: f64,
    ended_early: bool,
}

impl Measured {
    fn new(tally: Tally, started: Instant, budget: &Budget) -> Measured {
        Measured {
            tally,
            seconds: started.elapsed().as_secs_f64(),
            ended_early: budget.is_hopeless(),
        }
    }
}

fn exit_code(tally: &Tally) -> u8 {
    match tally.errors().next() {
        Some((_, group)) => group.exit_code,
        None if tally.faults() > 0 => failure::FAULT,
        None => failure::OK,
    }
}

/// A method and its arguments, ready to be called once more.
#[derive(Clone)]
struct Repeated {
    method: String,
    arguments: Vec<Value>,
}
