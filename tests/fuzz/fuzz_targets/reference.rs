//! Bytes that the engine invents, for `check_reference`.

#![no_main]

use rmix_fuzz_checks::check_reference;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check_reference(data));
