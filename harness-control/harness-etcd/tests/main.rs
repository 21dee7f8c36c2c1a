//! The suite of promises, and what is etcd's own, on a real etcd for each test.

mod errors;
mod history;
mod member;
mod relay;
mod suite;
mod support;
mod watched_ring;
