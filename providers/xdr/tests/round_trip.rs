//! Round trips of generated values, and arbitrary bytes through every decoding function.
//!
//! Floats are compared bit for bit, so that payloads of NaN count.

use proptest::collection::vec;
use proptest::prelude::*;
use rmix_xdr::{BLOCK_BYTES, LENGTH_MAX, Primitive, XdrDecoder, XdrEncoder, XdrError};

use crate::file_example::{File, Kind, decode, encode};

/// Encodes `values` with their count in front and asserts that they come back, alone.
fn check_array<T: Primitive + Default + PartialEq + std::fmt::Debug>(values: &[T]) {
    let mut bytes = Vec::new();
    let mut encoder = XdrEncoder::new(&mut bytes);
    encoder.length(values.len(), LENGTH_MAX).unwrap();
    encoder.primitives(values);
    let mut decoder = XdrDecoder::new(&bytes);
    let count = decoder.length(LENGTH_MAX, T::WIRE_BYTES).unwrap();
    let mut back = vec![T::default(); count];
    decoder.primitives(&mut back).unwrap();
    assert_eq!(decoder.finish(), Ok(()));
    assert_eq!(back, values);
}

/// Takes one item by the function that `selector` picks.
fn take(decoder: &mut XdrDecoder<'_>, selector: u8) -> Result<(), XdrError> {
    let length = usize::from(selector / 16);
    match selector % 16 {
        0 => decoder.i32().map(drop),
        1 => decoder.u64().map(drop),
        2 => decoder.bool().map(drop),
        3 => decoder.opaque_fixed(length).map(drop),
        4 => decoder.opaque(LENGTH_MAX).map(drop),
        5 => decoder.string(LENGTH_MAX).map(drop),
        6 => decoder.length(LENGTH_MAX, length).map(drop),
        7 => decoder.padding(length),
        8 => decoder.bytes(length).map(drop),
        9 => decoder.words::<3>().map(drop),
        10 => decoder.primitives(&mut vec![0_i8; length]),
        11 => decoder.primitives(&mut vec![0_u16; length]),
        12 => decoder.primitives(&mut vec![false; length]),
        13 => decoder.primitives(&mut vec![0_u64; length]),
        14 => decoder.primitive::<f32>().map(drop),
        _ => decoder.primitives(&mut vec![0.0_f64; length]),
    }
}

proptest! {
    #[test]
    fn arrays_of_every_primitive_come_back(
        i8s in vec(any::<i8>(), 0..300), u8s in vec(any::<u8>(), 0..300),
        i16s in vec(any::<i16>(), 0..300), u16s in vec(any::<u16>(), 0..300),
        i32s in vec(any::<i32>(), 0..300), u32s in vec(any::<u32>(), 0..300),
        i64s in vec(any::<i64>(), 0..300), u64s in vec(any::<u64>(), 0..300),
        bools in vec(any::<bool>(), 0..300),
    ) {
        check_array(&i8s);
        check_array(&u8s);
        check_array(&i16s);
        check_array(&u16s);
        check_array(&i32s);
        check_array(&u32s);
        check_array(&i64s);
        check_array(&u64s);
        check_array(&bools);
    }

    #[test]
    fn float_arrays_have_the_bytes_of_their_bit_patterns(bits in vec(any::<u64>(), 0..200)) {
        let doubles: Vec<f64> = bits.iter().copied().map(f64::from_bits).collect();
        let (mut as_bits, mut as_doubles) = (Vec::new(), Vec::new());
        XdrEncoder::new(&mut as_bits).primitives(&bits);
        XdrEncoder::new(&mut as_doubles).primitives(&doubles);
        prop_assert_eq!(&as_bits, &as_doubles);
        let mut back = vec![0.0_f64; bits.len()];
        XdrDecoder::new(&as_doubles).primitives(&mut back).unwrap();
        prop_assert_eq!(back.into_iter().map(f64::to_bits).collect::<Vec<_>>(), bits);
    }

    #[test]
    fn files_come_back(
        name in "\\PC{0,60}", program in "\\PC{0,60}", owner in "[a-z]{0,32}",
        data in vec(any::<u8>(), 0..200), kind in 0..3_u8,
    ) {
        let kind = match kind {
            0 => Kind::Text,
            1 => Kind::Data { creator: &program },
            _ => Kind::Exec { interpreter: &program },
        };
        let file = File { name: &name, kind, owner: &owner, data: &data };
        let bytes = encode(&file).unwrap();
        prop_assert_eq!(bytes.len() % BLOCK_BYTES, 0);
        prop_assert_eq!(decode(&bytes), Ok(file));
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_a_refusal_consumes_nothing(
        bytes in vec(prop_oneof![3 => Just(0_u8), 1 => 0..9_u8, 1 => any::<u8>()], 0..120),
        selectors in vec(any::<u8>(), 1..40),
    ) {
        let mut decoder = XdrDecoder::new(&bytes);
        for selector in selectors {
            let before = decoder.offset();
            let refused = take(&mut decoder, selector).is_err();
            prop_assert!(!refused || decoder.offset() == before);
            prop_assert_eq!(decoder.offset() + decoder.remaining(), bytes.len());
        }
    }

    #[test]
    fn bytes_that_decode_as_a_file_are_its_encoding(
        bytes in vec(prop_oneof![8 => Just(0_u8), 1 => 0..5_u8], 0..64)
    ) {
        if let Ok(file) = decode(&bytes) {
            let encoded = encode(&file);
            prop_assert_eq!(encoded.as_deref(), Ok(&bytes[..]));
        }
    }
}
