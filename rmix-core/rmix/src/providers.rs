//! The providers of a runtime: where their files are looked for, which are loaded, and which serves a scheme. The
//! working directory is never looked at.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use rmix_abi::host::{PluginEntry, StartedProvider};
use rmix_abi::tables::HostVt;
use rmix_engine::Endpoint;

use crate::error::{Cause, Error, ErrorKind};

/// A loaded provider, for people and tools.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProviderInfo {
    /// Short name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Endpoint schemes it serves.
    pub schemes: Vec<String>,
    /// What it can do, by name.
    pub capabilities: Vec<&'static str>,
    /// The file it came from; `None` when linked in.
    pub file: Option<PathBuf>,
}

/// One loaded provider.
pub(crate) struct Provider {
    entry: PluginEntry,
    started: Arc<StartedProvider>,
    /// Set when it is being unloaded: no new links.
    draining: AtomicBool,
}

impl Provider {
    pub(crate) fn name(&self) -> &'static str {
        self.entry.name()
    }

    pub(crate) fn capabilities(&self) -> u64 {
        self.entry.capabilities()
    }

    pub(crate) fn started(&self) -> &Arc<StartedProvider> {
        &self.started
    }

    pub(crate) fn serves(&self, scheme: &str) -> bool {
        self.entry.schemes().any(|served| served == scheme)
    }

    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    fn is_open(&self) -> bool {
        !self.draining.load(Ordering::Acquire)
    }
}

/// The providers of one runtime.
pub(crate) struct Providers {
    host: &'static HostVt,
    loaded: RwLock<Vec<Arc<Provider>>>,
}

impl Providers {
    pub(crate) fn new(host: &'static HostVt) -> Providers {
        Providers {
            host,
            loaded: RwLock::new(Vec::new()),
        }
    }

    pub(crate) fn all(&self) -> Vec<Arc<Provider>> {
        self.loaded
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn infos(&self) -> Vec<ProviderInfo> {
        let info = |provider: &Arc<Provider>| ProviderInfo {
            name: provider.name().to_owned(),
            version: provider.entry.version().to_owned(),
            schemes: provider.entry.schemes().map(str::to_owned).collect(),
            capabilities: provider.entry.capability_names(),
            file: provider.entry.file().map(Path::to_path_buf),
        };
        self.all().iter().map(info).collect()
    }

    /// Opens a file, checks and starts the provider in it.
    pub(crate) fn load_file(&self, file: &Path) -> Result<(), Error> {
        if !file.is_absolute() {
            let message = format!(
                "{}: a provider's file is named by an absolute path",
                file.display()
            );
            return Err(Error::new(ErrorKind::FixRequest, Cause::Other, message));
        }
        self.start(PluginEntry::open(file).map_err(refused)?)
    }

    /// Starts a provider that is linked in.
    pub(crate) fn load_linked(
        &self,
        entry: &'static rmix_abi::tables::ProviderEntry,
    ) -> Result<(), Error> {
        self.start(PluginEntry::linked(entry).map_err(refused)?)
    }

    fn start(&self, entry: PluginEntry) -> Result<(), Error> {
        let taken = |loaded: &[Arc<Provider>]| {
            let known = loaded.iter().find(|known| known.name() == entry.name())?;
            let place = known.entry.file().map_or_else(
                || "linked in".to_owned(),
                |file| format!("from {}", file.display()),
            );
            let message = format!(
                "a provider `{}` is loaded already ({place}); unload it first",
                entry.name()
            );
            Some(Error::new(ErrorKind::FixRequest, Cause::Other, message))
        };
        if let Some(error) = taken(&self.all()) {
            return Err(error);
        }
        // The provider's own code runs here, so without the lock.
        let started = entry
            .start(self.host)
            .map_err(|err| Error::from_abi(&err))?;
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = taken(&loaded) {
            return Err(error);
        }
        tracing::debug!(target: "rmix::runtime", provider = entry.name(), version = entry.version(), "provider loaded");
        loaded.push(Arc::new(Provider {
            entry,
            started,
            draining: AtomicBool::new(false),
        }));
        Ok(())
    }

    /// The loaded provider of that name.
    pub(crate) fn named(&self, name: &str) -> Option<Arc<Provider>> {
        self.all().into_iter().find(|known| known.name() == name)
    }

    /// Takes a provider off the list.
    pub(crate) fn remove(&self, provider: &Arc<Provider>) {
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        loaded.retain(|known| !Arc::ptr_eq(known, provider));
    }

    /// The provider that takes new links for an endpoint.
    pub(crate) fn of(&self, endpoint: &Endpoint) -> Option<Arc<Provider>> {
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        let scheme = endpoint.scheme();
        loaded
            .iter()
            .find(|known| known.is_open() && known.serves(scheme))
            .cloned()
    }

    /// As [`Providers::of`], with a sentence when there is none.
    pub(crate) fn need(&self, endpoint: &Endpoint) -> Result<Arc<Provider>, Error> {
        self.of(endpoint).ok_or_else(|| self.missing(endpoint))
    }

    fn missing(&self, endpoint: &Endpoint) -> Error {
        let loaded: Vec<String> = self
            .all()
            .iter()
            .filter(|known| known.is_open())
            .map(|known| {
                let schemes: Vec<_> = known.entry.schemes().collect();
                format!("{} ({})", known.name(), schemes.join(", "))
            })
            .collect();
        let loaded = if loaded.is_empty() {
            "none is".to_owned()
        } else {
            loaded.join("; ")
        };
        let message = format!(
            "no provider for `{}` is loaded; loaded: {loaded}. Name it in `providers(…)` when the runtime is built",
            endpoint.scheme()
        );
        Error::new(ErrorKind::Unsupported, Cause::Endpoint, message)
    }
}

fn refused(failure: rmix_abi::host::LoadError) -> Error {
    Error::new(ErrorKind::FixRequest, Cause::Version, failure.to_string()).caused_by(failure)
}

/// Files that are named as providers are, where a runtime would look for them; see
/// [`RuntimeBuilder::find_providers`](crate::RuntimeBuilder::find_providers).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProviderFiles {
    /// The files, in the order of the directories; whether one is a provider shows when it is loaded.
    pub files: Vec<PathBuf>,
    /// What was looked at, in order, and what was passed over with the reason.
    pub looked_in: Vec<String>,
}

/// Where the files of providers are looked for, in this order.
pub(crate) struct SearchPath {
    directories: Vec<PathBuf>,
    /// What was passed over, for the message.
    skipped: Vec<String>,
}

impl SearchPath {
    /// The directories given, then `RMIX_PROVIDER_PATH`, then the executable's.
    pub(crate) fn new(
        given: &[PathBuf],
        variable: Option<std::ffi::OsString>,
        executable: Option<&Path>,
    ) -> SearchPath {
        let mut path = SearchPath {
            directories: Vec::new(),
            skipped: Vec::new(),
        };
        for directory in given {
            path.add(directory.clone(), "provider_path");
        }
        for directory in variable.iter().flat_map(std::env::split_paths) {
            path.add(directory, VARIABLE);
        }
        if let Some(beside) = executable.and_then(Path::parent) {
            path.add(beside.to_path_buf(), "the executable's directory");
            // Where cargo puts tests and examples, the libraries are one level up.
            let nested = beside
                .file_name()
                .is_some_and(|name| name == "deps" || name == "examples");
            if let Some(above) = beside.parent().filter(|_| nested) {
                path.add(above.to_path_buf(), "the executable's directory");
            }
        }
        path
    }

    fn add(&mut self, directory: PathBuf, origin: &str) {
        if directory.as_os_str().is_empty() {
            return;
        }
        if !directory.is_absolute() {
            let shown = directory.display();
            self.skipped.push(format!(
                "{shown} (from {origin}: not an absolute path, passed over)"
            ));
            return;
        }
        if !self.directories.contains(&directory) {
            self.directories.push(directory);
        }
    }

    /// Every `librmix_*.so` of the directories, by name within each.
    pub(crate) fn files(self) -> ProviderFiles {
        let mut files = Vec::new();
        let mut looked_in = Vec::new();
        for directory in self.directories {
            let entries = match std::fs::read_dir(&directory) {
                Ok(entries) => entries,
                Err(failure) => {
                    looked_in.push(format!("{} (passed over: {failure})", directory.display()));
                    continue;
                }
            };
            let named = |file: &PathBuf| {
                let name = file.file_name().and_then(|name| name.to_str());
                name.is_some_and(|name| name.starts_with("librmix_") && name.ends_with(".so"))
            };
            let mut here: Vec<_> = entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(named)
                .collect();
            here.sort();
            files.append(&mut here);
            looked_in.push(directory.display().to_string());
        }
        looked_in.extend(self.skipped);
        ProviderFiles { files, looked_in }
    }

    /// The file of the provider `name`.
    pub(crate) fn find(&self, name: &str) -> Result<PathBuf, Error> {
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !plain {
            let message = format!(
                "{name:?} is not the name of a provider: letters, digits and underscores only (a file is named by \
                 `provider_file`)"
            );
            return Err(Error::new(ErrorKind::FixRequest, Cause::Other, message));
        }
        let file = format!("librmix_{name}.so");
        let found = self
            .directories
            .iter()
            .map(|directory| directory.join(&file));
        let mut looked = Vec::new();
        for candidate in found {
            if candidate.is_file() {
                return Ok(candidate);
            }
            looked.push(candidate.display().to_string());
        }
        looked.extend(self.skipped.iter().cloned());
        if looked.is_empty() {
            looked.push("(no directory to look in)".to_owned());
        }
        let message = format!(
            "no provider `{name}`: looked for {}. Put {file} there, name its directory in {VARIABLE}, or build it",
            looked.join(", ")
        );
        Err(Error::new(ErrorKind::FixRequest, Cause::Other, message))
    }
}

/// Directories to look in, separated by colons.
pub(crate) const VARIABLE: &str = "RMIX_PROVIDER_PATH";
