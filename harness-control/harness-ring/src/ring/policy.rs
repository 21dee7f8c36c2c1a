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
                Policy::Quorum { tie_break } => {
                    if !self.is_quorum(&change.participants, tie_break) {
                        self.block(Blocked::NoQuorum);
                        return false;
                    }
                    true
                }
            };
        if allowed {
            self.blocked = None;
        }
        allowed
    }

    fn is_quorum(&self, participants: &[MemberId], tie_break: bool) -> bool {
        let twice = participants.len() * 2;
        let members = self.view.ring.len();
        let has_first = self
            .view
            .ring
            .first()
            .is_some_and(|first| participants.contains(first));
        twice > members || (tie_break && twice == members && has_first)
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
