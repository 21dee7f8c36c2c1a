//! Bytes that the engine invents, for `check_wsdl`.

#![no_main]

use rmix_fuzz_checks::check_wsdl;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check_wsdl(data));
