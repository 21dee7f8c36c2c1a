//! Bytes that the engine invents, for `check_soap_options`.

#![no_main]

use rmix_fuzz_checks::check_soap_options;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check_soap_options(data));
