//! Named locks on the same order: who asks first owns first, and a member that is gone owns nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::Hash;

use crate::identity::MemberId;

/// What is broadcast.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum LockWord<K> {
    /// The origin wants the lock, once for each time it says so.
    Lock(K),
    /// The origin gives it back, or stops waiting for it.
    Unlock(K),
}

/// A change that every member sees at the same place.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum LockChange<K> {
    /// A member owns the lock from here on.
    Granted {
        /// Which.
        key: K,
        /// Who.
        owner: MemberId,
    },
    /// Nobody owns it any more.
    Released {
        /// Which.
        key: K,
    },
    /// A word was ignored: the origin has or awaits the lock already, has none to give back, or too
    /// many wait.
    Ignored {
        /// Which.
        key: K,
        /// Who said it.
        origin: MemberId,
    },
}

/// All locks. A replica of them is part of the state that joiners load.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Locks<K> {
    /// The owner, then those who wait, for each lock that someone wants.
    queues: BTreeMap<K, VecDeque<MemberId>>,
    wanted: usize,
    /// How many owners and waiting members there may be; all members must be told the same.
    wanted_max: usize,
    changes: VecDeque<LockChange<K>>,
}

impl<K: Clone + Ord> Locks<K> {
    /// Nobody wants anything.
    pub fn new(wanted_max: usize) -> Locks<K> {
        Locks {
            queues: BTreeMap::new(),
            wanted: 0,
            wanted_max,
            changes: VecDeque::new(),
        }
    }

    /// Takes a delivered word.
    pub fn deliver(&mut self, origin: MemberId, word: LockWord<K>) {
        match word {
            LockWord::Lock(key) => self.lock(origin, key),
            LockWord::Unlock(key) => self.unlock(origin, key),
        }
    }

    /// Takes a view change, in its place among the deliveries: the locks of those who are gone go on.
    pub fn view_change(&mut self, members: &[MemberId]) {
        let members: BTreeSet<_> = members.iter().copied().collect();
        let changes = &mut self.changes;
        self.queues.retain(|key, queue| {
            let owner = queue.front().copied();
            queue.retain(|member| members.contains(member));
            let next = queue.front().copied();
            if next != owner {
                changes.push_back(changed(key.clone(), next));
            }
            next.is_some()
        });
        self.wanted = self.queues.values().map(VecDeque::len).sum();
    }

    /// What changed.
    pub fn poll_change(&mut self) -> Option<LockChange<K>> {
        self.changes.pop_front()
    }

    /// The owner, then those who wait, for each lock that someone wants: what a joiner loads.
    pub fn queues(&self) -> impl Iterator<Item = (&K, &VecDeque<MemberId>)> {
        self.queues.iter()
    }

    /// The locks of a joiner that goes on from these queues. None if more are wanted than may be, or a
    /// queue is empty or names a member twice.
    pub fn from_queues(
        queues: BTreeMap<K, VecDeque<MemberId>>,
        wanted_max: usize,
    ) -> Option<Locks<K>> {
        let wanted: usize = queues.values().map(VecDeque::len).sum();
        let is_sound = |queue: &VecDeque<MemberId>| {
            let distinct: BTreeSet<_> = queue.iter().collect();
            !queue.is_empty() && distinct.len() == queue.len()
        };
        (wanted <= wanted_max && queues.values().all(is_sound)).then(|| Locks {
            queues,
            wanted,
            wanted_max,
            changes: VecDeque::new(),
        })
    }

    /// Who owns a lock.
    pub fn owner(&self, key: &K) -> Option<MemberId> {
        self.queues.get(key)?.front().copied()
    }

    fn lock(&mut self, origin: MemberId, key: K) {
        let queue = self.queues.get(&key);
        let is_there = queue.is_some_and(|queue| queue.contains(&origin));
        if is_there || self.wanted >= self.wanted_max {
            return self.changes.push_back(LockChange::Ignored { key, origin });
        }
        self.wanted += 1;
        let queue = self.queues.entry(key.clone()).or_default();
        queue.push_back(origin);
        if queue.len() == 1 {
            let owner = origin;
            self.changes.push_back(LockChange::Granted { key, owner });
        }
    }

    fn unlock(&mut self, origin: MemberId, key: K) {
        if !self.remove(&key, origin) {
            self.changes.push_back(LockChange::Ignored { key, origin });
        }
    }

    /// Takes a member out of a queue; the next owns the lock if it was the owner.
    fn remove(&mut self, key: &K, member: MemberId) -> bool {
        let Some(queue) = self.queues.get_mut(key) else {
            return false;
        };
        let Some(place) = queue.iter().position(|other| *other == member) else {
            return false;
        };
        queue.remove(place);
        assert!(self.wanted > 0, "whoever is in a queue is counted");
        self.wanted -= 1;
        let next = queue.front().copied();
        let key = key.clone();
        if next.is_none() {
            self.queues.remove(&key);
        }
        if place == 0 {
            self.changes.push_back(changed(key, next));
        }
        true
    }
}

fn changed<K>(key: K, next: Option<MemberId>) -> LockChange<K> {
    match next {
        Some(owner) => LockChange::Granted { key, owner },
        None => LockChange::Released { key },
    }
}
