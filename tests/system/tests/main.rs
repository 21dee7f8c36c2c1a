//! Whole-program tests: the façade, the providers as shared objects, loopback, processes, real peers and `kill -9`.
//!
//! The shared objects are dev-dependencies and lie beside this executable; the other process is this crate's own
//! program. A test that needs a peer that is not there fails, unless `RMIX_TEST_NO_PEERS=1` is set: then it says so.

mod bad_peers;
mod death;
mod harness;
mod interop;
mod listeners;
mod plugins;
mod repeats;
mod shared_link;
mod shm;
mod soap;
mod sunrpc;
mod support;
