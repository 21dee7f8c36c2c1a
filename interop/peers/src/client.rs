//! One run of a peer's client program. What its line of JSON says is the caller's business.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::error::PeerError;
use crate::process::{self, shown};

/// How long one run of a client may take; a bench with millions of calls fits.
const CLIENT_LIMIT: Duration = Duration::from_secs(300);

/// Runs a client program to its end and parses the one line of JSON it prints.
pub(crate) fn run_client(command: &mut Command) -> Result<Value, PeerError> {
    let lines = process::run(command, CLIENT_LIMIT, &mut |_line| {})?;
    if let [line] = lines.as_slice()
        && let Ok(value) = serde_json::from_str(line)
    {
        return Ok(value);
    }
    Err(PeerError::NotOneLineOfJson {
        command: shown(command),
        output: lines.join("\n"),
    })
}
