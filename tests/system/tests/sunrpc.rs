//! Sun RPC with what C programs have spoken since 1985: libtirpc's client and server of every shape of XDR, rpcbind and
//! rpcinfo, the system's daemons, tshark and xdrlib3 as judges. Each peer with fixed ports is in a namespace of its own.

mod c_client;
mod c_server;
mod daemons;
mod dissected;
mod exhausted;
mod memory;
mod operations;
mod oracle;
mod registered;
mod relay;
mod responder;
mod slow;

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rmix::{Exported, Runtime};
use rmix_system_tests::Diverse;
use rmix_system_tests::diverse::{
    DiverseProgramV1Skeleton, DiverseProgramV1Stub, DiverseProgramV2Skeleton, DiverseProgramV2Stub,
};

use crate::support::runtime;

/// The program of `diverse.x`, in an endpoint.
const PROGRAM: &str = "0x20000043";
/// Only a hang reaches this deadline.
const DEADLINE: Duration = Duration::from_secs(120);
/// Where everything is that has no namespace.
const LOOPBACK: &str = "127.0.0.1";

/// Something at `place`, such as `tcp://127.0.0.1:7`, without program and version.
struct Stubs {
    first: DiverseProgramV1Stub,
    second: DiverseProgramV2Stub,
}

impl Stubs {
    /// Our client of both versions; `options` begin with `?`.
    fn bind(runtime: &Runtime, place: &str, options: &str) -> Stubs {
        let endpoint = |version: u32| format!("sunrpc+{place}/{PROGRAM}/{version}{options}");
        let first = runtime.bind(endpoint(1)).timeout(DEADLINE).blocking();
        let second = runtime.bind(endpoint(2)).timeout(DEADLINE).blocking();
        Stubs {
            first: first.unwrap(),
            second: second.unwrap(),
        }
    }
}

/// Our server of both versions on one port.
struct Served {
    object: Arc<Diverse>,
    /// `tcp://127.0.0.1:7`.
    place: String,
    _exported: [Exported; 2],
    _runtime: Runtime,
}

impl Served {
    /// At `place`, whose port may be 0; `options` begin with `?`.
    fn start(object: Diverse, place: &str, options: &str) -> Served {
        let object = Arc::new(object);
        let runtime = runtime();
        let first = format!("sunrpc+{place}/{PROGRAM}/1{options}");
        let skeleton = DiverseProgramV1Skeleton::from_arc(object.clone());
        let first = runtime.export_blocking(skeleton, [first]).unwrap();
        let real = first.endpoints()[0].to_string();
        let real = real.strip_suffix(&format!("/{}/1", 0x2000_0043));
        let mut place = place.to_owned();
        if let Some(real) = real {
            real.strip_prefix("sunrpc+").unwrap().clone_into(&mut place);
        }
        let second = format!("sunrpc+{place}/{PROGRAM}/2{options}");
        let skeleton = DiverseProgramV2Skeleton::from_arc(object.clone());
        let second = runtime.export_blocking(skeleton, [second]).unwrap();
        Served {
            object,
            place,
            _exported: [first, second],
            _runtime: runtime,
        }
    }

    /// Its port.
    fn port(&self) -> u16 {
        port_of(&self.place)
    }
}

/// The port at the end of `tcp://127.0.0.1:7`.
fn port_of(place: &str) -> u16 {
    let (_, port) = place.rsplit_once(':').unwrap();
    port.parse().unwrap()
}

fn tcp(port: u16) -> String {
    format!("tcp://{}:{port}", Ipv4Addr::LOCALHOST)
}

fn udp(port: u16) -> String {
    format!("udp://{}:{port}", Ipv4Addr::LOCALHOST)
}

fn unix(path: &Path) -> String {
    format!("unix:{}", path.display())
}
