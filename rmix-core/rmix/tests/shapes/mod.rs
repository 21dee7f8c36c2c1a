//! The shapes in a format that names variants and carries lengths; their bytes in RFC 4506 are tested with its codec.

use rmix::generated::{type_kind, variant_flags};
use rmix::{Array, Bounded, Data, List, Opaque, Union};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Union)]
#[rmix(name = "lookup3res")]
#[repr(i32)]
enum Lookup {
    Found(Vec<u32>) = 0,
    NoEntry = 2,
    #[rmix(name = "stale")]
    Stale = -70,
    Next,
    #[rmix(default)]
    Failed(i32, String),
}

#[derive(Debug, Clone, PartialEq, Union)]
#[repr(i32)]
enum Status {
    Fine,
    Odd = 7,
    #[rmix(default)]
    Other(i32),
}

#[track_caller]
fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: T, json: &str) {
    assert_eq!(serde_json::to_string(&value).unwrap(), json);
    assert_eq!(serde_json::from_str::<T>(json).unwrap(), value);
}

#[test]
fn unions_are_named_where_variants_are_named() {
    round_trip(Lookup::Found(vec![1, 2]), r#"{"Found":[1,2]}"#);
    round_trip(Lookup::NoEntry, r#""NoEntry""#);
    round_trip(Lookup::Stale, r#""stale""#);
    round_trip(
        Lookup::Failed(5, "io".to_owned()),
        r#"{"Failed":{"$discriminant":5,"value":"io"}}"#,
    );
    round_trip(Status::Other(-1), r#"{"Other":{"$discriminant":-1}}"#);
}

#[test]
fn discriminants_are_counted_as_rust_counts_them() {
    let found = [
        Lookup::Found(vec![]).discriminant(),
        Lookup::NoEntry.discriminant(),
        Lookup::Stale.discriminant(),
        Lookup::Next.discriminant(),
        Lookup::Failed(9, String::new()).discriminant(),
        Status::Fine.discriminant(),
        Status::Odd.discriminant(),
    ];
    assert_eq!(found, [0, 2, -70, -69, 9, 0, 7]);
}

#[test]
fn default_arm_does_not_take_the_place_of_another() {
    let taken = serde_json::to_string(&Status::Other(7)).unwrap_err();
    assert!(
        taken
            .to_string()
            .contains("discriminant 7, which has an arm of its own"),
        "{taken}"
    );
}

#[test]
fn unknown_names_and_missing_parts_are_refused() {
    let unknown = serde_json::from_str::<Status>(r#""Nothing""#).unwrap_err();
    assert!(
        unknown.to_string().contains("unknown variant `Nothing`"),
        "{unknown}"
    );
    let missing = serde_json::from_str::<Lookup>(r#"{"Failed":{"$discriminant":5}}"#).unwrap_err();
    assert!(
        missing.to_string().contains("missing field `value`"),
        "{missing}"
    );
    let missing = serde_json::from_str::<Status>(r#"{"Other":{}}"#).unwrap_err();
    assert!(missing.to_string().contains("$discriminant"), "{missing}");
}

#[test]
fn union_is_described_with_its_discriminants() {
    let variants = Lookup::SCHEMA;
    assert_eq!(variants.name(), "lookup3res");
    let described: Vec<_> = variants
        .variants()
        .iter()
        .map(|v| {
            (
                v.name().to_owned(),
                v.index.cast_signed(),
                v.flags,
                v.fields().len(),
            )
        })
        .collect();
    let arm = variant_flags::DISCRIMINANT;
    assert_eq!(
        described,
        [
            ("Found".to_owned(), 0, arm, 1),
            ("NoEntry".to_owned(), 2, arm, 0),
            ("stale".to_owned(), -70, arm, 0),
            ("Next".to_owned(), -69, arm, 0),
            ("Failed".to_owned(), 0, arm | variant_flags::DEFAULT, 2),
        ]
    );
}

#[test]
fn bounds_hold_at_the_limit_and_refuse_beyond() {
    type Text = Bounded<String, 3>;
    type Numbers = Bounded<Vec<u8>, 2>;
    round_trip(Text::from("abc".to_owned()), r#""abc""#);
    round_trip(Numbers::from(vec![1, 2]), "[1,2]");
    let sent = serde_json::to_string(&Text::from("abcd".to_owned())).unwrap_err();
    let received = serde_json::from_str::<Numbers>("[1,2,3]").unwrap_err();
    assert!(
        sent.to_string()
            .contains("a length of 4, beyond the bound of 3"),
        "{sent}"
    );
    assert!(
        received
            .to_string()
            .contains("a length of 3, beyond the bound of 2"),
        "{received}"
    );
    assert_eq!(
        (Text::SCHEMA.kind, Text::SCHEMA.len),
        (type_kind::STRING, 3)
    );
    assert_eq!(
        (Numbers::SCHEMA.kind, Numbers::SCHEMA.len),
        (type_kind::BYTES, 2)
    );
}

#[test]
fn octets_of_fixed_length_are_as_many_as_declared() {
    round_trip(Opaque([1, 2, 3]), "[1,2,3]");
    assert!(serde_json::from_str::<Opaque<3>>("[1,2]").is_err());
    assert!(serde_json::from_str::<Opaque<3>>("[1,2,3,4]").is_err());
    assert_eq!(
        (Opaque::<3>::SCHEMA.kind, Opaque::<3>::SCHEMA.len),
        (type_kind::OPAQUE, 3)
    );
}

#[test]
fn long_arrays_have_their_length() {
    let array = Array::<u16, 40>([7; 40]);
    let json = serde_json::to_string(&array).unwrap();
    round_trip(array, &json);
    assert!(serde_json::from_str::<Array<u16, 41>>(&json).is_err());
    assert!(serde_json::from_str::<Array<u16, 39>>(&json).is_err());
    assert_eq!(
        (Array::<u16, 40>::SCHEMA.kind, Array::<u16, 40>::SCHEMA.len),
        (type_kind::ARRAY, 40)
    );
}

#[test]
fn lists_are_sequences_elsewhere() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Groups {
        names: List<String>,
    }
    let names = ["staff", "wheel"].map(str::to_owned).into_iter().collect();
    round_trip(Groups { names }, r#"{"names":["staff","wheel"]}"#);
    assert_eq!(List::<u8>::SCHEMA.kind, type_kind::LIST);
}
