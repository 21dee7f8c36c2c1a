//! Bytes that the engine invents, for `check_soap_tokens`.

#![no_main]

use rmix_fuzz_checks::check_soap_tokens;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check_soap_tokens(data));
