//! The promises of every order.

use crate::support::AtEtcd;

mod rare_checkpoints {
    harness_conformance::mount!(super::AtEtcd::new());
}

/// The state moves on under the members' feet.
mod frequent_checkpoints {
    use crate::support::AtEtcd;

    fn often() -> AtEtcd {
        AtEtcd {
            checkpoint_every: 3,
            ..AtEtcd::new()
        }
    }

    harness_conformance::mount!(
        often();
        all_members_have_one_log
        nothing_is_lost_with_a_member
        a_joiner_under_load_has_the_state
        nothing_is_delivered_twice
        a_joiner_may_become_primary
        an_idempotent_request_is_run_again
    );
}
