//! P11: without faults a message costs as many frames as the formulas say.

use rmix_sim::options::Options;
use rmix_sim::report::Statistics;
use rmix_sim::world::World;

use harness_ring::{Mode, Policy};

fn quiet_run(founders: usize, mode: Mode) -> Statistics {
    let options = Options {
        founders,
        mode,
        policy: Policy::Survivor,
        joiners: 0,
        submits: 20,
        requests_percent: 0,
        locks_percent: 0,
        queued_messages_max: harness_ring::Limits::DEFAULT.queued_messages_max,
        crashes: 0,
        restarts: 0,
        false_suspicions: 0,
        cuts: 0,
        partitions: 0,
        slow_members: 0,
        leaves: 0,
        forces: 0,
        ..Options::from_seed(1)
    };
    let report = World::new(options, false).run();
    assert_eq!(report.violations, Vec::<String>::new());
    report.statistics
}

fn items(statistics: &Statistics) -> u64 {
    ["copies", "copies without payload", "evidence"]
        .iter()
        .map(|kind| statistics.of(kind))
        .sum()
}

#[test]
fn one_way_a_message_is_sent_on_at_most_twice_by_each_but_one() {
    for founders in [2, 3, 5, 8, 13] {
        let statistics = quiet_run(founders, Mode::Unidirectional);
        let hops = 20 * (founders as u64 - 1);
        assert_eq!(statistics.of("copies"), hops, "{founders} members");
        let sent = items(&statistics);
        assert!(sent > hops && sent <= 2 * hops, "{founders}: {sent}");
    }
}

#[test]
fn both_ways_a_message_costs_at_most_one_frame_more_than_two_laps() {
    for founders in [3, 5, 8, 13] {
        let statistics = quiet_run(founders, Mode::Bidirectional);
        let members = founders as u64;
        assert!(
            statistics.of("copies") <= 20 * (members + 1),
            "a payload goes to each once, and twice over the edge where both ways meet"
        );
        let sent = items(&statistics);
        assert!(sent <= 20 * (2 * members + 1), "{founders} members: {sent}");
    }
}
