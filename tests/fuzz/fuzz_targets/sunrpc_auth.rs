//! Bytes that the engine invents, for `check_sunrpc_auth`.

#![no_main]

use rmix_fuzz_checks::check_sunrpc_auth;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check_sunrpc_auth(data));
