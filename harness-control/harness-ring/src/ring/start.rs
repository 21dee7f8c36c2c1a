//! When a view change starts: by the first member that is not suspected, and only when it would
//! change something.

use std::collections::BTreeMap;

use super::Ring;
use crate::frame::{Body, Prepare};
use crate::identity::{Ballot, MemberId};
use crate::message::Payload;

/// What a coordinator wants to change.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Change {
    /// Who takes part, in ring order from the coordinator.
    pub(super) participants: Vec<MemberId>,
    pub(super) joiners: Vec<MemberId>,
    pub(super) leavers: Vec<MemberId>,
}

/// A change under way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Attempt {
    pub(super) ballot: Ballot,
    pub(super) change: Change,
}

impl<P: Payload> Ring<P> {
    pub(super) fn consider_change(&mut self) {
        self.judge();
        if self.coordinator() != self.me && self.attempt.is_none() {
            return;
        }
        let change = self.wanted();
        // Everyone waits for an attempt that nobody runs: ours was refused, or its coordinator died.
        let runner = self.promised.coordinator;
        let is_orphaned =
            self.wedged && self.attempt.is_none() && (runner == self.me || self.suspected(runner));
        let has_effect = change.participants.len() != self.view.ring.len()
            || !change.joiners.is_empty()
            || !change.leavers.is_empty()
            || self.attempt.is_some();
        if !is_orphaned && (!has_effect || self.tried.as_ref() == Some(&change)) {
            return;
        }
        if self.may_go_on(&change) {
            self.start(change);
        }
    }

    /// The change that this member would make now.
    fn wanted(&self) -> Change {
        let others = self.view.after(self.me);
        let participants: Vec<_> = std::iter::once(self.me)
            .chain(others.filter(|member| !self.suspected(*member)))
            .collect();
        let mut leavers: Vec<_> = participants
            .iter()
            .copied()
            .filter(|member| self.leaves.contains(member))
            .collect();
        if self.leaving {
            leavers.insert(0, self.me);
        }
        let joiners = self.joins.iter().copied();
        let joiners: Vec<_> = joiners
            .filter(|joiner| !self.view.contains(*joiner) && !self.suspected(*joiner))
            .take(
                self.config
                    .limits
                    .members_max
                    .saturating_sub(participants.len()),
            )
            .collect();
        if leavers.len() == participants.len() {
            // Someone has to hand over, or to close the door.
            leavers.retain(|member| *member != self.me);
        }
        if !self.loaded || !self.unsynced.is_empty() {
            // Joiners still need the state, which could leave with the leavers.
            leavers.clear();
        }
        Change {
            participants,
            joiners,
            leavers,
        }
    }

    fn start(&mut self, change: Change) {
        let ballot = Ballot {
            round: self.promised.round + 1,
            coordinator: self.me,
        };
        assert!(ballot > self.promised, "a new attempt is above all seen");
        self.promised = ballot;
        self.wedged = true;
        self.tried = Some(change.clone());
        let mut token = Prepare {
            ballot,
            participants: change.participants.clone(),
            base: self.base.clone(),
            accepted: None,
            unstable: BTreeMap::new(),
            floor: 0,
            loaded: false,
        };
        self.attempt = Some(Attempt { ballot, change });
        self.contribute(&mut token);
        match self.next_of(&token.participants) {
            Some(next) => self.send(next, Body::Prepare(Box::new(token))),
            None => self.propose(token),
        }
    }

    /// Who gets a token after this member; none when it is the only one.
    pub(super) fn next_of(&self, participants: &[MemberId]) -> Option<MemberId> {
        let place = participants.iter().position(|member| *member == self.me)?;
        let next = participants
            .get(place + 1)
            .or_else(|| participants.first())?;
        (*next != self.me).then_some(*next)
    }
}
