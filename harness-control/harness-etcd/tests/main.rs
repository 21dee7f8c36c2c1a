//! The suite of promises, and what is etcd's own, on a real etcd for each test.

mod errors;
mod history;
mod suite;
mod support;
