//! Compares the logs of all members: every position has one digest, which stands for all before it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::cluster::Process;

/// Reads what is still printed up to `position` by those who live, ends all, and compares; returns how many
/// entries were compared at more than one member.
pub(super) fn compare(mut living: Vec<Process>, dead: Vec<Process>, position: u64) -> usize {
    for process in &mut living {
        process.wait_for_position(position);
        process.kill();
    }
    let all = living.iter().chain(&dead);
    let logs: Vec<_> = all
        .map(|process| (process.name.as_str(), process.events.as_slice()))
        .collect();
    agreed(&logs)
}

/// Panics where two logs differ, or one has a gap.
fn agreed(logs: &[(&str, &[Value])]) -> usize {
    let mut common = BTreeMap::<u64, (&str, u64, usize)>::new();
    for (name, events) in logs {
        check_gaps(name, events);
        for (position, digest) in entries(events) {
            let (first, known, members) = common.entry(position).or_insert((name, digest, 0));
            assert!(
                *known == digest,
                "the logs of {first} and {name} differ at {position}"
            );
            *members += 1;
        }
    }
    let compared = common.values().filter(|(_, _, members)| *members > 1);
    compared.count()
}

/// A log has no gap, but where a state was loaded.
fn check_gaps(name: &str, events: &[Value]) {
    let mut last: Option<u64> = None;
    for event in events {
        let Some(position) = event["position"].as_u64() else {
            continue;
        };
        let follows = last.is_none_or(|last| position == last + 1);
        match event["event"].as_str() {
            Some("delivered") => assert!(follows, "{name} has a gap: {event} after {last:?}"),
            // The first view of a founder or joiner is in the state that it has.
            Some("view") => assert!(
                follows || last == Some(position),
                "{name} has a gap: {event} after {last:?}"
            ),
            Some("loaded") => {}
            _ => continue,
        }
        last = Some(position);
    }
}

fn entries(events: &[Value]) -> impl Iterator<Item = (u64, u64)> + '_ {
    let logged = ["delivered", "view", "loaded"];
    let logged = events.iter().filter(move |event| {
        let kind = event["event"].as_str();
        kind.is_some_and(|kind| logged.contains(&kind))
    });
    logged.map(|event| {
        let digest = event["digest"].as_str().expect("a text");
        let digest = u64::from_str_radix(digest, 16).expect("of sixteen digits");
        (event["position"].as_u64().expect("a number"), digest)
    })
}

fn log(digests: &[(u64, u64)]) -> Vec<Value> {
    let entry = |(position, digest): &(u64, u64)| json!({"event": "delivered", "position": position, "digest": format!("{digest:016x}")});
    digests.iter().map(entry).collect()
}

#[test]
fn equal_logs_agree_where_both_are() {
    let (one, other) = (log(&[(1, 7), (2, 8)]), log(&[(2, 8), (3, 9)]));
    assert_eq!(agreed(&[("A", &one), ("B", &other)]), 1);
}

#[test]
#[should_panic(expected = "the logs of A and B differ at 2")]
fn logs_that_differ_are_noticed() {
    let (one, other) = (log(&[(1, 7), (2, 8)]), log(&[(1, 7), (2, 9)]));
    agreed(&[("A", &one), ("B", &other)]);
}

#[test]
#[should_panic(expected = "A has a gap")]
fn a_log_with_a_gap_is_noticed() {
    agreed(&[("A", &log(&[(1, 7), (3, 9)]))]);
}
