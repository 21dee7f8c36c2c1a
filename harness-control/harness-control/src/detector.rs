//! The seam of failure detection: whom a member takes for gone, and when it takes that back.

use std::collections::BTreeSet;
use std::time::Duration;

use harness_ring::MemberId;

/// Judges who is alive from what was heard, by whoever drives it: pure, time comes in as an argument.
pub trait Detector: Send + 'static {
    /// Whom to watch from here on: the other members of the view.
    fn watch(&mut self, members: &BTreeSet<MemberId>, now: Duration);

    /// Something came from this member.
    fn heard(&mut self, member: MemberId, now: Duration);

    /// It cannot be connected to, or its process said that it is another one.
    fn unreachable(&mut self, member: MemberId, now: Duration);

    /// A helper's answer to a probe: whether it reaches the member. No answer counts as that the helper
    /// is not there, not as that the member is gone.
    fn answered(&mut self, about: MemberId, reachable: Option<bool>, now: Duration);

    /// What is due.
    fn tick(&mut self, now: Duration);

    /// When `tick` is wanted.
    fn next_wake(&self) -> Option<Duration>;

    /// What was decided.
    fn poll_verdict(&mut self) -> Option<Verdict>;

    /// How slow this process finds itself: 0 is not at all.
    fn slowness(&self) -> u32;
}

/// What a detector wants done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Tell this member that we live.
    Beat(MemberId),
    /// Ask these whether they reach a member.
    Probe {
        /// Whom it is about.
        about: MemberId,
        /// Whom to ask.
        helpers: Vec<MemberId>,
    },
    /// Take it for gone.
    Suspect(MemberId),
    /// It is there after all.
    Retract(MemberId),
}
