//! Texts of built-in types within a JSON value that fits its type otherwise: their lexical form, and where they stand.

use rmix_abi::describe::{FieldDesc, TypeDesc, type_flags, type_kind as kind};
use serde_json::Value;

use super::check::Unfit;

/// The name of a remote reference's type, in WS-Addressing.
const REFERENCE: &str = "EndpointReferenceType";

/// What is wrong with a text of a built-in type.
type Lexical<'a> = dyn Fn(&str, &str) -> Result<(), String> + 'a;

/// Checks the texts within a value; what is not where it is expected has been refused before.
pub(super) fn check(
    ty: &'static TypeDesc,
    value: Option<&Value>,
    lexical: &Lexical<'_>,
) -> Result<(), Unfit> {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Ok(());
    };
    match (ty.kind, value) {
        (kind::STRING, Value::String(text)) => {
            let built_in = match ty.xml().has(type_flags::REFERENCE) {
                true => REFERENCE,
                false => ty.xml().builtin(),
            };
            lexical(built_in, text).map_err(|reason| Unfit {
                path: String::new(),
                reason,
            })
        }
        (kind::OPTION, value) => element(ty, value, lexical),
        (kind::SEQ | kind::LIST | kind::ARRAY, Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                element(ty, item, lexical).map_err(|unfit| within(&format!("[{index}]"), unfit))?;
            }
            Ok(())
        }
        (kind::TUPLE, Value::Array(items)) => in_order(ty.fields(), items, lexical),
        (kind::MAP, Value::Object(members)) => {
            for (name, value) in members {
                element(ty, value, lexical).map_err(|unfit| within(name, unfit))?;
            }
            Ok(())
        }
        (kind::MAP, Value::Array(pairs)) => pairs_of(ty, pairs, lexical),
        (kind::STRUCT, value) => by_name(ty.fields(), value, lexical),
        (kind::ENUM, Value::Object(members)) => {
            for (name, content) in members {
                let variants = ty.variants().iter();
                for variant in variants.filter(|variant| variant.name() == name) {
                    let checked = match (variant.fields(), content) {
                        ([only], content) if only.name().is_empty() => {
                            check(only.ty(), Some(content), lexical)
                        }
                        (fields, Value::Array(items)) => in_order(fields, items, lexical),
                        (fields, content) => by_name(fields, content, lexical),
                    };
                    checked.map_err(|unfit| within(name, unfit))?;
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn element(ty: &TypeDesc, value: &Value, lexical: &Lexical<'_>) -> Result<(), Unfit> {
    match ty.element() {
        Some(element) => check(element, Some(value), lexical),
        None => Ok(()),
    }
}

fn pairs_of(ty: &TypeDesc, pairs: &[Value], lexical: &Lexical<'_>) -> Result<(), Unfit> {
    for (index, pair) in pairs.iter().enumerate() {
        let at = |unfit| within(&format!("[{index}]"), unfit);
        if let Some(key) = ty.key() {
            check(key, pair.get(0), lexical).map_err(at)?;
        }
        if let Some(value) = pair.get(1) {
            element(ty, value, lexical).map_err(at)?;
        }
    }
    Ok(())
}

fn in_order(
    fields: &'static [FieldDesc],
    items: &[Value],
    lexical: &Lexical<'_>,
) -> Result<(), Unfit> {
    for (index, (field, item)) in fields.iter().zip(items).enumerate() {
        let checked = check(field.ty(), Some(item), lexical);
        checked.map_err(|unfit| within(&format!("[{index}]"), unfit))?;
    }
    Ok(())
}

fn by_name(
    fields: &'static [FieldDesc],
    value: &Value,
    lexical: &Lexical<'_>,
) -> Result<(), Unfit> {
    for field in fields {
        let checked = check(field.ty(), value.get(field.name()), lexical);
        checked.map_err(|unfit| within(field.name(), unfit))?;
    }
    Ok(())
}

/// The same, one step further out.
fn within(step: &str, unfit: Unfit) -> Unfit {
    let point = match unfit.path.starts_with('[') || unfit.path.is_empty() {
        true => "",
        false => ".",
    };
    Unfit {
        path: format!("{step}{point}{}", unfit.path),
        reason: unfit.reason,
    }
}
