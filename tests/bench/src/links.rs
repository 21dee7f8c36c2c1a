//! The links: who speaks with whom, what each can do, and what it is compared with.

use crate::measure::Measure;
use crate::peers::ours::SOAP;
use crate::peers::rust_iceoryx::{EVENT, SPIN};
use crate::peers::{CAPNP, GSOAP, ICE, IPC_CHANNEL, JAXWS, OMNIORB, RMI, Side, TARPC, TONIC};

/// A client and a server that speak with each other.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) name: &'static str,
    pub(crate) client: Side,
    pub(crate) server: Side,
    /// The raw link it is compared with.
    pub(crate) raw: &'static str,
    /// The peer against itself that it is compared with, where one end is that peer, or targets speak of it.
    pub(crate) peer: Option<&'static str>,
    pub(crate) measures: &'static [Measure],
}

const RAW: &[Measure] = &[
    Measure::Null,
    Measure::ECHO_1K,
    Measure::ECHO_64K,
    Measure::Sum,
    Measure::IN_FLIGHT,
    Measure::CLIENTS,
    Measure::OneWay,
];
const RAW_EPOLL: &[Measure] = &[Measure::Null];
const RAW_PIPE: &[Measure] = &[
    Measure::Null,
    Measure::ECHO_1K,
    Measure::ECHO_64K,
    Measure::Sum,
    Measure::IN_FLIGHT,
    Measure::OneWay,
];
const OURS: &[Measure] = &[
    Measure::Null,
    Measure::NullAsync,
    Measure::ECHO_1K,
    Measure::ECHO_64K,
    Measure::Sum,
    Measure::IN_FLIGHT,
    Measure::CLIENTS,
    Measure::OneWay,
];
const PIPE: &[Measure] = &[
    Measure::Null,
    Measure::NullAsync,
    Measure::ECHO_1K,
    Measure::ECHO_64K,
    Measure::Sum,
    Measure::IN_FLIGHT,
    Measure::OneWay,
];
const TIRPC: &[Measure] = &[
    Measure::Null,
    Measure::ECHO_1K,
    Measure::ECHO_64K,
    Measure::Sum,
    Measure::CLIENTS,
    Measure::OneWay,
];
const OUR_SOAP: &[Measure] = &[
    Measure::Null,
    Measure::NullAsync,
    Measure::ECHO_1K,
    Measure::ECHO_64K,
    Measure::Sum,
    Measure::SumOctets,
    Measure::CLIENTS,
    Measure::OneWay,
];
const SOAP_PEER: &[Measure] = &[
    Measure::Null,
    Measure::ECHO_1K,
    Measure::ECHO_64K,
    Measure::Sum,
    Measure::SumOctets,
    Measure::CLIENTS,
    Measure::OneWay,
];
/// RMI knows no one-way call.
const JAVA_RMI: &[Measure] = &[
    Measure::Null,
    Measure::ECHO_1K,
    Measure::ECHO_64K,
    Measure::Sum,
    Measure::CLIENTS,
];
/// What no second client can be beside.
const ONE_CLIENT: &[Measure] = &[
    Measure::Null,
    Measure::ECHO_1K,
    Measure::ECHO_64K,
    Measure::Sum,
    Measure::OneWay,
];
const UDP: &[Measure] = &[Measure::Null, Measure::NullAsync];
const TIRPC_UDP: &[Measure] = &[Measure::Null];
const TARPC_MEASURES: &[Measure] = &[
    Measure::NullAsync,
    Measure::ECHO_1K,
    Measure::ECHO_64K,
    Measure::Sum,
    Measure::IN_FLIGHT,
    Measure::CLIENTS,
];
const ASYNCHRONOUS: &[Measure] = &[
    Measure::NullAsync,
    Measure::ECHO_1K,
    Measure::ECHO_64K,
    Measure::Sum,
    Measure::IN_FLIGHT,
    Measure::CLIENTS,
    Measure::OneWay,
];
/// Its requests are looked for by one end that never rests: eight of these on a core measure the scheduler.
const ICEORYX: &[Measure] = &[
    Measure::Null,
    Measure::ECHO_1K,
    Measure::ECHO_64K,
    Measure::Sum,
    Measure::IN_FLIGHT,
    Measure::OneWay,
];

/// What most links are compared with.
pub(crate) const RAW_TCP: &str = "raw tcp";
const RAW_SHM: &str = "raw shm";
const LIBTIRPC: Side = Side::Tirpc("tcp");
const LIBTIRPC_UDP: Side = Side::Tirpc("udp");
const SUN: Side = Side::Ours("sunrpc+tcp");
const SUN_UDP: Side = Side::Ours("sunrpc+udp");
const OVER_SOAP: Side = Side::Ours(SOAP);

/// All links, raw ones first, and each peer against itself before it meets ours.
pub(crate) static LINKS: [Link; 36] = [
    raw(RAW_TCP, "tcp", RAW),
    raw("raw unix", "unix", RAW),
    raw("raw pipe", "pipe", RAW_PIPE),
    raw(RAW_SHM, "shm", RAW_PIPE),
    peer(
        "raw tcp + epoll",
        Side::Raw("tcp+epoll"),
        RAW_TCP,
        RAW_EPOLL,
    ),
    peer(
        "raw unix + epoll",
        Side::Raw("unix+epoll"),
        "raw unix",
        RAW_EPOLL,
    ),
    peer(
        "raw pipe + epoll",
        Side::Raw("pipe+epoll"),
        "raw pipe",
        RAW_EPOLL,
    ),
    peer(
        "raw shm + epoll",
        Side::Raw("shm+epoll"),
        RAW_SHM,
        RAW_EPOLL,
    ),
    beside(SPIN, ours("shm", RAW_SHM, OURS)),
    ours("msgpack+tcp", RAW_TCP, OURS),
    ours("msgpack+unix", "raw unix", OURS),
    ours("pipe", "raw pipe", PIPE),
    beside("libtirpc", ours("sunrpc+tcp", RAW_TCP, OURS)),
    peer("libtirpc", LIBTIRPC, RAW_TCP, TIRPC),
    beside(
        "libtirpc",
        link("sunrpc+tcp to libtirpc", SUN, LIBTIRPC, OURS),
    ),
    beside(
        "libtirpc",
        link("libtirpc to sunrpc+tcp", LIBTIRPC, SUN, TIRPC),
    ),
    beside("libtirpc udp", ours("sunrpc+udp", RAW_TCP, UDP)),
    peer("libtirpc udp", LIBTIRPC_UDP, RAW_TCP, TIRPC_UDP),
    beside(
        "libtirpc udp",
        link("sunrpc+udp to libtirpc", SUN_UDP, LIBTIRPC_UDP, UDP),
    ),
    beside(
        "libtirpc udp",
        link("libtirpc to sunrpc+udp", LIBTIRPC_UDP, SUN_UDP, TIRPC_UDP),
    ),
    beside(GSOAP, ours(SOAP, RAW_TCP, OUR_SOAP)),
    peer(GSOAP, Side::Native(GSOAP), RAW_TCP, SOAP_PEER),
    beside(
        GSOAP,
        link(
            "soap+http to gSOAP",
            OVER_SOAP,
            Side::Native(GSOAP),
            OUR_SOAP,
        ),
    ),
    beside(
        GSOAP,
        link(
            "gSOAP to soap+http",
            Side::Native(GSOAP),
            OVER_SOAP,
            SOAP_PEER,
        ),
    ),
    peer(JAXWS, Side::Java(JAXWS), RAW_TCP, SOAP_PEER),
    beside(
        JAXWS,
        link(
            "soap+http to JAX-WS",
            OVER_SOAP,
            Side::Java(JAXWS),
            OUR_SOAP,
        ),
    ),
    beside(
        JAXWS,
        link(
            "JAX-WS to soap+http",
            Side::Java(JAXWS),
            OVER_SOAP,
            SOAP_PEER,
        ),
    ),
    peer(OMNIORB, Side::Native(OMNIORB), RAW_TCP, TIRPC),
    peer(ICE, Side::Native(ICE), RAW_TCP, TIRPC),
    peer(RMI, Side::Java(RMI), RAW_TCP, JAVA_RMI),
    peer(TARPC, Side::Rust(TARPC), RAW_TCP, TARPC_MEASURES),
    peer(CAPNP, Side::Rust(CAPNP), RAW_TCP, ASYNCHRONOUS),
    peer(TONIC, Side::Rust(TONIC), RAW_TCP, ASYNCHRONOUS),
    peer(IPC_CHANNEL, Side::Rust(IPC_CHANNEL), "raw unix", ONE_CLIENT),
    peer(SPIN, Side::Rust(SPIN), RAW_SHM, ICEORYX),
    peer(EVENT, Side::Rust(EVENT), RAW_SHM, ICEORYX),
];

const fn raw(name: &'static str, transport: &'static str, measures: &'static [Measure]) -> Link {
    peer(name, Side::Raw(transport), name, measures)
}

const fn ours(name: &'static str, raw: &'static str, measures: &'static [Measure]) -> Link {
    peer(name, Side::Ours(name), raw, measures)
}

const fn peer(
    name: &'static str,
    side: Side,
    raw: &'static str,
    measures: &'static [Measure],
) -> Link {
    Link {
        raw,
        ..link(name, side, side, measures)
    }
}

const fn link(
    name: &'static str,
    client: Side,
    server: Side,
    measures: &'static [Measure],
) -> Link {
    Link {
        name,
        client,
        server,
        raw: RAW_TCP,
        peer: None,
        measures,
    }
}

const fn beside(peer: &'static str, link: Link) -> Link {
    Link {
        peer: Some(peer),
        ..link
    }
}

impl Link {
    /// Whether both ends are ours.
    pub(crate) fn is_ours(&self) -> bool {
        self.client == self.server && matches!(self.client, Side::Ours(_))
    }

    /// Whether its ends need a core each, because they never rest.
    pub(crate) fn needs_cores(&self) -> bool {
        self.name == SPIN
    }

    /// Whether it can do this, with whatever number.
    pub(crate) fn can(&self, measure: Measure) -> bool {
        self.measures.iter().any(|one| one.is_like(measure))
    }
}

#[cfg(test)]
mod tests {
    use super::LINKS;

    #[test]
    fn what_links_are_compared_with_is_measured_before_or_beside_them() {
        for link in &LINKS {
            let named = |name: &str| LINKS.iter().find(|one| one.name == name);
            assert!(named(link.raw).is_some(), "{}", link.name);
            let peer = link.peer.map(|peer| named(peer).expect("it is a link"));
            assert!(
                peer.is_none_or(|peer| peer.client == peer.server),
                "{}",
                link.name
            );
        }
    }
}
