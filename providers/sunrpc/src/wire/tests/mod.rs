//! Tests of the wire formats, one file per subject, and the captured bytes they share.
//!
//! Nothing here opens a socket: the transcripts in `testdata/` stand for the peers.

mod auth_sys;
mod call;
mod record;
mod reply;
mod transcripts;

use super::{Message, MessageError};

/// The bytes of the line `name` of `testdata/libtirpc.txt`.
fn transcript(name: &str) -> Vec<u8> {
    let hex = include_str!("../../../testdata/libtirpc.txt")
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        .unwrap_or_else(|| panic!("no transcript {name}"));
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

/// The transcript `name` without its record mark.
fn transcript_message(name: &str) -> Vec<u8> {
    transcript(name).split_off(super::RECORD_MARK_BYTES)
}

/// Asserts that no bit of `message` can be flipped unnoticed: the result is another message or an
/// error.
fn check_bit_flips(message: &[u8]) {
    let original = Message::decode(message).unwrap();
    for bit in 0..message.len() * 8 {
        let mut damaged = message.to_vec();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(Message::decode(&damaged), Ok(original), "bit {bit}");
    }
}

/// Asserts that `message`, cut anywhere, is refused.
fn check_truncations(message: &[u8]) {
    for length in 0..message.len() {
        let result: Result<Message<'_>, MessageError> = Message::decode(&message[..length]);
        assert!(result.is_err(), "{length} bytes gave {result:?}");
    }
}
