//! Messages that arrive in pieces: any split must give what one piece gives.

use bytes::BytesMut;
use proptest::collection::vec;
use proptest::prelude::*;

use super::{any_value, encode, sample_messages, scan, scan_whole};
use crate::{MessageScanner, ScanLimits};

#[test]
fn every_split_point_gives_the_same_messages() {
    let messages = sample_messages();
    let stream = messages.concat();
    for first in 0..=stream.len() {
        let (scanned, error) = scan(ScanLimits::default(), &stream, [first]);
        assert_eq!(
            (scanned, error),
            (messages.iter().cloned().map(Into::into).collect(), None)
        );
    }
}

#[test]
fn every_pair_of_split_points_gives_the_same_messages() {
    let messages = &sample_messages()[1..];
    let stream = messages.concat();
    let expected: Vec<bytes::Bytes> = messages.iter().cloned().map(Into::into).collect();
    for first in 0..=stream.len() {
        for second in first..=stream.len() {
            let (scanned, error) = scan(ScanLimits::default(), &stream, [first, second]);
            assert_eq!(error, None);
            assert_eq!(scanned, expected, "{first} {second}");
        }
    }
}

#[test]
fn reading_only_what_is_needed_ends_at_the_message() {
    for message in sample_messages() {
        let stream = [message.as_slice(), b"\x93\x02\xa1x\x90"].concat();
        let mut scanner = MessageScanner::default();
        let mut input = BytesMut::new();
        let mut given = 0;
        let scanned = loop {
            if let Some(message) = scanner.next(&mut input).expect("valid") {
                break message;
            }
            let next = given + scanner.needed();
            input.extend_from_slice(&stream[given..next]);
            given = next;
        };
        assert_eq!(scanned, message);
        assert_eq!(given, message.len());
        assert!(input.is_empty());
    }
}

#[test]
fn needed_names_the_rest_of_a_declared_body() {
    let mut scanner = MessageScanner::default();
    let mut input = BytesMut::from(&b"\x92\xda\x10\x00abc"[..]);
    assert_eq!(scanner.next(&mut input), Ok(None));
    // 4096 bytes of which three are there, and a value after them.
    assert_eq!(scanner.needed(), 4093 + 1);
}

#[test]
fn needed_counts_the_rest_of_a_header_cut_off() {
    let mut scanner = MessageScanner::default();
    let mut input = BytesMut::from(&b"\x92\xda\x00"[..]);
    assert_eq!(scanner.next(&mut input), Ok(None));
    // A byte of the length field, and a value after the string.
    assert_eq!(scanner.needed(), 2);
}

#[test]
fn needed_is_one_after_a_message() {
    let mut scanner = MessageScanner::default();
    let mut input = BytesMut::from(&b"\xa5he"[..]);
    assert_eq!(scanner.next(&mut input), Ok(None));
    assert_eq!(scanner.needed(), 3);
    input.extend_from_slice(b"llo");
    assert!(matches!(scanner.next(&mut input), Ok(Some(_))));
    assert_eq!(scanner.needed(), 1);
}

#[test]
fn budgets_are_for_each_message() {
    let limits = ScanLimits {
        message_bytes_max: 5,
        items_max: 3,
        depth_max: 2,
    };
    let (messages, error) = scan_whole(limits, &b"\x93\x91\x01\xa0\x01".repeat(3));
    assert_eq!((messages.len(), error), (3, None));
}

#[test]
fn a_message_is_split_off_without_a_copy() {
    let mut input = BytesMut::from(&b"\x92\x01\x02\x93"[..]);
    let before = input.as_ptr();
    let message = MessageScanner::default()
        .next(&mut input)
        .expect("valid")
        .expect("complete");
    assert_eq!(message.as_ptr(), before);
    assert_eq!(message, &b"\x92\x01\x02"[..]);
    assert_eq!(input, &b"\x93"[..]);
}

/// Increasing positions in a stream of `length` bytes.
fn cuts(length: usize, seeds: &[usize]) -> Vec<usize> {
    let mut cuts: Vec<usize> = seeds.iter().map(|seed| seed % (length + 1)).collect();
    cuts.sort_unstable();
    cuts
}

proptest! {
    #[test]
    fn any_cuts_give_the_same_messages(
        values in vec(any_value(), 1..6),
        seeds in vec(any::<usize>(), 0..20),
    ) {
        let messages: Vec<Vec<u8>> = values.iter().map(encode).collect();
        let stream = messages.concat();
        let (scanned, error) = scan(ScanLimits::default(), &stream, cuts(stream.len(), &seeds));
        prop_assert_eq!(error, None);
        prop_assert_eq!(scanned, messages);
    }

    #[test]
    fn any_cuts_give_the_same_error(
        stream in vec(any::<u8>(), 0..200),
        seeds in vec(any::<usize>(), 0..20),
    ) {
        let limits = ScanLimits { message_bytes_max: 60, items_max: 6, depth_max: 4 };
        let whole = scan_whole(limits, &stream);
        prop_assert_eq!(scan(limits, &stream, cuts(stream.len(), &seeds)), whole.clone());
        prop_assert_eq!(scan(limits, &stream, 0..stream.len()), whole);
    }
}
