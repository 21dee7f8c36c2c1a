//! Raw transports: the C program `raw` over TCP, a Unix socket, two pipes or shared memory.

use std::process::Command;

use super::Job;
use crate::place::Placement;
use crate::process::Tools;

/// The server; the server of a pipe or of shared memory is the client's child.
pub(crate) fn serve_command(
    tools: &Tools,
    transport: &str,
    placement: Placement,
) -> Option<Command> {
    if transport.starts_with("pipe") || transport.starts_with("shm") {
        return None;
    }
    let mut command = Command::new(&tools.raw);
    command
        .args(["serve", transport])
        .arg(placement.server_core().to_string())
        .arg(tools.fresh_path("raw"));
    Some(command)
}

/// The client.
pub(crate) fn call_command(tools: &Tools, transport: &str, job: &Job<'_>) -> Command {
    let mut command = Command::new(&tools.raw);
    command
        .args(["call", transport, job.address, &job.c_word()])
        .arg(job.milliseconds.to_string())
        .arg(job.placement.client_core().to_string())
        .arg(job.server.to_string())
        .arg(job.placement.server_core().to_string());
    command
}
