//! Input `Frame`: which view a frame belongs to, before anything looks at what it says.

use super::{Ring, Standing};
use crate::action::{Action, Drop, Exclusion};
use crate::frame::{Body, Frame, Value};
use crate::identity::{Ballot, MemberId};
use crate::message::Payload;

impl<P: Payload> Ring<P> {
    pub(super) fn frame(&mut self, from: MemberId, frame: Frame<P>) {
        if matches!(self.standing, Standing::Left | Standing::Excluded) {
            return self.dropped(from, Drop::NotMember);
        }
        if matches!(frame.body, Body::Exclude) {
            return self.told_to_go(from, &frame);
        }
        if frame.view == self.view.id {
            return self.current(from, frame.body);
        }
        let may_follow = match self.standing {
            Standing::Joining => true,
            _ => frame.view.follows(&self.view.id),
        };
        if !may_follow {
            return self.outdated(from, frame);
        }
        if !self.may_be_ahead(from) {
            return self.dropped(from, Drop::Stranger);
        }
        self.early(from, frame);
    }

    /// Whether a process may be in the view after this one. Those of this view may; others that were taken in by it are
    /// heard of only after this member took part in its decision.
    fn may_be_ahead(&self, from: MemberId) -> bool {
        self.standing == Standing::Joining
            || self.view.contains(from)
            || self.promised != Ballot::NONE
    }

    /// Whether a decision can be one, as far as this member can tell; from whoever is not in its view, only one that it
    /// took part in and that has its sender in. Who joins knows nothing to tell it by.
    fn may_install(&self, from: MemberId, value: &Value<P>) -> bool {
        if self.standing == Standing::Joining {
            return true;
        }
        let is_vouched_for = self.view.contains(from)
            || (value.view.contains(from) && value.view.id.ballot <= self.promised);
        is_vouched_for && value.is_next_of(&self.view)
    }

    /// A frame of this very view.
    fn current(&mut self, from: MemberId, body: Body<P>) {
        if matches!(body, Body::Install(_)) {
            // Installed already, by another way round; its coordinator may be out itself.
            return;
        }
        if !self.view.contains(from) {
            return self.dropped(from, Drop::Stranger);
        }
        match body {
            Body::Data { direction, items } => self.data(from, direction, items),
            Body::Prepare(token) => self.prepare(from, *token),
            Body::Accept(token) => self.accept(from, *token),
            Body::Refuse { ballot, promised } => self.refused(ballot, promised),
            Body::Accuse(accused) => self.accused(from, accused),
            Body::Join(joiners) => {
                for joiner in joiners {
                    self.join(joiner);
                }
            }
            Body::Leave => {
                self.leaves.insert(from);
            }
            Body::Loaded => self.retry_with_state(),
            Body::Install(_) | Body::Pull | Body::Exclude => {}
        }
    }

    /// A frame of the view after this one: install that when the frame brings the decision, and
    /// otherwise keep the frame and ask for it.
    fn early(&mut self, from: MemberId, frame: Frame<P>) {
        let base = frame.body.base().filter(|base| {
            base.view.id == frame.view
                && (self.standing == Standing::Member || base.joiners.contains(&self.me))
        });
        if let Some(base) = base.cloned() {
            if !self.may_install(from, &base) {
                return self.dropped(from, Drop::Stranger);
            }
            self.install(base);
            if !matches!(frame.body, Body::Install(_)) {
                self.frame(from, frame);
            }
            return;
        }
        if self.early.len() >= self.config.limits.early_frames_max {
            return self.exclude(Exclusion::EarlyFrames);
        }
        self.early.push((from, frame));
        if self.standing == Standing::Member && self.pulled.insert(from) {
            self.send(from, Body::Pull);
        }
    }

    /// A frame of another view: help its sender when that is one view behind, and tell it when it is
    /// out.
    fn outdated(&mut self, from: MemberId, frame: Frame<P>) {
        let is_before = self.view.id.follows(&frame.view);
        self.dropped(
            from,
            if frame.view.epoch < self.view.id.epoch {
                Drop::OldView
            } else {
                Drop::ForeignView
            },
        );
        let Some(base) = self.base.clone().filter(|_| is_before) else {
            return self.turn_away(from, &frame);
        };
        let lags = self.view.contains(from)
            && matches!(frame.body, Body::Prepare(_) | Body::Accept(_) | Body::Pull);
        if lags || (base.leavers.contains(&from) && self.turned_away.insert(from)) {
            return self.send(from, Body::Install(base));
        }
        self.turn_away(from, &frame);
    }

    /// Tells a former member, once, that it is none any more.
    fn turn_away(&mut self, from: MemberId, frame: &Frame<P>) {
        let is_out = !self.view.contains(from) && frame.view.epoch < self.view.id.epoch;
        if is_out && self.turned_away.insert(from) {
            self.send(from, Body::Exclude);
        }
    }

    fn told_to_go(&mut self, from: MemberId, frame: &Frame<P>) {
        if frame.view.epoch <= self.view.id.epoch {
            return self.dropped(from, Drop::OldView);
        }
        let was_member = self.former.get(&from.slot) == Some(&from.incarnation);
        // Who joins knows nobody yet. And while a member was cut off, all others may have been replaced by processes that it
        // never knew; then it is blocked.
        let believes_all = self.standing == Standing::Joining || self.blocked.is_some();
        if self.view.contains(from) || was_member || believes_all {
            return self.exclude(Exclusion::Decided);
        }
        self.dropped(from, Drop::Hearsay);
    }

    pub(super) fn exclude(&mut self, cause: Exclusion) {
        assert!(
            matches!(self.standing, Standing::Member | Standing::Joining),
            "only who is in or waits can be excluded"
        );
        self.standing = Standing::Excluded;
        self.wedged = true;
        self.actions.push_back(Action::Excluded(cause));
    }
}
