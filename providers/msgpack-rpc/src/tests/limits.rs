//! Each limit at its value and one beyond, each length field at its corners, and the cost of a
//! scan, counted in markers looked at.

use super::{scan, scan_whole};
use crate::value::*;
use crate::walk::Walk;
use crate::{ScanError, ScanLimits, ValueError};

fn limits(message_bytes_max: usize, items_max: usize, depth_max: usize) -> ScanLimits {
    ScanLimits {
        message_bytes_max,
        items_max,
        depth_max,
    }
}

/// One piece and single bytes must end the same way.
fn error_of(limits: ScanLimits, message: &[u8]) -> Option<ScanError> {
    let whole = scan_whole(limits, message);
    assert_eq!(whole, scan(limits, message, 0..message.len()));
    if whole.1.is_none() {
        assert_eq!(whole.0, [message]);
    }
    whole.1
}

#[test]
fn message_bytes_at_the_limit_and_beyond() {
    let mut floats = Vec::new();
    write_number_array(&mut floats, &[0.5f64; 20]).expect("short");
    let mut text = Vec::new();
    write_str(&mut text, &"x".repeat(200)).expect("short");
    let mut mixed = vec![0x93];
    mixed.extend_from_slice(&text);
    mixed.extend_from_slice(&floats);
    mixed.push(0xc0);
    for message in [floats, text, mixed, vec![0xc0], vec![0xcd, 1, 2]] {
        let length = message.len();
        assert_eq!(error_of(limits(length, 10, 10), &message), None);
        let error = error_of(limits(length - 1, 10, 10), &message);
        let Some(ScanError::MessageTooLong {
            offset,
            declared,
            limit,
        }) = error
        else {
            panic!("{error:?} for {length} bytes");
        };
        assert_eq!((declared, limit), (length, length - 1));
        assert!(offset < length);
    }
}

#[test]
fn items_at_the_limit_and_beyond() {
    // The array, two strings, a bin, an ext and a map; nil, booleans and numbers are no items.
    let message = b"\x9b\xa0\xa1x\xc4\x00\xd4\x01\x00\x80\xc0\xc2\x01\xff\xca\0\0\0\0\xcd\0\0";
    assert_eq!(error_of(limits(100, 6, 10), message), None);
    let error = error_of(limits(100, 5, 10), message);
    assert_eq!(
        error,
        Some(ScanError::TooManyItems {
            offset: 9,
            declared: 6,
            limit: 5,
        })
    );
}

#[test]
fn depth_at_the_limit_and_beyond() {
    let chain = |depth: usize| [vec![0x91; depth - 1], vec![0x90]].concat();
    // A value follows each inner container, so that every outer one stays open.
    let comb = |depth: usize| [vec![0x92; depth], vec![0x01; depth + 1]].concat();
    let maps = |depth: usize| [[0x81, 0x01].repeat(depth - 1), vec![0x80]].concat();
    for depth_max in [1, 2, 64] {
        for shape in [chain(depth_max), comb(depth_max), maps(depth_max)] {
            assert_eq!(error_of(limits(1000, 1000, depth_max), &shape), None);
        }
        for (shape, step) in [
            (chain(depth_max + 1), 1),
            (comb(depth_max + 1), 1),
            (maps(depth_max + 1), 2),
        ] {
            assert_eq!(
                error_of(limits(1000, 1000, depth_max), &shape),
                Some(ScanError::TooDeep {
                    offset: depth_max * step,
                    declared: depth_max + 1,
                    limit: depth_max,
                })
            );
        }
    }
    assert_eq!(error_of(limits(10, 10, 0), &[0x01]), None);
    // Siblings do not add up.
    let flat = [vec![0x9f], [0x91, 0x01].repeat(15)].concat();
    assert_eq!(error_of(limits(100, 100, 2), &flat), None);
}

#[test]
fn length_fields_at_their_corners() {
    let bytes_max = 1000;
    let limits = limits(bytes_max, 10, 10);
    let strings: [(u8, usize); 3] = [(0xdb, 5), (0xc6, 5), (0xc9, 6)];
    for (marker, head) in strings {
        for length in [0, 1, bytes_max - head] {
            let mut message = vec![marker];
            message.extend_from_slice(&(length as u32).to_be_bytes());
            message.resize(head + length, 0);
            assert_eq!(error_of(limits, &message), None, "{marker:#x} {length}");
        }
        for length in [bytes_max as u32 - head as u32 + 1, u32::MAX] {
            let mut message = vec![marker];
            message.extend_from_slice(&length.to_be_bytes());
            let error = error_of(limits, &message);
            let expected = ScanError::MessageTooLong {
                offset: 0,
                declared: head + length as usize,
                limit: bytes_max,
            };
            assert_eq!(error, Some(expected));
        }
    }
    for (marker, values) in [(0xdd, 1), (0xdf, 2)] {
        let most = (bytes_max - 5) / values;
        for count in [0, 1, most] {
            let mut message = vec![marker];
            message.extend_from_slice(&(count as u32).to_be_bytes());
            message.resize(5 + count * values, 0);
            assert_eq!(error_of(limits, &message), None, "{marker:#x} {count}");
        }
        for count in [most as u32 + 1, u32::MAX] {
            let mut message = vec![marker];
            message.extend_from_slice(&count.to_be_bytes());
            let error = error_of(limits, &message);
            assert!(
                matches!(error, Some(ScanError::MessageTooLong { .. })),
                "{error:?}"
            );
        }
    }
}

#[test]
fn long_array_of_floats_is_within_the_default_items() {
    let mut message = Vec::new();
    write_number_array(&mut message, &vec![1.25f64; 125_000]).expect("short");
    let (messages, error) = scan_whole(ScanLimits::trusted(), &message);
    assert_eq!((messages.len(), error), (1, None));
}

#[test]
fn empty_strings_are_charged_as_items() {
    let count = ScanLimits::default().items_max;
    let mut message = Vec::new();
    write_array_header(&mut message, count as u32);
    message.resize(message.len() + count, 0xa0);
    let (_, error) = scan_whole(ScanLimits::default(), &message);
    assert_eq!(
        error,
        Some(ScanError::TooManyItems {
            offset: message.len() - 1,
            declared: count + 1,
            limit: count,
        })
    );
}

#[test]
fn lengths_beyond_the_format_are_not_written() {
    let most = u32::MAX as usize;
    assert_eq!(length(most), Ok(u32::MAX));
    let error = ValueError::TooLong {
        length: most + 1,
        limit: u32::MAX,
    };
    assert_eq!(length(most + 1), Err(error));
}

/// Markers looked at when the message arrives in pieces of `step` bytes.
fn examined(message: &[u8], step: usize) -> usize {
    let limits = ScanLimits::trusted();
    let mut walk = Walk::new(1);
    let mut ends: Vec<usize> = (0..message.len()).step_by(step).collect();
    ends.push(message.len());
    for end in ends {
        walk.advance(&message[..end], &limits)
            .expect("within limits");
    }
    assert_eq!(walk.position(), message.len());
    walk.examined
}

#[test]
fn scanning_looks_at_each_value_a_fixed_number_of_times() {
    let mut body = Vec::new();
    write_bin(&mut body, &vec![0; 200_000]).expect("short");
    assert_eq!(examined(&body, body.len()), 1);
    assert!(examined(&body, 1) <= 5);

    let mut floats = Vec::new();
    write_number_array(&mut floats, &vec![1.0f64; 20_000]).expect("short");
    for step in [1, 7, 4096, floats.len()] {
        assert!(examined(&floats, step) <= 2 * 20_000 + 5, "{step}");
    }

    let texts = [
        &b"\xdc\x10\x00"[..],
        &b"\x92\xd9\x02hi\xcd\x01\x02".repeat(4096),
    ]
    .concat();
    for step in [1, 7, 4096, texts.len()] {
        // Three values each, a head of the string cut off at most once.
        assert!(examined(&texts, step) <= 4096 * (3 + 1 + 1) + 3, "{step}");
    }
}
