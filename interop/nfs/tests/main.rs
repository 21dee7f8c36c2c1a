//! The example's tests: our client at our server, hostile clients at our server, both programs, and real peers. The
//! chapter of the documentation is run as it stands.

mod chapter;
mod contents;
mod hostile;
mod listing;
mod peers;
mod programs;
mod support;
