//! Tests of rpcbind, one file per subject, and what they share: captured bytes, and an rpcbind that answers at once.

mod address;
mod exchange;
mod hostile;
mod lookup;
mod messages;
mod register;
mod responder;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use crate::wire::Message;

/// The message of the line `name` of `transcripts.txt`, without its record mark.
fn transcript(name: &str) -> Bytes {
    let hex = include_str!("transcripts.txt")
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        .unwrap_or_else(|| panic!("no transcript {name}"));
    let bytes: Vec<u8> = (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect();
    let marked = bytes[0] == 0x80;
    Bytes::from(bytes).slice(if marked { 4 } else { 0 }..)
}

/// The arguments or results of the transcript `name`.
fn transcript_body(name: &str) -> Bytes {
    let message = transcript(name);
    let body_offset = match Message::decode(&message).unwrap() {
        Message::Call { body_offset, .. } | Message::Reply { body_offset, .. } => body_offset,
        Message::CallOfOtherVersion { .. } => panic!("{name} is of another RPC version"),
    };
    message.slice(body_offset..)
}

/// Runs a future that never waits.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits"),
    }
}
