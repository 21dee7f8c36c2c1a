//! A value of any type, for calls without a description and for faults nobody declared. Only self-describing protocols
//! can carry it. Conversion from and to JSON is the command's business, not this crate's.

use std::fmt;

use rmix_abi::describe::{Data, TypeDesc, type_kind};
use rmix_abi::host::magic;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// Any value.
///
/// Integers within `i64` are always [`Value::Int`] when decoded, so equal numbers are equal values.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Value {
    /// Nothing.
    #[default]
    Nil,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer above `i64::MAX`.
    UInt(u64),
    /// A float in single precision.
    Float32(f32),
    /// A float in double precision.
    Float(f64),
    /// Text.
    Text(String),
    /// Text as it was sent, not UTF-8.
    RawText(Vec<u8>),
    /// Octets.
    Bytes(Vec<u8>),
    /// A sequence.
    Array(Vec<Value>),
    /// Pairs of key and value, in the order sent.
    Map(Vec<(Value, Value)>),
    /// A value of the protocol's own: its type and its octets.
    Ext(i64, Vec<u8>),
}

impl Data for Value {
    const SCHEMA: TypeDesc = TypeDesc::plain(type_kind::ANY);
}

/// Octets, not a sequence of numbers.
struct Octets<'a>(&'a [u8]);

impl Serialize for Octets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Nil => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::UInt(value) => serializer.serialize_u64(*value),
            Value::Float32(value) => serializer.serialize_f32(*value),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::Text(value) => serializer.serialize_str(value),
            Value::RawText(value) => {
                serializer.serialize_newtype_struct(magic::RAW_STR, &Octets(value))
            }
            Value::Bytes(value) => serializer.serialize_bytes(value),
            Value::Array(values) => serializer.collect_seq(values),
            Value::Map(pairs) => {
                let mut map = serializer.serialize_map(Some(pairs.len()))?;
                for (key, value) in pairs {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
            Value::Ext(kind, content) => {
                let mut tagged = kind.to_le_bytes().to_vec();
                tagged.extend_from_slice(content);
                serializer.serialize_newtype_struct(magic::EXT, &Octets(&tagged))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Nil)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Nil)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or(Value::UInt(value), Value::Int))
    }

    fn visit_f32<E>(self, value: f32) -> Result<Value, E> {
        Ok(Value::Float32(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Value, E> {
        Ok(Value::Bytes(value.to_vec()))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Value::Map(pairs))
    }

    /// What is neither serde's nor JSON's crosses as tagged octets; see `rmix_abi::host::magic`.
    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Value, D::Error> {
        let tagged = match deserializer.deserialize_bytes(AnyValue)? {
            Value::Bytes(tagged) => tagged,
            other => return Ok(other),
        };
        let wrong = || de::Error::custom("octets without a known tag");
        let (tag, content) = tagged.split_first().ok_or_else(wrong)?;
        match *tag {
            magic::TAG_RAW_STR => Ok(Value::RawText(content.to_vec())),
            magic::TAG_EXT => {
                let (kind, content) = content.split_first_chunk::<8>().ok_or_else(wrong)?;
                Ok(Value::Ext(i64::from_le_bytes(*kind), content.to_vec()))
            }
            _ => Err(wrong()),
        }
    }
}

macro_rules! from {
    ($($ty:ty => $variant:ident $(as $wide:ty)?),* $(,)?) => { $(
        impl From<$ty> for Value {
            fn from(value: $ty) -> Value {
                Value::$variant($(<$wide>::from)?(value))
            }
        }
    )* };
}
from!(
    bool => Bool, i8 => Int as i64, i16 => Int as i64, i32 => Int as i64, i64 => Int, u8 => Int as i64,
    u16 => Int as i64, u32 => Int as i64, f32 => Float32, f64 => Float, String => Text, &str => Text as String,
    Vec<Value> => Array,
);

impl From<u64> for Value {
    fn from(value: u64) -> Value {
        i64::try_from(value).map_or(Value::UInt(value), Value::Int)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Nil => f.write_str("nil"),
            Value::Bool(value) => value.fmt(f),
            Value::Int(value) => value.fmt(f),
            Value::UInt(value) => value.fmt(f),
            Value::Float32(value) => value.fmt(f),
            Value::Float(value) => value.fmt(f),
            Value::Text(value) => write!(f, "{value:?}"),
            Value::RawText(value) => write!(f, "{:?}", String::from_utf8_lossy(value)),
            Value::Bytes(value) => write!(f, "{} octets", value.len()),
            Value::Array(values) => {
                f.write_str("[")?;
                for (index, value) in values.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{value}")?;
                }
                f.write_str("]")
            }
            Value::Map(pairs) => {
                f.write_str("{")?;
                for (index, (key, value)) in pairs.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{key}: {value}")?;
                }
                f.write_str("}")
            }
            Value::Ext(kind, content) => write!(f, "extension {kind} of {} octets", content.len()),
        }
    }
}
