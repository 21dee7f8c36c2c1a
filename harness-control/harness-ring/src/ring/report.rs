//! Telling the coordinator: suspicions, requests to join, the wish to leave. Said once to each member
//! that seems to be coordinator, and again in every view.

use std::collections::BTreeSet;

use super::Ring;
use crate::frame::Body;
use crate::identity::MemberId;
use crate::message::Payload;

/// What one member was told in this view.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Told {
    accused: BTreeSet<MemberId>,
    joins: BTreeSet<MemberId>,
    leave: bool,
}

impl<P: Payload> Ring<P> {
    pub(super) fn report(&mut self) {
        let coordinator = self.coordinator();
        let accused: BTreeSet<_> = self
            .suspects
            .iter()
            .copied()
            .filter(|member| self.view.contains(*member))
            .collect();
        if coordinator != self.me {
            self.told.entry(coordinator).or_default();
        }
        let listeners: Vec<_> = self.told.keys().copied().collect();
        for listener in listeners {
            self.accuse(listener, &accused);
        }
        if coordinator != self.me {
            self.forward_requests(coordinator);
        }
    }

    /// Also to those who were told before: a suspicion may have been taken back.
    fn accuse(&mut self, listener: MemberId, accused: &BTreeSet<MemberId>) {
        let Some(told) = self.told.get_mut(&listener) else {
            return;
        };
        if told.accused == *accused {
            return;
        }
        told.accused.clone_from(accused);
        let accused = accused.iter().copied().collect();
        self.send(listener, Body::Accuse(accused));
    }

    fn forward_requests(&mut self, coordinator: MemberId) {
        let told = self.told.entry(coordinator).or_default();
        let new: Vec<_> = self.joins.difference(&told.joins).copied().collect();
        told.joins.extend(new.iter().copied());
        let leaves_now = self.leaving && !told.leave;
        told.leave |= leaves_now;
        if !new.is_empty() {
            self.send(coordinator, Body::Join(new));
        }
        if leaves_now {
            self.send(coordinator, Body::Leave);
        }
    }
}
