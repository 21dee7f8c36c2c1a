//! Calls on a warm link allocate nothing, on either side.

use rmix_conformance::allocations;
use rmix_shm::plugin::rmix_provider_v1_shm as ENTRY;

/// An endpoint of its own for each test.
fn endpoint(name: &str) -> String {
    format!("shm:allocations-{}-{name}", std::process::id())
}

#[test]
fn a_synchronous_call_allocates_nothing_where_it_is_made() {
    allocations::synchronous_caller(&ENTRY, &endpoint("synchronous_caller"));
}

#[test]
fn asynchronous_calls_allocate_nothing_where_they_are_made() {
    allocations::asynchronous_caller(&ENTRY, &endpoint("asynchronous_caller"));
}

#[test]
fn a_one_way_call_allocates_nothing_where_it_is_made() {
    allocations::one_way_caller(&ENTRY, &endpoint("one_way_caller"));
}

#[test]
fn an_answered_call_allocates_nothing_where_it_is_served() {
    allocations::server(&ENTRY, &endpoint("server"));
}

#[test]
fn a_one_way_call_allocates_nothing_where_it_is_served() {
    allocations::one_way_server(&ENTRY, &endpoint("one_way_server"));
}
