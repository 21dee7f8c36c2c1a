//! libtirpc: the C program `tirpc`, against itself and crosswise with ours.

use std::process::Command;

use super::{Job, raw};
use crate::place::Placement;
use crate::process::Tools;

/// The server; None where libtirpc is not installed.
pub(crate) fn serve_command(
    tools: &Tools,
    transport: &str,
    placement: Placement,
) -> Option<Command> {
    let mut command = Command::new(tools.programs.tirpc.as_ref()?);
    command
        .args(["serve", transport])
        .arg(placement.server_core().to_string());
    Some(command)
}

/// The client; None where libtirpc is not installed.
pub(crate) fn call_command(tools: &Tools, transport: &str, job: &Job<'_>) -> Option<Command> {
    let mut command = Command::new(tools.programs.tirpc.as_ref()?);
    command
        .args(["call", transport, port_of(job.address), raw::c_word(job)])
        .arg(job.milliseconds.to_string())
        .arg(job.placement.client_core().to_string())
        .arg(job.server.to_string());
    Some(command)
}

/// The port of an endpoint `sunrpc+tcp://HOST:PORT/…`; a port stays what it is.
fn port_of(address: &str) -> &str {
    let authority = address.rsplit("//").next().unwrap_or(address);
    let authority = authority.split('/').next().unwrap_or(authority);
    authority.rsplit(':').next().unwrap_or(authority)
}

#[cfg(test)]
mod tests {
    use super::port_of;

    #[test]
    fn the_port_is_taken_out_of_an_endpoint() {
        assert_eq!(port_of("sunrpc+tcp://127.0.0.1:4567/536871065/1"), "4567");
        assert_eq!(port_of("4567"), "4567");
    }
}
