//! Running the plan: rounds of all steps, each with fresh processes, and a bar that shows how far it is.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::cpu;
use crate::error::BenchError;
use crate::measure::{Figures, Report};
use crate::options::Options;
use crate::peers::{Client, Job, Side};
use crate::place::{self, Spinners};
use crate::plan::Step;
use crate::process::{Process, Tools};
use crate::results::{Results, key};
use crate::standing::{Post, Shared};

/// Runs every step in every round. What fails is noted and left out.
pub(crate) fn run(tools: &Tools, plan: &[Step], options: &Options) -> Result<Results, BenchError> {
    tools.build(plan.iter());
    let prepared = |step: &&Step| step.is_prepared(tools);
    let plan: Vec<&Step> = plan.iter().filter(prepared).collect();
    place::put_first();
    let _spinners = Spinners::start(&tools.spin)?;
    let mut results = Results::default();
    let steps = u64::try_from(plan.len()).expect("there are dozens") * u64::from(options.rounds());
    let bar = ProgressBar::new(steps);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed}<{eta} {msg}");
    bar.set_style(style.expect("the template is right"));
    for round in 0..options.rounds() {
        for step in &plan {
            bar.set_message(step.label());
            match measure(tools, step, options.duration(), round == 0) {
                Ok(figures) => {
                    let key = key(step.placement, step.measure, step.link);
                    results.put(key, round, figures);
                }
                Err(failure) => {
                    step.sides()
                        .iter()
                        .for_each(|side| tools.standing.dismiss(*side));
                    results.failed(&step.label(), &failure);
                }
            }
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    Ok(results)
}

/// One measurement.
pub(crate) fn measure(
    tools: &Tools,
    step: &Step,
    duration: Duration,
    first: bool,
) -> Result<Figures, BenchError> {
    let mut pair = Pair::start(tools, step, duration, first)?;
    let begun = Instant::now();
    let reports = pair.run(duration)?;
    Ok(Figures::of(step.measure, &reports, begun.elapsed()))
}

/// A server and its clients, warmed up.
pub(crate) struct Pair {
    pub(crate) clients: Vec<Shared>,
    /// None where the client has it as its child. Ended after the clients.
    pub(crate) server: Option<Shared>,
}

impl Pair {
    /// Starts all that do not stand, and waits until all are ready.
    pub(crate) fn start(
        tools: &Tools,
        step: &Step,
        duration: Duration,
        first: bool,
    ) -> Result<Pair, BenchError> {
        let mut address = String::from("-");
        let mut server = None;
        if let Some((process, said)) = start_server(tools, step)? {
            server = Some(process);
            address = said;
        }
        let job = Job {
            measure: step.measure,
            placement: step.placement,
            milliseconds: duration.as_millis(),
            address: &address,
            server: server.as_ref().map_or(0, |server| server.borrow().id()),
            warm_up: tools.warm_up(first),
        };
        let mut pair = Pair {
            clients: Vec::new(),
            server,
        };
        let clients = match step.link.client.is_many_clients() {
            true => 1,
            false => step.measure.clients(),
        };
        for _ in 0..clients {
            let client = match step.link.client.client(tools, &job) {
                Client::Start(mut command) => shared(Process::start(&mut command)?.0),
                Client::Tell(line) => told(tools, step, &line)?,
            };
            pair.clients.push(client);
        }
        Ok(pair)
    }

    /// The process ids of the only client and of the server, which may be the client's child.
    pub(crate) fn ids(&self) -> Result<[u32; 2], BenchError> {
        let [client] = &self.clients[..] else {
            return Err(BenchError::Wrong {
                what: "looking for the only client: there are several",
            });
        };
        let client = client.borrow().id();
        let server = match &self.server {
            Some(server) => server.borrow().id(),
            None => cpu::child_of(client)?,
        };
        Ok([client, server])
    }

    /// Lets both ends come to their end by themselves, clients first.
    pub(crate) fn end(self) -> Result<(), BenchError> {
        for process in self.clients.iter().chain(&self.server) {
            process.borrow_mut().end()?;
        }
        Ok(())
    }

    /// Lets the clients measure and waits for their reports.
    pub(crate) fn run(&mut self, duration: Duration) -> Result<Vec<Report>, BenchError> {
        for client in &self.clients {
            client.borrow_mut().go()?;
        }
        self.clients
            .iter()
            .map(|client| client.borrow().report(duration))
            .collect()
    }
}

fn shared(process: Process) -> Shared {
    Rc::new(RefCell::new(process))
}

/// The server, with what it said; None where the client starts it.
fn start_server(tools: &Tools, step: &Step) -> Result<Option<(Shared, String)>, BenchError> {
    let side = step.link.server;
    let Some(mut command) = side.server(tools, step.placement) else {
        return Ok(None);
    };
    if !side.stands() {
        let (process, said) = Process::start(&mut command)?;
        return Ok(Some((shared(process), said)));
    }
    let post = Post {
        side,
        is_server: true,
        core: step.placement.server_core(),
    };
    tools.standing.at(post, || command).map(Some)
}

/// The client that stands, with this job.
fn told(tools: &Tools, step: &Step, job: &str) -> Result<Shared, BenchError> {
    let side: Side = step.link.client;
    let post = Post {
        side,
        is_server: false,
        core: step.placement.client_core(),
    };
    let command = || side.standing_client(tools, step.placement);
    let (client, _) = tools.standing.at(post, command)?;
    client.borrow_mut().tell(job)?;
    Ok(client)
}
