//! What members send each other: copies and evidence round the ring, and the tokens of a view
//! change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::identity::{Ballot, MemberId};
use crate::message::{Content, Numbered, Stamp};
use crate::ring_arc::RingArc;
use crate::view::{Rank, View, ViewId};

/// One message between two members. It is looked at only in the view it was sent in.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Frame<P> {
    /// The view of the sender; for `Install`, `Prepare` and `Accept` the receiver may be one behind.
    pub view: ViewId,
    /// What it says.
    pub body: Body<P>,
}

/// The kinds of frames.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Body<P> {
    /// From neighbour to neighbour, in the order in which the sender learnt it.
    Data {
        /// Which way round the ring.
        direction: Direction,
        /// Copies and evidence.
        items: Vec<Item<P>>,
    },
    /// First lap of a view change: stop, and add what you hold.
    Prepare(Box<Prepare<P>>),
    /// Second lap: accept this value.
    Accept(Box<Accept<P>>),
    /// Third lap: it is decided. The frame's view is the one to install.
    Install(Arc<Value<P>>),
    /// A ballot came too late.
    Refuse {
        /// The ballot that was refused.
        ballot: Ballot,
        /// The higher one that its sender has promised.
        promised: Ballot,
    },
    /// Everyone whom the sender's detector suspects, in place of what it said before in this view.
    Accuse(Vec<MemberId>),
    /// Please take these into the next view.
    Join(Vec<MemberId>),
    /// The sender asks to leave.
    Leave,
    /// The sender, a joiner, has the state now: a view change that nobody could decide for want of it
    /// can be tried again.
    Loaded,
    /// A frame of yours is of a view that I do not know: send me its decision.
    Pull,
    /// The receiver is not in the frame's view.
    Exclude,
}

/// The way round the ring.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Direction {
    /// To the successor.
    Forward,
    /// To the predecessor.
    Backward,
}

/// A part of a data frame.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Item<P> {
    /// One travelling instance of a message that is not known to be stable.
    Copy {
        /// Which message.
        stamp: Stamp,
        /// Who holds it, as the sender knows.
        holders: RingArc,
        /// The message itself; absent when the next member holds it already.
        content: Option<Content<P>>,
    },
    /// Every message of one origin up to a clock is stable.
    Evidence(Evidence),
}

/// The watermark of one origin: all members hold what it broadcast up to here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Evidence {
    /// Whose messages.
    pub origin: Rank,
    /// The clock of the last of them.
    pub up_to: u64,
    /// Who is known to know this.
    pub known: RingArc,
}

/// The token of the first lap.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Prepare<P> {
    /// The attempt.
    pub ballot: Ballot,
    /// Whom the token visits, in ring order.
    pub participants: Vec<MemberId>,
    /// The decision that made the view of this frame, for members that missed it.
    pub base: Option<Arc<Value<P>>>,
    /// The value of the highest ballot that a visited member has accepted.
    pub accepted: Option<Accepted<P>>,
    /// What visited members hold and have not delivered.
    pub unstable: BTreeMap<Stamp, Content<P>>,
    /// The largest clock of a visited member.
    pub floor: u64,
    /// Whether a visited member has the state, and is not a joiner that still waits for it.
    pub loaded: bool,
}

/// The token of the second lap.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Accept<P> {
    /// The attempt.
    pub ballot: Ballot,
    /// Whom the token visits, in ring order.
    pub participants: Vec<MemberId>,
    /// As in `Prepare`.
    pub base: Option<Arc<Value<P>>>,
    /// What is to be accepted.
    pub value: Arc<Value<P>>,
}

/// A value and the ballot that it was accepted in.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Accepted<P> {
    /// The ballot.
    pub ballot: Ballot,
    /// The value.
    pub value: Arc<Value<P>>,
}

/// What a view change decides: the next view, and how this one ends.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Value<P> {
    /// The next view.
    pub view: View,
    /// Its members that were not in the view before.
    pub joiners: Vec<MemberId>,
    /// Those who asked to leave; they deliver the flush, too.
    pub leavers: Vec<MemberId>,
    /// The clock that every member starts the next view with.
    pub floor: u64,
    /// What is delivered at the end of this view, in order, by whoever has not delivered it.
    pub flush: Vec<Numbered<P>>,
}

impl<P> Value<P> {
    /// Whether it can end `before`: it has members, each once, who were in or join, and ends with messages of that view.
    pub(crate) fn is_next_of(&self, before: &View) -> bool {
        let old: BTreeSet<_> = before.ring.iter().collect();
        let ring: BTreeSet<_> = self.view.ring.iter().collect();
        let joiners: BTreeSet<_> = self.joiners.iter().collect();
        self.view.id.follows(&before.id)
            && !ring.is_empty()
            && ring.len() == self.view.ring.len()
            && ring
                .iter()
                .all(|member| old.contains(member) != joiners.contains(member))
            && joiners.is_subset(&ring)
            && self
                .leavers
                .iter()
                .all(|leaver| old.contains(leaver) && !ring.contains(leaver))
            && self
                .flush
                .iter()
                .all(|numbered| numbered.stamp.origin < before.size())
    }
}

impl<P> Body<P> {
    /// The decision that made the frame's view, when the frame brings it.
    pub(crate) fn base(&self) -> Option<&Arc<Value<P>>> {
        match self {
            Body::Install(value) => Some(value),
            Body::Prepare(token) => token.base.as_ref(),
            Body::Accept(token) => token.base.as_ref(),
            _ => None,
        }
    }
}
