//! Every serde shape through both twins of the reference codec: equal bytes, and the value back.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::units::{decode, encode};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Newtype(i16);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Pair(u8, String);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Variant {
    Unit,
    Newtype(Box<Nested>),
    Tuple(i32, bool),
    Struct { place: String, celsius: f64 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Nested {
    flag: bool,
    small: (i8, u8, i16, u16),
    wide: (i32, u32, i64, u64),
    huge: (i128, u128),
    floats: (f32, f64),
    letter: char,
    text: String,
    nothing: (),
    unit: Unit,
    newtype: Newtype,
    pair: Pair,
    options: (Option<u8>, Option<Option<String>>, Option<()>),
    pairs: BTreeMap<String, Vec<Option<i64>>>,
    variants: Vec<Variant>,
    array: [u16; 3],
}

fn nested(variants: Vec<Variant>) -> Nested {
    Nested {
        flag: true,
        small: (i8::MIN, u8::MAX, i16::MIN, u16::MAX),
        wide: (i32::MIN, u32::MAX, i64::MIN, u64::MAX),
        huge: (i128::MIN + 1, u128::MAX - 1),
        floats: (f32::MIN_POSITIVE, f64::NEG_INFINITY),
        letter: '\u{10FFFF}',
        text: "Tromsø".to_owned(),
        nothing: (),
        unit: Unit,
        newtype: Newtype(-2),
        pair: Pair(3, String::new()),
        options: (None, Some(None), Some(())),
        pairs: BTreeMap::from([
            ("a".to_owned(), vec![None, Some(-1)]),
            (String::new(), Vec::new()),
        ]),
        variants,
        array: [1, 2, 3],
    }
}

#[test]
fn every_shape_comes_back_through_both_twins() {
    let inner = Box::new(nested(Vec::new()));
    let value = nested(vec![
        Variant::Unit,
        Variant::Newtype(inner),
        Variant::Tuple(-3, false),
        Variant::Struct {
            place: "Oslo".to_owned(),
            celsius: -12.5,
        },
    ]);

    let bytes = encode(&value);

    assert_eq!(decode::<Nested>(&bytes).unwrap(), value);
}

#[test]
fn every_truncation_and_extension_is_refused_by_both_twins() {
    let bytes = encode(&nested(vec![Variant::Unit, Variant::Tuple(1, true)]));

    for end in 0..bytes.len() {
        let failure = decode::<Nested>(&bytes[..end]).unwrap_err();
        assert!(failure.offset() <= end as u64, "cut at {end}: {failure}");
    }
    assert!(decode::<Nested>(&[&bytes[..], &[0; 4]].concat()).is_err());
}

#[test]
fn no_single_bit_flip_does_more_than_fail() {
    let value = nested(vec![Variant::Unit, Variant::Tuple(1, true)]);
    let bytes = encode(&value);

    let mut refused = 0;
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        refused += usize::from(decode::<Nested>(&flipped).is_err());
    }

    assert!(refused > 0 && refused < bytes.len() * 8);
}

#[test]
fn bytes_of_a_value_are_these() {
    let value = (
        true,
        -2_i8,
        Some(5_u64),
        "hi",
        vec![1_u8, 2, 3],
        vec![1.0_f32],
    );

    assert_eq!(
        encode(&value),
        [
            &[0, 0, 0, 1][..],
            &[0xFF, 0xFF, 0xFF, 0xFE],
            &[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 5],
            &[0, 0, 0, 2, b'h', b'i', 0, 0],
            &[0, 0, 0, 3, 1, 2, 3, 0],
            &[0, 0, 0, 1, 0x3F, 0x80, 0, 0],
        ]
        .concat()
    );
}

#[test]
fn vectors_of_each_primitive_pass_whole_and_come_back_beyond_one_run_of_scratch() {
    fn check<T>(values: Vec<T>)
    where
        T: Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug + Clone,
    {
        for count in [0, 1, 511, 512, 513, 4095, 4096, 4097, 10_000] {
            let values: Vec<T> = values.iter().cycle().take(count).cloned().collect();
            let bytes = encode(&values);
            assert_eq!(encode(&values.as_slice()), bytes, "a slice is the same");
            assert_eq!(decode::<Vec<T>>(&bytes).unwrap(), values);
        }
    }
    check::<u8>(vec![0, 1, 255]);
    check::<i8>(vec![i8::MIN, 0, i8::MAX]);
    check::<i16>(vec![i16::MIN, 0, i16::MAX]);
    check::<u16>(vec![0, u16::MAX]);
    check::<i32>(vec![i32::MIN, 0, i32::MAX]);
    check::<u32>(vec![0, u32::MAX]);
    check::<i64>(vec![i64::MIN, 0, i64::MAX]);
    check::<u64>(vec![0, u64::MAX]);
    check::<f32>(vec![f32::MIN, 0.25, f32::INFINITY]);
    check::<f64>(vec![f64::MIN, 0.25, f64::INFINITY]);
}

#[test]
fn primitives_one_by_one_write_what_they_write_whole() {
    // A deque's iterator is not the slice the adapter recognises.
    let whole = vec![1.5_f64, -2.5, 3.5];
    let single: std::collections::VecDeque<f64> = whole.iter().copied().collect();

    assert_eq!(encode(&single), encode(&whole));
}

#[test]
fn maps_with_keys_of_any_type_come_back() {
    let numbers: BTreeMap<i32, String> = (0..50).map(|key| (key, key.to_string())).collect();
    let hashed = HashMap::from([(-7_i32, "seven".to_owned())]);
    assert_eq!(
        decode::<HashMap<i32, String>>(&encode(&hashed)).unwrap(),
        hashed
    );
    let tuples = BTreeMap::from([((1_u8, 'x'), vec![1_u64]), ((2, 'y'), Vec::new())]);

    assert_eq!(
        decode::<BTreeMap<i32, String>>(&encode(&numbers)).unwrap(),
        numbers
    );
    assert_eq!(
        decode::<BTreeMap<(u8, char), Vec<u64>>>(&encode(&tuples)).unwrap(),
        tuples
    );
}

#[test]
fn numbers_that_do_not_fit_their_type_are_refused_by_both_twins() {
    let bytes = encode(&300_i32);

    assert!(decode::<u8>(&bytes).is_err());
    assert!(decode::<i8>(&bytes).is_err());
    assert_eq!(decode::<u16>(&bytes).unwrap(), 300);
    assert!(decode::<bool>(&bytes).is_err());
    assert!(decode::<char>(&encode(&0xD800_u32)).is_err());
    assert!(decode::<String>(&[0, 0, 0, 1, 0xFF, 0, 0, 0]).is_err());
    assert!(decode::<Variant>(&encode(&4_u32)).is_err());
}
