//! Every small search finds all that must happen sometimes and nothing that must not.

use rmix_modelcheck::runs::{self, First};

#[test]
fn small_rings_keep_every_promise_on_every_schedule() {
    for run in runs::all().into_iter().filter(|run| run.is_small) {
        let report = run.search(First::Nearest, 2);
        println!(
            "{}: {} states, depth {}",
            run.name, report.states, report.depth
        );
        assert!(
            report.violations.is_empty(),
            "{}: {}",
            run.name,
            report.violations.join("\n")
        );
    }
}
