//! What is measured: the systems that carry messages to all members, and the measures.

use std::path::Path;

use serde::Serialize;

use super::network::Network;
use crate::compile;
use crate::process::Tools;

/// Members of the rings that are measured.
pub(crate) const SIZES: [usize; 3] = [3, 5, 8];
/// Bytes of messages.
pub(crate) const BYTES: [u32; 3] = [64, 1024, 16 * 1024];

/// What carries messages to all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) enum System {
    /// TCP connections in a ring, and nothing else.
    Raw,
    /// The control ring.
    Ring(Mode, Link),
    /// Corosync's process groups, as installed but for the token time.
    Corosync,
}

/// Which ways round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) enum Mode {
    Uni,
    Bidi,
}

/// What links between members are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) enum Link {
    Tcp,
    Shm,
}

impl System {
    pub(crate) const ALL: [System; 6] = [
        System::Raw,
        System::Ring(Mode::Uni, Link::Tcp),
        System::Ring(Mode::Bidi, Link::Tcp),
        System::Ring(Mode::Uni, Link::Shm),
        System::Ring(Mode::Bidi, Link::Shm),
        System::Corosync,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            System::Raw => "raw tcp",
            System::Ring(Mode::Uni, Link::Tcp) => "harness uni tcp",
            System::Ring(Mode::Bidi, Link::Tcp) => "harness bidi tcp",
            System::Ring(Mode::Uni, Link::Shm) => "harness uni shm",
            System::Ring(Mode::Bidi, Link::Shm) => "harness bidi shm",
            System::Corosync => "corosync",
        }
    }

    /// Whether it has this measure.
    pub(crate) fn can(self, measure: Measure) -> bool {
        let is_one = matches!(
            measure,
            Measure::Latency | Measure::Flood { all: false, .. }
        );
        self != System::Raw || is_one
    }

    /// Whether it runs on this network: corosync's fixed paths need namespaces.
    pub(crate) fn can_on(self, network: &Network) -> bool {
        network.is_apart() || !matches!(self, System::Corosync)
    }

    /// Builds what it needs; false where that is not possible, which is said.
    pub(crate) fn prepare(self, tools: &Tools) -> bool {
        match self {
            System::Raw => {
                let build = |folder: &Path| compile::c_program(folder, "rawring", &[], &[]);
                tools.build_one("rawring", build)
            }
            System::Ring(..) => true,
            System::Corosync => {
                let build = |folder: &Path| {
                    compile::c_program(folder, "cpg", &[], &["-lcpg", "-lcorosync_common"])
                };
                tools.build_one("corosync", build)
            }
        }
    }
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) enum Measure {
    /// 64 bytes, one after the other.
    Latency,
    /// As many as the window takes, from one member or from all.
    Flood { bytes: u32, all: bool },
    /// All send at their pace and one is killed.
    Failover,
}

impl Measure {
    pub(crate) const ALL: [Measure; 8] = [
        Measure::Latency,
        Measure::flood(BYTES[0], false),
        Measure::flood(BYTES[0], true),
        Measure::flood(BYTES[1], false),
        Measure::flood(BYTES[1], true),
        Measure::flood(BYTES[2], false),
        Measure::flood(BYTES[2], true),
        // Behind all others, because it ends a member.
        Measure::Failover,
    ];

    pub(crate) const fn flood(bytes: u32, all: bool) -> Measure {
        Measure::Flood { bytes, all }
    }

    pub(crate) fn word(self) -> String {
        match self {
            Measure::Latency => "latency".to_owned(),
            Measure::Flood { bytes, all: false } => format!("flood:{bytes}:one"),
            Measure::Flood { bytes, all: true } => format!("flood:{bytes}:all"),
            Measure::Failover => "failover".to_owned(),
        }
    }
}

/// Corosync's, with a token time that notices the end of a member soon; all else is as it comes.
pub(crate) fn corosync_configuration(addresses: &[String]) -> String {
    let mut text = String::from(
        "system {\n sched_rr: yes\n state_dir: /run/corosync\n}\n\
         totem {\n version: 2\n cluster_name: bench\n transport: udpu\n token: 200\n \
         token_coefficient: 0\n}\n\
         logging {\n to_stderr: no\n to_logfile: yes\n to_syslog: no\n \
         logfile: /run/corosync/log\n}\n\
         quorum {\n provider: corosync_votequorum\n}\n\
         nodelist {\n",
    );
    for (index, address) in addresses.iter().enumerate() {
        let number = index + 1;
        text += &format!(
            " node {{\n  ring0_addr: {address}\n  nodeid: {number}\n  name: m{number}\n }}\n"
        );
    }
    text + "}\n"
}
