//! Runs seeds and prints what happened; a failure prints its seed and the command that repeats it.

use std::process::ExitCode;

use clap::Parser;
use rmix_sim::options::Options;
use rmix_sim::report::{Statistics, replay};
use rmix_sim::world::World;

/// Whole rings under seeded faults.
#[derive(Parser)]
struct Arguments {
    /// The first seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds, one after the other
    #[arg(long, default_value_t = 200)]
    runs: u64,
    /// Stop at the first seed that fails
    #[arg(long)]
    until_failure: bool,
    /// Print everything that happens
    #[arg(long)]
    trace: bool,
    /// Founders, instead of what the seed says
    #[arg(long)]
    founders: Option<usize>,
    /// Threads
    #[arg(long, default_value_t = 1)]
    threads: u64,
}

fn main() -> ExitCode {
    let arguments = &Arguments::parse();
    let threads = arguments.threads.max(1);
    let (failures, statistics) = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| scope.spawn(move || run(arguments, worker, threads)))
            .collect();
        let mut total = Statistics::default();
        let mut failures = 0;
        for worker in workers {
            let (failed, statistics) = worker.join().expect("a run does not panic");
            failures += failed;
            total.merge(&statistics);
        }
        (failures, total)
    });
    println!("{} runs, {failures} failures", arguments.runs);
    println!("{statistics}");
    if failures == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn run(arguments: &Arguments, worker: u64, threads: u64) -> (u64, Statistics) {
    let mut failures = 0;
    let mut total = Statistics::default();
    for run in (0..arguments.runs).filter(|run| run % threads == worker) {
        let mut options = Options::from_seed(arguments.seed + run);
        options.founders = arguments.founders.unwrap_or(options.founders);
        if arguments.trace {
            println!("{options:#?}");
        }
        let shown = format!("{options:?}");
        let seed = options.seed;
        // A broken assertion of the ring is a broken promise, too; its text is printed where it breaks.
        let outcome = std::panic::catch_unwind(|| World::new(options, arguments.trace).run());
        let violations = match outcome {
            Ok(report) => {
                total.merge(&report.statistics);
                report.violations
            }
            Err(_) => vec!["it panicked".to_owned()],
        };
        if !violations.is_empty() {
            failures += 1;
            println!("seed {seed}: {}", violations.join("; "));
            println!("  {shown}");
            println!("  {}", replay(seed));
            if arguments.until_failure {
                std::process::exit(1);
            }
        }
    }
    (failures, total)
}
