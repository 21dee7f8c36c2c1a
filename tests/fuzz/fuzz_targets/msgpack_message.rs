//! Bytes that the engine invents, for `check_msgpack_message`.

#![no_main]

use rmix_fuzz_checks::check_msgpack_message;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check_msgpack_message(data));
