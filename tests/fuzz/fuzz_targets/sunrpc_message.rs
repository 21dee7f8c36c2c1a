//! Bytes that the engine invents, for `check_sunrpc_message`.

#![no_main]

use rmix_fuzz_checks::check_sunrpc_message;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check_sunrpc_message(data));
