//! JSON from the command line as a value. Refuses what would arrive as something else than what was written: integers
//! beyond 64 bits, keys given twice, objects that look like a tagged value and are none.

use std::collections::HashSet;
use std::fmt;

use rmix::Value;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Reads one value; the error says what is wrong and where.
pub(super) fn value(text: &str) -> Result<Value, String> {
    let Read(value) = serde_json::from_str(text).map_err(|failure| failure.to_string())?;
    match oversized_integer(text) {
        None => Ok(value),
        Some((offset, digits)) => {
            let column = text[..offset].chars().count() + 1;
            Err(format!(
                "the integer {digits} at character {column} does not fit in 64 bits; with a point it is a float"
            ))
        }
    }
}

/// An integer that would silently have become a float. `text` is known to be JSON.
fn oversized_integer(text: &str) -> Option<(usize, &str)> {
    let mut rest = text;
    loop {
        let start = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit())?;
        let (_, found) = rest.split_at_checked(start)?;
        if let Some(string) = found.strip_prefix('"') {
            rest = after_string(string);
            continue;
        }
        let in_number = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
        let end = found.find(|c: char| !in_number(c)).unwrap_or(found.len());
        let (number, after) = found.split_at_checked(end)?;
        let whole = !number.contains(['.', 'e', 'E']);
        if whole && number.parse::<i64>().is_err() && number.parse::<u64>().is_err() {
            return Some((text.len() - found.len(), number));
        }
        rest = after;
    }
}

/// What follows a string whose opening quote was taken.
fn after_string(text: &str) -> &str {
    let mut escaped = false;
    for (offset, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return text.get(offset + 1..).unwrap_or_default(),
            _ => {}
        }
    }
    ""
}

struct Read(Value);

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Read, D::Error> {
        deserializer.deserialize_any(AnyJson).map(Read)
    }
}

struct AnyJson;

impl<'de> Visitor<'de> for AnyJson {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Nil)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Read(value)) = seq.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut pairs = Vec::new();
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if key.starts_with('$') {
                let value = tagged(&key, &mut map)?;
                let alone = pairs.is_empty() && map.next_key::<String>()?.is_none();
                return if alone {
                    Ok(value)
                } else {
                    Err(not_alone(&key))
                };
            }
            if !seen.insert(key.clone()) {
                return Err(de::Error::custom(format!("the key {key:?} is given twice")));
            }
            let Read(value) = map.next_value()?;
            pairs.push((Value::Text(key), value));
        }
        Ok(Value::Map(pairs))
    }
}

/// The value of an object whose only key is a tag.
fn tagged<'de, A: MapAccess<'de>>(tag: &str, map: &mut A) -> Result<Value, A::Error> {
    match tag {
        "$bytes" => Ok(Value::Bytes(octets(tag, &map.next_value::<String>()?)?)),
        "$text" => Ok(Value::RawText(octets(tag, &map.next_value::<String>()?)?)),
        "$ext" => {
            let (kind, content) = map.next_value::<(i64, String)>()?;
            Ok(Value::Ext(kind, octets(tag, &content)?))
        }
        "$float" => match map.next_value::<String>()?.as_str() {
            "nan" => Ok(Value::Float(f64::NAN)),
            "inf" => Ok(Value::Float(f64::INFINITY)),
            "-inf" => Ok(Value::Float(f64::NEG_INFINITY)),
            other => Err(de::Error::custom(format!(
                "{other:?} after $float is none of \"nan\", \"inf\" and \"-inf\""
            ))),
        },
        "$map" => {
            let pairs = map.next_value::<Vec<(Read, Read)>>()?;
            let pairs = pairs
                .into_iter()
                .map(|(Read(key), Read(value))| (key, value));
            Ok(Value::Map(pairs.collect()))
        }
        _ => Err(de::Error::custom(format!(
            "{tag:?} is none of $bytes, $ext, $text, $float and $map; a map with such a key is written \
             {{\"$map\": [[{tag:?}, …]]}}"
        ))),
    }
}

fn not_alone<E: de::Error>(tag: &str) -> E {
    E::custom(format!("{tag:?} must be the only key of its object"))
}

fn octets<E: de::Error>(tag: &str, text: &str) -> Result<Vec<u8>, E> {
    hex::decode(text).map_err(|failure| {
        E::custom(format!(
            "{text:?} after {tag} is not hexadecimal: {failure}"
        ))
    })
}
