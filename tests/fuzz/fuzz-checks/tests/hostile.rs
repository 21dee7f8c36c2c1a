//! Inputs of a megabyte that claim much and hold little. The search keeps its inputs short, so it cannot see that a cost
//! is many times the input when the input alone is below the slack of the budget.

use rmix_fuzz_checks::{
    check_msgpack_message, check_msgpack_nested, check_msgpack_rich, check_msgpack_scanner,
    check_msgpack_value, check_sunrpc_message, check_sunrpc_record, check_xdr_nested,
    check_xdr_rich,
};

/// 60 arrays in each other that each claim as many elements as there are bytes, and then one byte over and over.
fn nested(head: impl Fn(u32) -> Vec<u8>, filling: u8, bytes: usize) -> Vec<u8> {
    let claimed = u32::try_from(bytes).unwrap() - 1024;
    let mut input = vec![head(claimed); 60].concat();
    input.resize(bytes, filling);
    input
}

#[test]
fn nested_xdr_arrays_do_not_each_reserve_for_all_that_is_left() {
    let head = |count: u32| count.to_be_bytes().to_vec();
    for bytes in [4096, 48 * 1024, MEGABYTE] {
        check_xdr_nested(&nested(head, 0, bytes));
        check_xdr_rich(&nested(head, 0xff, bytes));
    }
}

#[test]
fn nested_msgpack_arrays_do_not_each_reserve_for_all_that_is_left() {
    let head = |count: u32| [&[0xdd], &count.to_be_bytes()[..]].concat();
    for bytes in [4096, 48 * 1024, MEGABYTE] {
        check_msgpack_nested(&nested(head, 0xc0, bytes));
        check_msgpack_rich(&nested(head, 0x90, bytes));
        check_msgpack_value(&nested(head, 0xc0, bytes));
        check_msgpack_scanner(&nested(head, 0xc0, bytes));
    }
}

/// A refusal whose text is a megabyte that is not UTF-8: each byte shows as three.
#[test]
fn a_long_refusal_of_the_peer_is_not_copied_many_times() {
    let mut message = b"\x94\x01\x05\x82\xaarmix_error\xa4busy\xa7message\xdb".to_vec();
    let length = u32::try_from(MEGABYTE).unwrap() - 100;
    message.extend(length.to_be_bytes());
    message.resize(message.len() + length as usize, 0xff);
    message.push(0xc0);
    check_msgpack_message(&message);
}

#[test]
fn a_megabyte_in_the_smallest_fragments_is_refused_in_time() {
    let fragments = vec![[0, 0, 0, 0]; MEGABYTE / 4].concat();
    check_sunrpc_record(&fragments);
    let fragments = vec![[0, 0, 0, 1, 7]; MEGABYTE / 5].concat();
    check_sunrpc_record(&fragments);
    check_sunrpc_message(&fragments);
}

const MEGABYTE: usize = 1 << 20;
