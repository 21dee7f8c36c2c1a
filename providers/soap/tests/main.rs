//! The contract's suite, linked in and as a shared object; calls through the façade; the HTTP layer against real peers and
//! raw sockets.

mod calls;
mod client;
mod envelopes;
mod hostile;
mod lent;
mod oneway;
mod peers;
mod pool;
mod raw;
mod served;
mod server;
mod slow;
mod threads;
mod tls;

use std::path::Path;

use rmix::ProviderEntry;
use rmix_conformance::{Fixture, Transport, mount};

struct Soap;

impl Fixture for Soap {
    fn name(&self) -> &'static str {
        "soap"
    }

    fn linked(&self) -> &'static ProviderEntry {
        &rmix_soap::plugin::rmix_provider_v1_soap
    }

    fn claims(&self) -> &'static [&'static str] {
        &["oneway", "twoway", "listen", "faults", "concurrent"]
    }

    fn transport(&self) -> Transport {
        Transport::Tcp
    }

    fn endpoint(&self, _folder: &Path) -> String {
        "soap+http://127.0.0.1:0/object".to_owned()
    }

    fn nonsense(&self) -> Vec<(&'static str, Vec<u8>)> {
        vec![
            ("no HTTP", b"\x00\x01\x02\x03\r\n\r\n".to_vec()),
            ("no version", b"POST /object\r\n\r\n".to_vec()),
            ("a head without end", vec![b'x'; 200_000]),
        ]
    }
}

mount!(tcp_linked, Soap, Linked);
mount!(tcp_shared, Soap, Shared);
