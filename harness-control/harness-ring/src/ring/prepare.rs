//! Input `Prepare`, the first lap: every participant stops and adds what it holds; and `Refuse`, for
//! a ballot that came too late.

use std::sync::Arc;

use super::Ring;
use crate::action::{Blocked, Drop};
use crate::frame::{Accept, Accepted, Body, Prepare, Value};
use crate::identity::{Ballot, MemberId};
use crate::message::{Numbered, Payload};
use crate::view::View;

impl<P: Payload> Ring<P> {
    pub(super) fn prepare(&mut self, from: MemberId, mut token: Prepare<P>) {
        if token.ballot < self.promised {
            return self.refuse(token.ballot);
        }
        if token.ballot.coordinator == self.me {
            let is_mine = self
                .attempt
                .as_ref()
                .is_some_and(|attempt| attempt.ballot == token.ballot);
            if is_mine {
                self.propose(token);
            }
            return;
        }
        let Some(next) = self.next_of(&token.participants) else {
            return self.dropped(from, Drop::Nonsense);
        };
        self.promised = token.ballot;
        self.wedged = true;
        self.attempt = None;
        self.contribute(&mut token);
        self.send(next, Body::Prepare(Box::new(token)));
    }

    /// Adds to a token what this member holds, knows and has accepted.
    pub(super) fn contribute(&mut self, token: &mut Prepare<P>) {
        assert!(self.wedged, "what is added must stay all there is");
        for (stamp, content) in self.broadcast.unstable() {
            token
                .unstable
                .entry(stamp)
                .or_insert_with(|| content.clone());
        }
        token.floor = token.floor.max(self.broadcast.clock());
        token.loaded |= self.loaded;
        let known = token.accepted.as_ref().map(|accepted| accepted.ballot);
        let own = self.accepted.as_ref();
        if own.is_some_and(|own| known.is_none_or(|known| own.ballot > known)) {
            token.accepted.clone_from(&self.accepted);
        }
    }

    /// The first lap is over: adopt the value it found, or make one.
    pub(super) fn propose(&mut self, token: Prepare<P>) {
        let Some(attempt) = self.attempt.clone() else {
            return;
        };
        if !token.loaded {
            // Nobody that is left knows the state: going on would be starting anew.
            return self.block(Blocked::NoState);
        }
        // An adopted value stays as it is, and newer failures make a view change of their own:
        // another coordinator may have decided it already.
        let value = match token.accepted {
            Some(accepted) => accepted.value,
            None => Arc::new(self.new_value(&attempt, token.floor, token.unstable)),
        };
        self.accepted = Some(Accepted {
            ballot: attempt.ballot,
            value: value.clone(),
        });
        let token = Accept {
            ballot: attempt.ballot,
            participants: attempt.change.participants,
            base: self.base.clone(),
            value,
        };
        match self.next_of(&token.participants) {
            Some(next) => self.send(next, Body::Accept(Box::new(token))),
            None => self.decide(token.value),
        }
    }

    fn new_value(
        &self,
        attempt: &super::Attempt,
        floor: u64,
        unstable: std::collections::BTreeMap<crate::message::Stamp, crate::message::Content<P>>,
    ) -> Value<P> {
        let change = &attempt.change;
        let stay = self.view.ring.iter().copied().filter(|member| {
            change.participants.contains(member) && !change.leavers.contains(member)
        });
        let ring: Vec<_> = stay.chain(change.joiners.iter().copied()).collect();
        assert!(!ring.is_empty(), "someone stays");
        Value {
            view: View {
                id: self.view.id.next(attempt.ballot),
                ring,
            },
            joiners: change.joiners.clone(),
            leavers: change.leavers.clone(),
            floor,
            flush: unstable
                .into_iter()
                .map(|(stamp, content)| Numbered { stamp, content })
                .collect(),
        }
    }

    pub(super) fn refuse(&mut self, ballot: Ballot) {
        assert!(ballot < self.promised, "only what is outrun is refused");
        let promised = self.promised;
        if ballot.coordinator != self.me && self.view.contains(ballot.coordinator) {
            self.send(ballot.coordinator, Body::Refuse { ballot, promised });
        }
    }

    /// Someone has promised a higher ballot than our attempt's.
    pub(super) fn refused(&mut self, ballot: Ballot, promised: Ballot) {
        let is_mine = self
            .attempt
            .as_ref()
            .is_some_and(|attempt| attempt.ballot == ballot);
        if is_mine && promised > self.promised {
            self.promised = promised;
            self.attempt = None;
        }
    }
}
