//! Log lines of the base library and of providers, on standard error. Standard output is for results only.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Overrides what `-v` says, in the syntax of tracing-subscriber: `rmix::link=debug`.
pub(crate) const VARIABLE: &str = "RMIX_LOG";

/// Starts logging: errors nobody is told otherwise (what fails a command is in its result); with one `-v` what happens to links and providers, with two everything.
pub(crate) fn start(verbose: u8) {
    let level = match verbose {
        0 => "error",
        1 => "debug",
        _ => "trace",
    };
    let given = std::env::var(VARIABLE).ok();
    let wanted = given.filter(|text| !text.is_empty());
    let (filter, wrong) = match wanted.as_deref().map(EnvFilter::try_new) {
        Some(Ok(filter)) => (filter, None),
        Some(Err(failure)) => (EnvFilter::new(level), Some(failure)),
        None => (EnvFilter::new(level), None),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    if let Some(failure) = wrong {
        crate::output::note(&format!("{VARIABLE} is not used: {failure}"));
    }
}
