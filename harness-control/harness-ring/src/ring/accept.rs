//! Input `Accept`, the second lap: when every participant has accepted, the value is decided.

use std::sync::Arc;

use super::Ring;
use crate::action::Drop;
use crate::frame::{Accept, Accepted, Body, Frame, Value};
use crate::identity::MemberId;
use crate::message::Payload;

impl<P: Payload> Ring<P> {
    pub(super) fn accept(&mut self, from: MemberId, token: Accept<P>) {
        if token.ballot < self.promised {
            return self.refuse(token.ballot);
        }
        if token.ballot.coordinator == self.me {
            let is_mine = self
                .attempt
                .as_ref()
                .is_some_and(|attempt| attempt.ballot == token.ballot);
            // What was proposed is decided, whatever came back.
            let proposed = self
                .accepted
                .as_ref()
                .filter(|own| own.ballot == token.ballot);
            match proposed.map(|own| own.value.clone()) {
                Some(value) if is_mine => self.decide(value),
                _ => {}
            }
            return;
        }
        let Some(next) = self.next_of(&token.participants) else {
            return self.dropped(from, Drop::Nonsense);
        };
        if !token.value.is_next_of(&self.view) {
            return self.dropped(from, Drop::Nonsense);
        }
        self.promised = token.ballot;
        self.wedged = true;
        self.attempt = None;
        self.accepted = Some(Accepted {
            ballot: token.ballot,
            value: token.value.clone(),
        });
        self.send(next, Body::Accept(Box::new(token)));
    }

    /// Tells those who are not in the next view, and installs it.
    pub(super) fn decide(&mut self, value: Arc<Value<P>>) {
        let is_next = |member: &MemberId| value.view.contains(*member);
        let outside: Vec<_> = self
            .view
            .after(self.me)
            .filter(|member| !is_next(member))
            .collect();
        for member in outside {
            let body = if value.leavers.contains(&member) {
                Body::Install(value.clone())
            } else {
                Body::Exclude
            };
            self.send_as(&value, member, body);
        }
        if !is_next(&self.me)
            && let Some(first) = value.view.ring.first()
        {
            self.send_as(&value, *first, Body::Install(value.clone()));
        }
        self.install(value);
    }

    /// Sends a frame of the view that a value decides.
    pub(super) fn send_as(&mut self, value: &Value<P>, to: MemberId, body: Body<P>) {
        let frame = Frame {
            view: value.view.id,
            body,
        };
        self.actions
            .push_back(crate::action::Action::Send { to, frame });
    }
}
