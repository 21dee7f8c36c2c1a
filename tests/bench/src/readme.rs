//! README's table of speed: some links and measures, written between two marks of a Markdown file, and below it where a
//! peer is ahead of ours. It judges by the figures of the run alone.

use std::path::Path;

use crate::beside::Beside;
use crate::error::BenchError;
use crate::links::LINKS;
use crate::machine::Machine;
use crate::measure::Measure;
use crate::peers::Side;
use crate::peers::ours::SOAP;
use crate::peers::rust_iceoryx::{EVENT, SPIN};
use crate::peers::{CAPNP, GSOAP, ICE, IPC_CHANNEL, JAXWS, OMNIORB, RMI, TARPC, TONIC};
use crate::place::Placement;
use crate::results::{Metric, Results};
use crate::table::number;
use crate::targets::NOISE;

const BEGIN: &str = "<!-- speed: made by `cargo xtask bench -- --readme README.md` -->";
const END: &str = "<!-- end of speed -->";
/// Shown below the table where it was drawn, by `--growth docs/speed`.
const PLOT: &str = "docs/speed/growth-payload.svg";

/// Links that do the same, the raw transport first.
struct Group {
    name: &'static str,
    links: &'static [&'static str],
}

const GROUPS: [Group; 3] = [
    Group {
        name: "TCP",
        links: &[
            "raw tcp",
            "msgpack+tcp",
            "sunrpc+tcp",
            "libtirpc",
            OMNIORB,
            ICE,
            RMI,
            TARPC,
            CAPNP,
            TONIC,
        ],
    },
    Group {
        name: "SOAP",
        links: &[SOAP, GSOAP, JAXWS],
    },
    Group {
        name: "one host",
        links: &[
            "raw unix",
            "msgpack+unix",
            "pipe",
            IPC_CHANNEL,
            "raw shm",
            "shm",
            SPIN,
            EVENT,
        ],
    },
];

/// What stands in a column.
#[derive(Clone, Copy)]
enum Figure {
    Of(Measure, Placement, Metric),
    IdleKib,
}

const COLUMNS: [(&str, Figure); 7] = [
    (
        "null call, one core, µs",
        Figure::Of(Measure::Null, Placement::Same, Metric::P50),
    ),
    (
        "two cores, µs",
        Figure::Of(Measure::Null, Placement::Cross, Metric::P50),
    ),
    (
        "echo of 64 KiB, µs",
        Figure::Of(Measure::ECHO_64K, Placement::Cross, Metric::P50),
    ),
    (
        "1 MB of doubles, MB/s",
        Figure::Of(Measure::Sum, Placement::Cross, Metric::Rate),
    ),
    (
        "64 in flight, calls/s",
        Figure::Of(Measure::IN_FLIGHT, Placement::Cross, Metric::Rate),
    ),
    (
        "one-way, messages/s",
        Figure::Of(Measure::OneWay, Placement::Cross, Metric::Rate),
    ),
    ("idle link, KiB", Figure::IdleKib),
];

/// Writes what stands between the marks anew.
///
/// # Errors
/// The file cannot be read or written, or has not both marks.
pub(crate) fn write(
    results: &Results,
    beside: &Beside,
    machine: &Machine,
    file: &Path,
) -> Result<(), BenchError> {
    let refused = |source| BenchError::File {
        path: file.to_owned(),
        source,
    };
    let text = std::fs::read_to_string(file).map_err(refused)?;
    let mut speed = speed(results, beside, machine);
    if file.with_file_name(PLOT).is_file() {
        speed += &format!("\n![Time of a call by its size, ours beside peers]({PLOT})\n");
    }
    let text = between(&text, &speed).ok_or(BenchError::Wrong {
        what: "looking for the marks of speed: the file has not both",
    })?;
    std::fs::write(file, text).map_err(refused)
}

fn between(text: &str, speed: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{speed}{END}{after}"))
}

fn speed(results: &Results, beside: &Beside, machine: &Machine) -> String {
    let figures = |link: &str, figure| value(results, beside, link, figure);
    let heads: Vec<&str> = COLUMNS.iter().map(|(head, _)| *head).collect();
    let mut text = format!(
        "| | {} |\n|---|{}\n",
        heads.join(" | "),
        "--:|".repeat(heads.len())
    );
    for group in &GROUPS {
        for name in group.links {
            let cells =
                COLUMNS.map(|(_, figure)| figures(name, figure).map_or("–".to_owned(), number));
            if cells.iter().any(|cell| cell != "–") {
                let name = if is_ours(name) {
                    format!("**{name}**")
                } else {
                    (*name).to_owned()
                };
                text += &format!("| {name} | {} |\n", cells.join(" | "));
            }
        }
    }
    let [ahead, near] = ahead(&figures);
    let list = |all: &[String]| {
        if all.is_empty() {
            "nobody".to_owned()
        } else {
            all.join("; ")
        }
    };
    text += &format!(
        "\n**Where a peer is ahead** of the best of ours of its kind: {}. Ahead by less than {:.0} %, which is noise here: {}.\n\n\
         Medians; {machine}. tarpc, Cap'n Proto and tonic are asynchronous only.\n",
        list(&ahead),
        NOISE * 100.0,
        list(&near)
    );
    text
}

fn is_ours(name: &str) -> bool {
    LINKS
        .iter()
        .any(|link| link.name == name && matches!(link.client, Side::Ours(_)))
}

/// A figure of a link. Peers that only know asynchronous calls are measured by these.
fn value(results: &Results, beside: &Beside, name: &str, figure: Figure) -> Option<f64> {
    let link = LINKS.iter().find(|link| link.name == name)?;
    let found = match figure {
        Figure::Of(measure, placement, metric) => {
            let of = |measure| results.median((placement, measure, link.name), metric);
            match (of(measure), measure) {
                (None, Measure::Null) => of(Measure::NullAsync),
                (found, _) => found,
            }
        }
        Figure::IdleKib => beside
            .idle_memory
            .iter()
            .find(|idle| idle.link == name)
            .map(|idle| idle.client_kib + idle.server_kib),
    };
    found.filter(|found| *found > 0.0)
}

/// Peers that are ahead, and those that are by less than the noise.
fn ahead(figures: &impl Fn(&str, Figure) -> Option<f64>) -> [Vec<String>; 2] {
    let mut ahead = [Vec::new(), Vec::new()];
    for group in &GROUPS {
        for (head, figure) in COLUMNS {
            let less_is_better = !matches!(figure, Figure::Of(_, _, Metric::Rate));
            let better = |one: f64, other: f64| {
                if less_is_better {
                    other / one
                } else {
                    one / other
                }
            };
            let ours = group.links.iter().filter(|name| is_ours(name));
            let ours = ours.filter_map(|name| figures(name, figure));
            let Some(best) =
                ours.reduce(|one, other| if better(one, other) > 1.0 { one } else { other })
            else {
                continue;
            };
            let peers = group
                .links
                .iter()
                .filter(|name| !is_ours(name) && !name.starts_with("raw "));
            for name in peers {
                let Some(found) = figures(name, figure).filter(|found| better(*found, best) > 1.0)
                else {
                    continue;
                };
                let is_near = usize::from(better(found, best) <= 1.0 + NOISE);
                ahead[is_near].push(format!(
                    "{name} over {}, {head}: {} to {}",
                    group.name,
                    number(found),
                    number(best)
                ));
            }
        }
    }
    ahead
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_is_replaced() {
        let text = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let written = between(&text, "new\n").expect("both marks are there");
        assert_eq!(written, format!("before\n{BEGIN}\nnew\n{END}\nafter\n"));
        assert_eq!(between("no marks", "new\n"), None);
        assert_eq!(between(&format!("{END} {BEGIN}"), "new\n"), None);
    }

    #[test]
    fn a_peer_is_ahead_where_it_beats_the_best_of_ours() {
        let figures = |name: &str, figure| match (name, figure) {
            ("msgpack+tcp", Figure::Of(Measure::Null, Placement::Same, _)) => Some(20.0),
            ("sunrpc+tcp", Figure::Of(Measure::Null, Placement::Same, _)) => Some(18.0),
            (OMNIORB, Figure::Of(Measure::Null, Placement::Same, _)) => Some(10.0),
            ("libtirpc", Figure::Of(Measure::Null, Placement::Same, _)) => Some(17.0),
            (TARPC, Figure::Of(Measure::Null, Placement::Same, _)) => Some(19.0),
            ("msgpack+tcp", Figure::Of(Measure::OneWay, ..)) => Some(100.0),
            (TONIC, Figure::Of(Measure::OneWay, ..)) => Some(300.0),
            (ICE, Figure::Of(Measure::OneWay, ..)) => Some(30.0),
            _ => None,
        };
        let [ahead, near] = ahead(&figures);
        assert_eq!(
            ahead,
            [
                "omniORB over TCP, null call, one core, µs: 10.0 to 18.0",
                "tonic over TCP, one-way, messages/s: 300 to 100"
            ]
        );
        assert_eq!(
            near,
            ["libtirpc over TCP, null call, one core, µs: 17.0 to 18.0"]
        );
    }
}
