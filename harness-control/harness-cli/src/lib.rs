//! The command `harness`: members of a control ring that keep a replicated key-value state with locks, and
//! what is done to such a ring from a shell.
//!
//! Names no provider: every provider that is found is loaded, and the endpoints say which are used.

mod arguments;
mod commands;
mod console;
mod events;
mod failure;
mod help;
mod key_value;
mod leaving;
mod lock;
mod logging;
mod member;
mod output;
mod picture;
mod providers;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Command, CommandLine};
use crate::failure::Failure;

pub use key_value::{KeyValue, Question, Said, Told};

/// Runs the command with the arguments of the process, the first of which is its own name.
///
/// # Blocking
/// Until the command is done; a member runs until it leaves or is told to end.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let line = match CommandLine::try_parse_from(arguments) {
        Ok(line) => line,
        Err(error) => {
            // A closed standard output or error leaves nobody to tell.
            let _ = error.print();
            let code = if error.use_stderr() {
                failure::USAGE
            } else {
                0
            };
            return ExitCode::from(code);
        }
    };
    logging::start(line.verbose, matches!(line.command, Command::Member(_)));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return Failure::local("threads cannot be started", &error).report(),
    };
    let done = runtime.block_on(async {
        match line.command {
            Command::Member(options) => member::run(options).await,
            Command::Submit(options) => commands::submit(options).await,
            Command::Get(options) => commands::get(options).await,
            Command::Lock(options) => lock::run(options).await,
            Command::Watch(options) => watch::run(options).await,
            Command::Status(options) => commands::status(options).await,
            Command::ForceView(options) => commands::force_view(options).await,
            Command::Leave(options) => leaving::run(options).await,
        }
    });
    // Reads of standard input that wait for a key are not waited for.
    runtime.shutdown_background();
    done.unwrap_or_else(Failure::report)
}
