//! SOAP with foreign libraries, both ways: our client at their servers, theirs at ours, and what they make of our
//! description. Every client, ours too, runs the cases of [`rmix_peers::soap::cases`] and is held to the same lines.
//! The interfaces are Rust that the importer has made of the peers' WSDL.

mod described;
mod documents;
mod our_contract;
mod our_rpc;
mod peers;
mod recorded;
mod served;
mod shared_names;
mod to_peers;

use std::time::Duration;

use rmix::{Exported, Interface, Runtime, Skeleton};
use rmix_peers::soap::SoapVersion;

use crate::support::providers_folder;

/// Only a hang reaches this deadline.
const DEADLINE: Duration = Duration::from_secs(120);

/// A runtime with the shared object of SOAP.
fn runtime() -> Runtime {
    let folder = providers_folder();
    let built = Runtime::builder()
        .provider_path(folder)
        .providers("soap")
        .build();
    built.expect("the shared object of SOAP is built as a dev-dependency of this crate")
}

/// Our client of a server at `url`.
async fn bind<S: Interface>(runtime: &Runtime, url: &str, version: SoapVersion) -> S {
    let endpoint = format!("soap+{url}?version={}", version.number());
    let bound = runtime.bind(endpoint).timeout(DEADLINE).await;
    bound.unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// An object of ours at a free port.
struct Served {
    /// `http://127.0.0.1:7/path`.
    url: String,
    _exported: Exported,
    _runtime: Runtime,
}

impl Served {
    /// At this path; `options` begin with `?`.
    fn start(skeleton: impl Skeleton, path: &str, options: &str) -> Served {
        let runtime = runtime();
        let endpoint = format!("soap+http://127.0.0.1:0/{path}{options}");
        let exported = runtime.export_blocking(skeleton, [endpoint]).unwrap();
        let endpoint = exported.endpoints()[0].to_string();
        let url = endpoint.strip_prefix("soap+").unwrap();
        let url = url.split('?').next().unwrap_or(url).to_owned();
        Served {
            url,
            _exported: exported,
            _runtime: runtime,
        }
    }

    /// Its port.
    fn tcp_port(&self) -> u16 {
        let (_, rest) = self.url.rsplit_once(':').unwrap();
        let (port, _) = rest.split_once('/').unwrap();
        port.parse().unwrap()
    }
}
