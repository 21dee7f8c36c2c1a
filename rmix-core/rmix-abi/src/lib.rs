//! The plug-in boundary of RMIX.
//!
//! A provider is a shared object with one exported *data* symbol, a [`tables::ProviderEntry`]. Everything that
//! crosses is a `#[repr(C)]` table of `extern "C"` functions or a plain struct of [`tables`]; the header
//! `include/rmix_provider.h` says the same in C. [`describe`] has the static descriptions of interfaces and types.
//! [`guest`] turns safe Rust traits into tables (for providers), `host` (feature `host`) turns tables into safe Rust
//! (for the base library): the loader, serde over the codec tables, and polled calls.
//!
//! This crate knows no protocol, opens no socket, starts no thread and keeps no mutable global state. It is one of the
//! two rooms of the workspace where `unsafe` is allowed.
//!
//! # Rules of the boundary
//! * Whoever allocates frees, always through the table in the object; no Rust `Vec`, `Box` or `Arc` crosses bare.
//! * Arguments are borrowed for the call unless their documentation says longer.
//! * Tables are shared between threads; one call is polled by one thread at a time; wakers wake from any thread.
//! * Nothing unwinds across: every entry on both sides catches a panic and turns it into an error.
//! * Tables start with their size and only grow at the end; a consumer checks the size before it uses a later field.

pub mod describe;
pub mod guest;
#[cfg(feature = "host")]
pub mod host;
pub mod layout;
pub mod tables;
