//! What a ring is told once: direction, policy and limits. All members must be told the same mode
//! and policy.

use std::time::Duration;

/// Which ways round the ring a message travels.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Mode {
    /// From each member to its successor only: fewest frames.
    Unidirectional,
    /// Both ways at once: half the delay to the last member. Rings of two use one way.
    Bidirectional,
}

/// Which part of a view may go on as the next one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Policy {
    /// Whoever is left goes on. Right only where a suspected member is dead: a false suspicion or a
    /// partition splits the ring in two that both go on.
    Survivor,
    /// As `Survivor`, but a suspected member is left out only after the driver said that it is
    /// fenced: cannot act any more (power, network, lease).
    FencedSurvivor,
    /// A majority of the view goes on; everyone else blocks.
    Quorum {
        /// Exactly half goes on, too, when the member of the highest priority is in it. Without
        /// this, a view of two blocks when it loses either.
        tie_break: bool,
    },
}

/// The configuration of a member.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Config {
    /// One way or both.
    pub mode: Mode,
    /// Who may go on.
    pub policy: Policy,
    /// How much is kept.
    pub limits: Limits,
}

/// What bounds the memory of a member. Each limit is a number of things that may be there at once. The ranges are those
/// that `harness-control` takes; the machines here take what they are told.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Limits {
    /// Members of a view; joiners beyond wait. 1 to 65,534, which a rank can count.
    pub members_max: usize,
    /// Messages submitted but not yet broadcast; beyond, a submit is refused as busy. 1 to 16,777,216.
    pub queued_messages_max: usize,
    /// Bytes of them, with what stands around each request. 1 to 1 TiB, and no less than the largest request has.
    pub queued_bytes_max: usize,
    /// Messages of one batch. 1 to 16,777,216.
    pub batch_messages_max: usize,
    /// Bytes of one batch; a message that is larger goes alone. 1 to 1 GiB.
    pub batch_bytes_max: usize,
    /// Own batches that are not delivered yet; further messages wait in the queue. 1 to 16,777,216; what all members have
    /// under way must fit in one view change.
    pub window_batches: usize,
    /// Copies and evidence in one frame. 1 to 16,777,216.
    pub frame_items_max: usize,
    /// Frames of the next view that came early; beyond, the member excludes itself, since it could
    /// only go on with a gap. 1 to 16,777,216.
    pub early_frames_max: usize,
    /// Requests to join that wait for a view change; beyond, they are refused. 1 to 65,534.
    pub joins_max: usize,
}

impl Limits {
    /// Enough for rings of tens of members on a local network.
    pub const DEFAULT: Limits = Limits {
        members_max: 1024,
        queued_messages_max: 65_536,
        queued_bytes_max: 64 << 20,
        batch_messages_max: 256,
        batch_bytes_max: 64 << 10,
        window_batches: 32,
        frame_items_max: 256,
        early_frames_max: 4096,
        joins_max: 64,
    };
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::DEFAULT
    }
}

/// What bounds a session with another member. The ranges are those that `harness-control` takes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LinkLimits {
    /// Frames kept until they are acknowledged; with so many, data waits at its sender. 1 to 16,777,216.
    pub kept_frames_max: usize,
    /// Bytes of messages in them. 1 to 1 TiB.
    pub kept_bytes_max: usize,
    /// Received frames after which an acknowledgement goes at once. 1 to `kept_frames_max`.
    pub acknowledge_frames: u64,
    /// How long an acknowledgement may wait for a frame to ride on. Nothing to half of `slow_after`.
    pub acknowledge_after: Duration,
    /// How long a member may take nothing, with its window full, until it is suspected as slow. 1 ms to 24 h.
    pub slow_after: Duration,
}

impl LinkLimits {
    /// Enough for a local network.
    pub const DEFAULT: LinkLimits = LinkLimits {
        kept_frames_max: 1024,
        kept_bytes_max: 16 << 20,
        acknowledge_frames: 32,
        acknowledge_after: Duration::from_millis(2),
        slow_after: Duration::from_secs(5),
    };
}

impl Default for LinkLimits {
    fn default() -> LinkLimits {
        LinkLimits::DEFAULT
    }
}
