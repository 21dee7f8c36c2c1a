//! The exported object: one station on every provider that is there.

use std::sync::Arc;
use std::time::Duration;

use rmix::{Exported, Runtime};
use rmix_tour::{MyStation, StationSkeleton};

use crate::report::Report;

/// How long the tour waits for its own shutdown.
const SHUTDOWN_BOUND: Duration = Duration::from_secs(5);

/// The providers of the tour, by name.
pub(crate) const PROVIDERS: [&str; 4] = ["msgpack", "pipe", "soap", "sunrpc"];

/// The runtime with its exported object.
pub(crate) struct Station {
    pub(crate) runtime: Runtime,
    pub(crate) object: Arc<MyStation>,
    exported: Exported,
    missing: Vec<(&'static str, String)>,
    /// Removed with the tour; holds the Unix socket.
    pub(crate) folder: tempfile::TempDir,
}

impl Station {
    /// Exports one object on every provider that can be loaded.
    pub(crate) async fn export(report: &mut Report) -> Result<Station, String> {
        let mut names = Vec::new();
        let mut missing = Vec::new();
        for name in PROVIDERS {
            report.now(format!("loading the provider {name}"));
            match Runtime::builder().providers(name).build() {
                Ok(_) => names.push(name),
                Err(failure) => missing.push((name, failure.to_string())),
            }
        }
        let runtime = Runtime::builder()
            .providers(&names.join(","))
            .build()
            .map_err(|failure| failure.to_string())?;
        let folder = tempfile::tempdir().map_err(|failure| failure.to_string())?;
        let mut endpoints = Vec::new();
        if names.contains(&"msgpack") {
            endpoints.push("msgpack+tcp://127.0.0.1:0".to_owned());
            let socket = folder.path().join("station.sock");
            endpoints.push(format!("msgpack+unix:{}", socket.display()));
        }
        if names.contains(&"pipe") {
            let calls = folder.path().join("calls");
            let answers = folder.path().join("answers");
            endpoints.push(format!(
                "pipe+fifo:{},{}",
                calls.display(),
                answers.display()
            ));
        }
        if names.contains(&"soap") {
            endpoints.push("soap+http://127.0.0.1:0/station".to_owned());
        }
        if names.contains(&"sunrpc") {
            endpoints.push("sunrpc+tcp://127.0.0.1:0/0x20000042/1".to_owned());
        }
        let object = Arc::new(MyStation::default());
        let exported = runtime
            .export(StationSkeleton::from_arc(object.clone()), endpoints)
            .await
            .map_err(|failure| failure.to_string())?;
        Ok(Station {
            runtime,
            object,
            exported,
            missing,
            folder,
        })
    }

    /// Host and port of the endpoint with this scheme, or why there is none.
    pub(crate) fn address(&self, scheme: &str) -> Result<(String, u16), String> {
        let endpoints = self.exported.endpoints();
        let found = endpoints
            .iter()
            .find(|endpoint| endpoint.scheme() == scheme);
        let authority = found.and_then(|endpoint| endpoint.authority());
        match authority {
            Some((host, Some(port))) => Ok((host.to_owned(), port)),
            _ => Err(self.why_not(scheme)),
        }
    }

    /// Path of the Unix socket, or why there is none.
    pub(crate) fn socket(&self) -> Result<String, String> {
        self.needs("msgpack")?;
        Ok(self
            .folder
            .path()
            .join("station.sock")
            .display()
            .to_string())
    }

    /// Whether a provider is loaded, or why not.
    pub(crate) fn needs(&self, provider: &str) -> Result<(), String> {
        match self.missing.iter().find(|(name, _)| *name == provider) {
            Some((_, why)) => Err(why.clone()),
            None => Ok(()),
        }
    }

    fn why_not(&self, scheme: &str) -> String {
        let protocol = scheme.split('+').next().unwrap_or(scheme);
        match self.needs(protocol) {
            Err(why) => why,
            Ok(()) => format!("nothing is exported on {scheme}"),
        }
    }

    /// Takes the object back and ends the runtime.
    pub(crate) async fn close(self) {
        drop(self.exported);
        if let Err(failure) = self.runtime.shutdown(SHUTDOWN_BOUND).await {
            eprintln!("shutting down: {failure}");
        }
    }
}
