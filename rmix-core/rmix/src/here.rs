//! Which endpoints are on this host: for kinds that reach no other, the host's boot id in the endpoint decides, not an
//! address. Whether the peer may be talked to is the provider's to find out, from its credentials.

use std::sync::OnceLock;

use rmix_engine::Endpoint;

/// Option of an endpoint that says on which host, and since which start of it, its object is exported.
const HOST: &str = "host";
/// Where Linux tells the number of this start of the host.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Whether an endpoint is on this host, as far as its text tells.
pub(crate) fn is_here(endpoint: &Endpoint) -> bool {
    let same_host_only = ["shm", "pipe"].contains(&endpoint.protocol());
    if same_host_only || endpoint.transport() == Some("unix") {
        // What does not say it was written here, or by somebody who knows.
        return match (endpoint.option(HOST), boot_id()) {
            (Some(host), Some(own)) => host == own,
            _ => true,
        };
    }
    match endpoint.authority() {
        None => true,
        Some((host, _)) => {
            let address = host.parse::<std::net::IpAddr>();
            host == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }
    }
}

fn boot_id() -> Option<&'static str> {
    static KNOWN: OnceLock<Option<String>> = OnceLock::new();
    let read = || std::fs::read_to_string(BOOT_ID).ok();
    let known = KNOWN.get_or_init(|| read().map(|text| text.trim().to_owned()));
    known.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(endpoint: &str) -> bool {
        is_here(&Endpoint::parse(endpoint).unwrap())
    }

    #[test]
    fn the_boot_id_decides_where_there_is_one() {
        let own = boot_id().expect("Linux tells");
        assert!(here(&format!("shm:station?host={own}")));
        assert!(here(&format!("msgpack+unix:/run/s?host={own}")));
        let other = "00000000-0000-0000-0000-000000000000";
        assert!(!here(&format!("shm:station?host={other}")));
        assert!(!here(&format!("msgpack+unix:/run/s?x=1&host={other}")));
    }

    #[test]
    fn endpoints_that_do_not_say_are_judged_by_their_kind_and_address() {
        assert!(here("shm:station"));
        assert!(here("pipe+fd:0,1"));
        assert!(here("msgpack+tcp://127.0.0.1:1"));
        assert!(here("msgpack+tcp://localhost:1"));
        assert!(!here("msgpack+tcp://192.0.2.1:1"));
    }
}
