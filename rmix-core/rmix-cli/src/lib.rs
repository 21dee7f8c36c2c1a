//! The command `rmix`: lists providers, calls remote operations, serves and measures them, and reads interface files.
//!
//! A call needs no description of the interface where the protocol describes its values; else an interface file of ONC
//! RPC describes it. Arguments and results are JSON. Only the provider that an endpoint's scheme names is loaded. The
//! crate names no provider: what is special about one is in the provider's capabilities and sentences.

mod arguments;
mod bench;
mod call;
mod connection;
mod describe;
mod export;
mod failure;
mod help;
mod idl;
mod import;
mod json;
mod logging;
mod output;
mod providers;
mod serve;
mod wsdl;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Command, CommandLine};
use crate::failure::Failure;

/// Runs the command with the arguments of the process, the first of which is its own name.
///
/// # Blocking
/// Until the command is done; every call in it has a deadline, and a server ends when it is told to.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let line = match CommandLine::try_parse_from(&arguments) {
        Ok(line) => line,
        Err(error) => return not_parsed(&error, &arguments),
    };
    logging::start(line.verbose);
    let (json, done) = match &line.command {
        Command::Providers(options) => (options.json, providers::run(options)),
        Command::Call(options) => (options.json, call::run(options)),
        Command::Bench(options) => (options.json, bench::run(options)),
        Command::Serve(options) => (options.json, serve::run(options)),
        Command::Describe(options) => (options.json, describe::run(options)),
        Command::Import(options) => (options.json, import::run(options)),
        Command::Export(options) => (options.json, export::run(options)),
    };
    match done {
        Ok(code) => code,
        Err(failure) => failure.report(json),
    }
}

/// Help and version are answers; everything else is a usage error, as JSON where JSON was asked for.
fn not_parsed(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let json = arguments
        .iter()
        .take_while(|argument| *argument != "--")
        .any(|argument| argument == "--json");
    if error.use_stderr() && json {
        let text = error.to_string();
        let message = text.trim().trim_start_matches("error: ");
        return Failure::usage(message).report(true);
    }
    // A closed standard output or error leaves nobody to tell.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() {
        failure::USAGE
    } else {
        failure::OK
    })
}
