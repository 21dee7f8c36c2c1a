//! Compares the logs of all members: every position has one digest, which stands for all before it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::cluster::Process;

/// Reads what is still printed up to `position` by those who live, ends all, and compares; returns how many
/// entries were compared at more than one member.
pub(super) fn compare(mut living: Vec<Process>, dead: Vec<Process>, position: u64) -> usize {
    for process in &mut living {
        process.wait_for_position(position);
        process.kill();
    }
    let mut common = BTreeMap::<u64, (String, u64, usize)>::new();
    for process in living.iter().chain(&dead) {
        check_gaps(process);
        for (position, digest) in entries(&process.events) {
            let (first, known, members) = common
                .entry(position)
                .or_insert_with(|| (process.name.clone(), digest, 0));
            assert_eq!(
                (*known, position),
                (digest, position),
                "the logs of {first} and {} differ",
                process.name
            );
            *members += 1;
        }
    }
    common
        .values()
        .filter(|(_, _, members)| *members > 1)
        .count()
}

/// A log has no gap, but where a state was loaded.
fn check_gaps(process: &Process) {
    let mut next = None;
    for event in &process.events {
        let Some(position) = event["position"].as_u64() else {
            continue;
        };
        match event["event"].as_str() {
            Some("delivered") => {
                assert_eq!(
                    Some(position),
                    next.map(|last: u64| last + 1),
                    "{}: {event}",
                    process.name
                );
            }
            // The first view of a founder or joiner is in the state that it has.
            Some("view") => assert!(
                next.is_none_or(|last| position == last || position == last + 1),
                "{}: {event} after {next:?}",
                process.name
            ),
            Some("loaded") => {}
            _ => continue,
        }
        next = Some(position);
    }
}

fn entries(events: &[Value]) -> impl Iterator<Item = (u64, u64)> + '_ {
    let logged = ["delivered", "view", "loaded"];
    let logged = events.iter().filter(move |event| {
        let kind = event["event"].as_str();
        kind.is_some_and(|kind| logged.contains(&kind))
    });
    logged.filter_map(|event| Some((event["position"].as_u64()?, event["digest"].as_u64()?)))
}
