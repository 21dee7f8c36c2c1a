//! The measured programs: how each is built, and started as server and as client. One file per peer.

mod gsoap;
mod java;
mod jaxws;
pub(crate) mod ours;
mod raw;
pub(crate) mod rust_tarpc;
mod tirpc;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::BenchError;
use crate::measure::Measure;
use crate::place::Placement;
use crate::process::Tools;

/// One end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Ours, or a Rust peer: this program under the peer's name.
    Rust(&'static str),
    /// The C program `raw` over a transport.
    Raw(&'static str),
    /// The C program `tirpc` over a transport.
    Tirpc(&'static str),
    /// The C program `gsoap`.
    Gsoap,
    /// The Java program `SoapPeer`.
    JaxWs,
}

/// What a client is to do.
pub(crate) struct Job<'a> {
    pub(crate) measure: Measure,
    pub(crate) placement: Placement,
    pub(crate) milliseconds: u128,
    /// What the server printed.
    pub(crate) address: &'a str,
    /// Its process id; 0 when the client starts it.
    pub(crate) server: u32,
    /// Whether it is the first of its kind in this run.
    pub(crate) first: bool,
}

impl Job<'_> {
    /// The word for a measure that C programs know: many clients are each a client with null calls.
    fn c_word(&self) -> String {
        match self.measure {
            Measure::Clients(_) | Measure::NullAsync => Measure::Null.word(),
            other => other.word(),
        }
    }
}

/// How to get a client to work.
pub(crate) enum Client {
    /// Start this for one job.
    Start(Command),
    /// Tell the one that stands.
    Tell(String),
}

impl Side {
    /// The name of what must be built for it; None where nothing must.
    fn name(self) -> Option<&'static str> {
        match self {
            Side::Rust(_) | Side::Raw(_) => None,
            Side::Tirpc(_) => Some("libtirpc"),
            Side::Gsoap => Some("gSOAP"),
            Side::JaxWs => Some("JAX-WS"),
        }
    }

    /// Builds what it needs, unless that is done; false where that is not possible, because it is not installed.
    pub(crate) fn prepare(self, tools: &Tools) -> bool {
        let build: fn(&Path) -> Result<PathBuf, BenchError> = match self {
            Side::Rust(_) | Side::Raw(_) => return true,
            Side::Tirpc(_) => tirpc::build,
            Side::Gsoap => gsoap::build,
            Side::JaxWs => jaxws::build,
        };
        let name = self.name().expect("it is built");
        tools.build(name, build).is_some()
    }

    /// What was built for it.
    fn built(self, tools: &Tools) -> PathBuf {
        let name = self.name().expect("it is built");
        tools
            .built(name)
            .expect("a step runs when both ends could be prepared")
    }

    /// Whether its processes stay for all rounds, because they are slow to start.
    pub(crate) fn stands(self) -> bool {
        self == Side::JaxWs
    }

    /// Whether one process makes all the clients of a measure.
    pub(crate) fn is_many_clients(self) -> bool {
        self.stands()
    }

    /// The server's command; None where the client starts it as its child.
    pub(crate) fn server(self, tools: &Tools, placement: Placement) -> Option<Command> {
        match self {
            Side::Rust(name) => ours::serve_command(tools, name, placement),
            Side::Raw(transport) => raw::serve_command(tools, transport, placement),
            Side::Tirpc(name) => Some(tirpc::serve_command(&self.built(tools), name, placement)),
            Side::Gsoap => Some(gsoap::serve_command(&self.built(tools), placement)),
            Side::JaxWs => {
                let core = placement.server_core();
                Some(jaxws::command(&self.built(tools), core, "serve"))
            }
        }
    }

    /// The client.
    pub(crate) fn client(self, tools: &Tools, job: &Job<'_>) -> Client {
        Client::Start(match self {
            Side::Rust(name) => ours::call_command(tools, name, job),
            Side::Raw(transport) => raw::call_command(tools, transport, job),
            Side::Tirpc(name) => tirpc::call_command(&self.built(tools), name, job),
            Side::Gsoap => gsoap::call_command(&self.built(tools), job),
            Side::JaxWs => return Client::Tell(java::job_line(job, &gsoap::url(job.address))),
        })
    }

    /// The command of a client that stands.
    pub(crate) fn standing_client(self, tools: &Tools, placement: Placement) -> Command {
        let core = placement.client_core();
        jaxws::command(&self.built(tools), core, "call")
    }
}
