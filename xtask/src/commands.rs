//! One file per command; what two of them share is here.

pub(crate) mod bench;
mod bench_peers;
pub(crate) mod ci;
pub(crate) mod peers;
pub(crate) mod test;
pub(crate) mod tour;

use std::process::Command;

use crate::cargo;
use crate::error::XtaskError;
use crate::workspace::Workspace;

/// `cargo build` of the shared objects of all providers, and of further crates.
fn build_providers(workspace: &Workspace, further: &[&str]) -> Result<Command, XtaskError> {
    let mut command = cargo::cargo();
    command.arg("build");
    for name in workspace.providers()?.iter().chain(further) {
        command.args(["-p", name]);
    }
    Ok(command)
}
