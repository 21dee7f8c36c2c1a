//! Calls on a warm link allocate nothing, on either side.

use rmix_conformance::allocations;
use rmix_sunrpc::plugin::rmix_provider_v1_sunrpc as ENTRY;

const ENDPOINT: &str = "sunrpc+tcp://127.0.0.1:0/0x20000777/1";

#[test]
fn a_synchronous_call_allocates_nothing_where_it_is_made() {
    allocations::synchronous_caller(&ENTRY, ENDPOINT);
}

#[test]
fn asynchronous_calls_allocate_nothing_where_they_are_made() {
    allocations::asynchronous_caller(&ENTRY, ENDPOINT);
}

#[test]
fn a_one_way_call_allocates_nothing_where_it_is_made() {
    allocations::one_way_caller(&ENTRY, ENDPOINT);
}

#[test]
fn an_answered_call_allocates_nothing_where_it_is_served() {
    allocations::server(&ENTRY, ENDPOINT);
}

#[test]
fn a_one_way_call_allocates_nothing_where_it_is_served() {
    allocations::one_way_server(&ENTRY, ENDPOINT);
}
