//! Bytes that the engine invents, for `check_xdr_rich`.

#![no_main]

use rmix_fuzz_checks::check_xdr_rich;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check_xdr_rich(data));
