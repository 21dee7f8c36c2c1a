//! Real peers, each in both directions: programs of other people's libraries call our object, and our stub calls theirs.
//! Which peer is asked what, and must answer what, is in `matrix`; what only one protocol has is beside its peer.

mod c;
mod called;
mod gate;
mod matrix;
mod neovim;
mod python;

use std::sync::Arc;

use rmix::{Exported, Runtime};
use rmix_tour::{MyStation, Reading, Station, StationError, StationSkeleton};

use crate::support::runtime;

/// An object of ours on one endpoint.
struct Served {
    exported: Exported,
    _runtime: Runtime,
}

impl Served {
    /// A fresh station.
    fn station(endpoint: &str) -> Served {
        Served::object(StationSkeleton::new(MyStation::default()), endpoint)
    }

    fn object(skeleton: impl rmix::Skeleton, endpoint: &str) -> Served {
        let runtime = runtime();
        let exported = runtime.export_blocking(skeleton, [endpoint]);
        Served {
            exported: exported.unwrap(),
            _runtime: runtime,
        }
    }

    /// Host and port, for a peer that is told them apart.
    fn host_and_port(&self) -> (String, String) {
        let endpoints = self.exported.endpoints();
        match endpoints[0].authority() {
            Some((host, Some(port))) => (host.to_owned(), port.to_string()),
            other => panic!("no address: {other:?}"),
        }
    }

    /// `HOST:PORT`.
    fn address(&self) -> String {
        let (host, port) = self.host_and_port();
        format!("{host}:{port}")
    }
}

/// A station that is switched off.
struct SwitchedOff;

impl Station for SwitchedOff {
    async fn latest(&self, _place: String) -> Result<Reading, StationError> {
        Err(StationError::Offline)
    }

    async fn mean(&self, celsius: Vec<f64>) -> f64 {
        celsius.iter().sum::<f64>() / celsius.len() as f64
    }

    async fn report(&self, _reading: Reading) {}

    async fn count(&self) -> u32 {
        0
    }
}

/// A station whose object the test keeps.
fn kept_station() -> (Arc<MyStation>, StationSkeleton<MyStation>) {
    let object = Arc::new(MyStation::default());
    (object.clone(), StationSkeleton::from_arc(object))
}
