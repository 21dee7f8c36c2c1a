//! The contract's suite over shared memory, linked in and as a shared object, with queues that hold the messages and
//! queues that do not; and what is particular to this provider.

mod allocations;
mod raw;
mod rules;

use std::path::Path;

use rmix::ProviderEntry;
use rmix_conformance::{Bridge, Fixture, Transport, mount};

/// With the endpoint's further options.
struct Shm(&'static str);

impl Fixture for Shm {
    fn name(&self) -> &'static str {
        "shm"
    }

    fn linked(&self) -> &'static ProviderEntry {
        &rmix_shm::plugin::rmix_provider_v1_shm
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
        Transport::Bridged(Bridge {
            name: "shared memory",
            connect: raw::connect,
            listen: raw::listen,
        })
    }

    fn endpoint(&self, folder: &Path) -> String {
        format!("shm:object?folder={}{}", folder.display(), self.0)
    }

    fn nonsense(&self) -> Vec<(&'static str, Vec<u8>)> {
        vec![
            ("a reserved marker", vec![0xc1]),
            ("a message that is no array", vec![0x2a]),
            ("a message of an unknown kind", vec![0x93, 9, 0, 0]),
            ("a nesting bomb", vec![0x91; 10_000]),
            ("a text of 4 GiB", vec![0xdb, 0xff, 0xff, 0xff, 0xff]),
            (
                "a reply to no call",
                vec![0x94, 1, 0xcd, 0x77, 0x77, 0xc0, 1],
            ),
        ]
    }
}

mount!(linked, Shm(""), Linked);
mount!(shared, Shm(""), Shared);
mount!(small_queue, Shm("&queue=4096"), Linked);
