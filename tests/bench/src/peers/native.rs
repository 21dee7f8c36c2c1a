//! What the peers in C and C++ share: how their programs are started.

use std::path::Path;
use std::process::Command;

use super::{Job, url};
use crate::place::Placement;

/// The server.
pub(crate) fn serve_command(program: &Path, placement: Placement) -> Command {
    let mut command = Command::new(program);
    command
        .arg("serve")
        .arg(placement.server_core().to_string());
    command
}

/// The client.
pub(crate) fn call_command(program: &Path, job: &Job<'_>) -> Command {
    let mut command = Command::new(program);
    command
        .args(["call", url(job.address), &job.c_word()])
        .arg(job.milliseconds.to_string())
        .arg(job.placement.client_core().to_string())
        .arg(job.server.to_string());
    command
}
