//! Who may make a member leave or force a view: callers of its own host, unless its configuration says otherwise.

use std::net::{IpAddr, SocketAddr};

/// Whether a caller, as its provider names it, is on this host, whose member listens at these endpoints. What is not
/// known to be is not.
///
/// Over a network the name is an address with a port: that of the loopback, or one that this member itself listens on,
/// which nobody else can finish a handshake from. A member that listens on all addresses knows none of them, so there
/// only the loopback counts. Over Unix sockets and shared memory, listeners say that it is a local process; links that
/// were made for one endpoint, as pipes, are named by it.
///
/// Whoever forwards connections on this host (`ssh -L`, the proxy of a container) comes from the loopback, whoever sent
/// them.
pub(crate) fn is_of_this_host(peer: &str, endpoints: &[String]) -> bool {
    if let Ok(address) = peer.parse::<SocketAddr>() {
        let ip = address.ip().to_canonical();
        let is_own = |endpoint: &String| host_of(endpoint) == Some(ip);
        return ip.is_loopback() || (!ip.is_unspecified() && endpoints.iter().any(is_own));
    }
    peer == LOCAL_PROCESS || LOCAL_SCHEMES.iter().any(|scheme| peer.starts_with(scheme))
}

/// What listeners of sockets without addresses call their peers.
const LOCAL_PROCESS: &str = "a local process";
/// Of endpoints whose links never leave the host.
const LOCAL_SCHEMES: [&str; 2] = ["shm:", "pipe:"];

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
    fn for_a_member_on_all_addresses_only_the_loopback_is_this_host() {
        let endpoints = ["msgpack+tcp://0.0.0.0:7001", "msgpack+tcp://[::]:7001"];
        let endpoints = endpoints.map(str::to_owned);
        for peer in ["10.0.0.5:4000", "0.0.0.0:4000", "[::]:4000"] {
            assert!(!is_of_this_host(peer, &endpoints), "{peer}");
        }
        assert!(is_of_this_host("127.0.0.1:4000", &endpoints));
    }

    #[test]
    fn callers_from_elsewhere_are_not() {
        for peer in [
            "10.0.0.6:4000",
            "[2001:db8::6]:4000",
            "[fe80::1%eth0]:4000",
            "node-b:4000",
            "0.0.0.0:4000",
            "",
            "node-b",
            "10.0.0.5",
            "127.0.0.1",
            "10.0.0.6:http",
            "soap+http://10.0.0.6/",
            "a local process?",
            "shmem:a",
            "an unknown place",
        ] {
            assert!(!is_local(peer), "{peer}");
        }
    }
}
