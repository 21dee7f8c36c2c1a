//! The contract's suite over TCP and Unix sockets, linked in and as a shared object; that first answers leave early;
//! that what a peer sent before it closed counts; that one-way calls that come together are served one by one; that calls
//! wait on threads of any kind; and that calls allocate nothing.

mod allocations;
mod answers;
mod closing;
mod oneway;
mod waiting;

use std::path::Path;

use rmix::ProviderEntry;
use rmix_conformance::{Fixture, Transport, mount};

struct Msgpack(Transport);

impl Fixture for Msgpack {
    fn name(&self) -> &'static str {
        "msgpack"
    }

    fn linked(&self) -> &'static ProviderEntry {
        &rmix_msgpack::plugin::rmix_provider_v1_msgpack
    }

    fn claims(&self) -> &'static [&'static str] {
        &[
            "oneway",
            "twoway",
            "listen",
            "symmetric",
            "faults",
            "ordered",
            "concurrent",
            "self-describing",
        ]
    }

    fn transport(&self) -> Transport {
        self.0.clone()
    }

    fn endpoint(&self, folder: &Path) -> String {
        match self.0 {
            Transport::Unix => format!("msgpack+unix:{}/object", folder.display()),
            _ => "msgpack+tcp://127.0.0.1:0".to_owned(),
        }
    }

    fn nonsense(&self) -> Vec<(&'static str, Vec<u8>)> {
        vec![
            ("a reserved marker", vec![0xc1]),
            ("a message that is no array", vec![0x2a]),
            ("a message of an unknown kind", vec![0x93, 9, 0, 0]),
            ("a call without parameters", vec![0x93, 0, 1, 0xa0]),
            ("a nesting bomb", vec![0x91; 10_000]),
            ("a text of 4 GiB", vec![0xdb, 0xff, 0xff, 0xff, 0xff]),
            (
                "an array of 4 G elements",
                vec![0xdd, 0xff, 0xff, 0xff, 0xff],
            ),
            (
                "a reply to no call",
                vec![0x94, 1, 0xcd, 0x77, 0x77, 0xc0, 1],
            ),
        ]
    }
}

mount!(tcp_linked, Msgpack(Transport::Tcp), Linked);
mount!(tcp_shared, Msgpack(Transport::Tcp), Shared);
mount!(unix_linked, Msgpack(Transport::Unix), Linked);
mount!(unix_shared, Msgpack(Transport::Unix), Shared);
