//! Values from JSON by their types. An error says where, what was expected and what was found.

use std::borrow::Cow;

use rmix::Value as Json;
use rmix_idl::Model;
use rmix_idl::dynamic::Value;
use rmix_idl::model::{Enum, Field, Kind, Type, Union};

use super::choose::did_you_mean;
use super::path::At;

type Read = Result<Value, String>;

/// How deep values may nest: as deep as any provider carries them, and less than the stack holds.
const DEPTH_MAX: usize = 200;

/// How many names an error lists.
const NAMES_MAX: usize = 16;

/// The fields of one item of a linked list with such nodes.
pub(super) fn item_fields<'a>(model: &'a Model, node: &'a Type) -> Option<&'a [Field]> {
    match &model.resolve_def(node)?.1.kind {
        Kind::Struct(structure) if structure.is_list_node => Some(structure.item_fields()),
        _ => None,
    }
}

/// The key of what an arm holds. C keeps it in a union of its own, so it may be called as the discriminant is.
pub(super) fn content_key<'a>(union: &Union, field: &'a Field) -> Cow<'a, str> {
    if field.name == union.discriminant.name {
        return format!("{}_u", field.name).into();
    }
    field.name.as_str().into()
}

/// Reads values of a model's types.
pub(super) struct Reader<'a> {
    model: &'a Model,
}

impl<'a> Reader<'a> {
    pub(super) fn new(model: &'a Model) -> Reader<'a> {
        Reader { model }
    }

    /// A value of a type.
    pub(super) fn value(&self, ty: &Type, json: &Json, at: &At<'_>) -> Read {
        if at.depth() > DEPTH_MAX {
            return Err(format!("a value nests deeper than {DEPTH_MAX} levels"));
        }
        let declared = ty;
        let expected = || self.mismatch(declared, json, at);
        let ty = self.model.resolve(ty);
        match (ty, json) {
            (Type::Void, Json::Nil) => Ok(Value::Void),
            (Type::Bool, Json::Bool(value)) => Ok(Value::Bool(*value)),
            (Type::Float | Type::Double, _) => self.float(declared, json, at),
            (Type::String { max }, Json::Text(text)) => {
                self.check_bound(declared, text.len(), *max, "bytes", at)?;
                Ok(Value::Text(text.clone()))
            }
            (Type::String { max }, Json::RawText(octets)) => {
                self.check_bound(declared, octets.len(), *max, "bytes", at)?;
                Ok(Value::Octets(octets.clone()))
            }
            (Type::Opaque { max }, _) => {
                let octets = self.octets(declared, json, at)?;
                self.check_bound(declared, octets.len(), *max, "octets", at)?;
                Ok(Value::Octets(octets))
            }
            (Type::FixedOpaque { length }, _) => {
                let octets = self.octets(declared, json, at)?;
                self.check_length(declared, octets.len(), *length, "octets", at)?;
                Ok(Value::Octets(octets))
            }
            (Type::Array { element, length }, Json::Array(values)) => {
                self.check_length(declared, values.len(), *length, "elements", at)?;
                self.elements(element, values, at)
            }
            (Type::Sequence { element, max }, Json::Array(values)) => {
                self.check_bound(declared, values.len(), *max, "elements", at)?;
                self.elements(element, values, at)
            }
            (Type::Optional(target), _) => self.optional(declared, target, json, at),
            (Type::Named(id), _) => match (&self.model.type_def(*id).kind, json) {
                (Kind::Enum(enumeration), _) => {
                    let value = self.member(declared, enumeration, json, at)?;
                    Ok(Value::Enum(value))
                }
                (Kind::Struct(structure), Json::Map(pairs)) => {
                    self.fields(&structure.fields, pairs, at)
                }
                (Kind::Union(union), Json::Map(pairs)) => self.union(union, pairs, at),
                _ => Err(expected()),
            },
            _ if range(ty).is_some() => self.integer(declared, json, at).map(Value::Integer),
            _ => Err(expected()),
        }
    }

    fn elements(&self, ty: &Type, values: &[Json], at: &At<'_>) -> Read {
        let values = values.iter().enumerate();
        let read = values.map(|(index, value)| self.value(ty, value, &at.element(index)));
        read.collect::<Result<_, _>>().map(Value::List)
    }

    fn optional(&self, declared: &Type, target: &Type, json: &Json, at: &At<'_>) -> Read {
        if let Some(fields) = item_fields(self.model, target) {
            let Json::Array(items) = json else {
                return Err(self.mismatch(declared, json, at));
            };
            let items = items.iter().enumerate();
            let items = items.map(|(index, item)| {
                let at = at.element(index);
                match item {
                    Json::Map(pairs) => self.fields(fields, pairs, &at),
                    _ => Err(self.mismatch(target, item, &at)),
                }
            });
            return items.collect::<Result<_, _>>().map(Value::List);
        }
        let is_nested =
            matches!(self.model.resolve(target), Type::Optional(_)) && !self.model.is_list(target);
        let some = match json {
            Json::Nil => return Ok(Value::Optional(None)),
            Json::Array(one) if is_nested => match one.as_slice() {
                [one] => self.value(target, one, &at.element(0))?,
                _ => return Err(self.mismatch(declared, json, at)),
            },
            _ if is_nested => return Err(self.mismatch(declared, json, at)),
            // The types may go on like this without an end of their own.
            _ => self.value(target, json, &at.inside())?,
        };
        Ok(Value::Optional(Some(Box::new(some))))
    }

    fn fields(&self, fields: &[Field], pairs: &[(Json, Json)], at: &At<'_>) -> Read {
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        check_keys(pairs, &names, at)?;
        let values = fields.iter().map(|field| match member(pairs, &field.name) {
            Some(json) => self.value(&field.ty, json, &at.member(&field.name)),
            None => {
                let declared = self.model.declaration(&field.ty, &field.name);
                Err(format!(
                    "{at}: expected a member for `{declared}`, found none"
                ))
            }
        });
        values.collect::<Result<_, _>>().map(Value::Struct)
    }

    fn union(&self, union: &Union, pairs: &[(Json, Json)], at: &At<'_>) -> Read {
        let tag = &union.discriminant;
        let Some(json) = member(pairs, &tag.name) else {
            let declared = self.model.declaration(&tag.ty, &tag.name);
            return Err(format!(
                "{at}: expected the discriminant `{declared}`, found none"
            ));
        };
        let here = at.member(&tag.name);
        let discriminant = self.discriminant(union, json, &here)?;
        let Some(arm) = union.arm(discriminant) else {
            let labels = union.arms.iter().flat_map(|arm| &arm.labels);
            let labels = labels.map(|label| match &label.name {
                Some(name) => name.clone(),
                None => label.value.to_string(),
            });
            let labels: Vec<String> = labels.collect();
            return Err(format!(
                "{here}: expected a value with an arm ({}), found {}",
                listed(&labels),
                shown(json)
            ));
        };
        let Some(field) = arm else {
            check_keys(pairs, &[&tag.name], at)?;
            return Ok(Value::Union(discriminant, None));
        };
        let key = content_key(union, field);
        check_keys(pairs, &[&tag.name, &key], at)?;
        let Some(json) = member(pairs, &key) else {
            let declared = self.model.declaration(&field.ty, &key);
            return Err(format!(
                "{at}: expected a member for `{declared}`, which this arm holds, found none"
            ));
        };
        let content = self.value(&field.ty, json, &at.member(&key))?;
        Ok(Value::Union(discriminant, Some(Box::new(content))))
    }

    fn discriminant(&self, union: &Union, json: &Json, at: &At<'_>) -> Result<i64, String> {
        let ty = &union.discriminant.ty;
        if let Json::Text(name) = json {
            let mut labels = union.arms.iter().flat_map(|arm| &arm.labels);
            let label = labels.find(|label| label.name.as_ref() == Some(name));
            if let Some(label) = label {
                return Ok(label.value);
            }
        }
        match self.value(ty, json, at)? {
            Value::Bool(value) => Ok(value.into()),
            Value::Enum(value) => Ok(value.into()),
            Value::Integer(value) => i64::try_from(value).map_err(|_| self.mismatch(ty, json, at)),
            _ => Err(self.mismatch(ty, json, at)),
        }
    }

    fn member(
        &self,
        declared: &Type,
        enumeration: &Enum,
        json: &Json,
        at: &At<'_>,
    ) -> Result<i32, String> {
        match json {
            Json::Text(name) => match enumeration.member(name) {
                Some(member) => Ok(member.value),
                None => {
                    let names = enumeration.members.iter().map(|m| m.name.as_str());
                    let hint = did_you_mean(name, names);
                    Err(format!("{}{hint}", self.mismatch(declared, json, at)))
                }
            },
            Json::Int(value) => {
                i32::try_from(*value).map_err(|_| self.mismatch(declared, json, at))
            }
            _ => Err(self.mismatch(declared, json, at)),
        }
    }

    fn integer(&self, declared: &Type, json: &Json, at: &At<'_>) -> Result<i128, String> {
        let found = match json {
            Json::Int(value) => Some(i128::from(*value)),
            Json::UInt(value) => Some(i128::from(*value)),
            Json::Text(text) => number(text),
            _ => None,
        };
        let range = range(self.model.resolve(declared));
        match (found, range) {
            (Some(value), Some((least, greatest))) if (least..=greatest).contains(&value) => {
                Ok(value)
            }
            (Some(_), Some((least, greatest))) => {
                let expected = self.model.declaration(declared, "");
                let found = shown(json);
                Err(format!(
                    "{at}: expected {expected}, {least} to {greatest}, found {found}"
                ))
            }
            _ => Err(self.mismatch(declared, json, at)),
        }
    }

    fn float(&self, declared: &Type, json: &Json, at: &At<'_>) -> Read {
        // An integer of JSON is a number like others.
        let value = match json {
            Json::Int(value) => *value as f64,
            Json::UInt(value) => *value as f64,
            Json::Float(value) => *value,
            Json::Float32(value) => f64::from(*value),
            _ => return Err(self.mismatch(declared, json, at)),
        };
        if *self.model.resolve(declared) == Type::Double {
            return Ok(Value::Double(value));
        }
        let single = value as f32;
        if single.is_infinite() && value.is_finite() {
            return Err(self.mismatch(declared, json, at));
        }
        Ok(Value::Float(single))
    }

    fn octets(&self, declared: &Type, json: &Json, at: &At<'_>) -> Result<Vec<u8>, String> {
        let decoded = match json {
            Json::Bytes(octets) => return Ok(octets.clone()),
            Json::Text(text) => hex::decode(text),
            _ => return Err(self.mismatch(declared, json, at)),
        };
        decoded.map_err(|why| format!("{} ({why})", self.mismatch(declared, json, at)))
    }

    fn check_bound(
        &self,
        declared: &Type,
        found: usize,
        max: Option<u32>,
        what: &str,
        at: &At<'_>,
    ) -> Result<(), String> {
        match max {
            Some(max) if u32::try_from(found).map_or(true, |found| found > max) => {
                let expected = self.model.declaration(declared, "");
                Err(format!(
                    "{at}: expected {expected}, at most {max} {what}, found {found}"
                ))
            }
            _ => Ok(()),
        }
    }

    fn check_length(
        &self,
        declared: &Type,
        found: usize,
        length: u32,
        what: &str,
        at: &At<'_>,
    ) -> Result<(), String> {
        if u32::try_from(found) == Ok(length) {
            return Ok(());
        }
        let expected = self.model.declaration(declared, "");
        Err(format!(
            "{at}: expected {expected}, {length} {what}, found {found}"
        ))
    }

    #[cold]
    fn mismatch(&self, declared: &Type, json: &Json, at: &At<'_>) -> String {
        let name = self.model.declaration(declared, "");
        let form = match self.model.resolve(declared) {
            Type::Void => "null".to_owned(),
            Type::Bool => "true or false".to_owned(),
            Type::Float | Type::Double => "a number".to_owned(),
            Type::String { .. } => "a text".to_owned(),
            Type::Opaque { .. } | Type::FixedOpaque { .. } => {
                "a text of hexadecimal digits, two for each octet".to_owned()
            }
            Type::Array { .. } | Type::Sequence { .. } => "a list".to_owned(),
            Type::Optional(_) if self.model.is_list(declared) => "a list of its items".to_owned(),
            Type::Optional(target) => match self.model.resolve(target) {
                Type::Optional(_) => "null or a list of one".to_owned(),
                _ => "null or a value".to_owned(),
            },
            Type::Named(id) => match &self.model.type_def(*id).kind {
                Kind::Enum(enumeration) => {
                    let members = enumeration.members.iter();
                    let names: Vec<String> = members.map(|member| member.name.clone()).collect();
                    format!("one of {}, or its number", listed(&names))
                }
                Kind::Struct(_) => "an object of its fields".to_owned(),
                _ => "an object of the discriminant and what its arm holds".to_owned(),
            },
            _ => "an integer".to_owned(),
        };
        let found = shown(json);
        match name == "void" {
            true => format!("{at}: expected {form} for void, found {found}"),
            false => format!("{at}: expected {name}, {form}, found {found}"),
        }
    }
}

/// The range of an integer type.
fn range(ty: &Type) -> Option<(i128, i128)> {
    Some(match ty {
        Type::Char => (i8::MIN.into(), i8::MAX.into()),
        Type::UnsignedChar => (0, u8::MAX.into()),
        Type::Short => (i16::MIN.into(), i16::MAX.into()),
        Type::UnsignedShort => (0, u16::MAX.into()),
        Type::Int => (i32::MIN.into(), i32::MAX.into()),
        Type::UnsignedInt => (0, u32::MAX.into()),
        Type::Hyper => (i64::MIN.into(), i64::MAX.into()),
        Type::UnsignedHyper => (0, u64::MAX.into()),
        _ => return None,
    })
}

/// A number as text: decimal, or `0x…`.
fn number(text: &str) -> Option<i128> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(i128::from),
        None => text.parse().ok(),
    }
}

fn member<'a>(pairs: &'a [(Json, Json)], name: &str) -> Option<&'a Json> {
    let found = pairs
        .iter()
        .find(|(key, _)| matches!(key, Json::Text(key) if key == name));
    found.map(|(_, value)| value)
}

/// Refuses members that are none of these.
fn check_keys(pairs: &[(Json, Json)], names: &[&str], at: &At<'_>) -> Result<(), String> {
    for (key, _) in pairs {
        let Json::Text(key) = key else {
            return Err(format!(
                "{at}: expected keys that are texts, found {}",
                shown(key)
            ));
        };
        if !names.contains(&key.as_str()) {
            let hint = did_you_mean(key, names.iter().copied());
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            return Err(format!(
                "{at}: expected no member but {}, found {key:?}{hint}",
                listed(&names)
            ));
        }
    }
    Ok(())
}

fn listed(names: &[String]) -> String {
    match names.get(..NAMES_MAX) {
        Some(first) if names.len() > NAMES_MAX => {
            format!("{} and {} more", first.join(", "), names.len() - NAMES_MAX)
        }
        _ => names.join(", "),
    }
}

/// What stands there, in a few words.
pub(super) fn shown(json: &Json) -> String {
    match json {
        Json::Nil => "null".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Int(value) => format!("the number {value}"),
        Json::UInt(value) => format!("the number {value}"),
        Json::Float(value) => format!("the number {value}"),
        Json::Float32(value) => format!("the number {value}"),
        Json::Text(text) if text.chars().count() <= TEXT_MAX => format!("the text {text:?}"),
        Json::Text(text) => {
            let start: String = text.chars().take(TEXT_MAX).collect();
            format!("the text {start:?}… of {} bytes", text.len())
        }
        Json::RawText(_) => "a text that is not UTF-8".to_owned(),
        Json::Bytes(octets) => format!("{} octets", octets.len()),
        Json::Array(values) => format!("a list of {}", values.len()),
        Json::Map(pairs) => {
            let keys = pairs.iter().map(|(key, _)| match key {
                Json::Text(key) => key.clone(),
                other => other.to_string(),
            });
            let keys: Vec<String> = keys.collect();
            match keys.is_empty() {
                true => "an empty object".to_owned(),
                false => format!("an object with {}", listed(&keys)),
            }
        }
        _ => "a value of another kind".to_owned(),
    }
}

/// How much of a text an error shows, in characters.
const TEXT_MAX: usize = 40;
