//! What goes wrong, and when: planned from the options before a run starts.

use std::collections::BTreeSet;

use harness_ring::{Event, MemberId};

use crate::detector::Verdict;
use crate::world::{Happening, World, slot};

/// A fault, or the end of one.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A process of the first view, by slot, crashes.
    Crash(usize),
    /// Some connection breaks.
    CutAny,
    /// The connection between these two breaks.
    Cut(MemberId, MemberId),
    /// A part of the slots cannot reach the rest.
    Split(BTreeSet<usize>),
    /// Everyone can reach everyone.
    Heal,
    /// Links of some member are slow.
    SlowDown,
    /// All links are fast.
    SpeedUp,
    /// Someone suspects someone alive.
    Mistake,
    /// A process starts that wants to join.
    Join(usize),
    /// A member leaves in order.
    Leave,
    /// An operator looks, for this many times already, whether a view is to be forced.
    Operate(u32),
}

impl World {
    /// Plans submits and faults.
    pub(crate) fn plan(&mut self) {
        let options = self.options.clone();
        for _ in 0..options.submits {
            self.sometime(Happening::Submit);
        }
        let first = self.random.index(options.founders);
        let in_a_row = self.random.chance(60);
        let burst_at = self.moment();
        for number in 0..options.crashes.min(options.founders.saturating_sub(1)) {
            let victim = if in_a_row {
                (first + number) % options.founders
            } else {
                self.random.index(options.founders)
            };
            let crash = Happening::Fault(Fault::Crash(victim));
            if in_a_row && self.random.chance(70) {
                let spread = self.random.between(0, 2_000);
                self.at(burst_at + spread, crash);
            } else {
                self.sometime(crash);
            }
        }
        for (many, fault) in [
            (options.cuts, Fault::CutAny),
            (options.false_suspicions, Fault::Mistake),
            (options.leaves, Fault::Leave),
            (options.slow_members, Fault::SlowDown),
            (options.forces, Fault::Operate(0)),
        ] {
            for _ in 0..many {
                self.sometime(Happening::Fault(fault.clone()));
            }
        }
        for number in 0..options.joiners {
            let joiner = Fault::Join(options.founders + number);
            self.sometime(Happening::Fault(joiner));
        }
        for _ in 0..options.partitions {
            let all = options.founders + options.joiners;
            let island = (0..all).filter(|_| self.random.chance(40)).collect();
            let start = self.moment();
            let length = self.random.between(1_000, 60_000);
            self.at(start, Happening::Fault(Fault::Split(island)));
            self.at(start + length, Happening::Fault(Fault::Heal));
        }
        let end = u64::try_from(options.faults_until.as_micros()).expect("runs are short");
        self.at(end, Happening::Fault(Fault::Heal));
        self.at(end, Happening::Fault(Fault::SpeedUp));
    }

    fn moment(&mut self) -> u64 {
        let end = u64::try_from(self.options.faults_until.as_micros()).expect("runs are short");
        self.random.between(0, end)
    }

    fn sometime(&mut self, happening: Happening) {
        let time = self.moment();
        self.at(time, happening);
    }

    pub(crate) fn strike(&mut self, fault: Fault) {
        match fault {
            Fault::Crash(victim) => self.crash(slot(victim)),
            Fault::Cut(one, other) => self.cut(one, other),
            Fault::CutAny => {
                let open = self.network.open();
                if !open.is_empty() {
                    let (one, other) = open[self.random.index(open.len())];
                    self.statistics.count("connections cut");
                    self.cut(one, other);
                }
            }
            Fault::Split(island) => self.split(&island),
            Fault::Heal => self.heal(),
            Fault::SlowDown => {
                let members = self.members();
                if !members.is_empty() {
                    let slow = members[self.random.index(members.len())];
                    self.network.slow_down([slow].into());
                    self.soon(5_000, 50_000, Happening::Fault(Fault::SpeedUp));
                }
            }
            Fault::SpeedUp => self.network.slow_down(BTreeSet::new()),
            Fault::Mistake => {
                let members = self.members();
                if members.len() > 1 {
                    let who = members[self.random.index(members.len())];
                    let whom = members[self.random.index(members.len())];
                    self.judge(Verdict::Mistaken(who, whom));
                }
            }
            Fault::Join(number) => self.add_joiner(slot(number)),
            Fault::Leave => {
                let members = self.members();
                if members.len() > 1 {
                    let who = members[self.random.index(members.len())];
                    self.statistics.count("wishes to leave");
                    self.event(who, Event::Leave);
                }
            }
            Fault::Operate(looks) => self.operate(looks),
        }
    }

    fn crash(&mut self, victim: MemberId) {
        let others = self.members().iter().filter(|id| **id != victim).count();
        let Some(process) = self.processes.get_mut(&victim) else {
            return;
        };
        // Someone stays, or there is nothing to judge.
        if !process.alive || others == 0 {
            return;
        }
        process.alive = false;
        self.statistics.count("crashes");
        self.bury(victim);
        if self.statistics.of("slots restarted") < self.options.restarts as u64 {
            self.statistics.count("slots restarted");
            self.soon(1_000, 50_000, Happening::Restart(victim));
        }
    }

    /// Makes sure that a member cannot act any more, alive or not, then tells who asked for it.
    pub(crate) fn fence(&mut self, who: MemberId, whom: MemberId) {
        if let Some(process) = self.processes.get_mut(&whom).filter(|other| other.alive) {
            process.alive = false;
            self.statistics.count("fenced alive");
            self.bury(whom);
            self.soon(1_000, 50_000, Happening::Restart(whom));
        }
        self.event(who, Event::Fenced(whom));
    }

    fn split(&mut self, island: &BTreeSet<usize>) {
        self.heal();
        let inside = |id: &MemberId| island.contains(&(id.slot as usize));
        let all: Vec<_> = self.processes.keys().copied().collect();
        self.network
            .split(all.iter().copied().filter(inside).collect());
        self.statistics.count("partitions");
        for (one, other) in self.network.open() {
            if self.network.is_split(one, other) {
                self.cut(one, other);
            }
        }
        for who in &all {
            for whom in &all {
                if self.network.is_split(*who, *whom) {
                    self.expect_verdict(Verdict::Unreachable(*who, *whom));
                }
            }
        }
    }

    fn heal(&mut self) {
        let all: Vec<_> = self.processes.keys().copied().collect();
        let pairs = all
            .iter()
            .flat_map(|who| all.iter().map(|whom| (*who, *whom)));
        let split: Vec<_> = pairs
            .filter(|(who, whom)| self.network.is_split(*who, *whom))
            .collect();
        self.network.split(BTreeSet::new());
        for (who, whom) in split {
            self.expect_verdict(Verdict::Heard(who, whom));
        }
    }
}
