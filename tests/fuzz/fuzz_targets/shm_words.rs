//! Bytes that the engine invents, for `check_shm_words`.

#![no_main]

use rmix_fuzz_checks::check_shm_words;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check_shm_words(data));
