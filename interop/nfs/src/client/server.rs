//! Where a server is and who asks it, as endpoints of the provider `sunrpc`. Opens nothing.

use std::fmt::Write;
use std::time::Duration;

use super::NfsUrl;
use crate::protocol::{mount, nfs3};

/// How calls travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// Over connections.
    #[default]
    Tcp,
    /// As datagrams: replies of at most 64 KiB, sent again when they are lost.
    Udp,
}

/// Who a caller says it is (AUTH_SYS). No server can check it: one that believes it trusts every machine that reaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Claim {
    /// The user's number; this process's by default.
    pub uid: Option<u32>,
    /// The group's number; this process's by default.
    pub gid: Option<u32>,
}

/// A server, and how to call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Name or address; an IPv6 address in brackets.
    pub host: String,
    /// The port of NFS; without it, rpcbind is asked.
    pub nfs_port: Option<u16>,
    /// The port of MOUNT; without it, rpcbind is asked.
    pub mount_port: Option<u16>,
    /// How calls travel.
    pub transport: Transport,
    /// What the calls say of the caller.
    pub claim: Claim,
    /// The deadline of each call. READs that are under way together share the line, so it is long: 60 s.
    pub timeout: Duration,
}

impl Server {
    /// The server that a URL names, over TCP, with this process's claim.
    pub fn of(url: &NfsUrl) -> Server {
        Server {
            host: url.host.clone(),
            nfs_port: url.nfs_port,
            mount_port: url.mount_port,
            transport: Transport::default(),
            claim: Claim::default(),
            timeout: Duration::from_secs(60),
        }
    }

    /// Where MOUNT is.
    pub(super) fn mount_endpoint(&self) -> String {
        let (program, version) = (mount::MOUNT_PROGRAM, mount::MOUNT_V3);
        self.endpoint(self.mount_port, program, version)
    }

    /// Where NFS is.
    pub(super) fn nfs_endpoint(&self) -> String {
        self.endpoint(self.nfs_port, nfs3::NFS_PROGRAM, nfs3::NFS_V3)
    }

    /// Without a port, the provider asks the host's rpcbind for it.
    fn endpoint(&self, port: Option<u16>, program: u32, version: u32) -> String {
        let transport = match self.transport {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
        };
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let host = &self.host;
        let mut text = format!("sunrpc+{transport}://{host}{port}/{program}/{version}?auth=sys");
        for (name, id) in [("uid", self.claim.uid), ("gid", self.claim.gid)] {
            if let Some(id) = id {
                // Writing to a String cannot fail.
                let _ = write!(text, "&{name}={id}");
            }
        }
        if self.claim != Claim::default() {
            // Another identity does not come with this process's groups.
            text.push_str("&gids=");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_ask_rpcbind_unless_ports_are_given() {
        let url = NfsUrl::parse(b"nfs://files/x?mountport=7").expect("a URL");
        let mut server = Server::of(&url);
        assert_eq!(
            server.mount_endpoint(),
            "sunrpc+tcp://files:7/100005/3?auth=sys"
        );
        assert_eq!(
            server.nfs_endpoint(),
            "sunrpc+tcp://files/100003/3?auth=sys"
        );
        server.transport = Transport::Udp;
        server.claim.uid = Some(1000);
        assert_eq!(
            server.nfs_endpoint(),
            "sunrpc+udp://files/100003/3?auth=sys&uid=1000&gids="
        );
    }
}
