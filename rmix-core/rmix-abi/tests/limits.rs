//! Limits at their value and one beyond, in both directions where they count in both.

use rmix_abi::tables::{Limits, fault};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::units::{TWINS, decode_within, encode_within};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Chain(Option<Box<Chain>>);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Branch {
    Leaf,
    Newtype(Box<Branch>),
    Tuple(Box<Branch>, u8),
    Struct { inner: Box<Branch> },
}

fn with_depth(depth: u32) -> Limits {
    Limits {
        depth,
        ..Limits::default()
    }
}

/// The value passes both ways at `depth`, and neither way one below.
fn needs_depth<T>(depth: u32, value: &T)
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    for twin in TWINS {
        let bytes = encode_within(twin, &with_depth(depth), value)
            .unwrap_or_else(|failure| panic!("{value:?} at {depth}: {failure}"));
        let back: T = decode_within(twin, &with_depth(depth), &bytes)
            .unwrap_or_else(|failure| panic!("{value:?} at {depth}: {failure}"));
        assert_eq!(&back, value);

        let encoding = encode_within(twin, &with_depth(depth - 1), value).unwrap_err();
        let decoding = decode_within::<T>(twin, &with_depth(depth - 1), &bytes).unwrap_err();
        for failure in [encoding, decoding] {
            assert_eq!(failure.class(), fault::LIMIT, "{value:?}: {failure}");
            assert!(
                failure.to_string().starts_with("depth"),
                "{value:?}: {failure}"
            );
        }
    }
}

#[test]
fn depth_is_enough_at_the_limit_and_refused_beyond_for_every_container() {
    needs_depth(1, &Some(1_u32));
    needs_depth(1, &vec![true]);
    needs_depth(1, &vec![1_u32]);
    needs_depth(1, &(1_u32, 2_u32));
    needs_depth(1, &std::collections::BTreeMap::from([(1_u32, 2_u32)]));
    needs_depth(2, &vec![vec![1_u8]]);
    needs_depth(
        5,
        &Chain(Some(Box::new(Chain(Some(Box::new(Chain(None))))))),
    );
}

#[test]
fn depth_of_variants_counts_their_content_and_the_same_both_ways() {
    let leaf = || Box::new(Branch::Leaf);
    // A leaf is a level when it is read, as its content is not known before.
    for (value, encoded, decoded) in [
        (Branch::Newtype(leaf()), 1, 2),
        (Branch::Tuple(leaf(), 1), 1, 2),
        (Branch::Struct { inner: leaf() }, 1, 2),
    ] {
        for twin in TWINS {
            let bytes = encode_within(twin, &with_depth(encoded), &value).unwrap();
            assert!(encode_within(twin, &with_depth(encoded - 1), &value).is_err());
            let back: Branch = decode_within(twin, &with_depth(decoded), &bytes).unwrap();
            assert_eq!(back, value);
            let failure =
                decode_within::<Branch>(twin, &with_depth(decoded - 1), &bytes).unwrap_err();
            assert_eq!(failure.class(), fault::LIMIT);
        }
    }
}

#[test]
fn depth_is_given_back_after_each_value() {
    let siblings = vec![Some(vec![Some(1_u8)]); 20];

    needs_depth(4, &siblings);
}

#[test]
fn items_are_enough_at_the_limit_and_refused_beyond() {
    // The list is one, and each of its elements, which are no primitives, one more.
    let bytes = encode_within(TWINS[0], &Limits::default(), &vec![true; 5]).unwrap();
    for twin in TWINS {
        let limited = |items| Limits {
            items,
            ..Limits::default()
        };

        let found: Vec<bool> = decode_within(twin, &limited(6), &bytes).unwrap();
        let failure = decode_within::<Vec<bool>>(twin, &limited(5), &bytes).unwrap_err();

        assert_eq!(found, [true; 5]);
        assert_eq!(failure.class(), fault::LIMIT);
        assert_eq!(failure.to_string(), "items (at byte 20)");
    }
}

#[test]
fn items_bound_a_list_of_values_that_take_no_bytes() {
    let endless = [0xFF_u8; 4];

    for twin in TWINS {
        let failure = decode_within::<Vec<()>>(twin, &Limits::default(), &endless).unwrap_err();
        assert_eq!(failure.class(), fault::LIMIT);
    }
}

#[test]
fn message_bytes_are_enough_at_the_limit_and_refused_beyond() {
    let limits = Limits {
        message_bytes: 16,
        ..Limits::default()
    };
    for twin in TWINS {
        let fits = encode_within(twin, &limits, &(1_u32, 2_u64, 3_u32)).unwrap();
        assert_eq!(fits.len(), 16);
        let beyond = [
            encode_within(twin, &limits, &(1_u32, 2_u64, 3_u32, 4_u8)).unwrap_err(),
            encode_within(twin, &limits, &vec![0_u8; 13]).unwrap_err(),
            encode_within(twin, &limits, &"thirteen char").unwrap_err(),
        ];
        for failure in beyond {
            assert_eq!(failure.class(), fault::LIMIT);
            let sentence = failure.to_string();
            assert!(sentence.starts_with("message_bytes, "), "{sentence}");
            assert!(sentence.contains("limit 16"), "{sentence}");
        }
    }
}

#[test]
fn declared_lengths_reserve_nothing_that_did_not_arrive() {
    // Four billion elements in twelve bytes: refused by what is missing, not by an allocation.
    let bytes = [&[0xFF; 4][..], &[0; 8]].concat();
    for twin in TWINS {
        assert!(decode_within::<Vec<f64>>(twin, &Limits::default(), &bytes).is_err());
        assert!(decode_within::<Vec<u8>>(twin, &Limits::default(), &bytes).is_err());
        assert!(decode_within::<Vec<String>>(twin, &Limits::default(), &bytes).is_err());
        assert!(decode_within::<String>(twin, &Limits::default(), &bytes).is_err());
        let maps =
            decode_within::<std::collections::HashMap<u64, u64>>(twin, &Limits::default(), &bytes);
        assert!(maps.is_err());
    }
}
