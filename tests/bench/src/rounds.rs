//! Running the plan: rounds of all steps, each with fresh processes, and a bar that shows how far it is.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::error::BenchError;
use crate::measure::{CLIENTS, Figures, Measure, Report};
use crate::options::Options;
use crate::peers::Job;
use crate::place::{self, Spinners};
use crate::plan::Step;
use crate::process::{Process, Tools};
use crate::results::{Results, key};

/// Runs every step in every round. What fails is noted and left out.
pub(crate) fn run(tools: &Tools, plan: &[Step], options: &Options) -> Result<Results, BenchError> {
    place::put_first();
    let _spinners = Spinners::start(&tools.programs.spin)?;
    let mut results = Results::default();
    let steps = u64::try_from(plan.len()).expect("there are dozens") * u64::from(options.rounds());
    let bar = ProgressBar::new(steps);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed}<{eta} {msg}");
    bar.set_style(style.expect("the template is right"));
    for round in 0..options.rounds() {
        for step in plan {
            bar.set_message(step.label());
            match measure(tools, step, options.duration()) {
                Ok(Some(figures)) => {
                    let key = key(step.placement, step.measure, step.link);
                    results.put(key, round, figures);
                }
                Ok(None) => {}
                Err(failure) => results.failed(&step.label(), &failure),
            }
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    Ok(results)
}

/// One measurement; None where a program is not installed.
fn measure(tools: &Tools, step: &Step, duration: Duration) -> Result<Option<Figures>, BenchError> {
    let clients = match step.measure {
        Measure::Clients => CLIENTS,
        _ => 1,
    };
    let Some(mut pair) = Pair::start(tools, step, duration, clients)? else {
        return Ok(None);
    };
    let reports = pair.run(duration)?;
    Ok(Some(Figures::of(step.measure, &reports)))
}

/// A server and its clients, warmed up.
pub(crate) struct Pair {
    pub(crate) clients: Vec<Process>,
    /// None where the client has it as its child. Ended after the clients.
    pub(crate) server: Option<Process>,
}

impl Pair {
    /// Starts all and waits until all are ready; None where a program is not installed.
    pub(crate) fn start(
        tools: &Tools,
        step: &Step,
        duration: Duration,
        clients: usize,
    ) -> Result<Option<Pair>, BenchError> {
        let mut address = String::from("-");
        let mut server = None;
        if let Some(mut command) = step.link.server.server(tools, step.placement) {
            let (process, said) = Process::start(&mut command)?;
            server = Some(process);
            address = said;
        }
        let job = Job {
            measure: step.measure,
            placement: step.placement,
            milliseconds: duration.as_millis(),
            address: &address,
            server: server.as_ref().map_or(0, Process::id),
        };
        let mut pair = Pair {
            clients: Vec::new(),
            server,
        };
        for _ in 0..clients {
            let Some(mut command) = step.link.client.client(tools, &job) else {
                return Ok(None);
            };
            pair.clients.push(Process::start(&mut command)?.0);
        }
        Ok(Some(pair))
    }

    /// Lets the clients measure and waits for their reports.
    pub(crate) fn run(&mut self, duration: Duration) -> Result<Vec<Report>, BenchError> {
        for client in &mut self.clients {
            client.go()?;
        }
        self.clients
            .iter()
            .map(|client| client.report(duration))
            .collect()
    }
}
