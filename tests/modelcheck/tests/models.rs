//! The smaller models: sessions, and the counting rule that must fail.

use rmix_modelcheck::paper::Counting;
use rmix_modelcheck::sessions::Link;
use stateright::{Checker, Model};

#[test]
fn sessions_deliver_once_and_in_order_over_three_connections() {
    let link = Link { frames: 3, cuts: 2 };
    let checker = link.checker().threads(2).spawn_bfs().join();
    println!("sessions: {} states", checker.unique_state_count());
    checker.assert_properties();
}

#[test]
fn counting_receipts_is_right_without_crashes() {
    for members in [3, 4, 5] {
        let counting = Counting {
            members,
            crashes: 0,
        };
        let checker = counting.checker().spawn_bfs().join();
        checker.assert_properties();
    }
}

#[test]
fn counting_receipts_is_wrong_after_one_crash() {
    let counting = Counting {
        members: 4,
        crashes: 1,
    };
    let checker = counting.checker().spawn_bfs().join();
    let path = checker
        .discovery("what counts as stable is held by all")
        .expect("one crash is enough");
    assert!(path.into_actions().len() <= 6);
}
