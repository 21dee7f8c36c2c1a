//! Every checker fails on what it is there for.

use std::collections::{BTreeMap, BTreeSet};

use harness_ring::{Ballot, Drop, MemberId, Stamp, View};
use rmix_sim::checkers::{
    convergence, drops, integrity, liveness, locks, prefix, progress, split, state, transactions,
};
use rmix_sim::options::Options;
use rmix_sim::process::{Entry, Process, Replica, Word};
use rmix_sim::report::Statistics;
use rmix_sim::world::slot;

pub(crate) fn view(members: &[usize]) -> View {
    View::founding(members.iter().map(|number| slot(*number)).collect())
}

pub(crate) fn message(clock: u64, number: u64) -> Entry {
    Entry::Message {
        view: view(&[0, 1]).id,
        stamp: Stamp { clock, origin: 0 },
        origin: slot(0),
        words: vec![Word::Plain(number)],
        flushed: false,
    }
}

pub(crate) fn process(number: usize, founders: &[usize]) -> (MemberId, Process) {
    let options = Options::from_seed(1);
    let founders = founders.iter().map(|number| slot(*number)).collect();
    let (config, links) = (options.config(), options.links());
    let member = harness_ring::Member::founder(slot(number), config, links, founders);
    (slot(number), Process::new(slot(number), member.unwrap()))
}

fn merged(logs: &[&[Entry]]) -> Result<Vec<Entry>, String> {
    let logs = logs.iter().enumerate();
    prefix::merge(&logs.map(|(number, log)| (slot(number), *log)).collect())
}

#[test]
fn prefix_sees_two_orders() {
    let start = Entry::View(view(&[0, 1]));
    let one = [start.clone(), message(1, 1), message(2, 2)];
    let shorter = [start.clone(), message(1, 1)];
    let other = [start, message(2, 2), message(1, 1)];
    assert_eq!(merged(&[&shorter, &one]).unwrap(), one);
    assert!(merged(&[&one, &other]).unwrap_err().starts_with("P1"));
}

#[test]
fn prefix_sees_a_joiner_that_missed_a_message() {
    let start = Entry::View(view(&[0, 1]));
    let mut next = view(&[0, 1, 2]);
    next.id = view(&[0, 1]).id.next(Ballot {
        round: 1,
        coordinator: slot(0),
    });
    let joined = Entry::View(next);
    let founder = [start, joined.clone(), message(1, 1), message(2, 2)];
    let joiner = [joined, message(2, 2)];
    assert!(merged(&[&founder, &joiner]).unwrap_err().starts_with("P1"));
}

#[test]
fn integrity_sees_doubles_inventions_and_wrong_order() {
    let submitted = BTreeSet::from([Word::Plain(1), Word::Plain(2)]);
    let check = |log: &[Entry]| integrity::check_log(log, &submitted);
    assert_eq!(check(&[message(1, 1), message(2, 2)]), Ok(()));
    assert!(check(&[message(1, 1), message(2, 1)]).is_err());
    assert!(check(&[message(1, 3)]).is_err());
    assert!(check(&[message(2, 1), message(1, 2)]).is_err());
}

#[test]
fn state_sees_different_replicas_at_one_place() {
    let mut processes = BTreeMap::from([process(0, &[0, 1]), process(1, &[0, 1])]);
    let replica = |digest| {
        Some(Replica {
            position: 4,
            digest,
            ..Replica::new(slot(0), &[slot(0)])
        })
    };
    processes.get_mut(&slot(0)).unwrap().replica = replica(1);
    processes.get_mut(&slot(1)).unwrap().replica = replica(1);
    assert_eq!(state::check(&processes), Ok(()));
    processes.get_mut(&slot(1)).unwrap().replica = replica(2);
    assert!(state::check(&processes).unwrap_err().starts_with("P10"));
}

#[test]
fn liveness_sees_the_dead_in_the_last_view() {
    let mut processes = BTreeMap::from([process(0, &[0, 1]), process(1, &[0, 1])]);
    let top = view(&[0, 1]);
    assert_eq!(liveness::check(&top, &processes), Ok(()));
    processes.get_mut(&slot(1)).unwrap().alive = false;
    assert!(
        liveness::check(&top, &processes)
            .unwrap_err()
            .starts_with("P4")
    );
}

#[test]
fn drops_of_nonsense_are_seen() {
    assert_eq!(drops::judge(slot(0), slot(1), Drop::OldView), Ok(()));
    assert!(drops::judge(slot(0), slot(1), Drop::Nonsense).is_err());
}

#[test]
fn transactions_that_wait_for_ever_are_seen() {
    let mut processes = BTreeMap::from([process(0, &[0, 1])]);
    let top = view(&[0]);
    let mut replica = Replica::new(slot(0), &[slot(0)]);
    let request = harness_ring::Request {
        id: harness_ring::RequestId {
            origin: slot(0),
            number: 1,
        },
        payload: 1,
        members: BTreeSet::from([slot(0)]),
        agreement: harness_ring::Agreement::AllOf,
        domain: 0,
    };
    let word = harness_ring::Word::Request(request);
    replica.transactions.deliver(slot(0), word);
    processes.get_mut(&slot(0)).unwrap().replica = Some(replica);
    let verdict = transactions::check(&top, &processes);
    assert!(verdict.unwrap_err().starts_with("P9"));
}

#[test]
fn prefix_sees_a_log_that_starts_where_nobody_was() {
    let start = Entry::View(view(&[0, 1]));
    let mut unknown = view(&[2, 3]);
    unknown.id.epoch = 2;
    let stranger = [Entry::View(unknown), message(1, 1)];
    let verdict = merged(&[&[start], &stranger]);
    assert!(verdict.unwrap_err().starts_with("P1"));
}

fn split_logs(logs: &[&[Entry]]) -> Result<(), String> {
    let logs = logs.iter().enumerate();
    split::check(&logs.map(|(number, log)| (slot(number), *log)).collect())
}

fn flushed(clock: u64, number: u64) -> Entry {
    match message(clock, number) {
        Entry::Message {
            view,
            stamp,
            origin,
            words,
            ..
        } => Entry::Message {
            view,
            stamp,
            origin,
            words,
            flushed: true,
        },
        other => other,
    }
}

/// The view that a member proposes after the first.
fn after_first(coordinator: usize) -> Entry {
    let first = view(&[0, 1]);
    let mut next = view(&[coordinator]);
    next.id = first.id.next(Ballot {
        round: 1,
        coordinator: slot(coordinator),
    });
    Entry::View(next)
}

#[test]
fn two_sides_of_a_split_may_end_their_view_differently() {
    let start = || Entry::View(view(&[0, 1]));
    let one = [start(), message(1, 1), flushed(2, 2), after_first(0)];
    let other = [start(), message(1, 1), flushed(3, 3), after_first(1)];
    assert_eq!(split_logs(&[&one, &other]), Ok(()));
}

#[test]
fn two_orders_within_a_view_are_seen_in_a_split() {
    let start = || Entry::View(view(&[0, 1]));
    let one = [start(), message(1, 1), after_first(0)];
    let other = [start(), message(1, 2), after_first(1)];
    assert!(split_logs(&[&one, &other]).unwrap_err().starts_with("P1"));
}

#[test]
fn a_message_that_one_of_those_who_go_on_together_missed_is_seen_in_a_split() {
    let start = || Entry::View(view(&[0, 1]));
    let one = [start(), message(1, 1), flushed(2, 2), after_first(0)];
    let other = [start(), message(1, 1), after_first(0)];
    assert!(split_logs(&[&one, &other]).unwrap_err().starts_with("P1"));
}

#[test]
fn convergence_sees_a_lost_message_and_different_states() {
    let mut processes = BTreeMap::from([process(0, &[0, 1]), process(1, &[0, 1])]);
    let top = view(&[0, 1]);
    for number in [0, 1] {
        let id = slot(number);
        let process = processes.get_mut(&id).unwrap();
        process.replica = Some(Replica::new(id, &top.ring));
        process.saw(Entry::View(top.clone()));
        process.submitted.push(Word::Plain(number as u64));
        process.saw(message(1, 0));
    }
    let verdict = convergence::check(&top, &processes);
    assert_eq!(verdict.unwrap_err(), "P4 Plain(1) of 1 was never delivered");
    processes.get_mut(&slot(0)).unwrap().saw(message(2, 1));
    let verdict = convergence::check(&top, &processes);
    assert_eq!(verdict.unwrap_err(), "P4 0 and 1 end with different states");
    processes.get_mut(&slot(1)).unwrap().saw(message(2, 1));
    assert_eq!(convergence::check(&top, &processes), Ok(()));
}

#[test]
fn liveness_sees_a_process_that_was_forgotten() {
    let options = Options::from_seed(1);
    let mut processes = BTreeMap::from([process(0, &[0])]);
    let top = view(&[0]);
    assert_eq!(liveness::check(&top, &processes), Ok(()));
    let (config, links) = (options.config(), options.links());
    let joiner = harness_ring::Member::joiner(slot(1), config, links);
    processes.insert(slot(1), Process::new(slot(1), joiner));
    let verdict = liveness::check(&top, &processes).unwrap_err();
    assert!(verdict.starts_with("P5"), "{verdict}");
    processes.remove(&slot(1));
    let (id, outside) = process(2, &[2, 3]);
    processes.insert(id, outside);
    let verdict = liveness::check(&top, &processes).unwrap_err();
    assert!(verdict.starts_with("P5"), "{verdict}");
}

#[test]
fn an_outcome_out_of_turn_is_seen() {
    let mut processes = BTreeMap::from([process(0, &[0])]);
    let mut replica = Replica::new(slot(0), &[slot(0)]);
    let request = |number| harness_ring::Request {
        id: harness_ring::RequestId {
            origin: slot(0),
            number,
        },
        payload: 1,
        members: BTreeSet::new(),
        agreement: harness_ring::Agreement::AllOf,
        domain: 0,
    };
    // As if another request of the domain had been there first.
    let earlier = request(1).id;
    replica.requested.entry(0).or_default().push_back(earlier);
    let word = Word::Transaction(2, harness_ring::Word::Request(request(2)));
    let entry = Entry::Message {
        view: view(&[0]).id,
        stamp: Stamp {
            clock: 1,
            origin: 0,
        },
        origin: slot(0),
        words: vec![word],
        flushed: false,
    };
    processes.get_mut(&slot(0)).unwrap().replica = Some(replica.clone());
    assert_eq!(transactions::check_order(&processes), Ok(()));
    replica.apply(slot(0), &entry);
    processes.get_mut(&slot(0)).unwrap().replica = Some(replica);
    let verdict = transactions::check_order(&processes);
    assert!(verdict.unwrap_err().starts_with("P9"));
}

fn words(clock: u64, by: usize, words: &[Word]) -> Entry {
    Entry::Message {
        view: view(&[0, 1]).id,
        stamp: Stamp { clock, origin: 0 },
        origin: slot(by),
        words: words.to_vec(),
        flushed: false,
    }
}

#[test]
fn a_lock_that_another_owns_than_the_log_says_is_seen() {
    let mut processes = BTreeMap::from([process(0, &[0, 1])]);
    let log = [
        Entry::View(view(&[0, 1])),
        words(1, 0, &[Word::Lock(1, 7)]),
        words(2, 1, &[Word::Lock(2, 7)]),
        words(3, 0, &[Word::Unlock(3, 7)]),
    ];
    let replica_of = |entries: &[&Entry]| {
        let mut replica = Replica::new(slot(0), &[slot(0), slot(1)]);
        for entry in entries {
            replica.apply(slot(0), entry);
        }
        Some(replica)
    };
    let [start, first, second, free] = &log;
    processes.get_mut(&slot(0)).unwrap().replica = replica_of(&[start, first, second, free]);
    assert_eq!(locks::check(&log, &processes), Ok(()));
    processes.get_mut(&slot(0)).unwrap().replica = replica_of(&[start, second, first, free]);
    assert_eq!(
        locks::check(&log, &processes),
        Ok(()),
        "the same in the end"
    );
    processes.get_mut(&slot(0)).unwrap().replica = replica_of(&[start, second, first]);
    let verdict = locks::check(&log, &processes).unwrap_err();
    assert!(verdict.starts_with("P9"), "{verdict}");
}

#[test]
fn a_lock_that_nobody_gives_back_is_seen() {
    let mut processes = BTreeMap::from([process(0, &[0])]);
    let mut replica = Replica::new(slot(0), &[slot(0)]);
    replica.apply(slot(0), &words(1, 0, &[Word::Lock(1, 7)]));
    processes.get_mut(&slot(0)).unwrap().replica = Some(replica.clone());
    let verdict = locks::check_free(&view(&[0]), &processes);
    assert!(verdict.unwrap_err().starts_with("P9"));
    replica.apply(slot(0), &words(2, 0, &[Word::Unlock(2, 7)]));
    processes.get_mut(&slot(0)).unwrap().replica = Some(replica);
    assert_eq!(locks::check_free(&view(&[0]), &processes), Ok(()));
}

#[test]
fn a_ring_that_does_not_come_to_rest_is_seen() {
    let options = Options {
        false_suspicions: 0,
        partitions: 0,
        joiners: 0,
        restarts: 0,
        leaves: 0,
        slow_after: harness_ring::LinkLimits::DEFAULT.slow_after,
        ..Options::from_seed(1)
    };
    let processes = BTreeMap::from([process(0, &[0])]);
    let mut statistics = Statistics::default();
    let end = u64::try_from(options.faults_until.as_micros()).unwrap();
    let check = |at, statistics: &Statistics| progress::check(&options, &processes, statistics, at);
    assert_eq!(check(end + 10_000_000, &statistics), Ok(()));
    assert!(
        check(end + 10_000_001, &statistics)
            .unwrap_err()
            .starts_with("P11")
    );
    statistics.count("views without a change");
    assert!(check(end, &statistics).unwrap_err().starts_with("P11"));
}
