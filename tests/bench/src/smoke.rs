//! Every peer, built and asked for a moment, so that none rots unseen. Says nothing about speed.

use std::time::{Duration, Instant};

use crate::error::{BenchError, with_causes};
use crate::links::{LINKS, Link};
use crate::peers::Side;
use crate::place::Placement;
use crate::plan::Step;
use crate::process::Tools;
use crate::{ring, rounds};

/// Builds and asks all; `false` when one could not be built or does not answer.
///
/// # Errors
/// There is no C compiler.
pub(crate) fn run() -> Result<bool, BenchError> {
    let tools = Tools::without_providers()?;
    let steps: Vec<Step> = LINKS.iter().filter(is_foreign).map(step).collect();
    let begun = Instant::now();
    tools.build(steps.iter());
    let mut is_whole = ring::build_peers(&tools);
    println!("built in {:.1} s", begun.elapsed().as_secs_f64());
    for step in &steps {
        let label = step.label();
        if !step.is_prepared(&tools) {
            println!("{label}: not built");
            is_whole = false;
            continue;
        }
        let begun = Instant::now();
        match rounds::measure(&tools, step, MOMENT, false) {
            Ok(_) => println!("{label}: answers, {:.1} s", begun.elapsed().as_secs_f64()),
            Err(failure) => {
                println!("{label}: {}", with_causes(&failure));
                is_whole = false;
            }
        }
    }
    Ok(is_whole)
}

/// Whether no end of it is ours: ours have tests of their own.
fn is_foreign(link: &&Link) -> bool {
    let ends = [link.client, link.server];
    !ends.iter().any(|side| matches!(side, Side::Ours(_)))
}

/// The first that a link can do.
fn step(link: &'static Link) -> Step {
    let placement = match link.needs_cores() {
        true => Placement::Cross,
        false => Placement::Same,
    };
    Step {
        link,
        measure: link.measures[0],
        placement,
    }
}

/// Enough for a few calls.
const MOMENT: Duration = Duration::from_millis(10);
