//! Known bytes, both ways: each primitive, the RFC's example, whole slices.
//!
//! The bytes were written by hand from RFC 4506, not produced by the code under test.

use std::fmt::Debug;

use rmix_xdr::{
    LENGTH_MAX, Primitive, Sink, XdrDecoder, XdrEncoder, XdrError, padded_len, padding_len,
};

use crate::file_example::{SILLYPROG, SILLYPROG_BYTES, decode, encode};

/// Asserts that `write` produces `bytes` and that `read` takes exactly them and returns `value`.
fn check<T: PartialEq + Debug>(
    value: T,
    bytes: &[u8],
    write: impl Fn(&mut XdrEncoder<'_, Vec<u8>>),
    read: impl for<'a> Fn(&mut XdrDecoder<'a>) -> Result<T, XdrError>,
) {
    let mut encoded = Vec::new();
    write(&mut XdrEncoder::new(&mut encoded));
    assert_eq!(encoded, bytes, "encoding of {value:?}");
    let mut decoder = XdrDecoder::new(bytes);
    assert_eq!(read(&mut decoder), Ok(value));
    assert_eq!(decoder.finish(), Ok(()));
}

/// Asserts that the slice `values` and `bytes` stand for each other.
fn check_slice<T: Primitive + PartialEq + Debug + Default>(values: &[T], bytes: &[u8]) {
    let mut encoded = Vec::new();
    XdrEncoder::new(&mut encoded).primitives(values);
    assert_eq!(encoded, bytes, "encoding of {values:?}");
    let mut back = vec![T::default(); values.len()];
    let mut decoder = XdrDecoder::new(bytes);
    assert_eq!(decoder.primitives(&mut back), Ok(()));
    assert_eq!(decoder.finish(), Ok(()));
    assert_eq!(back, values);
}

#[test]
fn file_of_section_7_has_the_published_bytes() {
    assert_eq!(encode(&SILLYPROG).as_deref(), Ok(&SILLYPROG_BYTES[..]));
    assert_eq!(decode(&SILLYPROG_BYTES), Ok(SILLYPROG));
}

#[test]
fn integers_are_big_endian_twos_complement() {
    check(-2, &[255, 255, 255, 254], |e| e.i32(-2), |d| d.i32());
    check(i32::MIN, &[128, 0, 0, 0], |e| e.i32(i32::MIN), |d| d.i32());
    check(
        0xdead_beef,
        &[0xde, 0xad, 0xbe, 0xef],
        |e| e.u32(0xdead_beef),
        |d| d.u32(),
    );
    check(
        -2,
        &[255, 255, 255, 255, 255, 255, 255, 254],
        |e| e.i64(-2),
        |d| d.i64(),
    );
    check(
        0x0102_0304_0506_0708,
        &[1, 2, 3, 4, 5, 6, 7, 8],
        |e| e.u64(0x0102_0304_0506_0708),
        |d| d.u64(),
    );
    check(-1, &[255; 4], |e| e.discriminant(-1), |d| d.discriminant());
    check(
        [1, 2],
        &[0, 0, 0, 1, 0, 0, 0, 2],
        |e| e.words([1, 2]),
        |d| d.words(),
    );
}

#[test]
fn floats_are_ieee_754_big_endian() {
    check(-1.5, &[0xbf, 0xc0, 0, 0], |e| e.f32(-1.5), |d| d.f32());
    check(
        1.0,
        &[0x3f, 0xf0, 0, 0, 0, 0, 0, 0],
        |e| e.f64(1.0),
        |d| d.f64(),
    );
    check(
        f64::NEG_INFINITY,
        &[0xff, 0xf0, 0, 0, 0, 0, 0, 0],
        |e| e.f64(f64::NEG_INFINITY),
        |d| d.f64(),
    );
}

#[test]
fn not_a_number_keeps_its_payload() {
    let payload = [0x7f, 0xf8, 0, 0, 0, 0xab, 0xcd, 0xef];
    let value = XdrDecoder::new(&payload).f64().map(f64::to_bits);
    assert_eq!(value, Ok(0x7ff8_0000_00ab_cdef));
    let mut encoded = Vec::new();
    XdrEncoder::new(&mut encoded).f64(f64::from_bits(0x7ff8_0000_00ab_cdef));
    assert_eq!(encoded, payload);
}

#[test]
fn booleans_are_zero_and_one() {
    check(false, &[0, 0, 0, 0], |e| e.bool(false), |d| d.bool());
    check(true, &[0, 0, 0, 1], |e| e.bool(true), |d| d.bool());
}

#[test]
fn opaque_data_is_padded_to_a_block() {
    check(
        b"abcde".to_vec(),
        b"abcde\0\0\0",
        |e| e.opaque_fixed(b"abcde"),
        |d| d.opaque_fixed(5).map(<[u8]>::to_vec),
    );
    check(
        b"abc".to_vec(),
        b"\0\0\0\x03abc\0",
        |e| e.opaque(b"abc", 3).unwrap(),
        |d| d.opaque(3).map(<[u8]>::to_vec),
    );
    check(
        Vec::new(),
        &[0; 4],
        |e| e.opaque(b"", 0).unwrap(),
        |d| d.opaque(0).map(<[u8]>::to_vec),
    );
    check(
        b"wxyz".to_vec(),
        b"wxyz",
        |e| {
            e.sink().put(b"wxyz");
            e.padding(4);
        },
        |d| {
            let bytes = d.bytes(4)?.to_vec();
            d.padding(4)?;
            Ok(bytes)
        },
    );
}

#[test]
fn strings_count_bytes_not_characters() {
    check(
        "h\u{e9}!".to_owned(),
        b"\0\0\0\x04h\xc3\xa9!",
        |e| e.string("h\u{e9}!", LENGTH_MAX).unwrap(),
        |d| d.string(4).map(str::to_owned),
    );
}

#[test]
fn padding_completes_a_block_without_overflow() {
    let paddings = [0, 1, 2, 3, 4, 5].map(padding_len);
    assert_eq!(paddings, [0, 3, 2, 1, 0, 3]);
    assert_eq!(padded_len(usize::MAX - 3), Some(usize::MAX - 3));
    assert_eq!(padded_len(usize::MAX - 2), None);
    assert_eq!(
        XdrDecoder::new(&[0; 8]).opaque_fixed(usize::MAX),
        Err(XdrError::Truncated {
            offset: 0,
            needed: usize::MAX,
            remaining: 8
        })
    );
}

#[test]
fn narrow_integers_fill_a_block_each() {
    check_slice(&[-1_i8, 127], &[255, 255, 255, 255, 0, 0, 0, 127]);
    check_slice(&[255_u8, 1], &[0, 0, 0, 255, 0, 0, 0, 1]);
    check_slice(&[-2_i16, 258], &[255, 255, 255, 254, 0, 0, 1, 2]);
    check_slice(&[65_535_u16, 258], &[0, 0, 255, 255, 0, 0, 1, 2]);
    check_slice(&[true, false], &[0, 0, 0, 1, 0, 0, 0, 0]);
    check(
        -2_i16,
        &[255, 255, 255, 254],
        |e| e.primitives(&[-2_i16]),
        |d| d.primitive(),
    );
}

#[test]
fn wide_slices_are_the_items_in_order() {
    check_slice(&[-1_i32, 258], &[255, 255, 255, 255, 0, 0, 1, 2]);
    check_slice(&[u32::MAX, 1], &[255, 255, 255, 255, 0, 0, 0, 1]);
    check_slice(&[1_i64], &[0, 0, 0, 0, 0, 0, 0, 1]);
    check_slice(&[u64::MAX], &[255; 8]);
    check_slice(&[1.0_f32, -1.5], &[0x3f, 0x80, 0, 0, 0xbf, 0xc0, 0, 0]);
    check_slice(&[1.0_f64], &[0x3f, 0xf0, 0, 0, 0, 0, 0, 0]);
    check_slice::<f64>(&[], &[]);
}

#[test]
fn a_long_slice_equals_its_items_one_by_one() {
    let values: Vec<f64> = (0..1_000).map(|index| f64::from(index) * 0.25).collect();
    let mut one_by_one = Vec::new();
    for value in &values {
        XdrEncoder::new(&mut one_by_one).f64(*value);
    }
    check_slice(&values, &one_by_one);
}

#[test]
fn a_borrowed_or_unsized_sink_takes_the_same_bytes() {
    let mut bytes = Vec::new();
    {
        let mut borrowed = &mut bytes;
        XdrEncoder::new(&mut borrowed).primitives(&[1_u32]);
        let unsized_sink: &mut dyn Sink = borrowed;
        XdrEncoder::new(unsized_sink).u32(2);
    }
    assert_eq!(bytes, [0, 0, 0, 1, 0, 0, 0, 2]);
}
