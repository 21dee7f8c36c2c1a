//! `cargo xtask peers`: the foreign programs that tests talk to. The list and the installation
//! belong to rmix-peers.

use std::process::Command;

use clap::Args;

use super::bench_peers;
use crate::cargo;
use crate::error::XtaskError;

/// Options of `cargo xtask peers`.
#[derive(Args)]
pub(crate) struct Peers {
    /// Install the missing peers; needs root and a package registry
    #[arg(long)]
    install: bool,
    /// Install what the peers of `cargo xtask bench` are missing, and nothing else
    #[arg(long, conflicts_with = "install")]
    bench: bool,
}

impl Peers {
    /// Lists or installs.
    pub(crate) fn run(&self) -> Result<(), XtaskError> {
        if self.bench {
            return bench_peers::install();
        }
        cargo::run(&mut command(if self.install {
            "install"
        } else {
            "status"
        }))
    }
}

/// The program of rmix-peers with one of its verbs, `install` or `status`.
pub(super) fn command(verb: &str) -> Command {
    let mut command = cargo::cargo();
    command.args(["run", "-q", "-p", "rmix-peers", "--bin", "rmix-peers"]);
    command.args(["--", verb]);
    command
}
