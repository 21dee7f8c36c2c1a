//! Known bytes both ways: every encoding of values, and every kind of message.

use crate::message::*;
use crate::value::*;
use crate::{Incoming, Integer, MessageError, Token, ValueError};

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes);
    bytes
}

#[test]
fn integers_take_their_smallest_encoding() {
    let cases: &[(i64, &[u8])] = &[
        (0, &[0x00]),
        (127, &[0x7f]),
        (128, &[0xcc, 0x80]),
        (255, &[0xcc, 0xff]),
        (256, &[0xcd, 0x01, 0x00]),
        (65_535, &[0xcd, 0xff, 0xff]),
        (65_536, &[0xce, 0x00, 0x01, 0x00, 0x00]),
        (4_294_967_295, &[0xce, 0xff, 0xff, 0xff, 0xff]),
        (4_294_967_296, &[0xcf, 0, 0, 0, 1, 0, 0, 0, 0]),
        (i64::MAX, &[0xcf, 0x7f, 255, 255, 255, 255, 255, 255, 255]),
        (-1, &[0xff]),
        (-32, &[0xe0]),
        (-33, &[0xd0, 0xdf]),
        (-128, &[0xd0, 0x80]),
        (-129, &[0xd1, 0xff, 0x7f]),
        (-32_768, &[0xd1, 0x80, 0x00]),
        (-32_769, &[0xd2, 0xff, 0xff, 0x7f, 0xff]),
        (-2_147_483_648, &[0xd2, 0x80, 0, 0, 0]),
        (
            -2_147_483_649,
            &[0xd3, 255, 255, 255, 255, 0x7f, 255, 255, 255],
        ),
        (i64::MIN, &[0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0]),
    ];
    for &(value, bytes) in cases {
        assert_eq!(written(|sink| write_i64(sink, value)), bytes, "{value}");
        assert_eq!(read_i64(bytes), Ok((value, bytes.len())));
        assert_eq!(read_token(bytes), Ok((Token::Int(value), bytes.len())));
        if let Ok(value) = u64::try_from(value) {
            assert_eq!(written(|sink| write_u64(sink, value)), bytes, "{value}");
            assert_eq!(read_u64(bytes), Ok((value, bytes.len())));
        }
    }
    let most = [0xcf, 255, 255, 255, 255, 255, 255, 255, 255];
    assert_eq!(written(|sink| write_u64(sink, u64::MAX)), most);
    assert_eq!(read_token(&most), Ok((Token::UInt(u64::MAX), 9)));
    assert_eq!(read_u64(&most), Ok((u64::MAX, 9)));
}

#[test]
fn other_scalars() {
    assert_eq!(written(write_nil), [0xc0]);
    assert_eq!(written(|sink| write_bool(sink, false)), [0xc2]);
    assert_eq!(written(|sink| write_bool(sink, true)), [0xc3]);
    assert_eq!(
        written(|sink| write_f32(sink, 1.0)),
        [0xca, 0x3f, 0x80, 0, 0]
    );
    assert_eq!(
        written(|sink| write_f64(sink, -2.0)),
        [0xcb, 0xc0, 0, 0, 0, 0, 0, 0, 0]
    );
    assert_eq!(read_bool(&[0xc2]), Ok((false, 1)));
    assert_eq!(read_bool(&[0xc3]), Ok((true, 1)));
    assert_eq!(read_token(&[0xc0]), Ok((Token::Nil, 1)));
    assert_eq!(
        read_token(&[0xca, 0x3f, 0x80, 0, 0]),
        Ok((Token::F32(1.0), 5))
    );
}

#[test]
fn headers_change_width_where_the_format_says() {
    let str_header = |length| written(|sink| write_str_header(sink, length));
    assert_eq!(str_header(0), [0xa0]);
    assert_eq!(str_header(31), [0xbf]);
    assert_eq!(str_header(32), [0xd9, 32]);
    assert_eq!(str_header(255), [0xd9, 255]);
    assert_eq!(str_header(256), [0xda, 1, 0]);
    assert_eq!(str_header(65_535), [0xda, 255, 255]);
    assert_eq!(str_header(65_536), [0xdb, 0, 1, 0, 0]);
    assert_eq!(str_header(u32::MAX), [0xdb, 255, 255, 255, 255]);

    let bin_header = |length| written(|sink| write_bin_header(sink, length));
    assert_eq!(bin_header(0), [0xc4, 0]);
    assert_eq!(bin_header(255), [0xc4, 255]);
    assert_eq!(bin_header(256), [0xc5, 1, 0]);
    assert_eq!(bin_header(65_536), [0xc6, 0, 1, 0, 0]);

    let array_header = |count| written(|sink| write_array_header(sink, count));
    assert_eq!(array_header(0), [0x90]);
    assert_eq!(array_header(15), [0x9f]);
    assert_eq!(array_header(16), [0xdc, 0, 16]);
    assert_eq!(array_header(65_535), [0xdc, 255, 255]);
    assert_eq!(array_header(65_536), [0xdd, 0, 1, 0, 0]);

    let map_header = |count| written(|sink| write_map_header(sink, count));
    assert_eq!(map_header(0), [0x80]);
    assert_eq!(map_header(15), [0x8f]);
    assert_eq!(map_header(16), [0xde, 0, 16]);
    assert_eq!(map_header(65_536), [0xdf, 0, 1, 0, 0]);

    let ext_header = |length| written(|sink| write_ext_header(sink, -1, length));
    assert_eq!(ext_header(0), [0xc7, 0, 0xff]);
    assert_eq!(ext_header(1), [0xd4, 0xff]);
    assert_eq!(ext_header(2), [0xd5, 0xff]);
    assert_eq!(ext_header(3), [0xc7, 3, 0xff]);
    assert_eq!(ext_header(4), [0xd6, 0xff]);
    assert_eq!(ext_header(8), [0xd7, 0xff]);
    assert_eq!(ext_header(16), [0xd8, 0xff]);
    assert_eq!(ext_header(255), [0xc7, 255, 0xff]);
    assert_eq!(ext_header(256), [0xc8, 1, 0, 0xff]);
    assert_eq!(ext_header(65_536), [0xc9, 0, 1, 0, 0, 0xff]);
}

#[test]
fn every_width_of_a_string_reads_the_same() {
    let text: &[&[u8]] = &[
        b"\xa2hi",
        b"\xd9\x02hi",
        b"\xda\x00\x02hi",
        b"\xdb\x00\x00\x00\x02hi",
    ];
    for bytes in text {
        assert_eq!(read_token(bytes), Ok((Token::Str(b"hi"), bytes.len())));
    }
    let data: &[&[u8]] = &[b"\xc4\x02hi", b"\xc5\x00\x02hi", b"\xc6\x00\x00\x00\x02hi"];
    for bytes in data {
        assert_eq!(read_token(bytes), Ok((Token::Bin(b"hi"), bytes.len())));
    }
    let ext: &[&[u8]] = &[
        b"\xd5\xfehi",
        b"\xc7\x02\xfehi",
        b"\xc8\x00\x02\xfehi",
        b"\xc9\x00\x00\x00\x02\xfehi",
    ];
    for bytes in ext {
        assert_eq!(read_token(bytes), Ok((Token::Ext(-2, b"hi"), bytes.len())));
    }
    assert_eq!(read_token(b"\xa1\xff"), Ok((Token::Str(b"\xff"), 2)));
}

#[test]
fn numbers_convert_only_where_documented() {
    let wrong = |expected, marker| ValueError::WrongType {
        offset: 0,
        expected,
        marker,
    };
    let float = written(|sink| write_f64(sink, 1.0));
    assert_eq!(read_i64(&float), Err(wrong("integer", 0xcb)));
    assert_eq!(read_u64(&float), Err(wrong("integer", 0xcb)));
    assert_eq!(read_f64(&[0xff]), Ok((-1.0, 1)));
    assert_eq!(read_f64(&[0xcd, 1, 0]), Ok((256.0, 3)));
    assert_eq!(read_f64(&[0xca, 0x3f, 0x80, 0, 0]), Ok((1.0, 5)));
    assert_eq!(read_f32(&float), Ok((1.0, 9)));
    assert_eq!(read_f32(&[0xff]), Ok((-1.0, 1)));
    assert_eq!(read_f64(&[0xc0]), Err(wrong("float", 0xc0)));
    assert_eq!(read_bool(&[0x01]), Err(wrong("bool", 0x01)));
    let range = |expected, found| ValueError::IntegerRange {
        offset: 0,
        expected,
        found,
    };
    assert_eq!(read_u64(&[0xff]), Err(range("u64", Integer::Signed(-1))));
    let most = written(|sink| write_u64(sink, u64::MAX));
    let found = Integer::Unsigned(u64::MAX);
    assert_eq!(read_i64(&most), Err(range("i64", found)));
    let reserved = Err(ValueError::ReservedMarker { offset: 0 });
    assert_eq!(read_f64(&[0xc1]), reserved);
    assert_eq!(
        read_token(&[0xc1]).map(|(_, used)| used),
        Err(ValueError::ReservedMarker { offset: 0 })
    );
    assert_eq!(read_i64(&[0xc1]).map(|_| ()), reserved.map(|_| ()));
    let not_an_integer = ValueError::WrongType {
        offset: 1,
        expected: "integer",
        marker: 0xdf,
    };
    let mut three = [0i64; 3];
    assert_eq!(
        read_numbers(b"\xe0\xdf\0\0\0\0", &mut three),
        Err(not_an_integer)
    );
    let mut small = [0i8; 3];
    assert_eq!(
        read_numbers(&[1, 2, 0xcc, 0x80], &mut small),
        Err(ValueError::IntegerRange {
            offset: 2,
            expected: "i8",
            found: Integer::Signed(128),
        })
    );
}

#[test]
fn messages_have_known_bytes() {
    let request = written(|sink| write_request_header(sink, 258, "add", 2).expect("short"));
    assert_eq!(request, b"\x94\x00\xcd\x01\x02\xa3add\x92");
    let longest = written(|sink| {
        write_request_header(sink, u32::MAX, &"m".repeat(65_536), 65_536).expect("short");
    });
    assert_eq!(
        longest[..12],
        *b"\x94\x00\xce\xff\xff\xff\xff\xdb\x00\x01\x00\x00"
    );
    assert_eq!(longest[12 + 65_536..], *b"\xdd\x00\x01\x00\x00");
    let notification = written(|sink| write_notification_header(sink, "tick", 0).expect("short"));
    assert_eq!(notification, b"\x93\x02\xa4tick\x90");
    assert_eq!(
        written(|sink| write_result_header(sink, 5)),
        b"\x94\x01\x05\xc0"
    );
    assert_eq!(written(|sink| write_error_header(sink, 5)), b"\x94\x01\x05");
    assert_eq!(written(write_error_end), b"\xc0");
}

/// Both ways of decoding must agree on a scanned message.
fn decode(message: &[u8]) -> Result<Incoming<'_>, MessageError> {
    let decoded = Incoming::decode(message, 64);
    assert_eq!(decoded, Incoming::decode_scanned(message));
    decoded
}

#[test]
fn requests_decode_from_every_encoding() {
    let types: &[&[u8]] = &[
        b"\x00",
        b"\xcc\x00",
        b"\xcd\x00\x00",
        b"\xce\x00\x00\x00\x00",
        b"\xcf\x00\x00\x00\x00\x00\x00\x00\x00",
        b"\xd0\x00",
        b"\xd1\x00\x00",
        b"\xd2\x00\x00\x00\x00",
        b"\xd3\x00\x00\x00\x00\x00\x00\x00\x00",
    ];
    let ids: &[&[u8]] = &[
        b"\x05",
        b"\xcc\x05",
        b"\xcd\x00\x05",
        b"\xce\x00\x00\x00\x05",
        b"\xcf\x00\x00\x00\x00\x00\x00\x00\x05",
        b"\xd0\x05",
        b"\xd1\x00\x05",
        b"\xd2\x00\x00\x00\x05",
        b"\xd3\x00\x00\x00\x00\x00\x00\x00\x05",
    ];
    let names: &[&[u8]] = &[
        b"\xa3add",
        b"\xd9\x03add",
        b"\xda\x00\x03add",
        b"\xdb\x00\x00\x00\x03add",
        b"\xc4\x03add",
        b"\xc5\x00\x03add",
        b"\xc6\x00\x00\x00\x03add",
    ];
    let params: &[&[u8]] = &[b"\x92", b"\xdc\x00\x02", b"\xdd\x00\x00\x00\x02"];
    let outer: &[&[u8]] = &[b"\x94", b"\xdc\x00\x04", b"\xdd\x00\x00\x00\x04"];
    for kind in types {
        for msgid in ids {
            for name in names {
                for array in params {
                    for outer in outer {
                        let message = [*outer, kind, msgid, name, array, b"\x01\x02"].concat();
                        let end = message.len();
                        let expected = Incoming::Request {
                            msgid: 5,
                            method: b"add",
                            params: end - 2..end,
                            count: 2,
                        };
                        assert_eq!(decode(&message), Ok(expected), "{message:02x?}");
                    }
                }
            }
        }
    }
}

#[test]
fn notifications_and_responses_decode() {
    assert_eq!(
        decode(b"\x93\x02\xa4tick\x91\xa1x"),
        Ok(Incoming::Notification {
            method: b"tick",
            params: 8..10,
            count: 1,
        })
    );
    let response = |error, result| Incoming::Response {
        msgid: u32::MAX,
        error,
        result,
    };
    assert_eq!(
        decode(b"\x94\x01\xce\xff\xff\xff\xff\xc0\x92\x01\x02"),
        Ok(response(None, 8..11))
    );
    assert_eq!(
        decode(b"\x94\x01\xcf\0\0\0\0\xff\xff\xff\xff\xa2no\xc0"),
        Ok(response(Some(11..14), 14..15))
    );
}

#[test]
fn error_wins_over_result() {
    let Ok(Incoming::Response { error, result, .. }) = decode(b"\x94\x01\x01\xa2no\x07") else {
        panic!("a response");
    };
    assert_eq!((error, result), (Some(3..6), 6..7));
}

#[test]
fn broken_envelopes_are_named() {
    let wrong_type = |offset, expected, marker| {
        Err(MessageError::Envelope(ValueError::WrongType {
            offset,
            expected,
            marker,
        }))
    };
    let length = |expected, found| Err(MessageError::WrongLength { expected, found });
    let unknown = |found| Err(MessageError::UnknownType { offset: 1, found });
    assert_eq!(decode(b"\x05"), wrong_type(0, "array of a message", 0x05));
    assert_eq!(
        decode(b"\x82\x00\x01\x02\x03"),
        wrong_type(0, "array of a message", 0x82)
    );
    assert_eq!(decode(b"\x90"), length(3, 0));
    assert_eq!(decode(b"\x91\x00"), length(4, 1));
    assert_eq!(decode(b"\x93\x00\x01\xa1x"), length(4, 3));
    assert_eq!(decode(b"\x93\x01\x01\xc0"), length(4, 3));
    assert_eq!(decode(b"\x95\x01\x01\xc0\xc0\xc0"), length(4, 5));
    assert_eq!(decode(b"\x94\x02\xa1x\x90\x90"), length(3, 4));
    assert_eq!(
        decode(b"\x94\x03\x01\xa1x\x90"),
        unknown(Integer::Signed(3))
    );
    assert_eq!(
        decode(b"\x94\xff\x01\xa1x\x90"),
        unknown(Integer::Signed(-1))
    );
    assert_eq!(
        decode(b"\x94\xcf\xff\xff\xff\xff\xff\xff\xff\xff\x01\xa1x\x90"),
        unknown(Integer::Unsigned(u64::MAX))
    );
    assert_eq!(
        decode(b"\x94\xc0\x01\xa1x\x90"),
        wrong_type(1, "integer", 0xc0)
    );
    assert_eq!(
        decode(b"\x94\x00\xa1x\xa1x\x90"),
        wrong_type(2, "integer", 0xa1)
    );
    assert_eq!(
        decode(b"\x94\x00\x01\x07\x90"),
        Err(MessageError::MethodNotString {
            offset: 3,
            marker: 0x07
        })
    );
    assert_eq!(
        decode(b"\x94\x00\x01\xa1x\xc0"),
        wrong_type(5, "array of params", 0xc0)
    );
    assert_eq!(
        decode(b"\x93\x02\xa1x\x80"),
        wrong_type(4, "array of params", 0x80)
    );
}

#[test]
fn msgid_beyond_32_bits_is_refused() {
    let range = |offset, found| {
        Err(MessageError::Envelope(ValueError::IntegerRange {
            offset,
            expected: "u32 of a msgid",
            found,
        }))
    };
    assert_eq!(
        decode(b"\x94\x00\xff\xa1x\x90"),
        range(2, Integer::Signed(-1))
    );
    assert_eq!(
        decode(b"\x94\x00\xcf\0\0\0\x01\0\0\0\0\xa1x\x90"),
        range(2, Integer::Signed(1 << 32))
    );
    assert_eq!(
        decode(b"\x94\x00\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xa1x\x90"),
        range(2, Integer::Unsigned(u64::MAX))
    );
}

#[test]
fn trailing_bytes_are_refused() {
    let trailing = |offset, count| Err(MessageError::TrailingBytes { offset, count });
    assert_eq!(
        Incoming::decode(b"\x93\x02\xa1x\x91\x01\xc0\xc0", 64),
        trailing(6, 2)
    );
    assert_eq!(
        Incoming::decode(b"\x94\x01\x01\xc0\x01\xc0", 64),
        trailing(5, 1)
    );
    assert_eq!(
        Incoming::decode_scanned(b"\x93\x02\xa1x\x90\xc0"),
        trailing(5, 1)
    );
}

#[test]
fn decode_counts_the_depth_of_the_envelope() {
    let deepest = b"\x93\x02\xa1x\x91\x91\x91\x01";
    assert!(Incoming::decode(deepest, 4).is_ok());
    let too_deep = |offset, declared, limit| {
        Err(MessageError::Envelope(ValueError::TooDeep {
            offset,
            declared,
            limit,
        }))
    };
    assert_eq!(Incoming::decode(deepest, 3), too_deep(6, 4, 3));
    assert_eq!(Incoming::decode(deepest, 2), too_deep(5, 3, 2));
    assert_eq!(Incoming::decode(deepest, 1), too_deep(4, 2, 1));
    assert_eq!(Incoming::decode(deepest, 0), too_deep(0, 1, 0));
    let error = b"\x94\x01\x01\x91\x91\x01\xc0";
    assert!(Incoming::decode(error, 3).is_ok());
    assert_eq!(Incoming::decode(error, 2), too_deep(4, 3, 2));
    assert_eq!(Incoming::decode(error, 0), too_deep(0, 1, 0));
}
