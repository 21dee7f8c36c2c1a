//! Group communication: the control ring beside a raw ring of TCP connections and corosync's process groups, each member
//! a process in a network namespace of its own. Every run compares the logs of all members.

mod figures;
mod group;
mod growth;
mod logs;
mod member;
mod network;
mod system;
mod table;
mod targets;

use indicatif::{ProgressBar, ProgressStyle};

use crate::error::BenchError;
use crate::options::Options;
use crate::place::{self, Spinners};
use crate::process::Tools;

pub(crate) use figures::{RingResults, Written};
use group::Group;
pub(crate) use growth::{measure as measure_growth, table as growth_table, write as write_growth};
pub(crate) use member::run as run_member;
use network::Network;
use system::{Measure, SIZES, System};
pub(crate) use table::tables;

/// A system in a ring of so many, with what is measured of it.
struct Step {
    members: usize,
    system: System,
    measures: Vec<Measure>,
}

/// Builds what rings are compared with; `false` where that is not possible, which is said.
pub(crate) fn build_peers(tools: &Tools) -> bool {
    let built = System::ALL.map(|system| system.prepare(tools));
    built.iter().all(|is_built| *is_built)
}

/// What `--only` chooses by.
fn label(members: usize, system: System, measure: Measure) -> String {
    format!("ring n={members} {} {}", system.name(), measure.word())
}

fn plan(options: &Options) -> Vec<Step> {
    let words: Vec<&str> = options.only.split_whitespace().collect();
    let chosen = |members, system, measure| {
        let label = label(members, system, measure);
        words.iter().all(|word| label.contains(word))
    };
    let mut steps = Vec::new();
    for members in SIZES {
        for system in System::ALL {
            let measures = Measure::ALL
                .into_iter()
                .filter(|measure| system.can(*measure));
            let any = |measure: &Measure| {
                // Hops are what latencies are compared with.
                chosen(members, system, *measure)
                    || (system == System::Raw
                        && System::ALL
                            .iter()
                            .any(|other| chosen(members, *other, *measure)))
            };
            let measures: Vec<_> = measures.filter(any).collect();
            if !measures.is_empty() {
                steps.push(Step {
                    members,
                    system,
                    measures,
                });
            }
        }
    }
    steps
}

/// Measures what is chosen, round by round. What fails is noted and left out.
pub(crate) fn measure(tools: &Tools, options: &Options) -> Result<RingResults, BenchError> {
    let mut results = RingResults::default();
    let mut steps = plan(options);
    if steps.is_empty() {
        return Ok(results);
    }
    steps.retain(|step| step.system.prepare(tools));
    place::put_first();
    let _spinners = Spinners::start(&tools.spin)?;
    let turns = u64::try_from(steps.len()).expect("there are dozens") * u64::from(options.rounds());
    let bar = ProgressBar::new(turns);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed}<{eta} {msg}");
    bar.set_style(style.expect("the template is right"));
    for round in 0..options.rounds() {
        for step in &steps {
            bar.set_message(format!("ring n={} {}", step.members, step.system.name()));
            if let Err(failure) = run(tools, step, options, &mut results) {
                let what = format!(
                    "round {round}, ring n={} {}",
                    step.members,
                    step.system.name()
                );
                results.failed(&what, &failure);
            }
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    Ok(results)
}

/// All measures of one system in one round: one group for all but the last, which ends members.
fn run(
    tools: &Tools,
    step: &Step,
    options: &Options,
    results: &mut RingResults,
) -> Result<(), BenchError> {
    let network = Network::start(step.members)?;
    results.place = network.what();
    if !step.system.can_on(&network) {
        return Ok(());
    }
    let mut group = Group::start(tools, &network, step.system, step.members)?;
    for measure in &step.measures {
        let (figures, broken) = group.measure(*measure, options.duration())?;
        let label = label(step.members, step.system, *measure);
        broken
            .iter()
            .for_each(|promise| results.broken(&label, promise));
        results.put(step.members, step.system, *measure, figures);
    }
    Ok(())
}
