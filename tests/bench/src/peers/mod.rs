//! The measured programs: how each is built, and started as server and as client. One file per peer.

mod gsoap;
mod ice;
mod java;
mod jaxws;
mod native;
#[cfg(not(has_capnp))]
mod no_capnp;
mod omniorb;
pub(crate) mod ours;
mod raw;
mod rmi;
#[cfg(has_capnp)]
pub(crate) mod rust_capnp;
pub(crate) mod rust_iceoryx;
pub(crate) mod rust_ipc;
pub(crate) mod rust_tarpc;
pub(crate) mod rust_tonic;
mod tirpc;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::error::BenchError;
use crate::measure::Measure;
use crate::place::Placement;
use crate::process::Tools;
#[cfg(not(has_capnp))]
pub(crate) use no_capnp as rust_capnp;

/// Builds a peer in a folder, and gives the path of what is started.
pub(crate) type Build = fn(&Path) -> Result<PathBuf, BenchError>;

/// One end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Ours over a provider: this program.
    Ours(&'static str),
    /// A peer in Rust, by its name: this program, too.
    Rust(&'static str),
    /// The C program `raw` over a transport.
    Raw(&'static str),
    /// The C program `tirpc` over a transport.
    Tirpc(&'static str),
    /// A peer in C or C++, by its name.
    Native(&'static str),
    /// A peer in Java, by its name.
    Java(&'static str),
}

pub(crate) const GSOAP: &str = "gSOAP";
pub(crate) const OMNIORB: &str = "omniORB";
pub(crate) const ICE: &str = "ZeroC Ice";
pub(crate) const JAXWS: &str = "JAX-WS";
pub(crate) const RMI: &str = "Java RMI";
pub(crate) const TARPC: &str = "tarpc";
pub(crate) const TONIC: &str = "tonic";
pub(crate) const CAPNP: &str = "Cap'n Proto";
pub(crate) const IPC_CHANNEL: &str = "ipc-channel";

/// What a client is to do.
pub(crate) struct Job<'a> {
    pub(crate) measure: Measure,
    pub(crate) placement: Placement,
    pub(crate) milliseconds: u128,
    /// What the server printed.
    pub(crate) address: &'a str,
    /// Its process id; 0 when the client starts it.
    pub(crate) server: u32,
    /// How long clients that stand call before they measure.
    pub(crate) warm_up: Duration,
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
    /// What must be built for it, and how; None where nothing must.
    pub(crate) fn building(self) -> Option<(&'static str, Build)> {
        match self {
            Side::Rust(CAPNP) => Some((CAPNP, rust_capnp::build)),
            Side::Ours(_) | Side::Rust(_) | Side::Raw(_) => None,
            Side::Tirpc(_) => Some(("libtirpc", tirpc::build)),
            Side::Native(OMNIORB) => Some((OMNIORB, omniorb::build)),
            Side::Native(ICE) => Some((ICE, ice::build)),
            Side::Native(name) => Some((name, gsoap::build)),
            Side::Java(RMI) => Some((RMI, rmi::build)),
            Side::Java(name) => Some((name, jaxws::build)),
        }
    }

    /// Whether what it needs was built, or is not needed.
    pub(crate) fn is_prepared(self, tools: &Tools) -> bool {
        self.building()
            .is_none_or(|(name, _)| tools.built(name).is_some())
    }

    /// What was built for it.
    fn built(self, tools: &Tools) -> PathBuf {
        let built = self.building().and_then(|(name, _)| tools.built(name));
        built.expect("a step runs when both ends could be prepared")
    }

    /// Whether its processes stay for all rounds, because they are slow to start.
    pub(crate) fn stands(self) -> bool {
        matches!(self, Side::Java(_))
    }

    /// Whether one process makes all the clients of a measure.
    pub(crate) fn is_many_clients(self) -> bool {
        self.stands()
    }

    /// The server's command; None where the client starts it as its child.
    pub(crate) fn server(self, tools: &Tools, placement: Placement) -> Option<Command> {
        match self {
            Side::Ours(name) | Side::Rust(name) => ours::serve_command(tools, name, placement),
            Side::Raw(transport) => raw::serve_command(tools, transport, placement),
            Side::Tirpc(name) => Some(tirpc::serve_command(&self.built(tools), name, placement)),
            Side::Native(_) => Some(native::serve_command(&self.built(tools), placement)),
            Side::Java(_) => Some(self.java(tools, placement.server_core(), "serve")),
        }
    }

    /// The client.
    pub(crate) fn client(self, tools: &Tools, job: &Job<'_>) -> Client {
        Client::Start(match self {
            Side::Ours(name) | Side::Rust(name) => ours::call_command(tools, name, job),
            Side::Raw(transport) => raw::call_command(tools, transport, job),
            Side::Tirpc(name) => tirpc::call_command(&self.built(tools), name, job),
            Side::Native(_) => native::call_command(&self.built(tools), job),
            Side::Java(_) => return Client::Tell(java::job_line(job)),
        })
    }

    /// The command of a client that stands.
    pub(crate) fn standing_client(self, tools: &Tools, placement: Placement) -> Command {
        self.java(tools, placement.client_core(), "call")
    }

    fn java(self, tools: &Tools, core: u32, role: &str) -> Command {
        let command = match self {
            Side::Java(RMI) => rmi::command,
            _ => jaxws::command,
        };
        command(&self.built(tools), core, role)
    }
}

/// The URL that an endpoint of ours over SOAP has; other addresses stay what they are.
fn url(address: &str) -> &str {
    address.strip_prefix("soap+").unwrap_or(address)
}
