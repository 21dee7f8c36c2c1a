//! In which order calls of one link run, and replies come.

use std::time::Duration;

use crate::rig::{Rig, asynchronously};

/// Ten thousand of them, from a plain thread.
pub fn one_way_calls_of_a_thread_arrive_in_order(rig: &Rig) {
    if rig.lacks("oneway") || rig.lacks("ordered") {
        return;
    }
    let pair = rig.pair();
    let stub = pair.stub.blocking();
    for value in 0..10_000 {
        stub.record(value).unwrap();
    }
    let log = stub.recorded(10_000).unwrap();
    assert_eq!((log.count, log.counts_up), (10_000, true));
}

/// Ten thousand of them, from a task.
pub fn one_way_calls_of_a_task_arrive_in_order(rig: &Rig) {
    if rig.lacks("oneway") || rig.lacks("ordered") {
        return;
    }
    let pair = rig.pair();
    let log = asynchronously(async {
        for value in 0..10_000 {
            pair.stub.record(value).await.unwrap();
        }
        pair.stub.recorded(10_000).await.unwrap()
    });
    assert_eq!((log.count, log.counts_up), (10_000, true));
}

/// A hundred thousand without a single answer: what nobody reads must not stop them.
pub fn one_way_calls_alone_never_get_stuck(rig: &Rig) {
    if rig.lacks("oneway") {
        return;
    }
    let pair = rig.pair();
    let stub = pair.stub.blocking();
    for value in 0..100_000 {
        stub.record(value).unwrap();
    }
    stub.flush().unwrap();
    let log = stub.recorded(100_000).unwrap();
    assert_eq!((log.count, log.counts_up), (100_000, true));
}

/// A call sees what the one-way calls before it did.
pub fn one_way_call_runs_before_the_call_that_follows_it(rig: &Rig) {
    if rig.lacks("oneway") || rig.lacks("ordered") {
        return;
    }
    let pair = rig.pair();
    let stub = pair.stub.blocking();
    for round in 0..200 {
        stub.record(i64::try_from(round).unwrap()).unwrap();
        assert_eq!(stub.recorded(0).unwrap().count, round + 1);
    }
}

/// The ones behind a waiting one-way call wait as well.
pub fn one_way_call_that_waits_keeps_its_place(rig: &Rig) {
    if rig.lacks("oneway") || rig.lacks("ordered") {
        return;
    }
    let pair = rig.pair();
    let stub = pair.stub.blocking();
    stub.record_behind(1, 0).unwrap();
    stub.record(1).unwrap();
    stub.record_behind(2, 2).unwrap();
    stub.record(3).unwrap();
    stub.arrived(1, 1).unwrap();
    assert_eq!(stub.recorded(0).unwrap().count, 0);
    stub.open(2).unwrap();
    stub.open(1).unwrap();
    let log = stub.recorded(4).unwrap();
    assert!(log.counts_up, "{log:?}");
}

/// A held call does not delay the ones after it.
pub fn replies_come_in_any_order(rig: &Rig) {
    if rig.lacks("concurrent") {
        return;
    }
    let pair = rig.pair();
    let stub = pair.stub.blocking();
    let mut held: Vec<_> = (0..10).map(|gate| pair.stub.start().pass(gate)).collect();
    for gate in (0..10).rev() {
        assert_eq!(stub.add(1, i64::from(gate)).unwrap(), 1 + i64::from(gate));
        stub.open(gate).unwrap();
        let mut last = held.pop().unwrap();
        let passed = last.wait(Duration::from_secs(60)).unwrap();
        assert_eq!(passed.unwrap(), gate);
    }
}
