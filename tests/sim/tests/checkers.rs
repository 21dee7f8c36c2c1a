//! Every checker fails on what it is there for.

use std::collections::{BTreeMap, BTreeSet};

use harness_ring::{Ballot, Drop, MemberId, Stamp, View};
use rmix_sim::checkers::{drops, integrity, liveness, prefix, state, transactions};
use rmix_sim::options::Options;
use rmix_sim::process::{Entry, Process, Replica, Word};
use rmix_sim::world::slot;

fn view(members: &[usize]) -> View {
    View::founding(members.iter().map(|number| slot(*number)).collect())
}

fn message(clock: u64, number: u64) -> Entry {
    Entry::Message {
        view: view(&[0, 1]).id,
        stamp: Stamp { clock, origin: 0 },
        origin: slot(0),
        words: vec![Word::Plain(number)],
        flushed: false,
    }
}

fn process(number: usize, founders: &[usize]) -> (MemberId, Process) {
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
