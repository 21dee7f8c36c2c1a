//! An operator, who forces views where a ring is blocked, and now and then where it is not.

use harness_ring::{Blocked, Event, MemberId};

use crate::faults::Fault;
use crate::world::{Happening, World};

impl World {
    /// Forces a view, or looks again later.
    pub(crate) fn operate(&mut self, looks: u32) {
        let mut candidates = self.members();
        if !self.random.chance(10) {
            candidates.retain(|id| self.would_count(*id));
        }
        if candidates.is_empty() {
            if looks < LOOKS_MAX {
                let again = Happening::Fault(Fault::Operate(looks + 1));
                self.soon(1_000, 20_000, again);
            }
            return;
        }
        // The command of operators takes it only where the view would be changed; the ring takes it everywhere.
        let mut named = candidates.clone();
        named.retain(|id| self.processes[id].member.ring().coordinator() == *id);
        if !named.is_empty() && self.random.chance(80) {
            candidates = named;
        }
        let id = candidates[self.random.index(candidates.len())];
        self.force(id);
    }

    fn force(&mut self, id: MemberId) {
        let ring = self.processes[&id].member.ring();
        if self.would_count(id) {
            self.statistics.count("forces that counted");
            self.checkers.forces.count(id, ring.view().id);
        } else if self.checkers.forces.counts(id, ring.view().id) {
            // One force is enough for a change. A second adds nothing, and may take the first back.
            self.statistics.count("forces that were repeated");
        } else {
            self.statistics.count("forces that did not count");
            // As word of nothing.
            let (mut told, mut forced) = (ring.clone(), ring.clone());
            told.handle(Event::Retract(id));
            forced.handle(Event::Force);
            if told != forced {
                let text = format!("P5 a force changes {id}, which is not blocked");
                self.checkers.broken(text);
            }
        }
        self.event(id, Event::Force);
    }

    /// Whether a member is blocked for want of the others.
    fn would_count(&self, id: MemberId) -> bool {
        let blocked = self.processes[&id].member.ring().blocked();
        matches!(blocked, Some(Blocked::NoQuorum | Blocked::Unfenced))
    }
}

/// Then this operator goes home.
const LOOKS_MAX: u32 = 20;
