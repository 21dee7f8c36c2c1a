//! From an endpoint on the command line to a stub: finds and loads the provider that its scheme names, and no other,
//! and binds. What it needs from a provider it asks by capability, not by name.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rmix::{Endpoint, IntoTarget, Reference, Runtime, RuntimeBuilder};

use crate::arguments::Peer;
use crate::failure::Failure;

/// What a call needs, but for the link itself.
pub(crate) struct Loaded {
    pub(crate) runtime: Runtime,
    pub(crate) target: Reference,
}

impl Loaded {
    /// Loads what the endpoint needs into a runtime that `builder` begins.
    ///
    /// # Errors
    /// The endpoint is not one, or its provider is not found, is refused or needs a description.
    pub(crate) fn new(builder: RuntimeBuilder, peer: &Peer) -> Result<Loaded, Failure> {
        let target = peer.endpoint.as_str().into_target()?;
        if target.endpoints().is_empty() {
            return Err(Failure::usage(&format!(
                "{target} has no endpoint: only the link that it arrived on can reach it"
            )));
        }
        let builder = search_in(builder, &peer.providers)?;
        let names = wanted(&builder, target.endpoints());
        let runtime = builder.providers(&names.join(",")).build()?;
        check(&runtime, &target)?;
        Ok(Loaded { runtime, target })
    }
}

/// Adds the directories given on the command line, which may be relative to the working directory: they were named.
pub(crate) fn search_in(
    mut builder: RuntimeBuilder,
    directories: &[PathBuf],
) -> Result<RuntimeBuilder, Failure> {
    for directory in directories {
        if !directory.is_dir() {
            let shown = directory.display();
            return Err(Failure::Usage(format!(
                "--providers {shown}: there is no such directory"
            )));
        }
        let absolute = std::path::absolute(directory);
        let absolute = absolute
            .map_err(|failure| Failure::Usage(format!("{}: {failure}", directory.display())))?;
        builder = builder.provider_path(absolute);
    }
    Ok(builder)
}

/// Names of the providers to load: of one endpoint its own; of several those that are there, or all when none is, so
/// that the error names every place looked at.
fn wanted(builder: &RuntimeBuilder, endpoints: &[Endpoint]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for endpoint in endpoints {
        let name = endpoint.protocol();
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    let found = builder.find_providers().files;
    let is_there = |name: &String| {
        let file = format!("librmix_{name}.so");
        let named = |found: &PathBuf| found.file_name() == Some(Path::new(&file).as_os_str());
        found.iter().any(named)
    };
    if !names.iter().any(is_there) {
        return names;
    }
    if names.len() > 1 {
        names.retain(is_there);
    }
    names
}

/// Says in the words of the command what binding would say in those of the library.
fn check(runtime: &Runtime, target: &Reference) -> Result<(), Failure> {
    let providers = runtime.providers();
    let served: Vec<_> = providers
        .iter()
        .filter(|provider| {
            let serves = |endpoint: &Endpoint| {
                let mut schemes = provider.schemes.iter();
                schemes.any(|scheme| scheme == endpoint.scheme())
            };
            target.endpoints().iter().any(serves)
        })
        .collect();
    if served.is_empty() {
        let schemes: Vec<_> = providers
            .iter()
            .map(|provider| format!("{}: {}", provider.name, provider.schemes.join(", ")))
            .collect();
        return Err(Failure::Usage(format!(
            "no scheme of {target} is served by the providers loaded for it; they serve {}",
            schemes.join("; ")
        )));
    }
    let describes =
        |provider: &&rmix::ProviderInfo| provider.capabilities.contains(&"self-describing");
    if !served.iter().any(describes) {
        let names: Vec<_> = served
            .iter()
            .map(|provider| provider.name.as_str())
            .collect();
        return Err(Failure::Usage(format!(
            "the protocol `{}` does not say which types its values have, so a call needs a description of the \
             interface. Descriptions come with the import of .x files, which this version does not have yet; a Rust \
             program describes the interface by a trait with #[rmix::remote]",
            names.join("`, `")
        )));
    }
    Ok(())
}

/// What is left of `timeout` since `started`, in whole milliseconds, which read well in a message; never zero.
pub(crate) fn left(timeout: Duration, started: std::time::Instant) -> Duration {
    let left = timeout.saturating_sub(started.elapsed()).as_micros();
    let milliseconds = u64::try_from(left.div_ceil(1_000)).unwrap_or(u64::MAX);
    Duration::from_millis(milliseconds.max(1))
}

/// How long a link may take to close in order when the command is done.
pub(crate) const CLOSE_BOUND: Duration = Duration::from_secs(2);
