//! What a ring wants done: frames to send, messages to deliver, news of membership.

use crate::frame::Frame;
use crate::identity::MemberId;
use crate::message::{Content, Stamp};
use crate::view::{View, ViewId};

/// One output of a ring. They are to be carried out in order.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Action<P> {
    /// Send a frame over the session with a member.
    Send {
        /// To whom.
        to: MemberId,
        /// What.
        frame: Frame<P>,
    },
    /// Hand a message to the application: every member does so in the same order.
    Deliver(Delivery<P>),
    /// The membership changed; every member sees this at the same place among the deliveries.
    ViewChange {
        /// The new view.
        view: View,
        /// Who is new.
        joined: Vec<MemberId>,
        /// Who left in order.
        left: Vec<MemberId>,
        /// Who was left out: crashed, or taken for it.
        excluded: Vec<MemberId>,
    },
    /// Keep the state as it is at this place, for these joiners.
    TakeSnapshot {
        /// The view that starts here.
        view: ViewId,
        /// For whom.
        joiners: Vec<MemberId>,
    },
    /// This joiner does not need its snapshot any more: it has loaded it, or is gone.
    ReleaseSnapshot {
        /// Whose.
        joiner: MemberId,
    },
    /// Load the state of this view's start from one of these members, then say `Event::Loaded`.
    /// What is delivered from here on is to be applied after it.
    LoadSnapshot {
        /// The view.
        view: ViewId,
        /// Who has the snapshot.
        sources: Vec<MemberId>,
    },
    /// Make sure that this member cannot act any more, then say `Event::Fenced`.
    Fence(MemberId),
    /// Why no view change is possible and nothing will be delivered; none once that has ended, be it by a new view. Said
    /// whenever it changes, and not of a member that is in no view any more.
    Blocked(Option<Blocked>),
    /// This member has left in order: nothing follows. Its process should end; the others go on when
    /// their detectors notice, if it was the only one that knew.
    Left,
    /// This member is not in the ring any more: nothing follows. Messages that it submitted and did
    /// not deliver may or may not be delivered by others.
    Excluded(Exclusion),
    /// A request was not taken.
    Refused(Refusal<P>),
    /// A frame was ignored.
    Dropped {
        /// Who sent it.
        from: MemberId,
        /// Why.
        reason: Drop,
    },
}

/// A delivered message.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Delivery<P> {
    /// The view in which it was broadcast.
    pub view: ViewId,
    /// Its place in the order of that view.
    pub stamp: Stamp,
    /// Who broadcast it.
    pub origin: MemberId,
    /// What it says.
    pub content: Content<P>,
    /// Whether it was delivered at the end of its view, by the flush.
    pub flushed: bool,
}

/// Why no view change is possible.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Blocked {
    /// Too few members of the view are left for `Policy::Quorum`.
    NoQuorum,
    /// Every member that is left is a joiner without the state.
    NoState,
    /// It is not certain yet that those who are to be left out cannot act any more: `Policy::FencedSurvivor`.
    Unfenced,
}

impl std::fmt::Display for Blocked {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Blocked::NoQuorum => "too few members of the view are left for the policy",
            Blocked::NoState => "every member that is left still waits for the state",
            Blocked::Unfenced => {
                "it is not certain yet that a member that is left out cannot act any more"
            }
        })
    }
}

/// Why this member is out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Exclusion {
    /// The others decided a view without it.
    Decided,
    /// More frames of the next view came early than `Limits::early_frames_max`.
    EarlyFrames,
}

/// Why a request was not taken.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Refusal<P> {
    /// The queue is full; try again after the next delivery.
    Busy(P),
    /// This member is not in a ring any more.
    NotMember(P),
    /// The member is there already, or was there with this incarnation or a later one.
    JoinOutdated(MemberId),
    /// `Limits::joins_max` requests wait already.
    JoinsFull(MemberId),
}

/// Why a frame was ignored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Drop {
    /// Its view is over.
    OldView,
    /// Its view is none that can follow ours.
    ForeignView,
    /// Its sender is not in the view.
    Stranger,
    /// It says that this member is out, and its sender is not known here: others say it, too, if it is so.
    Hearsay,
    /// The view is being changed, so its messages come with the flush.
    Wedged,
    /// Its sender is not the neighbour that sends in this direction.
    NotNeighbour,
    /// It says what no member says that keeps the rules.
    Nonsense,
    /// This member is not in a ring.
    NotMember,
}
