//! Input `Install`, the third lap: the end of one view and the start of the next, in one step.

use std::sync::Arc;

use super::{Ring, Standing};
use crate::action::{Action, Exclusion};
use crate::broadcast::Broadcast;
use crate::frame::{Body, Value};
use crate::identity::{Ballot, MemberId};
use crate::message::Payload;
use crate::view::{Rank, View};

impl<P: Payload> Ring<P> {
    pub(super) fn install(&mut self, value: Arc<Value<P>>) {
        let was_member = self.standing == Standing::Member;
        assert!(
            !was_member || value.view.id.follows(&self.view.id),
            "a view is installed after the one it was decided in"
        );
        let rank = value.view.rank_of(self.me);
        let leaves = value.leavers.contains(&self.me);
        if rank.is_none() && !leaves {
            return self.exclude(Exclusion::Decided);
        }
        if was_member {
            self.flush(&value);
        }
        let Some(rank) = rank else {
            return self.go();
        };
        let before = self.enter(&value, rank);
        self.announce(&value, &before, was_member);
        self.pass_on(&value);
        let early = std::mem::take(&mut self.early);
        for (from, frame) in early {
            self.frame(from, frame);
        }
        if self.sync_due && !self.wedged {
            self.submit_synced();
        }
        self.settle();
    }

    /// Delivers what the old view ends with. What was delivered before is the start of it.
    fn flush(&mut self, value: &Value<P>) {
        let last = self.broadcast.last();
        for numbered in &value.flush {
            if numbered.stamp > last {
                self.hand_over(numbered.clone(), true);
            }
        }
    }

    /// Replaces everything that belongs to a view; returns the view before.
    fn enter(&mut self, value: &Arc<Value<P>>, rank: Rank) -> View {
        let next = value.view.clone();
        self.broadcast = Broadcast::new(rank, next.size(), self.config.mode, value.floor);
        let before = std::mem::replace(&mut self.view, next);
        self.standing = Standing::Member;
        self.wedged = false;
        self.promised = Ballot::NONE;
        self.accepted = None;
        self.base = Some(value.clone());
        self.attempt = None;
        self.tried = None;
        self.blocked = None;
        self.forced = false;
        self.accusations.clear();
        self.told.clear();
        self.pulled.clear();
        self.turned_away.clear();
        self.leaves.clear();
        for gone in before.ring.iter().filter(|old| !self.view.contains(**old)) {
            self.suspects.remove(gone);
            self.fenced.remove(gone);
            self.fences_asked.remove(gone);
            let former = self.former.entry(gone.slot).or_default();
            *former = (*former).max(gone.incarnation);
        }
        let view = &self.view;
        self.joins.retain(|joiner| !view.contains(*joiner));
        before
    }

    fn announce(&mut self, value: &Value<P>, before: &View, was_member: bool) {
        let excluded = before
            .ring
            .iter()
            .copied()
            .filter(|old| !self.view.contains(*old) && !value.leavers.contains(old));
        self.actions.push_back(Action::ViewChange {
            view: self.view.clone(),
            joined: value.joiners.clone(),
            left: value.leavers.clone(),
            excluded: excluded.collect(),
        });
        let gone: Vec<MemberId> = self
            .unsynced
            .iter()
            .copied()
            .filter(|joiner| !self.view.contains(*joiner))
            .collect();
        for joiner in gone {
            self.unsynced.remove(&joiner);
            self.actions.push_back(Action::ReleaseSnapshot { joiner });
        }
        if !was_member {
            let has_state = |member: &MemberId| !value.joiners.contains(member);
            let sources = self.view.ring.iter().copied().filter(has_state).collect();
            self.actions.push_back(Action::LoadSnapshot {
                view: self.view.id,
                sources,
            });
        } else if !value.joiners.is_empty() {
            self.unsynced.extend(value.joiners.iter().copied());
            self.actions.push_back(Action::TakeSnapshot {
                view: self.view.id,
                joiners: value.joiners.clone(),
            });
        }
    }

    /// Sends the decision on to the next member, which may have it already.
    fn pass_on(&mut self, value: &Arc<Value<P>>) {
        if let Some(next) = self.view.successor(self.me) {
            self.send(next, Body::Install(value.clone()));
        }
    }
}
