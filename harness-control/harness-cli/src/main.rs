//! The command `harness`. Everything is in the library; this file only hands over.

use std::process::ExitCode;

fn main() -> ExitCode {
    harness_cli::run(std::env::args_os())
}
