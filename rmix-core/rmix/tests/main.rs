//! The façade against a small provider of its own: modes of calls, serving, providers and shutdown, threads. Real
//! protocols are tested by their providers and in `tests/system`.

mod calls;
mod provider;
mod running;
mod serving;
mod station;
mod threads;
