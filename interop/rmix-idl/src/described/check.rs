//! Whether a JSON value fits a type, without anything to write it to; and whether two are the same value.

use std::fmt;

use rmix_abi::describe::{FieldDesc, TypeDesc, VariantDesc, type_kind as kind};
use serde_json::Value;

use super::{Described, float, texts};

/// What does not fit a type, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unfit {
    /// Way to the part that does not fit, as `items[0].name`; empty for the whole value.
    pub path: String,
    /// What stands there, and what is expected.
    pub reason: String,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.reason),
            path => write!(f, "{path}: {}", self.reason),
        }
    }
}

impl std::error::Error for Unfit {}

impl Described<'_> {
    /// As [`check`](Described::check), and texts of built-in types of XML Schema are read: `lexical` is given the type's
    /// name (`dateTime`; `EndpointReferenceType` for a remote reference) and the text, and says what is wrong with it.
    ///
    /// # Errors
    /// The value is not of the type, or `lexical` refuses a text: the first part that does not fit.
    pub fn check_with<E: fmt::Display>(
        &self,
        lexical: impl Fn(&str, &str) -> Result<(), E>,
    ) -> Result<(), Unfit> {
        self.check()?;
        let lexical = |built_in: &str, text: &str| {
            lexical(built_in, text).map_err(|refused| refused.to_string())
        };
        texts::check(self.ty, self.value, &lexical)
    }

    /// Checks that the value is one of the type. Texts of dates and decimals are not read: see
    /// [`check_with`](Described::check_with).
    ///
    /// # Errors
    /// It is not: the first part that does not fit.
    pub fn check(&self) -> Result<(), Unfit> {
        let mut nowhere = serde_json::Serializer::new(std::io::sink());
        let written = serde_path_to_error::serialize(self, &mut nowhere);
        written.map_err(|failure| {
            let path = failure.path().to_string();
            Unfit {
                // A path of nothing is a point.
                path: if path == "." { String::new() } else { path },
                reason: failure.into_inner().to_string(),
            }
        })
    }

    /// Whether another value of the type is the same, however they are written: `1` and `1.0` where a float is, digits
    /// of either case, an absent member and `null`.
    pub fn is_same(&self, other: Option<&Value>) -> bool {
        same(self.ty, self.value, other)
    }
}

fn same(ty: &'static TypeDesc, one: Option<&Value>, other: Option<&Value>) -> bool {
    if ty.kind == kind::OPTION {
        return same_option(ty, one, other);
    }
    let (one, other) = (one.unwrap_or(&Value::Null), other.unwrap_or(&Value::Null));
    match (ty.kind, one, other) {
        (kind::I8..=kind::U128, one, other) => digits(one) == digits(other),
        (kind::F32 | kind::F64, one, other) => match (float(one), float(other)) {
            (Some(one), Some(other)) => one == other || (one.is_nan() && other.is_nan()),
            _ => false,
        },
        (kind::BYTES | kind::OPAQUE, Value::String(one), Value::String(other)) => {
            one.eq_ignore_ascii_case(other)
        }
        (kind::SEQ | kind::LIST | kind::ARRAY, Value::Array(one), Value::Array(other)) => {
            let element = ty.element();
            let pairs = one.iter().zip(other);
            one.len() == other.len()
                && pairs
                    .into_iter()
                    .all(|(one, other)| element.is_some_and(|ty| same(ty, Some(one), Some(other))))
        }
        (kind::TUPLE, Value::Array(one), Value::Array(other)) => {
            let mut pairs = ty.fields().iter().zip(one.iter().zip(other));
            one.len() == other.len()
                && pairs.all(|(field, (one, other))| same(field.ty(), Some(one), Some(other)))
        }
        (kind::STRUCT, one, other) => same_members(ty.fields(), one, other),
        (kind::ENUM, one, other) => same_variant(ty, one, other),
        _ => one == other,
    }
}

fn same_option(ty: &TypeDesc, one: Option<&Value>, other: Option<&Value>) -> bool {
    let Some(element) = ty.element() else {
        return false;
    };
    // Of an optional optional value `null` is the inner one that is absent, and only a missing member the outer one.
    let is_none = |value: Option<&Value>| match value {
        None => true,
        Some(value) => value.is_null() && element.kind != kind::OPTION,
    };
    match (is_none(one), is_none(other)) {
        (true, true) => true,
        (false, false) => same(element, one, other),
        _ => false,
    }
}

fn same_members(fields: &'static [FieldDesc], one: &Value, other: &Value) -> bool {
    let mut fields = fields.iter();
    fields.all(|field| same(field.ty(), one.get(field.name()), other.get(field.name())))
}

fn same_variant(ty: &'static TypeDesc, one: &Value, other: &Value) -> bool {
    let (Some((name, one)), Some((other_name, other))) = (variant(one), variant(other)) else {
        return false;
    };
    let known = |variant: &&VariantDesc| variant.name() == name;
    let Some(variant) = ty.variants().iter().find(known) else {
        return false;
    };
    let content = match variant.fields() {
        [only] if only.name().is_empty() => same(only.ty(), Some(one), Some(other)),
        fields => match (one, other) {
            (Value::Array(one), Value::Array(other)) => {
                let mut pairs = fields.iter().zip(one.iter().zip(other));
                pairs.all(|(field, (one, other))| same(field.ty(), Some(one), Some(other)))
            }
            _ => same_members(fields, one, other),
        },
    };
    name == other_name && content
}

/// The variant's name and content.
fn variant(value: &Value) -> Option<(&str, &Value)> {
    match value {
        Value::String(name) => Some((name, &Value::Null)),
        Value::Object(members) => members.iter().next().map(|(name, it)| (name.as_str(), it)),
        _ => None,
    }
}

/// The integer, in digits without what says nothing.
fn digits(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => number.to_string().parse().ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
