//! A connected part of the ring: the form that every set of members has which a copy carries.
//!
//! Who holds a message is an arc around its origin, because copies pass from neighbour to neighbour;
//! who knows that it is stable is an arc around the member that says so. Two small numbers are
//! enough for rings of any size.

use crate::view::Rank;

/// Members from `start` on, `length` of them, in ring order. All members together start at zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RingArc {
    start: Rank,
    length: Rank,
}

impl RingArc {
    /// One member.
    pub fn single(rank: Rank) -> RingArc {
        RingArc {
            start: rank,
            length: 1,
        }
    }

    /// Every member of a ring.
    pub fn all(size: Rank) -> RingArc {
        RingArc {
            start: 0,
            length: size,
        }
    }

    /// The arc of `length` members from `start`, if a ring of `size` members has it.
    pub fn new(start: Rank, length: Rank, size: Rank) -> Option<RingArc> {
        let arc = RingArc { start, length };
        arc.is_within(size).then_some(arc)
    }

    /// The arc that a peer names, for a ring of unknown size: `is_within` is asked before it is used.
    pub fn claimed(start: Rank, length: Rank) -> RingArc {
        RingArc { start, length }
    }

    /// The first member and the number of members.
    pub fn parts(self) -> (Rank, Rank) {
        (self.start, self.length)
    }

    /// Whether a ring of `size` members has this arc; what a peer sends is asked first.
    pub fn is_within(self, size: Rank) -> bool {
        let whole = self.length == size && self.start == 0;
        whole || (self.start < size && (1..size).contains(&self.length))
    }

    /// Whether it covers the ring.
    pub fn is_all(self, size: Rank) -> bool {
        self.length >= size
    }

    /// Whether a member is in it.
    pub fn contains(self, rank: Rank, size: Rank) -> bool {
        distance(self.start, rank, size) < self.length
    }

    /// Whether every member of `other` is in it.
    pub fn covers(self, other: RingArc, size: Rank) -> bool {
        if self.is_all(size) {
            return true;
        }
        let offset = distance(self.start, other.start, size);
        u32::from(offset) + u32::from(other.length) <= u32::from(self.length)
    }

    /// Both together when they touch, and otherwise this one alone: an arc never claims a member
    /// that neither had.
    #[must_use]
    pub fn join(self, other: RingArc, size: Rank) -> RingArc {
        if self.is_all(size) || other.is_all(size) {
            return RingArc::all(size);
        }
        self.extended(other, size)
            .or_else(|| other.extended(self, size))
            .unwrap_or(self)
    }

    /// This arc lengthened by one that starts in it or right behind it.
    fn extended(self, other: RingArc, size: Rank) -> Option<RingArc> {
        let offset = distance(self.start, other.start, size);
        if offset > self.length {
            return None;
        }
        let reach = u32::from(offset) + u32::from(other.length);
        let length = reach.max(u32::from(self.length));
        match Rank::try_from(length) {
            Ok(length) if length < size => Some(RingArc {
                start: self.start,
                length,
            }),
            _ => Some(RingArc::all(size)),
        }
    }
}

/// Steps along the ring from one rank to another, both below `size`.
fn distance(from: Rank, to: Rank, size: Rank) -> Rank {
    if to >= from {
        to - from
    } else {
        size.saturating_sub(from) + to
    }
}

impl std::fmt::Display for RingArc {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}+{}", self.start, self.length)
    }
}
