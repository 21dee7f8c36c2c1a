//! The example's tests: our client at our server, hostile clients at our server, both programs, and real peers.

mod contents;
mod hostile;
mod listing;
mod peers;
mod programs;
mod support;
