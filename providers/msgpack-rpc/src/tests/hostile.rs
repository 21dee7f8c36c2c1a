//! Bytes no well-behaved peer sends: cut off, flipped, nested, claiming what is not there.

use bytes::BytesMut;
use proptest::collection::vec;
use proptest::prelude::*;

use super::{sample_messages, scan_whole};
use crate::value::*;
use crate::{Incoming, MessageError, MessageScanner, ScanError, ScanLimits, ValueError};

#[test]
fn every_truncation_fails_to_decode_and_makes_the_scanner_wait() {
    for message in sample_messages() {
        assert!(Incoming::decode(&message, 64).is_ok());
        for cut in 0..message.len() {
            let part = &message[..cut];
            let error = Incoming::decode(part, 64).expect_err("cut off");
            let MessageError::Envelope(ValueError::Truncated {
                offset,
                needed,
                available,
            }) = error
            else {
                panic!("{error} at {cut}");
            };
            assert!(offset <= cut && needed > available);
            assert!(skip_value(part, 64).is_err());
            let mut scanner = MessageScanner::default();
            let mut input = BytesMut::from(part);
            assert_eq!(scanner.next(&mut input), Ok(None));
            let missing = message.len() - cut;
            assert!((1..=missing).contains(&scanner.needed()), "{cut}");
        }
    }
}

/// Whatever the bytes are: no panic, no hang, and what comes out is consistent.
fn check_total(bytes: &[u8]) {
    let limits = ScanLimits {
        message_bytes_max: 600,
        items_max: 20,
        depth_max: 8,
    };
    let (messages, _) = scan_whole(limits, bytes);
    for message in messages {
        assert!(message.len() <= 600);
        assert_eq!(skip_value(&message, 8), Ok(message.len()));
        assert_eq!(
            Incoming::decode(&message, 8),
            Incoming::decode_scanned(&message)
        );
    }
    for result in [Incoming::decode(bytes, 8), Incoming::decode_scanned(bytes)] {
        let end = match result {
            Ok(Incoming::Request { params, .. } | Incoming::Notification { params, .. }) => params,
            Ok(Incoming::Response { result, .. }) => result,
            Err(_) => 0..0,
        };
        assert!(end.start <= end.end && end.end <= bytes.len());
    }
    let _ = read_token(bytes);
    let _ = read_numbers(bytes, &mut [0u8; 40]);
    let _ = read_numbers(bytes, &mut [0f64; 40]);
}

#[test]
fn every_single_bit_flip_is_survived() {
    for message in sample_messages() {
        for byte in 0..message.len() {
            for bit in 0..8 {
                let mut flipped = message.clone();
                flipped[byte] ^= 1 << bit;
                check_total(&flipped);
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in vec(any::<u8>(), 0..300)) {
        check_total(&bytes);
    }
}

#[test]
fn nesting_bomb_is_refused_at_the_depth_limit() {
    let bomb = [0x91; 2048];
    let (messages, error) = scan_whole(ScanLimits::default(), &bomb);
    assert!(messages.is_empty());
    assert_eq!(
        error,
        Some(ScanError::TooDeep {
            offset: 64,
            declared: 65,
            limit: 64,
        })
    );
    let too_deep = ValueError::TooDeep {
        offset: 64,
        declared: 65,
        limit: 64,
    };
    assert_eq!(skip_value(&bomb, 64), Err(too_deep));
    // Without a limit it is merely incomplete: no stack overflows.
    assert!(matches!(
        skip_value(&vec![0x91; 1 << 20], usize::MAX),
        Err(ValueError::Truncated { .. })
    ));
}

#[test]
fn nested_headers_cannot_each_claim_everything() {
    // Each array32 claims 500 000 values: one of them fits into a message, two do not.
    let header = b"\xdd\x00\x07\xa1\x20";
    let (messages, error) = scan_whole(ScanLimits::default(), &header.repeat(40));
    assert!(messages.is_empty());
    assert_eq!(
        error,
        Some(ScanError::MessageTooLong {
            offset: 10,
            declared: 10 + 5 + 499_999 + 499_999 + 500_000,
            limit: 1 << 20,
        })
    );
    assert!(matches!(
        skip_value(&header.repeat(40), 64),
        Err(ValueError::Truncated {
            offset: 0,
            available: 200,
            ..
        })
    ));
}

#[test]
fn huge_declarations_are_refused_as_soon_as_the_header_is_there() {
    let headers: &[(&[u8], usize)] = &[
        (b"\xdb\xff\xff\xff\xff", 5 + 0xffff_ffff),
        (b"\xc6\xff\xff\xff\xff", 5 + 0xffff_ffff),
        (b"\xc9\xff\xff\xff\xff", 6 + 0xffff_ffff),
        (b"\xdd\xff\xff\xff\xff", 5 + 0xffff_ffff),
        (b"\xdf\xff\xff\xff\xff", 5 + 2 * 0xffff_ffff),
    ];
    for &(header, declared) in headers {
        for cut in 0..header.len() {
            assert_eq!(scan_whole(ScanLimits::default(), &header[..cut]).1, None);
        }
        let expected = ScanError::MessageTooLong {
            offset: 0,
            declared,
            limit: 1 << 20,
        };
        let (_, error) = scan_whole(ScanLimits::default(), header);
        assert_eq!(error, Some(expected), "{header:02x?}");
        assert!(matches!(
            skip_value(header, 64),
            Err(ValueError::Truncated { .. })
        ));
    }
}

#[test]
fn reserved_marker_is_refused_where_it_stands() {
    let (_, error) = scan_whole(ScanLimits::default(), b"\x93\x01\xc1\x01");
    assert_eq!(error, Some(ScanError::ReservedMarker { offset: 2 }));
    assert_eq!(
        skip_value(b"\x93\x01\xc1\x01", 64),
        Err(ValueError::ReservedMarker { offset: 2 })
    );
}

#[test]
fn messages_before_a_broken_one_are_still_handed_out() {
    let (messages, error) = scan_whole(ScanLimits::default(), b"\x91\x01\x02\xc1");
    assert_eq!(messages, [&b"\x91\x01"[..], b"\x02"]);
    assert_eq!(error, Some(ScanError::ReservedMarker { offset: 0 }));
}

#[test]
fn errors_name_offset_and_limit() {
    let (_, error) = scan_whole(ScanLimits::default(), &[0x91; 100]);
    assert_eq!(
        error.expect("too deep").to_string(),
        "container at byte 64 is nested 65 deep, limit 64"
    );
    let error = Incoming::decode(b"\x94\x00\x01\xa5x", 64).expect_err("cut off");
    let cause = std::error::Error::source(&error).expect("an envelope error has a cause");
    assert_eq!(
        cause.to_string(),
        "value at byte 3 needs at least 6 bytes, 2 are left"
    );
}
