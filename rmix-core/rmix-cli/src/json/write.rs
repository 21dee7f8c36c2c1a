//! A value as JSON, written as it is visited: nothing is copied, and maps keep their order.

use std::collections::BTreeSet;

use rmix::Value;
use serde::ser::{Error, Serialize, SerializeMap, Serializer};

/// A value that serialises as the JSON described in the help.
pub(super) struct Written<'a>(pub(super) &'a Value);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Nil => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::UInt(value) => serializer.serialize_u64(*value),
            Value::Float32(value) => float(f64::from(*value), serializer),
            Value::Float(value) => float(*value, serializer),
            Value::Text(value) => serializer.serialize_str(value),
            Value::RawText(value) => tagged("$text", &hex::encode(value), serializer),
            Value::Bytes(value) => tagged("$bytes", &hex::encode(value), serializer),
            Value::Ext(kind, value) => tagged("$ext", &(kind, hex::encode(value)), serializer),
            Value::Array(values) => serializer.collect_seq(values.iter().map(Written)),
            Value::Map(pairs) => match named(pairs) {
                Some(named) => serializer.collect_map(named),
                None => tagged("$map", &Pairs(pairs), serializer),
            },
            other => Err(S::Error::custom(format!("no JSON for the value {other}"))),
        }
    }
}

fn tagged<S: Serializer>(
    tag: &str,
    content: &impl Serialize,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(tag, content)?;
    map.end()
}

fn float<S: Serializer>(value: f64, serializer: S) -> Result<S::Ok, S::Error> {
    let name = if value.is_nan() {
        "nan"
    } else if value == f64::INFINITY {
        "inf"
    } else if value == f64::NEG_INFINITY {
        "-inf"
    } else {
        return serializer.serialize_f64(value);
    };
    tagged("$float", &name, serializer)
}

/// The pairs of a map that an object can show: all keys are text, different, and none looks like a tag.
fn named(pairs: &[(Value, Value)]) -> Option<Vec<(&str, Written<'_>)>> {
    let mut seen = BTreeSet::new();
    let mut named = Vec::with_capacity(pairs.len());
    for (key, value) in pairs {
        let Value::Text(key) = key else {
            return None;
        };
        if key.starts_with('$') || !seen.insert(key.as_str()) {
            return None;
        }
        named.push((key.as_str(), Written(value)));
    }
    Some(named)
}

struct Pairs<'a>(&'a [(Value, Value)]);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs = self.0.iter();
        serializer.collect_seq(pairs.map(|(key, value)| [Written(key), Written(value)]))
    }
}
