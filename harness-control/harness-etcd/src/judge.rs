//! Whom leases say to be gone. Pure: what is alive, and the time, come in as arguments.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use harness_control::Verdict;
use harness_ring::MemberId;

/// Watches members of a view.
pub(crate) struct Judge {
    watched: BTreeMap<MemberId, Watched>,
    look_every: Duration,
    next_look: Option<Duration>,
    verdicts: VecDeque<Verdict>,
}

/// A member, and the lease that it was first seen with: another process of its name has another one.
#[derive(Clone, Copy, Default)]
struct Watched {
    lease: Option<i64>,
    is_suspected: bool,
}

impl Judge {
    pub(crate) fn new(look_every: Duration) -> Judge {
        Judge {
            watched: BTreeMap::new(),
            look_every,
            next_look: None,
            verdicts: VecDeque::new(),
        }
    }

    pub(crate) fn watch(&mut self, members: &BTreeSet<MemberId>, now: Duration) {
        self.watched.retain(|member, _| members.contains(member));
        for member in members {
            self.watched.entry(*member).or_default();
        }
        self.next_look = (!self.watched.is_empty()).then_some(now);
    }

    /// What etcd says: the lease of each slot that is alive.
    pub(crate) fn look(&mut self, alive: &BTreeMap<u32, i64>, now: Duration) {
        if self.next_look.is_none_or(|next| now < next) {
            return;
        }
        self.next_look = Some(now + self.look_every);
        for (member, watched) in &mut self.watched {
            let lease = alive.get(&member.slot);
            let first = *watched.lease.get_or_insert(lease.copied().unwrap_or(NONE));
            let is_alive = lease.is_some_and(|lease| *lease == first);
            match (is_alive, watched.is_suspected) {
                (false, false) => self.verdicts.push_back(Verdict::Suspect(*member)),
                (true, true) => self.verdicts.push_back(Verdict::Retract(*member)),
                _ => {}
            }
            watched.is_suspected = !is_alive;
        }
    }

    /// Nothing is known now.
    pub(crate) fn look_away(&mut self, now: Duration) {
        if let Some(next) = &mut self.next_look {
            *next = now + self.look_every;
        }
    }

    pub(crate) fn next_wake(&self) -> Option<Duration> {
        self.next_look
    }

    pub(crate) fn poll_verdict(&mut self) -> Option<Verdict> {
        self.verdicts.pop_front()
    }
}

/// No lease has this number.
const NONE: i64 = 0;

#[cfg(test)]
mod tests {
    use super::*;

    const A: MemberId = MemberId::first(1);
    const B: MemberId = MemberId::first(2);
    const STEP: Duration = Duration::from_millis(50);

    struct Case {
        judge: Judge,
        now: Duration,
    }

    impl Case {
        fn watching(members: &[MemberId]) -> Case {
            let mut judge = Judge::new(STEP);
            judge.watch(&members.iter().copied().collect(), Duration::ZERO);
            Case {
                judge,
                now: Duration::ZERO,
            }
        }

        fn look(&mut self, alive: &[(u32, i64)]) -> Vec<Verdict> {
            self.judge.look(&alive.iter().copied().collect(), self.now);
            self.now += STEP;
            std::iter::from_fn(|| self.judge.poll_verdict()).collect()
        }
    }

    #[test]
    fn one_whose_lease_has_run_out_is_suspected_once() {
        let mut case = Case::watching(&[A, B]);
        assert_eq!(case.look(&[(1, 10), (2, 20)]), []);
        assert_eq!(case.look(&[(2, 20)]), [Verdict::Suspect(A)]);
        assert_eq!(case.look(&[(2, 20)]), []);
        assert_eq!(case.look(&[(1, 10), (2, 20)]), [Verdict::Retract(A)]);
    }

    #[test]
    fn another_process_of_the_name_is_not_the_member() {
        let mut case = Case::watching(&[A]);
        assert_eq!(case.look(&[(1, 10)]), []);
        assert_eq!(case.look(&[(1, 11)]), [Verdict::Suspect(A)]);
        assert_eq!(case.look(&[(1, 11)]), []);
    }

    #[test]
    fn one_that_is_not_in_the_view_any_more_is_not_judged() {
        let mut case = Case::watching(&[A, B]);
        assert_eq!(case.look(&[(1, 10), (2, 20)]), []);
        case.judge.watch(&BTreeSet::from([B]), case.now);
        assert_eq!(case.look(&[(2, 20)]), []);
        case.judge.watch(&BTreeSet::new(), case.now);
        assert_eq!(case.judge.next_wake(), None);
    }

    #[test]
    fn nobody_is_judged_between_looks_or_without_knowledge() {
        let mut case = Case::watching(&[A]);
        assert_eq!(case.look(&[(1, 10)]), []);
        case.judge.look_away(case.now);
        assert_eq!(case.look(&[]), [], "not yet");
        assert_eq!(case.look(&[]), [Verdict::Suspect(A)]);
    }
}
