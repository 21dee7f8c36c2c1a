//! What the decoder refuses, and that refusing neither panics nor consumes.
//!
//! Whole-message damage (truncation, length fields, bit flips) is applied to the example file of
//! RFC 4506 s7.

use rmix_xdr::{LENGTH_MAX, XdrDecoder, XdrEncoder, XdrError};

use crate::file_example::{
    DATA_MAX, File, NAME_MAX, SILLYPROG, SILLYPROG_BYTES, USER_MAX, decode, encode,
};

/// Asserts that `read` refuses `bytes` with `expected` and leaves the decoder where it was.
fn refuse<T: std::fmt::Debug + PartialEq>(
    bytes: &[u8],
    expected: XdrError,
    read: impl for<'a> Fn(&mut XdrDecoder<'a>) -> Result<T, XdrError>,
) {
    let mut decoder = XdrDecoder::at(bytes, 100);
    assert_eq!(read(&mut decoder), Err(expected));
    assert_eq!(decoder.offset(), 100);
    assert_eq!(decoder.rest(), bytes);
}

#[test]
fn every_truncation_of_the_example_fails() {
    for length in 0..SILLYPROG_BYTES.len() {
        let result = decode(&SILLYPROG_BYTES[..length]);
        assert!(
            matches!(
                result,
                Err(XdrError::Truncated { .. } | XdrError::LengthBeyondInput { .. })
            ),
            "{length} bytes gave {result:?}"
        );
    }
}

#[test]
fn every_single_bit_flip_is_refused_or_means_another_file() {
    for bit in 0..SILLYPROG_BYTES.len() * 8 {
        let mut damaged = SILLYPROG_BYTES;
        damaged[bit / 8] ^= 1 << (bit % 8);
        if let Ok(file) = decode(&damaged) {
            assert_ne!(file, SILLYPROG, "bit {bit}");
            assert_eq!(encode(&file).as_deref(), Ok(&damaged[..]), "bit {bit}");
        }
    }
}

#[test]
fn every_length_field_is_checked_at_its_edges() {
    for (offset, limit) in [
        (0, NAME_MAX),
        (20, NAME_MAX),
        (28, USER_MAX),
        (36, DATA_MAX),
    ] {
        for declared in [0, limit, limit + 1, u32::MAX] {
            let mut damaged = SILLYPROG_BYTES;
            damaged[offset..offset + 4].copy_from_slice(&declared.to_be_bytes());
            let result = decode(&damaged);
            let as_expected = match declared {
                0 => result.is_err(),
                within if within <= limit => {
                    matches!(result, Err(XdrError::LengthBeyondInput { offset: at, declared: found, .. })
                        if at == offset && found == declared)
                }
                _ => {
                    result
                        == Err(XdrError::LengthBeyondLimit {
                            offset,
                            declared,
                            limit,
                        })
                }
            };
            assert!(as_expected, "length {declared} at {offset}: {result:?}");
        }
    }
}

#[test]
fn every_item_at_its_limit_is_accepted_and_one_more_is_not() {
    let (name, owner) = ("n".repeat(256), "o".repeat(33));
    let data = vec![7; 65_536];
    let largest = File {
        name: &name[1..],
        owner: &owner[1..],
        data: &data[1..],
        ..SILLYPROG
    };
    let bytes = encode(&largest).unwrap();
    assert_eq!(decode(&bytes), Ok(largest.clone()));
    let too_long = |length, limit| Err(XdrError::ValueTooLong { length, limit });
    let name = File {
        name: &name,
        ..largest.clone()
    };
    assert_eq!(encode(&name), too_long(256, NAME_MAX));
    let owner = File {
        owner: &owner,
        ..largest.clone()
    };
    assert_eq!(encode(&owner), too_long(33, USER_MAX));
    let data = File {
        data: &data,
        ..largest
    };
    assert_eq!(encode(&data), too_long(65_536, DATA_MAX));
}

#[test]
fn trailing_bytes_are_refused() {
    let mut longer = SILLYPROG_BYTES.to_vec();
    longer.push(0);
    assert_eq!(
        decode(&longer),
        Err(XdrError::TrailingBytes {
            offset: 48,
            remaining: 1
        })
    );
}

#[test]
fn an_undeclared_discriminant_is_refused() {
    let mut damaged = SILLYPROG_BYTES;
    damaged[19] = 3;
    assert_eq!(
        decode(&damaged),
        Err(XdrError::UnknownDiscriminant {
            offset: 16,
            value: 3
        })
    );
}

#[test]
fn numbers_cut_short_name_what_is_missing() {
    let truncated = |needed| XdrError::Truncated {
        offset: 100,
        needed,
        remaining: 3,
    };
    refuse(&[1, 2, 3], truncated(4), |d| d.i32());
    refuse(&[1, 2, 3], truncated(4), |d| d.u32());
    refuse(&[1, 2, 3], truncated(8), |d| d.i64());
    refuse(&[1, 2, 3], truncated(8), |d| d.u64());
    refuse(&[1, 2, 3], truncated(4), |d| d.f32());
    refuse(&[1, 2, 3], truncated(8), |d| d.f64());
    refuse(&[1, 2, 3], truncated(4), |d| d.bool());
    refuse(&[1, 2, 3], truncated(4), |d| d.discriminant());
    refuse(&[1, 2, 3], truncated(8), |d| d.words::<2>());
    refuse(&[1, 2, 3], truncated(4), |d| {
        d.opaque_fixed(3).map(<[u8]>::to_vec)
    });
    refuse(&[1, 2, 3], truncated(4), |d| {
        d.opaque(9).map(<[u8]>::to_vec)
    });
    refuse(&[1, 2, 3], truncated(4), |d| d.length(9, 0));
    refuse(&[1, 2, 3], truncated(4), |d| d.bytes(4).map(<[u8]>::to_vec));
    refuse(&[1, 2, 3], truncated(8), |d| d.primitives(&mut [0_u16; 2]));
    refuse(&[1, 2, 3], truncated(16), |d| {
        d.primitives(&mut [0.0_f64; 2])
    });
    refuse(
        &[],
        XdrError::Truncated {
            offset: 100,
            needed: 1,
            remaining: 0,
        },
        |d| d.padding(3),
    );
}

#[test]
fn a_boolean_other_than_zero_and_one_is_refused() {
    let two = XdrError::InvalidBool {
        offset: 100,
        value: 2,
    };
    refuse(&[0, 0, 0, 2], two, |d| d.bool());
    let high = XdrError::InvalidBool {
        offset: 104,
        value: 0x0100_0001,
    };
    refuse(&[0, 0, 0, 1, 1, 0, 0, 1], high, |d| {
        d.primitives(&mut [false; 2])
    });
}

#[test]
fn padding_must_be_zero_in_every_position() {
    for position in 5..8 {
        let mut bytes = *b"\0\0\0\x01a\0\0\0";
        bytes[position] = 1;
        let at = |offset| XdrError::NonZeroPadding { offset };
        refuse(&bytes, at(105), |d| d.opaque(1).map(<[u8]>::to_vec));
        refuse(&bytes, at(105), |d| d.string(1).map(str::to_owned));
        refuse(&bytes[4..], at(101), |d| {
            d.opaque_fixed(1).map(<[u8]>::to_vec)
        });
        refuse(&bytes[5..], at(100), |d| d.padding(1));
    }
}

#[test]
fn a_string_that_is_not_utf_8_is_refused_at_the_offending_byte() {
    let expected = XdrError::InvalidUtf8 { offset: 106 };
    refuse(b"\0\0\0\x03ab\xff\0", expected, |d| {
        d.string(3).map(str::to_owned)
    });
}

#[test]
fn padding_of_a_declared_length_must_be_there_too() {
    let expected = XdrError::LengthBeyondInput {
        offset: 100,
        declared: 5,
        remaining: 7,
    };
    refuse(b"\0\0\0\x05abcde\0\0", expected, |d| {
        d.opaque(5).map(<[u8]>::to_vec)
    });
}

#[test]
fn the_largest_length_is_refused_without_a_limit() {
    let expected = XdrError::LengthBeyondInput {
        offset: 100,
        declared: u32::MAX,
        remaining: 1,
    };
    let bytes = [255, 255, 255, 255, 0];
    refuse(&bytes, expected, |d| {
        d.opaque(LENGTH_MAX).map(<[u8]>::to_vec)
    });
    refuse(&bytes, expected, |d| {
        d.string(LENGTH_MAX).map(str::to_owned)
    });
    refuse(&bytes, expected, |d| d.length(LENGTH_MAX, 4));
    refuse(&bytes, expected, |d| d.length(LENGTH_MAX, usize::MAX));
}

#[test]
fn an_array_length_must_be_covered_by_items_of_least_size() {
    let mut two_items = XdrDecoder::new(&[0, 0, 0, 2, 1, 1, 1, 1, 2, 2, 2, 2]);
    let mut cut_short = XdrDecoder::new(&[0, 0, 0, 2, 1, 1, 1, 1, 2, 2, 2]);
    assert_eq!(two_items.length(2, 4), Ok(2));
    assert_eq!(two_items.remaining(), 8);
    assert_eq!(
        cut_short.length(2, 4),
        Err(XdrError::LengthBeyondInput {
            offset: 0,
            declared: 2,
            remaining: 7
        })
    );
    assert_eq!(
        cut_short.length(1, 0),
        Err(XdrError::LengthBeyondLimit {
            offset: 0,
            declared: 2,
            limit: 1
        })
    );
    assert_eq!(cut_short.length(2, 0), Ok(2));
}

#[test]
fn a_narrow_integer_out_of_range_is_refused_at_its_block() {
    let misfit = |wanted, value| XdrError::OutOfRange {
        offset: 104,
        value,
        wanted,
    };
    let with = |block: u32| [[0; 4], block.to_be_bytes()].concat();
    refuse(&with(128), misfit("i8", 128), |d| {
        d.primitives(&mut [0_i8; 2])
    });
    refuse(&with(0xffff_ff7f), misfit("i8", 0xffff_ff7f), |d| {
        d.primitives(&mut [0_i8; 2])
    });
    refuse(&with(256), misfit("u8", 256), |d| {
        d.primitives(&mut [0_u8; 2])
    });
    refuse(&with(32_768), misfit("i16", 32_768), |d| {
        d.primitives(&mut [0_i16; 2])
    });
    refuse(&with(0x8000_0000), misfit("i16", 0x8000_0000), |d| {
        d.primitives(&mut [0_i16; 2])
    });
    refuse(&with(65_536), misfit("u16", 65_536), |d| {
        d.primitives(&mut [0_u16; 2])
    });
}

#[test]
fn encoding_beyond_the_limit_writes_nothing() {
    let mut bytes = Vec::new();
    let mut encoder = XdrEncoder::new(&mut bytes);
    let expected = Err(XdrError::ValueTooLong {
        length: 4,
        limit: 3,
    });
    assert_eq!(encoder.opaque(b"abcd", 3), expected);
    assert_eq!(encoder.string("abcd", 3), expected);
    assert_eq!(encoder.length(4, 3), expected);
    assert_eq!(
        encoder.length(1 << 32, LENGTH_MAX),
        Err(XdrError::ValueTooLong {
            length: 1 << 32,
            limit: LENGTH_MAX
        })
    );
    assert!(bytes.is_empty());
}

#[test]
fn errors_say_what_where_and_the_limit() {
    let beyond = XdrError::LengthBeyondLimit {
        offset: 28,
        declared: 33,
        limit: 32,
    };
    assert_eq!(
        beyond.to_string(),
        "length 33 declared at byte 28 exceeds the limit of 32"
    );
    let cut = XdrError::Truncated {
        offset: 8,
        needed: 4,
        remaining: 3,
    };
    assert_eq!(
        cut.to_string(),
        "input ends inside the item at byte 8: 4 bytes needed, 3 left"
    );
}
