//! Bytes that the engine invents, for `check_parts`.

#![no_main]

use rmix_fuzz_checks::check_parts;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check_parts(data));
