//! Bytes that the engine invents, for `check_msgpack_rich`.

#![no_main]

use rmix_fuzz_checks::check_msgpack_rich;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check_msgpack_rich(data));
