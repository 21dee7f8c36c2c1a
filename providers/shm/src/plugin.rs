//! The exported symbol; the only place of this crate that the lint on unsafe code lets off.
#![allow(unsafe_code, reason = "an exported symbol is unsafe by nature")]

rmix_provider::export_provider!(rmix_provider_v1_shm, crate::ShmProvider);
