//! Memory per link that does nothing, at both ends: what the operating system says that a process takes, with one link
//! and with many, each of which has made one call. What the kernel takes for sockets is not in it.

use serde::Serialize;

use crate::cpu;
use crate::error::BenchError;
use crate::links::{LINKS, Link};
use crate::measure::Measure;
use crate::options::Options;
use crate::peers::{CAPNP, GSOAP, ICE, TARPC, TONIC};
use crate::place::Placement;
use crate::plan::Step;
use crate::process::Tools;
use crate::results::Results;
use crate::rounds::Pair;
use crate::table::{self, Table};

/// How many links, one of them there before.
const MANY: u32 = 256;

/// Peers of which a process can hold many links to one server. omniORB and Java's share them, ipc-channel and iceoryx2
/// have a place for few, and a pipe is a process.
const HOLDERS: [&str; 13] = [
    "raw tcp",
    "raw unix",
    "shm",
    "msgpack+tcp",
    "msgpack+unix",
    "sunrpc+tcp",
    "libtirpc",
    crate::peers::ours::SOAP,
    GSOAP,
    ICE,
    TARPC,
    CAPNP,
    TONIC,
];

/// What a link takes.
#[derive(Debug, Serialize)]
pub(crate) struct Idle {
    pub(crate) link: &'static str,
    pub(crate) client_kib: f64,
    pub(crate) server_kib: f64,
}

/// Measures all that are chosen. What fails is noted and left out.
pub(crate) fn measure(tools: &Tools, options: &Options, results: &mut Results) -> Vec<Idle> {
    let mut all = Vec::new();
    let steps: Vec<Step> = steps(options).collect();
    tools.build(steps.iter());
    for step in steps.into_iter().filter(|step| step.is_prepared(tools)) {
        match of(tools, &step) {
            Ok(idle) => all.push(idle),
            Err(failure) => results.failed(&step.label(), &failure),
        }
    }
    all
}

fn steps(options: &Options) -> impl Iterator<Item = Step> {
    let words: Vec<String> = options.only.split_whitespace().map(str::to_owned).collect();
    let holds = |link: &&Link| HOLDERS.contains(&link.name);
    let steps = LINKS.iter().filter(holds).map(|link| Step {
        link,
        measure: Measure::Links(MANY),
        placement: Placement::Cross,
    });
    steps.filter(move |step| words.iter().all(|word| step.label().contains(word)))
}

fn of(tools: &Tools, step: &Step) -> Result<Idle, BenchError> {
    let mut pair = Pair::start(tools, step, std::time::Duration::ZERO, false)?;
    let [client, server] = pair.ids()?;
    let taken = || Ok::<_, BenchError>([cpu::memory_kib(client)?, cpu::memory_kib(server)?]);
    let before = taken()?;
    pair.run(std::time::Duration::ZERO)?;
    let after = taken()?;
    let [client_kib, server_kib] =
        [0, 1].map(|side: usize| (after[side] - before[side]) / f64::from(MANY - 1));
    Ok(Idle {
        link: step.link.name,
        client_kib,
        server_kib,
    })
}

/// As a table; none when nothing was measured.
pub(crate) fn table(all: &[Idle]) -> Option<Table> {
    let line = |idle: &Idle| {
        let both = idle.client_kib + idle.server_kib;
        let cells = [idle.client_kib, idle.server_kib, both].map(table::number);
        std::iter::once(idle.link.to_owned()).chain(cells).collect()
    };
    (!all.is_empty()).then(|| Table {
        title: format!("memory per idle link, KiB: 1 to {MANY} links, each after one call"),
        heads: vec!["link", "client", "server", "both"],
        lines: all.iter().map(line).collect(),
    })
}
