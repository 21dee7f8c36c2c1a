//! Bytes that the engine invents, for `check_idl`.

#![no_main]

use rmix_fuzz_checks::check_idl;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check_idl(data));
