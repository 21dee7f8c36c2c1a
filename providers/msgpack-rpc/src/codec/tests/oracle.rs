//! The same values through `rmp-serde`: equal bytes, and each reads what the other wrote.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde_bytes::Bytes as Octets;

use super::sample::{Rich, rich, small};
use super::{decode, encode, encode_arrays};

#[test]
fn sample_has_the_bytes_of_the_oracle() {
    let value = small();
    assert_eq!(encode(&value), rmp_serde::to_vec_named(&value).unwrap());
    assert_eq!(encode_arrays(&value), rmp_serde::to_vec(&value).unwrap());
}

#[test]
fn plain_octets_have_the_bytes_that_serde_bytes_gives_the_oracle() {
    for length in [0, 1, 255, 256, 65_535, 65_536] {
        let octets = vec![0xc1_u8; length];
        let expected = rmp_serde::to_vec(Octets::new(&octets)).unwrap();
        assert_eq!(encode(&octets), expected);
        assert_eq!(encode(octets.as_slice()), expected);
        assert_eq!(decode::<Vec<u8>>(&expected).expect("a bin"), octets);
        // The oracle's own idea of `Vec<u8>` is an array of integers.
        let array = rmp_serde::to_vec(&octets).unwrap();
        assert_eq!(decode::<Vec<u8>>(&array).expect("an array"), octets);
    }
}

#[test]
fn headers_change_size_where_those_of_the_oracle_do() {
    for length in [0_u32, 15, 16, 31, 32, 255, 256, 65_535, 65_536] {
        let text = "x".repeat(length as usize);
        assert_eq!(encode(&text), rmp_serde::to_vec(&text).unwrap());
        let numbers: Vec<u32> = (0..length).collect();
        assert_eq!(encode(&numbers), rmp_serde::to_vec(&numbers).unwrap());
        assert_eq!(decode::<Vec<u32>>(&encode(&numbers)).unwrap(), numbers);
        let texts = vec![text.get(..1).unwrap_or_default(); length as usize];
        assert_eq!(encode(&texts), rmp_serde::to_vec(&texts).unwrap());
        let pairs: BTreeMap<u32, ()> = numbers.iter().map(|key| (*key, ())).collect();
        assert_eq!(encode(&pairs), rmp_serde::to_vec(&pairs).unwrap());
    }
}

/// A sequence that does not say its length.
struct Unsaid<'a, T>(&'a [T]);

impl<T: Serialize> Serialize for Unsaid<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        for element in self.0 {
            sequence.serialize_element(element)?;
        }
        sequence.end()
    }
}

/// A map that does not say its length.
struct UnsaidPairs<'a>(&'a [(u8, Unsaid<'a, String>)]);

impl Serialize for UnsaidPairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[test]
fn unsaid_lengths_are_filled_in_for_the_oracle_to_read() {
    let texts = ["a".to_owned(), "b".to_owned()];
    let bytes = encode(&UnsaidPairs(&[
        (1, Unsaid(&texts)),
        (2, Unsaid(&[])),
        (3, Unsaid(&texts[1..])),
    ]));
    let expected: BTreeMap<u8, Vec<String>> =
        BTreeMap::from([(1, texts.to_vec()), (2, vec![]), (3, texts[1..].to_vec())]);
    let found: BTreeMap<u8, Vec<String>> = rmp_serde::from_slice(&bytes).unwrap();
    assert_eq!(found, expected);
    assert_eq!(
        decode::<BTreeMap<u8, Vec<String>>>(&bytes).unwrap(),
        expected
    );
    // Octets too: a bin with the largest header.
    let octets = encode(&Unsaid(&[1_u8, 2, 3]));
    assert_eq!(octets, b"\xc6\x00\x00\x00\x03\x01\x02\x03");
    assert_eq!(decode::<Vec<u8>>(&octets).unwrap(), [1, 2, 3]);
}

#[test]
fn unit_structs_of_the_oracle_are_read() {
    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Marker;
    let bytes = rmp_serde::to_vec(&Marker).unwrap();
    assert_eq!(decode::<Marker>(&bytes).unwrap(), Marker);
    assert_eq!(encode(&Marker), b"\xc0");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn arbitrary_values_agree_with_the_oracle(value in rich()) {
        let named = encode(&value);
        prop_assert_eq!(&named, &rmp_serde::to_vec_named(&value).unwrap());
        let arrays = encode_arrays(&value);
        prop_assert_eq!(&arrays, &rmp_serde::to_vec(&value).unwrap());
        let found: Rich = rmp_serde::from_slice(&named).unwrap();
        prop_assert_eq!(&found, &value);
        for bytes in [&named, &arrays] {
            let found: Rich = decode(bytes).unwrap();
            prop_assert_eq!(&found, &value);
            // Canonical input comes out as it went in.
            prop_assert_eq!(&encode(&found), &named);
        }
    }
}
