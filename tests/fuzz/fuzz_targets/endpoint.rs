//! Bytes that the engine invents, for `check_endpoint`.

#![no_main]

use rmix_fuzz_checks::check_endpoint;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check_endpoint(data));
