//! What `#[serde(…)]` says about the shape of a value. Attributes that change only how a value is read (`default`,
//! `alias`, …) are passed over; those that give a shape not every format can carry are refused.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Meta, Type};

use super::case::Case;
use crate::attributes::{Entry, entries_of};
use crate::errors::Errors;

const ANY_SHAPE: &str = "only self-describing formats can carry it";
const NO_SCHEMA: &str = "the type on the wire cannot be told from here; wrap the field in a type of its own that \
                         implements `rmix::Data`";
const ONE_WAY: &str = "both sides must agree on the value: use `skip`";

/// What may stand on a type, field or variant; unset where it does not apply.
#[derive(Default)]
pub(super) struct SerdeAttribute {
    /// `rename`.
    pub(super) rename: Option<String>,
    /// `rename_all`.
    pub(super) rename_all: Option<Case>,
    /// `rename_all_fields`.
    pub(super) rename_all_fields: Option<Case>,
    /// `skip`.
    pub(super) skip: Option<Meta>,
    /// `transparent`.
    pub(super) transparent: Option<Meta>,
    /// The type of `from` or `try_from` and `into`.
    pub(super) stand_in: Option<Type>,
}

impl SerdeAttribute {
    /// What stands on a type.
    pub(super) fn of_container(attributes: &[Attribute], errors: &mut Errors) -> SerdeAttribute {
        let mut read = SerdeAttribute::default();
        let mut from: Option<(Meta, Type)> = None;
        let mut into: Option<(Meta, Type)> = None;
        for entry in entries_of("serde", attributes, errors) {
            match entry.key.as_str() {
                "rename" => read.rename = both_ways(&entry, errors),
                "rename_all" => read.rename_all = case(&entry, errors),
                "rename_all_fields" => read.rename_all_fields = case(&entry, errors),
                "transparent" => read.transparent = Some(entry.meta),
                "from" | "try_from" => from = named_type(&entry, errors),
                "into" => into = named_type(&entry, errors),
                "default" | "deny_unknown_fields" | "bound" | "crate" | "expecting" => {}
                "tag" | "content" | "untagged" => refuse(&entry, ANY_SHAPE, errors),
                "field_identifier" | "variant_identifier" => refuse(&entry, ANY_SHAPE, errors),
                "remote" => refuse(&entry, "derive `rmix::Data` on a type of its own", errors),
                _ => refuse(&entry, "it is not known here", errors),
            }
        }
        read.stand_in = agreed(from, into, errors);
        read
    }

    /// What stands on a variant.
    pub(super) fn of_variant(attributes: &[Attribute], errors: &mut Errors) -> SerdeAttribute {
        let entries = entries_of("serde", attributes, errors);
        let mut read = SerdeAttribute::default();
        for entry in &entries {
            match entry.key.as_str() {
                "rename" => read.rename = both_ways(entry, errors),
                "rename_all" => read.rename_all = case(entry, errors),
                "alias" | "bound" | "borrow" | "other" => {}
                "skip" | "skip_serializing" | "skip_deserializing" => {}
                "untagged" => refuse(entry, ANY_SHAPE, errors),
                "with" | "serialize_with" | "deserialize_with" => refuse(entry, NO_SCHEMA, errors),
                _ => refuse(entry, "it is not known here", errors),
            }
        }
        read.skip = skipped(&entries, errors);
        read
    }

    /// What stands on a field.
    pub(super) fn of_field(attributes: &[Attribute], errors: &mut Errors) -> SerdeAttribute {
        let entries = entries_of("serde", attributes, errors);
        let mut read = SerdeAttribute {
            skip: skipped(&entries, errors),
            ..SerdeAttribute::default()
        };
        for entry in &entries {
            match entry.key.as_str() {
                "rename" => read.rename = both_ways(entry, errors),
                "alias" | "default" | "bound" | "borrow" => {}
                "skip" | "skip_serializing" | "skip_deserializing" => {}
                // What serde does not write needs no description.
                _ if read.skip.is_some() => {}
                "flatten" => refuse(entry, ANY_SHAPE, errors),
                "skip_serializing_if" => refuse(
                    entry,
                    "formats that write fields by position need every field, `None` included",
                    errors,
                ),
                // Octets either way: the formats treat `Vec<u8>` as serde_bytes does.
                "with" if is_serde_bytes(entry) => {}
                "with" | "serialize_with" | "deserialize_with" | "getter" => {
                    refuse(entry, NO_SCHEMA, errors);
                }
                _ => refuse(entry, "it is not known here", errors),
            }
        }
        read
    }
}

fn refuse(entry: &Entry, why: &str, errors: &mut Errors) {
    let message = format!(
        "`rmix::Data` does not support serde's `{}`: {why}",
        entry.key
    );
    errors.at(&entry.meta, message);
}

/// The text of `key = "x"`, or of `key(serialize = "x", deserialize = "x")`.
fn both_ways(entry: &Entry, errors: &mut Errors) -> Option<String> {
    let Meta::List(_) = entry.meta else {
        return entry.text(errors).map(|text| text.value());
    };
    let inner = entry.inner(errors)?;
    let one = |key: &str, errors: &mut Errors| {
        let found = inner.iter().find(|candidate| candidate.key == key);
        found.and_then(|found| found.text(errors).map(|text| text.value()))
    };
    let (written, read) = (one("serialize", errors), one("deserialize", errors));
    if written.is_none() || written != read {
        let message = format!("`{}` must be the same in both directions", entry.key);
        errors.at(&entry.meta, message);
    }
    written
}

fn case(entry: &Entry, errors: &mut Errors) -> Option<Case> {
    let name = both_ways(entry, errors)?;
    let case = Case::named(&name);
    if case.is_none() {
        let message = format!("unknown rule `{name}`; the rules are {}", Case::names());
        errors.at(&entry.meta, message);
    }
    case
}

fn named_type(entry: &Entry, errors: &mut Errors) -> Option<(Meta, Type)> {
    let text = entry.text(errors)?;
    let ty = errors.take(text.parse::<Type>())?;
    Some((entry.meta.clone(), ty))
}

fn agreed(
    from: Option<(Meta, Type)>,
    into: Option<(Meta, Type)>,
    errors: &mut Errors,
) -> Option<Type> {
    let same = |a: &Type, b: &Type| text(a.to_token_stream()) == text(b.to_token_stream());
    match (from, into) {
        (None, None) => None,
        (Some((_, from)), Some((_, into))) if same(&from, &into) => Some(into),
        (Some((meta, _)), _) | (None, Some((meta, _))) => {
            errors.at(
                meta,
                "the value on the wire must be of one type: give `into` and one of `from`, `try_from` the same type",
            );
            None
        }
    }
}

fn text(tokens: TokenStream) -> String {
    tokens.to_string()
}

/// The entry that says that the item never travels.
fn skipped(entries: &[Entry], errors: &mut Errors) -> Option<Meta> {
    let find = |key: &str| entries.iter().find(|entry| entry.key == key);
    if let Some(entry) = find("skip") {
        return Some(entry.meta.clone());
    }
    match (find("skip_serializing"), find("skip_deserializing")) {
        (Some(entry), Some(_)) => return Some(entry.meta.clone()),
        (Some(entry), None) | (None, Some(entry)) => refuse(entry, ONE_WAY, errors),
        (None, None) => {}
    }
    None
}

fn is_serde_bytes(entry: &Entry) -> bool {
    let mut unheard = Errors::default();
    let value = entry.text(&mut unheard);
    value.is_some_and(|text| text.value() == "serde_bytes")
}
