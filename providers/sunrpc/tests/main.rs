//! The contract's suite over TCP and Unix sockets, linked in and as a shared object; and what UDP adds.

mod allocations;
mod callback;
mod claims;
mod duplicates;
mod requirements;
mod shared_port;
mod udp;

use std::path::Path;

use rmix::ProviderEntry;
use rmix_conformance::interface::{PROGRAM, VERSION};
use rmix_conformance::{Fixture, Transport, mount};

struct SunRpc(Transport);

impl Fixture for SunRpc {
    fn name(&self) -> &'static str {
        "sunrpc"
    }

    fn linked(&self) -> &'static ProviderEntry {
        &rmix_sunrpc::plugin::rmix_provider_v1_sunrpc
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
            "numbered",
        ]
    }

    fn transport(&self) -> Transport {
        self.0.clone()
    }

    fn endpoint(&self, folder: &Path) -> String {
        let place = match self.0 {
            Transport::Unix => format!("sunrpc+unix:{}/object", folder.display()),
            _ => "sunrpc+tcp://127.0.0.1:0".to_owned(),
        };
        // The suite sends copies of a call and wants each of them executed; see `duplicates` for what is the default.
        format!("{place}/{PROGRAM:#x}/{VERSION}?duplicates=off")
    }

    fn nonsense(&self) -> Vec<(&'static str, Vec<u8>)> {
        vec![
            ("a record of 2 GiB", vec![0xff, 0xff, 0xff, 0xff]),
            ("a fragment of 2 GiB", vec![0x7f, 0xff, 0xff, 0xff]),
            ("an empty record", vec![0x80, 0, 0, 0]),
            ("a record that ends within the XID", record(&[0, 0])),
            (
                "a message that is neither call nor reply",
                record(&[0, 0, 0, 1, 0, 0, 0, 7]),
            ),
            (
                "a reply to no call",
                record(&[&[0x77; 4][..], &[0, 0, 0, 1], &[0; 16]].concat()),
            ),
            ("empty fragments without end", vec![0; 4 * 5_000]),
        ]
    }

    fn renumber(&self) -> fn(&[u8], &[u8]) -> Vec<u8> {
        |message, like| {
            // The XID, behind the record mark.
            let mut message = message.to_vec();
            if let (Some(xid), Some(other)) = (message.get_mut(4..8), like.get(4..8)) {
                xid.copy_from_slice(other);
            }
            message
        }
    }

    fn fragmented(&self, message: &[u8], count: u32) -> Option<Vec<u8>> {
        let mut body = message.get(4..).unwrap_or_default();
        let mut cut = Vec::new();
        for index in 1..count {
            // Every second fragment is empty, which is legal.
            let (part, rest) = body.split_at_checked((index % 2) as usize)?;
            body = rest;
            cut.extend_from_slice(&(index % 2).to_be_bytes());
            cut.extend_from_slice(part);
        }
        cut.extend_from_slice(&record(body));
        Some(cut)
    }
}

/// A record of one fragment.
fn record(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("a test's record is short");
    let mut record = (length | 1 << 31).to_be_bytes().to_vec();
    record.extend_from_slice(body);
    record
}

mount!(tcp_linked, SunRpc(Transport::Tcp), Linked);
mount!(tcp_shared, SunRpc(Transport::Tcp), Shared);
mount!(unix_linked, SunRpc(Transport::Unix), Linked);
mount!(unix_shared, SunRpc(Transport::Unix), Shared);
