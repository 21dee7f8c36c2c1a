//! Inputs `Join` and `Loaded`: taking processes in, and the end of their waiting for the state.

use super::{Ring, Standing};
use crate::action::{Action, Blocked, Refusal};
use crate::frame::Body;
use crate::identity::MemberId;
use crate::message::{Content, Payload};

impl<P: Payload> Ring<P> {
    pub(super) fn join(&mut self, joiner: MemberId) {
        if self.standing != Standing::Member {
            return;
        }
        let mut members = self.view.ring.iter().copied();
        let same_slot = members.find(|member| member.slot == joiner.slot);
        if same_slot == Some(joiner) {
            // It is in, and may not have heard of it.
            let base = self.base.clone();
            if let Some(base) = base.filter(|base| base.joiners.contains(&joiner)) {
                self.send(joiner, Body::Install(base));
            }
            return;
        }
        let former = self.former.get(&joiner.slot).copied();
        let known = same_slot.map(|member| member.incarnation).max(former);
        if known.is_some_and(|known| known >= joiner.incarnation) {
            let refusal = Refusal::JoinOutdated(joiner);
            return self.actions.push_back(Action::Refused(refusal));
        }
        let is_full = self.joins.len() >= self.config.limits.joins_max;
        if is_full && !self.joins.contains(&joiner) {
            let refusal = Refusal::JoinsFull(joiner);
            return self.actions.push_back(Action::Refused(refusal));
        }
        // Its process would not ask if the one before were alive.
        self.suspects.extend(same_slot);
        self.joins.insert(joiner);
    }

    pub(super) fn state_loaded(&mut self) {
        if self.loaded || self.standing != Standing::Member {
            return;
        }
        self.loaded = true;
        self.sync_due = true;
        if !self.wedged {
            self.submit_synced();
            return self.settle();
        }
        let coordinator = self.promised.coordinator;
        if coordinator == self.me {
            self.retry_with_state();
        } else {
            self.send(coordinator, Body::Loaded);
        }
    }

    /// Gives up an attempt that found nobody with the state, so that it is made anew.
    pub(super) fn retry_with_state(&mut self) {
        if self.blocked == Some(Blocked::NoState) {
            self.blocked = None;
            self.attempt = None;
        }
    }

    /// Tells everyone that this joiner's snapshot is not needed any more.
    pub(super) fn submit_synced(&mut self) {
        assert!(self.loaded && self.sync_due, "said once, after loading");
        self.sync_due = false;
        self.broadcast.submit(Content::Synced);
    }
}
