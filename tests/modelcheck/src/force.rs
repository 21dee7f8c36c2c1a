//! An operator at one member who forces a view, and who may go on without one: the rule of `Policy::Quorum` once more,
//! apart from the ring.

use std::collections::BTreeSet;

use harness_ring::{Ballot, Blocked, Event, MemberId, Policy, Ring, View, ViewId};

/// What an operator did at one member, and what the member did with it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Force {
    policy: Policy,
    /// What became of the last force that counted.
    pub fate: Fate,
    /// Attempts of this member in its view that began while a force counted. A later one may adopt the value of one.
    attempts: BTreeSet<Ballot>,
    /// The views in which one counted here.
    pub counted_in: BTreeSet<ViewId>,
    /// Whether this member went on with too few where no force counted, or a force changed it that does not count.
    pub is_lawless: bool,
}

/// What became of a force.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fate {
    /// There was none.
    None,
    /// The member is in the view where it was forced, and enough were not heard of again.
    Counts,
    /// They were.
    Forgotten,
    /// The view changed.
    Over,
}

impl Force {
    /// Nothing was forced.
    pub fn new(policy: Policy) -> Force {
        Force {
            policy,
            fate: Fate::None,
            attempts: BTreeSet::new(),
            counted_in: BTreeSet::new(),
            is_lawless: false,
        }
    }

    /// Whether a member's operator may force it now: it is blocked for want of the others.
    pub fn would_count(ring: &Ring<u8>) -> bool {
        matches!(ring.blocked(), Some(Blocked::NoQuorum | Blocked::Unfenced))
    }

    /// Whether a force leaves a member as word of nothing does.
    pub fn changes_nothing(ring: &Ring<u8>) -> bool {
        let (mut told, mut forced) = (ring.clone(), ring.clone());
        told.handle(Event::Retract(ring.me()));
        forced.handle(Event::Force);
        told == forced
    }

    /// A force counts from here on.
    pub fn count(&mut self, view: ViewId) {
        self.fate = Fate::Counts;
        self.counted_in.insert(view);
    }

    /// The member installs a view. One that it proposed itself, with too few of the last, was forced.
    pub fn view_change(&mut self, me: MemberId, last: &View, next: &View, left: &[MemberId]) {
        let took_part = |member: MemberId| next.contains(member) || left.contains(&member);
        let is_own = next.id.ballot.coordinator == me && next.id.follows(&last.id);
        if is_own && !self.may_go_on(last, took_part) {
            let was_forced = self.attempts.contains(&next.id.ballot);
            self.is_lawless |= self.fate != Fate::Counts && !was_forced;
        }
        self.attempts.clear();
        if self.fate == Fate::Counts {
            self.fate = Fate::Over;
        }
    }

    /// The member has handled an event, before which it ran this attempt.
    pub fn after(&mut self, ring: &Ring<u8>, attempted: Option<Ballot>) {
        let is_enough = self.may_go_on(ring.view(), |member| !ring.suspects(member));
        if is_enough && self.fate == Fate::Counts {
            self.fate = Fate::Forgotten;
        }
        let begun = ring.attempted().filter(|ballot| attempted != Some(*ballot));
        if let Some(ballot) = begun.filter(|_| !is_enough) {
            self.is_lawless |= self.fate != Fate::Counts;
            self.attempts.insert(ballot);
        }
    }

    /// Whether the policy lets these members of a view go on.
    fn may_go_on(&self, view: &View, is_left: impl Fn(MemberId) -> bool) -> bool {
        let Policy::Quorum { tie_break } = self.policy else {
            return true;
        };
        let (left, lost): (Vec<_>, Vec<_>) = view.ring.iter().partition(|member| is_left(**member));
        let has_first = left.first() == view.ring.first().as_ref();
        left.len() > lost.len() || (tie_break && has_first && left.len() == lost.len())
    }
}
