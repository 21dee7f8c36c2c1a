//! The macro that makes a provider's tests of the cases.

/// Mounts every case for a fixture, as one module of tests: `mount!(tcp_linked, Tcp, Linked);`.
#[macro_export]
macro_rules! mount {
    ($module:ident, $fixture:expr, $linkage:ident) => {
        mod $module {
            #[allow(unused_imports, reason = "the fixture may be named by its path")]
            use super::*;

            $crate::mount_cases! { $fixture, $linkage;
                callback: object_served_on_a_link_is_called_over_it
                    call_to_a_link_that_serves_nothing_is_refused;
                capabilities: claims_are_those_of_the_entry
                    serving_on_a_link_works_or_fails_cleanly
                    dynamic_call_works_or_fails_cleanly
                    interface_without_numbers_works_or_fails_cleanly;
                concurrency: threads_and_tasks_share_one_link
                    calls_of_all_kinds_mix_on_one_link;
                deadline: deadline_ends_a_call_and_not_its_link
                    deadline_before_a_call_is_sent_says_not_sent
                    call_that_is_given_up_leaves_the_link_usable
                    calls_given_up_free_their_places;
                death: death_in_mid_call_fails_it_and_the_next_call_reconnects
                    death_ends_a_synchronous_wait
                    peer_that_closes_while_a_call_waits_fails_it
                    call_to_an_object_that_is_gone_says_not_sent
                    binding_where_nobody_listens_says_not_sent;
                errors: panic_in_user_code_fails_the_call_only
                    panic_in_a_one_way_call_stops_nothing
                    argument_that_cannot_be_sent_leaves_the_link_usable
                    result_that_cannot_be_sent_leaves_the_link_usable
                    operation_that_is_not_there_says_so
                    arguments_that_do_not_fit_are_refused
                    result_of_another_type_is_told_from_a_failed_call;
                hostile: nonsense_closes_only_its_own_connection
                    nonsense_does_not_stop_the_next_peer
                    every_truncation_of_a_call_is_survived
                    every_flipped_bit_of_a_call_is_survived
                    declared_lengths_cost_no_memory
                    second_reply_is_dropped
                    reply_to_no_call_ends_the_link
                    nonsense_instead_of_a_reply_fails_the_call
                    every_truncation_of_a_reply_fails_the_call;
                lifecycle: unexport_finishes_the_calls_that_run
                    unload_of_the_caller_s_provider_finishes_the_calls_that_run
                    unload_of_the_object_s_provider_finishes_the_calls_that_run
                    unload_with_a_bound_that_passes_fails_the_calls_that_run
                    provider_loaded_again_from_another_path_serves_the_old_stubs
                    unload_under_load_answers_or_refuses_every_call
                    shutdown_with_a_bound_that_passes_fails_the_calls_that_run
                    shutdown_of_an_idle_runtime_is_clean
                    dropping_an_exported_object_fails_its_calls
                    everything_may_be_dropped_while_calls_run;
                limits: message_beyond_the_caller_s_limit_is_not_sent
                    request_beyond_the_server_s_limit_is_refused
                    reply_beyond_the_caller_s_limit_ends_the_link
                    reply_beyond_the_server_s_limit_fails_the_call
                    items_beyond_the_limit_are_refused
                    nesting_beyond_the_limit_is_refused
                    calls_beyond_the_caller_s_limit_wait
                    calls_beyond_the_server_s_limit_wait
                    connection_beyond_the_limit_is_closed
                    fragments_beyond_the_limit_close_the_connection;
                modes: synchronous_call_returns_its_result
                    asynchronous_call_returns_its_result
                    synchronous_and_asynchronous_calls_take_turns_on_one_link
                    synchronous_call_inside_a_task_is_refused
                    started_call_is_polled_waited_for_or_awaited
                    every_started_call_leaves_at_once
                    started_call_that_is_left_alone_does_not_hold_up_others
                    future_that_is_left_alone_does_not_hold_up_others
                    one_way_call_runs_without_an_answer
                    one_way_calls_arrive_without_a_flush
                    every_shape_comes_back_unchanged
                    declared_fault_comes_back_as_itself
                    large_values_arrive_whole_in_both_directions
                    call_after_shutdown_says_not_sent;
                order: one_way_calls_of_a_thread_arrive_in_order
                    one_way_calls_of_a_task_arrive_in_order
                    one_way_calls_alone_never_get_stuck
                    one_way_call_runs_before_the_call_that_follows_it
                    one_way_call_that_waits_keeps_its_place
                    replies_come_in_any_order;
                pressure: sender_waits_for_a_peer_that_does_not_read
                    server_stops_reading_a_peer_that_does_not_read
                    server_closes_a_peer_that_takes_no_answers
                    arguments_of_running_calls_are_bounded_in_bytes
                    longest_message_is_served_beside_another;
                timeouts: peer_that_sends_nothing_is_closed
                    peer_that_sends_part_of_its_first_message_is_closed
                    peer_that_stops_within_a_message_is_closed
                    idle_connection_is_closed_and_a_busy_one_is_not;
            }
        }
    };
}

/// One test for each case; used by [`mount!`].
#[doc(hidden)]
#[macro_export]
macro_rules! mount_cases {
    ($fixture:expr, $linkage:ident; $($subject:ident: $($case:ident)+;)+) => {
        $(mod $subject {
            #[allow(unused_imports, reason = "the fixture may be named by its path")]
            use super::*;

            $(#[test]
            fn $case() {
                let name = concat!(stringify!($subject), "::", stringify!($case));
                let linkage = $crate::Linkage::$linkage;
                $crate::rig::run(name, $fixture, linkage, $crate::cases::$subject::$case);
            })+
        })+
    };
}

/// Mounts the tests of allocations: of an entry, at the endpoints that a function gives for the tests' names.
#[macro_export]
macro_rules! mount_allocations {
    ($entry:expr, $endpoint:expr) => {
        #[test]
        fn a_synchronous_call_allocates_nothing_where_it_is_made() {
            $crate::allocations::synchronous_caller(&$entry, &($endpoint)("synchronous_caller"));
        }

        #[test]
        fn asynchronous_calls_allocate_nothing_where_they_are_made() {
            $crate::allocations::asynchronous_caller(&$entry, &($endpoint)("asynchronous_caller"));
        }

        #[test]
        fn a_one_way_call_allocates_nothing_where_it_is_made() {
            $crate::allocations::one_way_caller(&$entry, &($endpoint)("one_way_caller"));
        }

        #[test]
        fn an_answered_call_allocates_nothing_where_it_is_served() {
            $crate::allocations::server(&$entry, &($endpoint)("server"));
        }

        #[test]
        fn a_one_way_call_allocates_nothing_where_it_is_served() {
            $crate::allocations::one_way_server(&$entry, &($endpoint)("one_way_server"));
        }
    };
}
