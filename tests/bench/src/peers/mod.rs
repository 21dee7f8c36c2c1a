//! The measured programs: how each is started as server and as client. One file per peer.

pub(crate) mod ours;
pub(crate) mod raw;
pub(crate) mod rust_tarpc;
pub(crate) mod tirpc;

use std::process::Command;

use crate::measure::Measure;
use crate::place::Placement;
use crate::process::Tools;

/// One end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Ours, or tarpc: this program under the peer's name.
    Rust(&'static str),
    /// The C program `raw` over a transport.
    Raw(&'static str),
    /// The C program `tirpc` over a transport.
    Tirpc(&'static str),
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
}

impl Side {
    /// The server's command; None where the client starts it as its child.
    pub(crate) fn server(self, tools: &Tools, placement: Placement) -> Option<Command> {
        match self {
            Side::Rust(name) => ours::serve_command(tools, name, placement),
            Side::Raw(transport) => raw::serve_command(tools, transport, placement),
            Side::Tirpc(transport) => tirpc::serve_command(tools, transport, placement),
        }
    }

    /// The client's command; None where the program is not there.
    pub(crate) fn client(self, tools: &Tools, job: &Job<'_>) -> Option<Command> {
        match self {
            Side::Rust(name) => Some(ours::call_command(tools, name, job)),
            Side::Raw(transport) => Some(raw::call_command(tools, transport, job)),
            Side::Tirpc(transport) => tirpc::call_command(tools, transport, job),
        }
    }
}
