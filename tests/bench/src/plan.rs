//! What is measured: the links with their ends, what each can do, and the choice of `--only`.

use crate::measure::Measure;
use crate::options::Options;
use crate::peers::Side;
use crate::place::Placement;

/// The name of the link that Sun RPC is compared with.
pub(crate) const LIBTIRPC: &str = "libtirpc";
/// The same over UDP.
pub(crate) const LIBTIRPC_UDP: &str = "libtirpc udp";

/// A client and a server that speak with each other.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) name: &'static str,
    pub(crate) client: Side,
    pub(crate) server: Side,
    /// The raw link it is compared with.
    pub(crate) raw: &'static str,
    measures: &'static [Measure],
}

const RAW: &[Measure] = &[
    Measure::Null,
    Measure::Echo,
    Measure::Sum,
    Measure::InFlight,
    Measure::Clients,
    Measure::OneWay,
];
const RAW_PIPE: &[Measure] = &[
    Measure::Null,
    Measure::Echo,
    Measure::Sum,
    Measure::InFlight,
    Measure::OneWay,
];
const PIPE: &[Measure] = &[
    Measure::Null,
    Measure::NullAsync,
    Measure::Echo,
    Measure::Sum,
    Measure::InFlight,
    Measure::OneWay,
];
const TIRPC: &[Measure] = &[
    Measure::Null,
    Measure::Echo,
    Measure::Sum,
    Measure::Clients,
    Measure::OneWay,
];
const UDP: &[Measure] = &[Measure::Null, Measure::NullAsync];
const TIRPC_UDP: &[Measure] = &[Measure::Null];
const TARPC: &[Measure] = &[
    Measure::NullAsync,
    Measure::Echo,
    Measure::Sum,
    Measure::InFlight,
    Measure::Clients,
];

/// All links, raw ones first.
pub(crate) static LINKS: [Link; 17] = [
    link(
        "raw tcp",
        Side::Raw("tcp"),
        Side::Raw("tcp"),
        "raw tcp",
        RAW,
    ),
    link(
        "raw unix",
        Side::Raw("unix"),
        Side::Raw("unix"),
        "raw unix",
        RAW,
    ),
    link(
        "raw pipe",
        Side::Raw("pipe"),
        Side::Raw("pipe"),
        "raw pipe",
        RAW_PIPE,
    ),
    link(
        "raw shm",
        Side::Raw("shm"),
        Side::Raw("shm"),
        "raw shm",
        RAW_PIPE,
    ),
    ours("shm", "raw shm", &Measure::ALL),
    ours("msgpack+tcp", "raw tcp", &Measure::ALL),
    ours("msgpack+unix", "raw unix", &Measure::ALL),
    ours("pipe", "raw pipe", PIPE),
    ours("sunrpc+tcp", "raw tcp", &Measure::ALL),
    link(
        LIBTIRPC,
        Side::Tirpc("tcp"),
        Side::Tirpc("tcp"),
        "raw tcp",
        TIRPC,
    ),
    link(
        "sunrpc+tcp to libtirpc",
        Side::Rust("sunrpc+tcp"),
        Side::Tirpc("tcp"),
        "raw tcp",
        &Measure::ALL,
    ),
    link(
        "libtirpc to sunrpc+tcp",
        Side::Tirpc("tcp"),
        Side::Rust("sunrpc+tcp"),
        "raw tcp",
        TIRPC,
    ),
    ours("sunrpc+udp", "raw tcp", UDP),
    link(
        LIBTIRPC_UDP,
        Side::Tirpc("udp"),
        Side::Tirpc("udp"),
        "raw tcp",
        TIRPC_UDP,
    ),
    link(
        "sunrpc+udp to libtirpc",
        Side::Rust("sunrpc+udp"),
        Side::Tirpc("udp"),
        "raw tcp",
        UDP,
    ),
    link(
        "libtirpc to sunrpc+udp",
        Side::Tirpc("udp"),
        Side::Rust("sunrpc+udp"),
        "raw tcp",
        TIRPC_UDP,
    ),
    link(
        "tarpc",
        Side::Rust("tarpc"),
        Side::Rust("tarpc"),
        "raw tcp",
        TARPC,
    ),
];

const fn ours(name: &'static str, raw: &'static str, measures: &'static [Measure]) -> Link {
    link(name, Side::Rust(name), Side::Rust(name), raw, measures)
}

const fn link(
    name: &'static str,
    client: Side,
    server: Side,
    raw: &'static str,
    measures: &'static [Measure],
) -> Link {
    Link {
        name,
        client,
        server,
        raw,
        measures,
    }
}

impl Link {
    /// The libtirpc link that it is compared with.
    pub(crate) fn libtirpc(&self) -> &'static str {
        if self.name.contains("udp") {
            LIBTIRPC_UDP
        } else {
            LIBTIRPC
        }
    }

    /// Whether both ends are ours.
    pub(crate) fn is_ours(&self) -> bool {
        self.client == self.server && self.client == Side::Rust(self.name) && self.name != "tarpc"
    }

    fn label(&self, measure: Measure, placement: Placement) -> String {
        format!("{} {} {}", self.name, measure.word(), placement.word())
    }
}

/// One thing to measure in every round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) link: &'static Link,
    pub(crate) measure: Measure,
    pub(crate) placement: Placement,
}

impl Step {
    /// What it is, for people.
    pub(crate) fn label(&self) -> String {
        self.link.label(self.measure, self.placement)
    }
}

/// The steps of one round: what is chosen, and what that is compared with, side by side.
pub(crate) fn plan(options: &Options) -> Vec<Step> {
    let words: Vec<&str> = options.only.split_whitespace().collect();
    let mut steps = Vec::new();
    for placement in Placement::ALL {
        for measure in Measure::ALL {
            if placement == Placement::Same && measure.is_rate() && !options.everywhere {
                continue;
            }
            let able: Vec<&'static Link> = LINKS
                .iter()
                .filter(|link| link.measures.contains(&measure))
                .collect();
            let chosen = |link: &Link| {
                let label = link.label(measure, placement);
                words.iter().all(|word| label.contains(word))
            };
            let chosen: Vec<_> = able.iter().filter(|link| chosen(link)).collect();
            let needed = |link: &&Link| {
                let compared = |one: &&&'static Link| match measure {
                    _ if one.raw == link.name => true,
                    _ => one.name.contains("sunrpc") && link.name == one.libtirpc(),
                };
                chosen.iter().any(|one| one.name == link.name)
                    || chosen.iter().copied().any(|one| compared(&one))
            };
            let steps_here = able.iter().copied().filter(needed).map(|link| Step {
                link,
                measure,
                placement,
            });
            steps.extend(steps_here);
        }
    }
    steps
}
