//! `rmix call`: one call, its result as JSON.

use std::process::ExitCode;
use std::time::Instant;

use rmix::Runtime;

use crate::arguments::Call;
use crate::connection::{self, Loaded};
use crate::failure::{self, Failure};
use crate::{json, output};

/// Calls, and prints what comes back.
///
/// # Errors
/// Everything that is not a result.
pub(crate) fn run(options: &Call) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    let arguments = json::arguments(&options.operation.arguments)?;
    let method = options.operation.method.as_str();
    let timeout = options.timeout;
    let loaded = Loaded::new(Runtime::builder(), &options.peer)?;
    let stub = loaded.runtime.dynamic(loaded.target).timeout(timeout);
    let stub = stub.blocking()?;
    let stub = stub.with_timeout(connection::left(timeout, started));
    let outcome = if options.oneway {
        stub.oneway_blocking(method, arguments)?;
        let stub = stub.with_timeout(connection::left(timeout, started));
        stub.flush_blocking()?;
        None
    } else {
        Some(stub.call_blocking(method, arguments)?)
    };
    drop(stub);
    // A child at the other end of a pipe gets the time to read what it was sent.
    if let Err(error) = loaded.runtime.shutdown_blocking(connection::CLOSE_BOUND) {
        output::note(&format!("closing the link: {error}"));
    }
    if let Some(value) = outcome {
        output::result(&if options.json {
            json::compact(&value)
        } else {
            json::pretty(&value)
        })?;
    }
    Ok(ExitCode::from(failure::OK))
}
