//! Says which peers are there, and installs those that are not: `rmix-peers status`, `rmix-peers install`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("status") => {
            for status in rmix_peers::status() {
                println!("{status}");
            }
            ExitCode::SUCCESS
        }
        Some("install") => match rmix_peers::install(&mut |line| eprintln!("{line}")) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                eprintln!("{failure}");
                ExitCode::FAILURE
            }
        },
        _ => {
            eprintln!("usage: rmix-peers status | install");
            ExitCode::from(2)
        }
    }
}
