//! Building a runtime: providers by name, file or link, limits, and whose tokio runtime to use.

use std::path::PathBuf;

use rmix_abi::tables::ProviderEntry;
use rmix_engine::Limits;
use tokio::runtime::Handle;

use crate::error::{Cause, Error, ErrorKind};
use crate::providers::{ProviderFiles, SearchPath, VARIABLE};
use crate::reactor::IoChoice;
use crate::runtime::Runtime;

/// Options of a runtime; see [`Runtime::builder`].
#[derive(Default)]
#[must_use = "nothing happens before `build`"]
pub struct RuntimeBuilder {
    names: Vec<String>,
    directories: Vec<PathBuf>,
    files: Vec<PathBuf>,
    linked: Vec<&'static ProviderEntry>,
    limits: Limits,
    handle: Option<Handle>,
    worker_threads: Option<usize>,
}

impl RuntimeBuilder {
    /// Providers to load by name, separated by commas: `"sunrpc,msgpack,pipe"`. Each is the file `librmix_<name>.so`,
    /// looked for in the directories of [`provider_path`](Self::provider_path), then in those of `RMIX_PROVIDER_PATH`
    /// (absolute paths separated by colons), then beside the executable. The working directory is never looked at.
    pub fn providers(mut self, names: &str) -> Self {
        let names = names.split(',').map(str::trim);
        self.names
            .extend(names.filter(|name| !name.is_empty()).map(str::to_owned));
        self
    }

    /// A directory to look for providers in, as an absolute path.
    pub fn provider_path(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directories.push(directory.into());
        self
    }

    /// A provider's file, as an absolute path.
    pub fn provider_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.files.push(file.into());
        self
    }

    /// A provider that is linked into the program.
    pub fn with_linked(mut self, entry: &'static ProviderEntry) -> Self {
        self.linked.push(entry);
        self
    }

    /// The limits of all links and calls.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The tokio runtime to use; it must have I/O and time enabled and outlive this one. Without it, the runtime that
    /// `build` is called in, else one of our own.
    pub fn handle(mut self, handle: Handle) -> Self {
        self.handle = Some(handle);
        self
    }

    /// Uses a tokio runtime of our own, with so many worker threads; by default, one thread named `rmix-io`. It is
    /// started when something asynchronous first needs it.
    pub fn worker_threads(mut self, threads: usize) -> Self {
        self.worker_threads = Some(threads.max(1));
        self
    }

    /// The files that could be loaded by name: every `librmix_*.so` of the directories that
    /// [`providers`](Self::providers) looks at. Loads nothing.
    pub fn find_providers(&self) -> ProviderFiles {
        search_path(&self.directories).files()
    }

    /// Checks the limits, loads the providers, and makes the runtime.
    ///
    /// # Errors
    /// A limit is out of its range, or a provider is not found or refused; the message lists every place looked at.
    pub fn build(self) -> Result<Runtime, Error> {
        self.limits.check().map_err(|failure| {
            Error::new(ErrorKind::FixRequest, Cause::Limit, failure.to_string()).caused_by(failure)
        })?;
        let io = match (self.handle, self.worker_threads) {
            (Some(handle), _) => IoChoice::Lent(handle),
            (None, Some(worker_threads)) => IoChoice::Own { worker_threads },
            (None, None) => match Handle::try_current() {
                Ok(handle) => IoChoice::Lent(handle),
                Err(_) => IoChoice::Own { worker_threads: 1 },
            },
        };
        let runtime = Runtime::start(io, self.limits);
        let providers = &runtime.inner.providers;
        for entry in self.linked {
            providers.load_linked(entry)?;
        }
        for file in &self.files {
            providers.load_file(file)?;
        }
        if !self.names.is_empty() {
            let path = search_path(&self.directories);
            for name in &self.names {
                providers.load_file(&path.find(name)?)?;
            }
        }
        Ok(runtime)
    }
}

fn search_path(directories: &[PathBuf]) -> SearchPath {
    let executable = std::env::current_exe().ok();
    let variable = std::env::var_os(VARIABLE);
    SearchPath::new(directories, variable, executable.as_deref())
}

impl std::fmt::Debug for RuntimeBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RuntimeBuilder")
            .field("providers", &self.names)
            .field("directories", &self.directories)
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}
