//! Two hundred seeds: no promise is broken, and everything that a run is for happened in some.

use rmix_sim::options::Options;
use rmix_sim::report::Statistics;
use rmix_sim::world::World;

#[test]
fn two_hundred_seeds_keep_every_promise() {
    let mut total = Statistics::default();
    for seed in 1..=200 {
        let report = World::new(Options::from_seed(seed), false).run();
        assert!(
            report.violations.is_empty(),
            "seed {seed}: {:?}; repeat with {}",
            report.violations,
            report.replay()
        );
        total.merge(&report.statistics);
    }
    println!("{total}");
    for wanted in HAPPENED {
        assert!(total.of(wanted) > 0, "no run had any: {wanted}");
    }
}

/// So many are fenced here that the last ones are not started again.
#[test]
fn who_does_not_come_back_is_noticed_all_the_same() {
    let options = Options::from_seed(13_001_321);
    let restarts_max = options.founders as u64 + 20;
    let report = World::new(options, false).run();
    assert_eq!(report.statistics.of("restarts"), restarts_max);
    assert!(report.violations.is_empty(), "{:?}", report.violations);
}

#[test]
fn a_seed_fixes_everything() {
    let run = |seed| {
        World::new(Options::from_seed(seed), false)
            .run()
            .statistics
            .to_string()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

const HAPPENED: [&str; 28] = [
    "blocked",
    "connections cut",
    "crashes",
    "deliveries by flush",
    "dropped: old view",
    "dropped: wedged",
    "evidence",
    "excluded",
    "false suspicions",
    "fenced alive",
    "forced views",
    "forces that counted",
    "forces that did not count",
    "frames sent again",
    "late packets",
    "left",
    "locks given back",
    "partitions",
    "refused: busy",
    "requests",
    "restarts",
    "retractions",
    "rightly blocked",
    "slow members",
    "split",
    "states loaded",
    "views without a change",
    "went on",
];
