//! Locks: first come, first served, and nothing is left to the dead.

use harness_ring::{LockChange, LockWord, Locks, MemberId};

fn id(slot: u32) -> MemberId {
    MemberId::first(slot)
}

fn changes(locks: &mut Locks<&'static str>) -> Vec<LockChange<&'static str>> {
    std::iter::from_fn(|| locks.poll_change()).collect()
}

fn granted(owner: u32) -> LockChange<&'static str> {
    LockChange::Granted {
        key: "a",
        owner: id(owner),
    }
}

#[test]
fn a_lock_goes_from_owner_to_owner_in_the_order_of_asking() {
    let mut locks = Locks::new(8);
    for slot in [2, 0, 1] {
        locks.deliver(id(slot), LockWord::Lock("a"));
    }
    assert_eq!(changes(&mut locks), [granted(2)]);
    locks.deliver(id(0), LockWord::Unlock("a"));
    assert_eq!(changes(&mut locks), [], "it stops waiting");
    locks.deliver(id(2), LockWord::Unlock("a"));
    assert_eq!(changes(&mut locks), [granted(1)]);
    locks.deliver(id(1), LockWord::Unlock("a"));
    assert_eq!(changes(&mut locks), [LockChange::Released { key: "a" }]);
    assert_eq!(locks.owner(&"a"), None);
}

#[test]
fn the_gone_own_nothing_and_wait_for_nothing() {
    let mut locks = Locks::new(8);
    for slot in [0, 1, 2] {
        locks.deliver(id(slot), LockWord::Lock("a"));
    }
    locks.view_change(&[id(1), id(2), id(3)]);
    assert_eq!(changes(&mut locks), [granted(0), granted(1)]);
    locks.view_change(&[id(2), id(3)]);
    assert_eq!(changes(&mut locks), [granted(2)]);
    locks.view_change(&[id(2)]);
    assert_eq!(changes(&mut locks), [], "nothing changed");
    assert_eq!(locks.owner(&"a"), Some(id(2)));
}

#[test]
fn what_makes_no_sense_is_ignored_and_so_is_one_beyond_the_limit() {
    let mut locks = Locks::new(1);
    let ignored = |slot| {
        vec![LockChange::Ignored {
            key: "a",
            origin: id(slot),
        }]
    };
    locks.deliver(id(1), LockWord::Unlock("a"));
    assert_eq!(changes(&mut locks), ignored(1));
    locks.deliver(id(1), LockWord::Lock("a"));
    assert_eq!(changes(&mut locks), [granted(1)]);
    locks.deliver(id(1), LockWord::Lock("a"));
    assert_eq!(changes(&mut locks), ignored(1));
    locks.deliver(id(2), LockWord::Lock("a"));
    assert_eq!(changes(&mut locks), ignored(2));
}

#[test]
fn a_joiner_goes_on_from_the_queues() {
    let mut locks = Locks::new(4);
    for (slot, key) in [(2, "a"), (0, "a"), (1, "b")] {
        locks.deliver(id(slot), LockWord::Lock(key));
    }
    let queues: std::collections::BTreeMap<_, _> = locks
        .queues()
        .map(|(key, queue)| (*key, queue.clone()))
        .collect();
    changes(&mut locks);

    let mut joined = Locks::from_queues(queues.clone(), 4).expect("as many as may");

    assert_eq!(joined, locks);
    joined.deliver(id(2), LockWord::Unlock("a"));
    assert_eq!(changes(&mut joined), [granted(0)]);
    assert_eq!(
        Locks::from_queues(queues.clone(), 3),
        Some(joined_of(&queues, 3))
    );
    assert_eq!(
        Locks::from_queues(queues.clone(), 2),
        None,
        "more are wanted than may"
    );
    let mut empty = queues.clone();
    empty.insert("c", std::collections::VecDeque::new());
    assert_eq!(Locks::from_queues(empty, 4), None, "nobody wants it");
    let mut twice = queues;
    twice.insert("c", [id(1), id(1)].into());
    assert_eq!(Locks::from_queues(twice, 9), None, "a member waits once");
}

fn joined_of(
    queues: &std::collections::BTreeMap<&'static str, std::collections::VecDeque<MemberId>>,
    wanted_max: usize,
) -> Locks<&'static str> {
    let mut locks = Locks::new(wanted_max);
    for (key, queue) in queues {
        for member in queue {
            locks.deliver(*member, LockWord::Lock(*key));
        }
    }
    while locks.poll_change().is_some() {}
    locks
}
