//! The runtime of the command: every provider that is found, with limits that fit a ring; and what to say when the one that
//! is needed is not among them.

use std::path::{Path, PathBuf};

use rmix::{IntoTarget, Limits, Runtime};

use crate::failure::Failure;

/// A runtime, and what was looked at for its providers.
pub(crate) struct Providers {
    pub(crate) runtime: Runtime,
    /// Files that are named as providers are and were not loaded, with the reasons.
    refused: Vec<(PathBuf, String)>,
    looked_in: Vec<String>,
}

impl Providers {
    /// Loads all providers of the search path. One that cannot be loaded is missed when an endpoint needs it.
    ///
    /// # Errors
    /// A folder cannot be named absolutely.
    pub(crate) fn load(folders: &[PathBuf]) -> Result<Providers, Failure> {
        let mut builder = Runtime::builder();
        for folder in folders {
            let absolute = std::path::absolute(folder);
            let absolute = absolute.map_err(|error| Failure::local("--providers", &error))?;
            builder = builder.provider_path(absolute);
        }
        let found = builder.find_providers();
        let mut providers = Providers {
            runtime: builder.limits(limits()).build()?,
            refused: Vec::new(),
            looked_in: found.looked_in,
        };
        let mut loaded = Vec::new();
        for file in found.files {
            match providers.runtime.load_provider(&file) {
                Ok(_) => loaded.push(file),
                // The same one in a folder that comes later: never wanted.
                Err(_) if loaded.iter().any(|first| are_alike(first, &file)) => {}
                Err(error) => {
                    tracing::debug!(target: "harness", file = %file.display(), %error, "not loaded");
                    providers.refused.push((file, error.to_string()));
                }
            }
        }
        Ok(providers)
    }

    /// Whether one of these endpoints can be used at all, if there are any; texts that are none are left for their user to
    /// complain of.
    ///
    /// # Errors
    /// No provider is loaded for any: what is, what was refused and why, and where more can be named.
    pub(crate) fn check(&self, endpoints: &[String]) -> Result<(), Failure> {
        let infos = self.runtime.providers();
        let serves = |scheme: &str| {
            let mut all = infos.iter().flat_map(|info| &info.schemes);
            all.any(|served| served == scheme)
        };
        let mut missing = Vec::new();
        for text in endpoints {
            let Ok(target) = text.as_str().into_target() else {
                return Ok(());
            };
            let schemes = target.endpoints().iter().map(rmix::Endpoint::scheme);
            let schemes: Vec<_> = schemes.map(str::to_owned).collect();
            if schemes.is_empty() || schemes.iter().any(|scheme| serves(scheme)) {
                return Ok(());
            }
            missing.extend(schemes);
        }
        match missing.as_slice() {
            [] => Ok(()),
            missing => Err(Failure::usage(self.missing(missing))),
        }
    }

    fn missing(&self, schemes: &[String]) -> String {
        let schemes: Vec<_> = schemes.iter().map(|scheme| format!("`{scheme}`")).collect();
        let mut lines = vec![format!(
            "no provider for {} is loaded",
            schemes.join(" or ")
        )];
        let infos = self.runtime.providers();
        let loaded: Vec<_> = infos
            .iter()
            .map(|info| format!("{} ({})", info.name, info.schemes.join(", ")))
            .collect();
        lines.push(match loaded.as_slice() {
            [] => "  loaded: none".to_owned(),
            loaded => format!("  loaded: {}", loaded.join("; ")),
        });
        let refused = self.refused.iter();
        lines.extend(refused.map(|(file, why)| {
            // The reason as a rule begins with the file.
            let file = file.display().to_string();
            match why.contains(&file) {
                true => format!("  refused: {why}"),
                false => format!("  refused: {file}: {why}"),
            }
        }));
        let looked_in = self.looked_in.iter();
        lines.extend(looked_in.map(|place| format!("  looked in: {place}")));
        lines.push(
            "Name the folder of its librmix_….so with --providers DIR or in RMIX_PROVIDER_PATH"
                .to_owned(),
        );
        lines.join("\n")
    }
}

fn are_alike(one: &Path, other: &Path) -> bool {
    one.file_name() == other.file_name()
}

/// What a ring needs beyond the defaults, which are those of one server and strangers.
fn limits() -> Limits {
    let mut limits = Limits::default();
    // A view change carries what all members have not delivered, in one message.
    limits.message_bytes = 64 << 20;
    limits.queued_bytes = 64 << 20;
    // Every other member keeps a connection to this one, and all may be on one host, as tests and trials have them; as many
    // again for probes, joins, transfers and commands, which are short. Behind another host's worth of them there is room
    // for one more: one address alone cannot shut the others out. Each takes one open file, so large rings need a higher
    // `ulimit -n` than is usual; without it, accepting waits until there is one.
    limits.connections_per_peer = CONNECTIONS_PER_PEER;
    limits.connections = 2 * CONNECTIONS_PER_PEER;
    limits
}

/// Twice the members of the largest ring.
const CONNECTIONS_PER_PEER: u32 = 2 * MEMBERS_MAX;
/// As `harness_ring::Limits::members_max`.
const MEMBERS_MAX: u32 = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_refused_provider_is_named_with_its_reason_and_the_remedy() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join("librmix_nonesuch.so");
        std::fs::write(&file, b"no shared object").expect("it can be written");
        let providers = Providers::load(&[folder.path().to_owned()]).expect("it is loaded without");
        let endpoint = "nonesuch+tcp://127.0.0.1:1".to_owned();
        let failure = providers.check(&[endpoint]).expect_err("nobody serves it");
        let text = format!("{failure:?}");
        let folder = folder.path().display().to_string();
        for part in [
            "no provider for `nonesuch+tcp` is loaded",
            "refused: ",
            &file.display().to_string(),
            &format!("looked in: {folder}"),
            "--providers DIR",
        ] {
            assert!(text.contains(part), "{part:?} is not in {text}");
        }
        assert!(!text.contains("providers(…)"), "{text}");
    }

    #[test]
    fn a_ring_of_the_largest_size_fits_on_one_host() {
        let limits = limits();
        assert_eq!(limits.check(), Ok(()));
        let members_max = harness_ring::Limits::DEFAULT.members_max;
        assert_eq!(usize::try_from(MEMBERS_MAX), Ok(members_max));
        // One of each member, and one more of each that is short.
        assert!(limits.connections_per_peer >= 2 * MEMBERS_MAX);
        assert!(limits.connections > limits.connections_per_peer);
    }

    #[tokio::test]
    async fn what_is_no_endpoint_is_left_to_others() {
        let providers = Providers::load(&[]).expect("it is loaded");
        assert!(providers.check(&[]).is_ok());
        assert!(providers.check(&["no endpoint".to_owned()]).is_ok());
    }
}
