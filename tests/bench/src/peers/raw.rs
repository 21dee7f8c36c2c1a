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
    if ["pipe", "shm"].contains(&transport) {
        return None;
    }
    let mut command = Command::new(&tools.programs.raw);
    command
        .args(["serve", transport])
        .arg(placement.server_core().to_string())
        .arg(tools.fresh_path("raw"));
    Some(command)
}

/// The client.
pub(crate) fn call_command(tools: &Tools, transport: &str, job: &Job<'_>) -> Command {
    let mut command = Command::new(&tools.programs.raw);
    command
        .args(["call", transport, job.address, c_word(job)])
        .arg(job.milliseconds.to_string())
        .arg(job.placement.client_core().to_string())
        .arg(job.server.to_string())
        .arg(job.placement.server_core().to_string());
    command
}

/// The word for a measure that C programs know: many clients are each a client with null calls.
pub(crate) fn c_word(job: &Job<'_>) -> &'static str {
    use crate::measure::Measure;
    match job.measure {
        Measure::Clients | Measure::NullAsync => Measure::Null.word(),
        other => other.word(),
    }
}
