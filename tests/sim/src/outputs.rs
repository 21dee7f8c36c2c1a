//! What members want done, carried out: packets, deliveries, views, snapshots, fences.

use harness_ring::{Action, MemberId, Output, Refusal, View, ViewId};

use crate::checkers::forces::Change;
use crate::process::{Entry, Owed, Word, message};
use crate::world::{Happening, World};

impl World {
    pub(crate) fn output(&mut self, id: MemberId, output: Output<Word>) {
        match output {
            Output::Packet { to, packet } => self.transmit(id, to, packet),
            Output::Connect(to) => self.soon(100, 500, Happening::Open(id, to)),
            Output::Slow(_) => self.statistics.count("slow members"),
            Output::Broken(peer) => {
                let text = format!("P12 {id} says that {peer} breaks the rules of sessions");
                self.checkers.broken(text);
            }
            Output::Action(action) => self.action(id, action),
        }
    }

    fn action(&mut self, id: MemberId, action: Action<Word>) {
        let statistics = &mut self.statistics;
        let process = self.processes.get_mut(&id).expect("it acted");
        match action {
            Action::Send { .. } => unreachable!("members send packets"),
            Action::Deliver(delivery) => {
                statistics.count("deliveries");
                statistics.add("deliveries by flush", u64::from(delivery.flushed));
                process.saw(message(delivery));
                self.pay(id);
            }
            Action::ViewChange {
                view,
                joined,
                left,
                excluded,
            } => {
                let changes = joined.len() + left.len() + excluded.len();
                statistics.count("views installed");
                statistics.add("views without a change", u64::from(changes == 0));
                self.check_force(id, &view, &left);
                self.check_decision(id, view.id);
                let process = self.processes.get_mut(&id).expect("it acted");
                process.saw(Entry::View(view));
                self.pay(id);
            }
            Action::TakeSnapshot { view, joiners } => {
                if let Some(replica) = process.replica.clone() {
                    process.snapshots.insert(view, (replica, joiners));
                }
            }
            Action::ReleaseSnapshot { joiner } => {
                for (_, joiners) in process.snapshots.values_mut() {
                    joiners.retain(|waiting| *waiting != joiner);
                }
                process
                    .snapshots
                    .retain(|_, (_, joiners)| !joiners.is_empty());
            }
            Action::LoadSnapshot { view, sources } => {
                process.loads = Some((view, sources));
                self.soon(500, 20_000, Happening::Load(id, 0));
            }
            Action::Fence(member) => self.soon(100, 5_000, Happening::Fenced(id, member)),
            Action::Blocked(Some(_)) => statistics.count("blocked"),
            Action::Blocked(None) => statistics.count("blocked no more"),
            Action::Left => {
                statistics.count("left");
                self.soon(1_000, 5_000, Happening::End(id));
            }
            Action::Excluded(_) => {
                statistics.count("excluded");
                self.soon(1_000, 10_000, Happening::Restart(id));
            }
            Action::Refused(refusal) => self.refused(id, refusal),
            Action::Dropped { from, reason } => {
                statistics.count(crate::checkers::drops::name(reason));
                let verdict = crate::checkers::drops::judge(id, from, reason);
                self.checkers.extend(verdict);
            }
        }
    }

    /// Looks whether others decided another view in place of this one, and whether they may have.
    fn check_decision(&mut self, id: MemberId, view: ViewId) {
        let may_split = self.options.may_split();
        let was_forced = self.checkers.forces.counted_in(view.parent);
        let may_part = may_split || (was_forced && self.options.may_mistake());
        let decisions = &mut self.checkers.decisions;
        let splits = decisions.splits();
        let mut verdict = decisions.installs(id, view, may_part);
        let has_parted = decisions.splits() > splits;
        self.statistics
            .add("forced splits", u64::from(has_parted && !may_split));
        // A member that is alone may have gone on to the next already.
        let base = self.processes[&id].member.ring().base();
        if let Some(base) = base.filter(|base| base.view.id == view) {
            verdict = verdict.and(decisions.decides(id, base));
        }
        self.checkers.extend(verdict);
    }

    /// Looks whether a force was needed for a view, and there.
    fn check_force(&mut self, id: MemberId, next: &View, left: &[MemberId]) {
        let mut log = self.processes[&id].log.iter().rev();
        let last = log.find_map(|entry| match entry {
            Entry::View(view) => Some(view),
            Entry::Message { .. } => None,
        });
        let Some(last) = last else {
            return;
        };
        let change = Change { last, next, left };
        let policy = self.options.policy;
        let forces = &self.checkers.forces;
        match forces.installs(id, policy, change, &self.processes) {
            Ok(is_forced) => {
                let is_first = is_forced && next.id.ballot.coordinator == id;
                self.statistics.add("forced views", u64::from(is_first));
            }
            Err(how) => self.checkers.broken(how),
        }
    }

    /// Plans anew what was refused as busy: there is room after a delivery.
    fn pay(&mut self, id: MemberId) {
        let process = self.processes.get_mut(&id).expect("it acted");
        for owed in std::mem::take(&mut process.owed) {
            let happening = match owed {
                Owed::Result(request) => Happening::Perform(id, request),
                Owed::Unlock(key) => Happening::Unlock(id, key),
            };
            self.soon(10, 1_000, happening);
        }
    }

    fn refused(&mut self, id: MemberId, refusal: Refusal<Word>) {
        let process = self.processes.get_mut(&id).expect("it acted");
        self.statistics.count("refused");
        let (word, is_busy) = match refusal {
            Refusal::Busy(word) => (word, true),
            Refusal::NotMember(word) => (word, false),
            Refusal::JoinOutdated(_) | Refusal::JoinsFull(_) => return,
        };
        if is_busy {
            self.statistics.count("refused: busy");
            // Others wait for a result and for a lock: again after the next delivery.
            let owed = match &word {
                Word::Unlock(_, key) => Some(Owed::Unlock(*key)),
                Word::Transaction(_, harness_ring::Word::Result { id, .. }) => {
                    Some(Owed::Result(*id))
                }
                _ => None,
            };
            process.owed.extend(owed);
        }
        process.refused.push(word);
    }
}
