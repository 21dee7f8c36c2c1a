//! Bytes that the engine invents, for `check_msgpack_value`.

#![no_main]

use rmix_fuzz_checks::check_msgpack_value;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check_msgpack_value(data));
