//! Values as JSON and back, for people and scripts. What JSON cannot write is an object with one key that begins with
//! `$` (the help of `rmix call` lists them); nothing else may begin with `$`, so the two never mix.

mod read;
mod write;

#[cfg(test)]
mod tests;

use rmix::Value;
use serde::Serialize;

use crate::failure::Failure;

/// Reads the arguments of a call, each one JSON value.
///
/// # Errors
/// The first that is not, with its number and the place in it.
pub(crate) fn arguments(texts: &[String]) -> Result<Vec<Value>, Failure> {
    let read = texts.iter().enumerate().map(|(index, text)| {
        read::value(text).map_err(|why| {
            let number = index + 1;
            let hint = hint(text);
            Failure::Usage(format!(
                "argument {number}, `{text}`, cannot be read as JSON: {why}{hint}"
            ))
        })
    });
    read.collect()
}

/// Reads a text as one JSON value.
///
/// # Errors
/// What is wrong, with its line and column.
pub(crate) fn value(text: &str) -> Result<Value, String> {
    read::value(text)
}

/// The same as plain JSON: octets in hexadecimal, floats that are no numbers as words of XML Schema.
///
/// # Errors
/// It is of a kind that only protocols have.
pub(crate) fn plain(value: &Value) -> Result<serde_json::Value, String> {
    Ok(match value {
        Value::Nil => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::UInt(value) => (*value).into(),
        Value::Float32(value) => float(f64::from(*value)),
        Value::Float(value) => float(*value),
        Value::Text(text) => text.as_str().into(),
        Value::Bytes(octets) => hex::encode(octets).into(),
        Value::Array(items) => {
            let items: Result<Vec<_>, _> = items.iter().map(plain).collect();
            items?.into()
        }
        Value::Map(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| match key {
                Value::Text(key) => Ok((key.clone(), plain(value)?)),
                _ => Err("keys are text here".to_owned()),
            });
            let members: Result<serde_json::Map<_, _>, _> = pairs.collect();
            members?.into()
        }
        Value::RawText(_) | Value::Ext(..) => {
            return Err("$text and $ext have no place here".to_owned());
        }
        _ => return Err("a value that has no place here".to_owned()),
    })
}

fn float(value: f64) -> serde_json::Value {
    match value {
        value if value.is_nan() => "NaN".into(),
        f64::INFINITY => "INF".into(),
        f64::NEG_INFINITY => "-INF".into(),
        value => value.into(),
    }
}

/// On one line.
pub(crate) fn compact(value: &Value) -> String {
    text(&write::Written(value), false)
}

/// Indented.
pub(crate) fn pretty(value: &Value) -> String {
    text(&write::Written(value), true)
}

/// JSON of what this crate prints; a value that has none is an error object.
pub(crate) fn text(value: &impl Serialize, indented: bool) -> String {
    let text = if indented {
        serde_json::to_string_pretty(value)
    } else {
        serde_json::to_string(value)
    };
    text.unwrap_or_else(|failure| {
        serde_json::json!({ "error": { "kind": "internal", "message": failure.to_string() } })
            .to_string()
    })
}

/// What the writer of a bare word probably meant.
pub(crate) fn hint(text: &str) -> String {
    let plain = text.trim();
    let float = match plain.to_ascii_lowercase().as_str() {
        "nan" => Some("nan"),
        "inf" | "infinity" => Some("inf"),
        "-inf" | "-infinity" => Some("-inf"),
        _ => None,
    };
    if let Some(name) = float {
        return format!(". The float is '{{\"$float\": \"{name}\"}}'");
    }
    let begins_json = |first: char| "{[\"-".contains(first) || first.is_ascii_digit();
    if plain.is_empty() || plain.starts_with(begins_json) {
        return String::new();
    }
    let quoted = serde_json::Value::from(text)
        .to_string()
        .replace('\'', "'\\''");
    format!(". Text needs JSON's quotes within the shell's: '{quoted}'")
}
