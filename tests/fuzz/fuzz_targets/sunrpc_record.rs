//! Bytes that the engine invents, for `check_sunrpc_record`.

#![no_main]

use rmix_fuzz_checks::check_sunrpc_record;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check_sunrpc_record(data));
