//! The runtime of the command: every provider that is found, with limits that fit a ring.

use std::path::{Path, PathBuf};

use rmix::{Limits, Runtime};

use crate::failure::Failure;

/// A runtime with all providers of the search path.
///
/// # Errors
/// A folder cannot be named absolutely.
pub(crate) fn runtime(folders: &[PathBuf]) -> Result<Runtime, Failure> {
    let mut builder = Runtime::builder();
    for folder in folders {
        let absolute = std::path::absolute(folder);
        let absolute = absolute.map_err(|error| Failure::local("--providers", &error))?;
        builder = builder.provider_path(absolute);
    }
    let files = builder.find_providers().files;
    let runtime = builder.limits(limits()).build()?;
    for file in files {
        load(&runtime, &file);
    }
    Ok(runtime)
}

/// One that cannot be loaded is missed when an endpoint needs it, with a sentence of its own.
fn load(runtime: &Runtime, file: &Path) {
    if let Err(error) = runtime.load_provider(file) {
        tracing::debug!(target: "harness", file = %file.display(), %error, "not loaded");
    }
}

/// A view change carries what all members have not delivered, in one message.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.message_bytes = 64 << 20;
    limits.queued_bytes = 64 << 20;
    limits
}
