//! What a ring is told: by the application, by other members, by the failure detector.

use crate::frame::Frame;
use crate::identity::MemberId;

/// One input of a ring.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Event<P> {
    /// The application broadcasts a message.
    Submit(P),
    /// A member sent a frame; frames of one sender come in the order of their sending, each once.
    Frame {
        /// Who sent it.
        from: MemberId,
        /// What it sent.
        frame: Frame<P>,
    },
    /// The failure detector gave up on a member.
    Suspect(MemberId),
    /// The failure detector heard from a suspected member again, or from one that was left out.
    Retract(MemberId),
    /// A suspected member cannot act any more (`Policy::FencedSurvivor`).
    Fenced(MemberId),
    /// A process asked this member to be taken into the ring.
    Join(MemberId),
    /// The application wants to leave the ring in an orderly way.
    Leave,
    /// A joiner has loaded the state that it was told to load.
    Loaded,
    /// An operator decides that whoever is left goes on, whatever the policy says. It counts only while this member is
    /// blocked for want of the others.
    Force,
}
