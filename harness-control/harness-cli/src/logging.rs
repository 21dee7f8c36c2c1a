//! Log lines of the member, the base library and providers, on standard error.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Overrides what `-v` says, in the syntax of tracing-subscriber.
const VARIABLE: &str = "HARNESS_LOG";

/// Starts logging: of a member what happens to the ring, of other commands errors only.
pub(crate) fn start(verbose: u8, is_member: bool) {
    let level = match (verbose, is_member) {
        (0, true) => "warn,harness=info",
        (0, false) => "error",
        (1, _) => "info,harness=debug,rmix=debug",
        _ => "trace",
    };
    let given = std::env::var(VARIABLE).ok();
    let wanted = given.filter(|text| !text.is_empty());
    let (filter, wrong) = match wanted.as_deref().map(EnvFilter::try_new) {
        Some(Ok(filter)) => (filter, None),
        Some(Err(error)) => (EnvFilter::new(level), Some(error)),
        None => (EnvFilter::new(level), None),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    if let Some(error) = wrong {
        crate::output::note(&format!("{VARIABLE} is not used: {error}"));
    }
}
