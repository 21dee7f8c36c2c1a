//! Netids and universal addresses (RFC 5665 s5.2.3): how rpcbind writes a transport and an address. Resolves nothing.
//!
//! ```text
//! tcp, udp     h1.h2.h3.h4.p1.p2     127.0.0.1.48.57 is port 12345 = 48 * 256 + 57
//! tcp6, udp6   IPv6 address.p1.p2    ::1.48.57
//! local        path of the socket    /run/rpcbind.sock
//! ```

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// A transport, as rpcbind names it. Complete on purpose: others are served by no provider of this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Netid {
    /// TCP over IPv4.
    Tcp,
    /// UDP over IPv4.
    Udp,
    /// TCP over IPv6.
    Tcp6,
    /// UDP over IPv6.
    Udp6,
    /// Unix sockets.
    Local,
}

impl Netid {
    /// The netid of TCP at an address.
    pub(crate) fn tcp(address: SocketAddr) -> Netid {
        if address.is_ipv4() {
            Netid::Tcp
        } else {
            Netid::Tcp6
        }
    }

    /// The netid of UDP at an address.
    pub(crate) fn udp(address: SocketAddr) -> Netid {
        if address.is_ipv4() {
            Netid::Udp
        } else {
            Netid::Udp6
        }
    }

    /// The netid with this name.
    pub(crate) fn named(name: &str) -> Option<Netid> {
        ALL.into_iter().find(|netid| netid.name() == name)
    }

    /// Its name on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Netid::Tcp => "tcp",
            Netid::Udp => "udp",
            Netid::Tcp6 => "tcp6",
            Netid::Udp6 => "udp6",
            Netid::Local => "local",
        }
    }

    /// The IP protocol's number, which version 2 has instead of a netid.
    pub(crate) const fn protocol(self) -> Option<u32> {
        match self {
            Netid::Tcp | Netid::Tcp6 => Some(PROTOCOL_TCP),
            Netid::Udp | Netid::Udp6 => Some(PROTOCOL_UDP),
            Netid::Local => None,
        }
    }

    /// Whether version 2 can register it: it knows IPv4 only.
    pub(crate) const fn is_ipv4(self) -> bool {
        matches!(self, Netid::Tcp | Netid::Udp)
    }
}

impl fmt::Display for Netid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// Why a universal address is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddressError {
    /// There are no two numbers for the port after the host.
    PortMissing,
    /// A number of the port is not one from 0 to 255.
    Port,
    /// What stands before the port is neither an IPv4 nor an IPv6 address.
    Host,
}

impl fmt::Display for AddressError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            AddressError::PortMissing => "it does not end in .p1.p2 for the port",
            AddressError::Port => "a number of its port is not one from 0 to 255",
            AddressError::Host => "what precedes its port is no IPv4 or IPv6 address",
        })
    }
}

/// The universal address of a socket; an IPv6 scope is not written.
pub(crate) fn to_universal(address: SocketAddr) -> String {
    let [high, low] = address.port().to_be_bytes();
    format!("{}.{high}.{low}", address.ip())
}

/// The socket of a universal address of an IP netid.
pub(crate) fn from_universal(text: &str) -> Result<SocketAddr, AddressError> {
    let (rest, low) = text.rsplit_once('.').ok_or(AddressError::PortMissing)?;
    let (host, high) = rest.rsplit_once('.').ok_or(AddressError::PortMissing)?;
    let port = u16::from_be_bytes([octet(high)?, octet(low)?]);
    let ip = match host.parse::<Ipv4Addr>() {
        Ok(ip) => IpAddr::V4(ip),
        Err(_) => IpAddr::V6(host.parse::<Ipv6Addr>().map_err(|_| AddressError::Host)?),
    };
    Ok(SocketAddr::new(ip, port))
}

fn octet(text: &str) -> Result<u8, AddressError> {
    let digits = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(octet) if digits => Ok(octet),
        _ => Err(AddressError::Port),
    }
}

/// An address that a program is reached at, as rpcbind is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Registered {
    /// The transport.
    pub(crate) netid: Netid,
    /// The universal address.
    pub(crate) address: String,
}

impl Registered {
    /// Bound to a TCP address, which may be a wildcard.
    pub(crate) fn tcp(address: SocketAddr) -> Registered {
        Registered {
            netid: Netid::tcp(address),
            address: to_universal(address),
        }
    }

    /// Bound to a UDP address, which may be a wildcard.
    pub(crate) fn udp(address: SocketAddr) -> Registered {
        Registered {
            netid: Netid::udp(address),
            address: to_universal(address),
        }
    }

    /// Bound to a Unix socket.
    pub(crate) fn local(path: &str) -> Registered {
        Registered {
            netid: Netid::Local,
            address: path.to_owned(),
        }
    }
}

/// IP's number of TCP.
pub(crate) const PROTOCOL_TCP: u32 = 6;
/// IP's number of UDP.
pub(crate) const PROTOCOL_UDP: u32 = 17;

const ALL: [Netid; 5] = [
    Netid::Tcp,
    Netid::Udp,
    Netid::Tcp6,
    Netid::Udp6,
    Netid::Local,
];
