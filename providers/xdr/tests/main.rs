//! The codec's tests as one binary: golden bytes, refusals of hostile input, round trips of
//! generated values.
//!
//! Whole messages are stood for by the example file of RFC 4506 s7; nothing here touches a socket.

mod file_example;
mod golden;
mod hostile;
mod round_trip;
