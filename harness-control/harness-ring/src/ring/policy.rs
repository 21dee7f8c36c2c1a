//! Who may go on without the others.

use super::Ring;
use super::start::Change;
use crate::action::{Action, Blocked};
use crate::config::Policy;
use crate::identity::MemberId;
use crate::message::Payload;

impl<P: Payload> Ring<P> {
    /// Whether the participants of a change may decide it; says once why not.
    pub(super) fn may_go_on(&mut self, change: &Change) -> bool {
        let allowed = self.forced
            || match self.config.policy {
                Policy::Survivor => true,
                Policy::FencedSurvivor => self.all_fenced(change),
                // What it says is said by `judge_quorum`.
                Policy::Quorum { tie_break } => self.is_quorum(tie_break),
            };
        if allowed {
            self.blocked = None;
        }
        allowed
    }

    /// Says once that too few are left, be it at who would have to change the view or at the others, and takes it back when
    /// enough are heard of again.
    pub(super) fn judge_quorum(&mut self) {
        let Policy::Quorum { tie_break } = self.config.policy else {
            return;
        };
        if self.forced || self.is_quorum(tie_break) {
            if self.blocked == Some(Blocked::NoQuorum) {
                self.blocked = None;
            }
        } else {
            self.block(Blocked::NoQuorum);
        }
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
        if self.blocked != Some(cause) {
            self.blocked = Some(cause);
            self.actions.push_back(Action::Blocked(cause));
        }
    }
}
