//! Sequences that are unusual: of unknown length, of mixed elements, and of another length than they announced.

use std::fmt;

use rmix_abi::tables::{Limits, fault};
use serde::de::{self, SeqAccess, Visitor};
use serde::ser::{SerializeSeq, Serializer};
use serde::{Deserialize, Serialize};

use crate::units::{TWINS, decode, decode_within, encode, encode_within};

/// Serializes as a sequence of unknown length.
struct Unknown<T>(Vec<T>);

impl<T: Serialize> Serialize for Unknown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().filter(|_| true))
    }
}

#[test]
fn sequences_of_unknown_length_are_written_like_those_of_known_length() {
    assert_eq!(
        encode(&Unknown(vec![1_u8, 2, 3])),
        encode(&vec![1_u8, 2, 3])
    );
    assert_eq!(encode(&Unknown(vec![1.5_f64])), encode(&vec![1.5_f64]));
    assert_eq!(
        encode(&Unknown(vec!["a".to_owned(), "b".to_owned()])),
        encode(&vec!["a", "b"])
    );
    assert_eq!(encode(&Unknown(Vec::<u64>::new())), [0; 4]);
    assert_eq!(
        encode(&Unknown(vec![Unknown(vec![1_u16]), Unknown(vec![])])),
        encode(&vec![vec![1_u16], vec![]])
    );
}

/// Serializes as a map of unknown length.
struct UnknownMap(Vec<(u8, String)>);

impl Serialize for UnknownMap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[test]
fn maps_of_unknown_length_are_written_like_those_of_known_length() {
    let known = std::collections::BTreeMap::from([(1_u8, "a"), (2, "b")]);

    let unknown = UnknownMap(vec![(1, "a".to_owned()), (2, "b".to_owned())]);

    assert_eq!(encode(&unknown), encode(&known));
}

/// Serializes as a sequence of what the function puts, announcing a length.
struct Putting<F>(Option<usize>, F);

impl<F> Serialize for Putting<F>
where
    F: Fn(&mut dyn FnMut(Element) -> bool),
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(self.0)?;
        let mut failed = None;
        (self.1)(&mut |element| {
            let put = match element {
                Element::Int(value) => sequence.serialize_element(&value),
                Element::Wide(value) => sequence.serialize_element(&value),
                Element::Text(value) => sequence.serialize_element(value),
            };
            failed = put.err();
            failed.is_none()
        });
        match failed {
            Some(failure) => Err(failure),
            None => sequence.end(),
        }
    }
}

enum Element {
    Int(i32),
    Wide(i64),
    Text(&'static str),
}

#[test]
fn a_sequence_that_begins_with_a_primitive_and_goes_on_otherwise_is_not_written() {
    let text = Putting(Some(2), |put: &mut dyn FnMut(Element) -> bool| {
        let _ = put(Element::Int(1)) && put(Element::Text("x"));
    });
    let wide = Putting(Some(2), |put: &mut dyn FnMut(Element) -> bool| {
        let _ = put(Element::Int(1)) && put(Element::Wide(2));
    });
    for twin in TWINS {
        for failure in [
            encode_within(twin, &Limits::default(), &text).unwrap_err(),
            encode_within(twin, &Limits::default(), &wide).unwrap_err(),
        ] {
            assert_eq!(failure.class(), fault::UNSUPPORTED);
            assert!(failure.to_string().contains("mixes primitives"));
        }
    }
}

#[test]
fn a_sequence_of_another_length_than_announced_is_not_written() {
    for announced in [0, 1, 3] {
        let value = Putting(Some(announced), |put: &mut dyn FnMut(Element) -> bool| {
            let _ = put(Element::Text("a")) && put(Element::Text("b"));
        });
        for twin in TWINS {
            let failure = encode_within(twin, &Limits::default(), &value).unwrap_err();
            assert_eq!(failure.class(), fault::MISMATCH, "{announced} announced");
        }
    }
}

/// Reads a sequence as `A` and then `B`, in turn.
#[derive(Debug, PartialEq)]
struct Alternating<A, B>(Vec<(A, B)>);

impl<'de, A: Deserialize<'de>, B: Deserialize<'de>> Deserialize<'de> for Alternating<A, B> {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs<A, B>(std::marker::PhantomData<(A, B)>);
        impl<'de, A: Deserialize<'de>, B: Deserialize<'de>> Visitor<'de> for Pairs<A, B> {
            type Value = Alternating<A, B>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a sequence of two types in turn")
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
                let mut pairs = Vec::new();
                while let Some(first) = seq.next_element()? {
                    let second = seq.next_element()?;
                    pairs.push((first, second.ok_or_else(|| de::Error::custom("odd"))?));
                }
                Ok(Alternating(pairs))
            }
        }
        deserializer.deserialize_seq(Pairs(std::marker::PhantomData))
    }
}

#[test]
fn a_sequence_is_not_read_as_primitives_and_other_values_in_turn() {
    let numbers = encode(&vec![1_u32, 2, 3, 4]);
    let texts = encode(&vec!["a", "b"]);
    for twin in TWINS {
        let limits = Limits::default();
        let mixed = [
            decode_within::<Alternating<u32, bool>>(twin, &limits, &numbers).unwrap_err(),
            decode_within::<Alternating<bool, u32>>(twin, &limits, &numbers).unwrap_err(),
            decode_within::<Alternating<u32, i32>>(twin, &limits, &numbers).unwrap_err(),
        ];
        for failure in mixed {
            assert_eq!(failure.class(), fault::MALFORMED);
            assert!(
                failure.to_string().contains("mixes primitives"),
                "{failure}"
            );
        }
    }
    let read: Alternating<String, String> = decode(&texts).unwrap();
    assert_eq!(read.0, [("a".to_owned(), "b".to_owned())]);
}
