//! What every order of distributed control must promise, as a test suite: [`mount!`] makes the tests of one order, which
//! a [`Fixture`] starts members of.
//!
//! Judges by what members tell their application, and knows no order: everything goes through the seams `Order`,
//! `Membership` and `Replication`. The last promise of each group is that its checker can fail.

mod fixture;
mod group;
mod journal;
mod lines;
mod run;
mod standby;
mod together;
mod total_order;

pub use fixture::{Fixture, Started};
pub use group::{Group, Seat};
pub use journal::{Entry, Journal, first_difference};
pub use run::run;

/// What the macro calls.
pub mod promises {
    pub use crate::standby::*;
    pub use crate::total_order::*;
}

/// Makes a test of every promise. The argument is an expression that makes a new [`Fixture`].
#[macro_export]
macro_rules! mount {
    ($fixture:expr) => {
        $crate::mount!(
            $fixture;
            all_members_have_one_log
            views_have_their_place_in_the_log
            every_request_has_one_outcome
            nothing_is_lost_with_a_member
            a_member_that_is_started_again_has_the_state
            a_joiner_under_load_has_the_state
            one_that_leaves_has_left
            nothing_is_delivered_twice
            a_member_that_has_ended_takes_nothing
            local_changes_are_made_where_asked
            a_performer_that_is_lost_is_settled_by_the_view
            what_is_too_large_is_refused
            the_primary_alone_runs_requests
            the_next_primary_goes_on_from_what_was_agreed
            a_request_in_doubt_is_told_so_and_not_repeated
            an_idempotent_request_is_run_again
            a_joiner_may_become_primary
            requests_to_the_primary_name_no_members
        );
    };
    ($fixture:expr; $($promise:ident)*) => {
        $(
            #[test]
            fn $promise() {
                $crate::run($crate::promises::$promise($fixture));
            }
        )*
    };
}
