//! Bytes that the engine invents, for `check_xdr_shapes`.

#![no_main]

use rmix_fuzz_checks::check_xdr_shapes;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check_xdr_shapes(data));
