//! libtirpc: the C program `tirpc`, against itself and crosswise with ours.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Job;
use crate::compile;
use crate::error::BenchError;
use crate::place::Placement;

/// Compiles the program; Debian: libtirpc-dev.
pub(crate) fn build(folder: &Path) -> Result<PathBuf, BenchError> {
    compile::c_program(folder, "tirpc", &["-I/usr/include/tirpc"], &["-ltirpc"])
}

/// The server.
pub(crate) fn serve_command(program: &Path, transport: &str, placement: Placement) -> Command {
    let mut command = Command::new(program);
    command
        .args(["serve", transport])
        .arg(placement.server_core().to_string());
    command
}

/// The client.
pub(crate) fn call_command(program: &Path, transport: &str, job: &Job<'_>) -> Command {
    let mut command = Command::new(program);
    command
        .args(["call", transport, port_of(job.address), &job.c_word()])
        .arg(job.milliseconds.to_string())
        .arg(job.placement.client_core().to_string())
        .arg(job.server.to_string());
    command
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
