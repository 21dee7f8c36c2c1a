//! From an endpoint on the command line to a stub: finds and loads the provider that its scheme names, and no other,
//! and binds. What it needs from a provider it asks by capability, not by name.

use std::path::PathBuf;
use std::time::Duration;

use rmix::{Endpoint, IntoTarget, Reference, Runtime, RuntimeBuilder};

use crate::arguments::Peer;
use crate::failure::Failure;
use crate::providers;

/// Where the types of a call's values come from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Types {
    /// From the protocol, which says them with the values.
    Protocol,
    /// From the protocol, for there is no option to give a file.
    ProtocolAlone,
    /// From an interface file, which has numbers for its procedures.
    File,
    /// From a WSDL, which has names.
    Wsdl,
}

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
        Loaded::load(builder, &peer.providers, &peer.endpoint, Types::Protocol)
    }

    /// As [`Loaded::new`], for a command that takes no description.
    ///
    /// # Errors
    /// As [`Loaded::new`].
    pub(crate) fn undescribed(builder: RuntimeBuilder, peer: &Peer) -> Result<Loaded, Failure> {
        Loaded::load(
            builder,
            &peer.providers,
            &peer.endpoint,
            Types::ProtocolAlone,
        )
    }

    /// As [`Loaded::new`], for calls by an interface file.
    ///
    /// # Errors
    /// The endpoint is not one, or its provider is not found, is refused or calls nothing by number.
    pub(crate) fn by_file(
        builder: RuntimeBuilder,
        providers: &[PathBuf],
        endpoint: &str,
    ) -> Result<Loaded, Failure> {
        Loaded::load(builder, providers, endpoint, Types::File)
    }

    /// As [`Loaded::new`], for calls by a WSDL.
    ///
    /// # Errors
    /// The endpoint is not one, or its provider is not found or is refused.
    pub(crate) fn by_wsdl(
        builder: RuntimeBuilder,
        providers: &[PathBuf],
        endpoint: &str,
    ) -> Result<Loaded, Failure> {
        Loaded::load(builder, providers, endpoint, Types::Wsdl)
    }

    fn load(
        builder: RuntimeBuilder,
        directories: &[PathBuf],
        endpoint: &str,
        types: Types,
    ) -> Result<Loaded, Failure> {
        let target = endpoint.into_target()?;
        if target.endpoints().is_empty() {
            return Err(Failure::usage(&format!(
                "{target} has no endpoint: only the link that it arrived on can reach it"
            )));
        }
        let builder = search_in(builder, directories)?;
        let runtime = match target.endpoints() {
            [only] => with_providers(builder, std::slice::from_ref(only))?,
            several => {
                let names = those_there(&builder, several);
                builder.providers(&names.join(",")).build()?
            }
        };
        check(&runtime, &target, types)?;
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

/// A runtime with the provider of each endpoint.
///
/// # Errors
/// One has none, or its provider does not serve its scheme: what was probably meant, or where a provider was looked for.
pub(crate) fn with_providers(
    builder: RuntimeBuilder,
    endpoints: &[Endpoint],
) -> Result<Runtime, Failure> {
    let found = builder.find_providers().files;
    for endpoint in endpoints {
        if !is_among(endpoint.protocol(), &found)
            && let Some(sentence) = meant(endpoint, &providers::schemes(&found))
        {
            return Err(Failure::Usage(sentence));
        }
    }
    let runtime = builder.providers(&names(endpoints).join(",")).build()?;
    let loaded = runtime.providers();
    let schemes: Vec<String> = loaded.into_iter().flat_map(|one| one.schemes).collect();
    for endpoint in endpoints {
        if !schemes.iter().any(|scheme| scheme == endpoint.scheme())
            && let Some(sentence) = meant(endpoint, &schemes)
        {
            return Err(Failure::Usage(sentence));
        }
    }
    Ok(runtime)
}

/// What an endpoint that nobody serves was probably meant to be: of its protocol by another transport, or by its transport
/// with a protocol before it.
fn meant(endpoint: &Endpoint, schemes: &[String]) -> Option<String> {
    let scheme = endpoint.scheme();
    let is_alike = |known: &&String| {
        let (protocol, transport) = known.split_once('+').unwrap_or((known, ""));
        protocol == endpoint.protocol() || transport == scheme
    };
    let alike: Vec<&str> = schemes
        .iter()
        .filter(is_alike)
        .map(String::as_str)
        .collect();
    let first = alike.first()?;
    let written = format!("{first}:{}", endpoint.rest());
    Some(match alike.as_slice() {
        [_] => format!("no provider serves `{scheme}`: write {written}"),
        several => format!(
            "no provider serves `{scheme}`: an endpoint begins with the protocol and its transport, here one of {}, as \
             {written}",
            several.join(", ")
        ),
    })
}

/// Names of the providers of endpoints.
fn names(endpoints: &[Endpoint]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for endpoint in endpoints {
        if !names.contains(&endpoint.protocol()) {
            names.push(endpoint.protocol());
        }
    }
    names
}

/// Names of those providers that are there, or of all when none is, so that the error names every place looked at.
fn those_there<'e>(builder: &RuntimeBuilder, endpoints: &'e [Endpoint]) -> Vec<&'e str> {
    let mut names = names(endpoints);
    let found = builder.find_providers().files;
    if names.iter().any(|name| is_among(name, &found)) {
        names.retain(|name| is_among(name, &found));
    }
    names
}

fn is_among(name: &str, found: &[PathBuf]) -> bool {
    let file = format!("librmix_{name}.so");
    found
        .iter()
        .any(|found| found.file_name().is_some_and(|name| name == file.as_str()))
}

/// Says in the words of the command what binding would say in those of the library.
fn check(runtime: &Runtime, target: &Reference, types: Types) -> Result<(), Failure> {
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
    let wanted = match types {
        Types::Protocol | Types::ProtocolAlone => "self-describing",
        Types::File => "numbered",
        // With names and types, every protocol can carry the call.
        Types::Wsdl => return Ok(()),
    };
    let fits = |provider: &&rmix::ProviderInfo| provider.capabilities.contains(&wanted);
    if served.iter().any(fits) {
        return Ok(());
    }
    let names: Vec<_> = served
        .iter()
        .map(|provider| provider.name.as_str())
        .collect();
    let names = names.join("`, `");
    Err(Failure::Usage(match types {
        Types::Protocol | Types::Wsdl => format!(
            "the protocol `{names}` does not say which types its values have, so a call needs a description of the \
             interface: `rmix call --idl FILE …` takes it from an interface file, .x for sunrpc, WSDL or its URL for soap; a Rust program describes it by a trait with \
             #[rmix::remote]"
        ),
        Types::ProtocolAlone => format!(
            "the protocol `{names}` does not say which types its values have, and this command takes no description of \
             the interface: only self-describing protocols (see `rmix providers`) are measured from the command line"
        ),
        Types::File => format!(
            "the protocol `{names}` calls methods by name, and an interface file (--idl) is for protocols that call \
             procedures by number"
        ),
    }))
}

/// What is left of `timeout` since `started`, in whole milliseconds, which read well in a message; never zero.
pub(crate) fn left(timeout: Duration, started: std::time::Instant) -> Duration {
    let left = timeout.saturating_sub(started.elapsed()).as_micros();
    let milliseconds = u64::try_from(left.div_ceil(1_000)).unwrap_or(u64::MAX);
    Duration::from_millis(milliseconds.max(1))
}

/// How long a link may take to close in order when the command is done.
pub(crate) const CLOSE_BOUND: Duration = Duration::from_secs(2);
