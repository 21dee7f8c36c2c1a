//! The command `rmix`. Everything is in the library; this file only hands over.

use std::process::ExitCode;

fn main() -> ExitCode {
    rmix_cli::run(std::env::args_os())
}
