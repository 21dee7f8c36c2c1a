//! Who may go on without the others.

use super::start::Change;
use super::{Ring, Standing};
use crate::action::{Action, Blocked};
use crate::config::Policy;
use crate::identity::MemberId;
use crate::message::Payload;

impl<P: Payload> Ring<P> {
    /// Whether the participants of a change may decide it; notes why not.
    pub(super) fn may_go_on(&mut self, change: &Change) -> bool {
        let allowed = self.forced
            || match self.config.policy {
                Policy::Survivor => true,
                Policy::FencedSurvivor => self.all_fenced(change),
                // `judge` says it when they are not.
                Policy::Quorum { tie_break } => self.is_quorum(tie_break),
            };
        if allowed {
            self.blocked = None;
        } else if self.config.policy == Policy::FencedSurvivor {
            self.block(Blocked::Unfenced);
        }
        allowed
    }

    /// Notes that too few are left, be it at who would have to change the view or at the others, and takes it back when
    /// enough are heard of again.
    pub(super) fn judge(&mut self) {
        let is_well = match self.config.policy {
            Policy::Quorum { tie_break } => {
                let is_quorum = self.is_quorum(tie_break);
                if !is_quorum {
                    self.block(Blocked::NoQuorum);
                }
                is_quorum
            }
            Policy::Survivor | Policy::FencedSurvivor => {
                !self.view.ring.iter().any(|member| self.suspected(*member))
            }
        };
        if is_well {
            self.forced = false;
            if matches!(self.blocked, Some(Blocked::NoQuorum | Blocked::Unfenced)) {
                self.blocked = None;
            }
        }
    }

    /// An operator says that the others are gone for good. It counts while this member is blocked for want of them, and no
    /// longer: later it would break the policy. Said again while the change runs, it takes nothing back.
    pub(super) fn force(&mut self) {
        self.forced |= matches!(self.blocked, Some(Blocked::NoQuorum | Blocked::Unfenced));
    }

    /// Whether those that are not suspected may decide for the view.
    fn is_quorum(&self, tie_break: bool) -> bool {
        let members = &self.view.ring;
        let is_left = |member: &&MemberId| !self.suspected(**member);
        let twice = members.iter().filter(is_left).count() * 2;
        let has_first = || members.first().is_some_and(|first| is_left(&first));
        twice > members.len() || (tie_break && twice == members.len() && has_first())
    }

    /// Asks for the fences that are missing.
    fn all_fenced(&mut self, change: &Change) -> bool {
        let left_out: Vec<_> = self
            .view
            .ring
            .iter()
            .copied()
            .filter(|member| !change.participants.contains(member))
            .filter(|member| !self.fenced.contains(member))
            .collect();
        for member in &left_out {
            if self.fences_asked.insert(*member) {
                self.actions.push_back(Action::Fence(*member));
            }
        }
        left_out.is_empty()
    }

    pub(super) fn block(&mut self, cause: Blocked) {
        // Who lacks the state waits for it, however many are left.
        let waits_for_state = self.blocked == Some(Blocked::NoState) && cause == Blocked::NoQuorum;
        if self.blocked != Some(cause) && !waits_for_state {
            self.blocked = Some(cause);
        }
    }

    /// Tells whether this member is blocked, when that is not what it was before an event.
    pub(super) fn tell_of_blocking(&mut self, before: Option<Blocked>) {
        let now = self.hindrance();
        if self.standing == Standing::Member && now != before {
            self.actions.push_back(Action::Blocked(now));
        }
    }

    /// What it is blocked by, as far as that is told: who was told to go on without the others does not wait for them while
    /// it changes the view.
    pub(super) fn hindrance(&self) -> Option<Blocked> {
        let goes_on = self.forced && self.attempt.is_some();
        self.blocked
            .filter(|cause| *cause == Blocked::NoState || !goes_on)
    }
}
