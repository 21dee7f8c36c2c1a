//! What a member is told once: its name, where it listens, whom it joins, and every limit and time.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use harness_ring::{Limits, LinkLimits, MemberId, Mode, Policy};

use crate::wire::WireLimits;

/// The configuration of a member. Start from [`ControlConfig::new`].
#[derive(Clone)]
#[non_exhaustive]
pub struct ControlConfig {
    /// The name of the member: its slot follows from it, so it is unique in the ring and stays the same over
    /// restarts. One to 64 letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// The name of the ring; members of another are refused. Default `ring`.
    pub ring: String,
    /// Where to listen, best first; others choose what they can reach. At least one, at most
    /// `ControlLimits::endpoints_max`.
    pub listen: Vec<String>,
    /// Where others reach this member, best first, instead of where it listens: behind a port that is forwarded, or
    /// when it listens on all addresses (`0.0.0.0`, `[::]`), which mean something else at every host. Default none.
    pub advertise: Vec<String>,
    /// Endpoints of members to join by. Empty: this member founds the ring.
    pub join: Vec<String>,
    /// One way round, or both. Default both. The same for all.
    pub mode: Mode,
    /// Who may go on after a failure. Default a majority, with a tie-break. The same for all.
    pub policy: Policy,
    /// Limits of the ring. As with all limits and times here, a value out of its range is refused when the member starts.
    pub limits: Limits,
    /// Limits of the session with each other member.
    pub links: LinkLimits,
    /// Limits of packets.
    pub wire: WireLimits,
    /// Limits of this layer.
    pub control: ControlLimits,
    /// When what is done.
    pub timing: Timing,
    /// Whether to come back, as a new incarnation, after the others went on without this member. Default true.
    pub rejoin: bool,
    /// Whether callers of other hosts may make this member leave and force a view. Default false: only callers over
    /// shared memory, pipes and Unix sockets, from the loopback, or from an address that this member listens on. What a
    /// forwarder on this host passes on (`ssh -L`, the proxy of a container) comes from the loopback, too. Whoever
    /// reaches a member may submit and read all the same: keep its endpoints where only those come who may.
    pub remote_admin: bool,
    /// How to make sure that a suspected member cannot act any more; needed by `Policy::FencedSurvivor`.
    pub fence: Option<Arc<dyn Fence>>,
}

impl ControlConfig {
    /// A member of this name that listens here and founds a ring, with every default.
    pub fn new(name: impl Into<String>, listen: Vec<String>) -> ControlConfig {
        ControlConfig {
            name: name.into(),
            ring: "ring".to_owned(),
            listen,
            advertise: Vec::new(),
            join: Vec::new(),
            mode: Mode::Bidirectional,
            policy: Policy::Quorum { tie_break: true },
            limits: Limits {
                window_batches: 16,
                ..Limits::DEFAULT
            },
            links: LinkLimits::DEFAULT,
            wire: WireLimits::default(),
            control: ControlLimits::default(),
            timing: Timing::default(),
            rejoin: true,
            remote_admin: false,
            fence: None,
        }
    }

    /// Mode and policy as text: what members compare.
    pub(crate) fn rules(&self) -> String {
        let mode = match self.mode {
            Mode::Unidirectional => "unidirectional",
            Mode::Bidirectional => "bidirectional",
        };
        let policy = match self.policy {
            Policy::Survivor => "survivor",
            Policy::FencedSurvivor => "fenced-survivor",
            Policy::Quorum { tie_break: true } => "quorum with tie-break",
            Policy::Quorum { tie_break: false } => "quorum",
        };
        format!(
            "{mode}, {policy}, at most {} waiting",
            self.control.waiting_max
        )
    }
}

impl fmt::Debug for ControlConfig {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ControlConfig")
            .field("name", &self.name)
            .field("ring", &self.ring)
            .field("listen", &self.listen)
            .field("advertise", &self.advertise)
            .field("join", &self.join)
            .field("mode", &self.mode)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// Makes sure that a member cannot act any more: by its power switch, its network port, a lease that ran
/// out.
pub trait Fence: Send + Sync {
    /// Returns true once it is certain; false is tried again when the member is suspected anew.
    fn fence(&self, member: MemberId, name: &str) -> Pin<Box<dyn Future<Output = bool> + Send>>;
}

/// What bounds the memory of this layer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ControlLimits {
    /// Bytes of one request. Default 256 KiB, 1 to 1 GiB; beyond, `submit` refuses it. A view change carries up to
    /// `Limits::window_batches` of each member in one message, which must fit in the runtime's
    /// `message_bytes`.
    pub payload_bytes_max: usize,
    /// Requests without outcome, of all members together. Default 65,536, 1 to 16,777,216; beyond, they are refused
    /// as busy. The same for all.
    pub waiting_max: usize,
    /// Packets and requests that came in and were not taken yet. Default 1,024, 1 to 1,048,576; at the limit, links
    /// are not read.
    pub inputs_max: usize,
    /// Events that a reader may be behind, rounded up to a power of two. Default 16,384, 1 to 1,048,576; beyond, it
    /// is told how many it missed. So many are kept in memory for whoever is furthest behind, the first reader from the start of
    /// the member on, whether it has asked for them yet or not. The places are there from the start: some 150 bytes each
    /// (2.5 MB by default, 160 MB at the most), beside what the events in them hold.
    pub events_max: usize,
    /// Bytes of a state that are sent at once. Default 1 MiB, 1 to 1 GiB.
    pub chunk_bytes: usize,
    /// Batches and views that a joiner keeps while the state is on its way. Default 65,536, 1 to 16,777,216; beyond, it
    /// starts over.
    pub early_max: usize,
    /// Bytes of the largest state that is loaded. Default 1 GiB, 1 to 1 TiB; a larger one is not fetched, and the
    /// member starts over until `Timing::join_within` is over.
    pub state_bytes_max: u64,
    /// Processes that have greeted and are remembered. Default 4,096, up to 16,777,216, and no less than
    /// `Limits::members_max`; beyond, those that are in no view are forgotten, and then greetings are refused.
    pub guests_max: usize,
    /// Members of former views that are remembered, so that they can be told that they are out. Default 256, 0 to
    /// 16,777,216; beyond, their greetings are refused like those of strangers.
    pub former_max: usize,
    /// Processes that nothing is known of and that are let in while this one waits for its first view, which one of
    /// them may bring. Default 64, 0 to 16,777,216; beyond, and always within a view, greetings of strangers are refused.
    pub callers_max: usize,
    /// Bytes of a name, and of the text of an endpoint. Default 512, 64 to 65,536.
    pub text_bytes_max: usize,
    /// Endpoints of one member. Default 16, 1 to 1,024.
    pub endpoints_max: usize,
}

impl Default for ControlLimits {
    fn default() -> ControlLimits {
        ControlLimits {
            payload_bytes_max: 256 << 10,
            waiting_max: 65_536,
            inputs_max: 1024,
            events_max: 16_384,
            chunk_bytes: 1 << 20,
            early_max: 65_536,
            state_bytes_max: 1 << 30,
            guests_max: 4096,
            former_max: 256,
            callers_max: 64,
            text_bytes_max: 512,
            endpoints_max: 16,
        }
    }
}

/// When what is done. Times of heartbeats grow with the ring, and all that judge others grow while this
/// process is slow itself. None is longer than 24 h.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timing {
    /// Between two heartbeats, in rings of up to nine; beyond, in proportion. Default 200 ms, at least 1 ms.
    pub beat_every: Duration,
    /// Silence after which others are asked; four heartbeats if it is less. Default 1 s.
    pub quiet_after: Duration,
    /// Time for their answers. Default 500 ms, at least 1 ms.
    pub probe_within: Duration,
    /// How often others may vouch for a member that is not heard here, until the link between the two is
    /// given up and it is suspected all the same. Default 10, 0 to 1,000,000.
    pub vouched_max: u32,
    /// Time to open a link and to be greeted. Default 3 s, at least 1 ms.
    pub greet_within: Duration,
    /// Between attempts to open a link: from the first to the second. Default 20 ms, at least 1 ms, doubled up
    /// to the next.
    pub reconnect_min: Duration,
    /// Default 1 s, at least 1 ms and what the last says.
    pub reconnect_max: Duration,
    /// Between requests to be taken in. Default 1 s, at least 1 ms.
    pub enroll_every: Duration,
    /// Time for a whole join, state included. Default 120 s, at least 1 ms.
    pub join_within: Duration,
}

impl Default for Timing {
    fn default() -> Timing {
        Timing {
            beat_every: Duration::from_millis(200),
            quiet_after: Duration::from_secs(1),
            probe_within: Duration::from_millis(500),
            vouched_max: 10,
            greet_within: Duration::from_secs(3),
            reconnect_min: Duration::from_millis(20),
            reconnect_max: Duration::from_secs(1),
            enroll_every: Duration::from_secs(1),
            join_within: Duration::from_secs(120),
        }
    }
}
