//! Who may make a member leave or force a view: callers of its own host, unless its configuration says otherwise.

use std::net::{IpAddr, SocketAddr};

/// Whether a caller, as its provider names it, is on this host, whose member listens at these endpoints.
///
/// Over a network the name is an address with a port: that of the loopback, or one that this member itself listens on,
/// which nobody else can finish a handshake from. Callers over shared memory, pipes and Unix sockets have no port.
pub(crate) fn is_of_this_host(peer: &str, endpoints: &[String]) -> bool {
    if let Ok(address) = peer.parse::<SocketAddr>() {
        let ip = address.ip().to_canonical();
        return ip.is_loopback()
            || endpoints
                .iter()
                .any(|endpoint| host_of(endpoint) == Some(ip));
    }
    let after_colon = peer.rsplit_once(':').map(|(_, port)| port);
    after_colon.is_none_or(|port| port.parse::<u16>().is_err())
}

/// The address in an endpoint such as `msgpack+tcp://10.0.0.5:7001/object`.
fn host_of(endpoint: &str) -> Option<IpAddr> {
    let (_, place) = endpoint.split_once("://")?;
    let place = place.split(['/', '?']).next()?;
    let address: SocketAddr = place.parse().ok()?;
    Some(address.ip().to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_local(peer: &str) -> bool {
        let endpoints = [
            "shm:a",
            "msgpack+tcp://10.0.0.5:7001",
            "soap+http://[2001:db8::5]:80/ring?serial=1",
        ];
        is_of_this_host(peer, &endpoints.map(str::to_owned))
    }

    #[test]
    fn callers_of_the_loopback_and_without_an_address_are_of_this_host() {
        for peer in [
            "127.0.0.1:4000",
            "127.8.9.1:1",
            "[::1]:4000",
            "[::ffff:127.0.0.1]:4000",
            "a local process",
            "shm:a",
            "pipe:/run/ring",
        ] {
            assert!(is_local(peer), "{peer}");
        }
    }

    #[test]
    fn callers_from_an_address_of_the_member_are_of_this_host() {
        for peer in [
            "10.0.0.5:4000",
            "[::ffff:10.0.0.5]:4000",
            "[2001:db8::5]:4000",
        ] {
            assert!(is_local(peer), "{peer}");
        }
    }

    #[test]
    fn callers_from_elsewhere_are_not() {
        for peer in [
            "10.0.0.6:4000",
            "[2001:db8::6]:4000",
            "[fe80::1%eth0]:4000",
            "node-b:4000",
            "0.0.0.0:4000",
        ] {
            assert!(!is_local(peer), "{peer}");
        }
    }
}
