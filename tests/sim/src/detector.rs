//! The failure detectors of all processes: they notice every crash and every partition after a while,
//! take back what was wrong, and make the mistakes that the options ask for.

use harness_ring::{Event, MemberId};

use crate::world::{Happening, World};

/// What a detector says.
#[derive(Clone, Copy, Debug)]
pub enum Verdict {
    /// Whom it cannot reach, if that is still so.
    Unreachable(MemberId, MemberId),
    /// Whom it suspects by mistake.
    Mistaken(MemberId, MemberId),
    /// Whom it hears again, if that is so.
    Heard(MemberId, MemberId),
}

impl World {
    pub(crate) fn judge(&mut self, verdict: Verdict) {
        let is_reachable = |world: &World, who, whom| {
            let other = world.processes.get(&whom);
            other.is_some_and(|other| other.alive) && !world.network.is_split(who, whom)
        };
        match verdict {
            Verdict::Unreachable(who, whom) => {
                if !is_reachable(self, who, whom) {
                    self.statistics.count("suspicions");
                    self.event(who, Event::Suspect(whom));
                }
            }
            Verdict::Mistaken(who, whom) => {
                self.statistics.count("false suspicions");
                self.event(who, Event::Suspect(whom));
                self.soon(500, 30_000, Happening::Verdict(Verdict::Heard(who, whom)));
            }
            Verdict::Heard(who, whom) => {
                if is_reachable(self, who, whom) {
                    self.statistics.count("retractions");
                    self.event(who, Event::Retract(whom));
                }
            }
        }
    }

    /// Everyone who can see it notices that a process is gone.
    pub(crate) fn bury(&mut self, dead: MemberId) {
        let living = self.processes.values().filter(|process| process.alive);
        let watchers: Vec<_> = living.map(|process| process.id).collect();
        for who in watchers {
            self.expect_verdict(Verdict::Unreachable(who, dead));
        }
        for peer in self.network.peers(dead) {
            // What it sent last arrives, or is lost with its connection.
            let fault = crate::faults::Fault::Cut(dead, peer);
            self.soon(0, self.options.delay_us * 4, Happening::Fault(fault));
        }
    }

    /// A new process finds out for itself who is dead.
    pub(crate) fn tell_of_the_dead(&mut self, newcomer: MemberId) {
        let gone = self.processes.values().filter(|process| !process.alive);
        let dead: Vec<_> = gone.map(|process| process.id).collect();
        for whom in dead {
            self.expect_verdict(Verdict::Unreachable(newcomer, whom));
        }
    }

    pub(crate) fn expect_verdict(&mut self, verdict: Verdict) {
        let (least, most) = self.options.detection_us;
        self.soon(least, most, Happening::Verdict(verdict));
    }
}
