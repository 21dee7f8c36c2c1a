//! Inputs `Suspect`, `Retract` and `Accuse`: who is taken for dead, for as long as someone says so.
//!
//! A suspicion can be taken back until a view is decided; then the exclusion is final.

use std::collections::BTreeSet;

use super::{Ring, Standing};
use crate::frame::Body;
use crate::identity::MemberId;
use crate::message::Payload;

impl<P: Payload> Ring<P> {
    pub(super) fn suspect(&mut self, member: MemberId) {
        if member == self.me {
            return;
        }
        self.suspects.insert(member);
        // A dead joiner would otherwise be taken in again and again.
        self.joins.remove(&member);
    }

    pub(super) fn retract(&mut self, member: MemberId) {
        self.suspects.remove(&member);
        // It may act again; and a fence that failed is tried again when it is suspected anew.
        self.fenced.remove(&member);
        self.fences_asked.remove(&member);
        let former = self.former.get(&member.slot);
        let is_out = former.is_some_and(|former| *former >= member.incarnation);
        if self.standing == Standing::Member && is_out && self.turned_away.insert(member) {
            // Left out while nobody could tell it.
            self.send(member, Body::Exclude);
        }
    }

    /// Another member says whom its detector suspects, in place of what it said before.
    pub(super) fn accused(&mut self, from: MemberId, accused: Vec<MemberId>) {
        let accused: BTreeSet<_> = accused
            .into_iter()
            .filter(|member| self.view.contains(*member))
            .collect();
        if accused.is_empty() {
            self.accusations.remove(&from);
        } else {
            self.accusations.insert(from, accused);
        }
    }

    /// Whether a member is taken for dead here: by our own detector, or by a member that is not
    /// itself suspected by it.
    pub(super) fn suspected(&self, member: MemberId) -> bool {
        if member == self.me {
            return false;
        }
        self.suspects.contains(&member)
            || self.accusations.iter().any(|(accuser, accused)| {
                accused.contains(&member) && !self.suspects.contains(accuser)
            })
    }

    /// The member that has to run a view change: the first that is not suspected.
    pub fn coordinator(&self) -> MemberId {
        let mut members = self.view.ring.iter().copied();
        members
            .find(|member| !self.suspected(*member))
            .unwrap_or(self.me)
    }
}
