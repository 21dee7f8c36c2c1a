//! Values as JSON by their types: names in place of numbers.

use rmix_idl::Model;
use rmix_idl::dynamic::Value;
use rmix_idl::model::{Field, Kind, Type, Union};
use serde::ser::{Error, Serialize, SerializeMap, SerializeSeq, Serializer};

use super::read::{content_key, item_fields};

/// A value that serialises as the JSON described in the help.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) model: &'a Model,
    pub(crate) ty: &'a Type,
    pub(crate) value: &'a Value,
}

impl<'a> Shown<'a> {
    fn part(&self, ty: &'a Type, value: &'a Value) -> Shown<'a> {
        let model = self.model;
        Shown { model, ty, value }
    }

    fn list<S: Serializer>(
        &self,
        ty: &'a Type,
        values: &'a [Value],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let fields = match ty {
            Type::Array { element, .. } | Type::Sequence { element, .. } => {
                return serializer
                    .collect_seq(values.iter().map(|value| self.part(element, value)));
            }
            Type::Optional(node) => item_fields(self.model, node),
            _ => None,
        };
        let fields = fields.ok_or_else(mismatch)?;
        let mut list = serializer.serialize_seq(Some(values.len()))?;
        for value in values {
            let Value::Struct(values) = value else {
                return Err(mismatch());
            };
            list.serialize_element(&Fields {
                model: self.model,
                fields,
                values,
            })?;
        }
        list.end()
    }

    fn union<S: Serializer>(
        &self,
        union: &'a Union,
        discriminant: i64,
        content: Option<&'a Value>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let tag = &union.discriminant;
        match self.model.resolve(&tag.ty) {
            Type::Bool => map.serialize_entry(&tag.name, &(discriminant != 0))?,
            _ => match label(self.model, union, discriminant) {
                Some(name) => map.serialize_entry(&tag.name, name)?,
                None => map.serialize_entry(&tag.name, &discriminant)?,
            },
        }
        if let (Some(Some(field)), Some(value)) = (union.arm(discriminant), content) {
            map.serialize_entry(&content_key(union, field), &self.part(&field.ty, value))?;
        }
        map.end()
    }
}

/// The name of a discriminant's value, where it is an enum's.
fn label<'a>(model: &'a Model, union: &'a Union, discriminant: i64) -> Option<&'a str> {
    let (_, def) = model.resolve_def(&union.discriminant.ty)?;
    match &def.kind {
        Kind::Enum(enumeration) => enumeration.name_of(i32::try_from(discriminant).ok()?),
        _ => None,
    }
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ty = self.model.resolve(self.ty);
        match self.value {
            Value::Void => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Integer(value) => integer(*value, serializer),
            Value::Float(value) if value.is_finite() => serializer.serialize_f32(*value),
            Value::Float(value) => odd_float(f64::from(*value), serializer),
            Value::Double(value) if value.is_finite() => serializer.serialize_f64(*value),
            Value::Double(value) => odd_float(*value, serializer),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Octets(octets) => match ty {
                Type::String { .. } => tagged("$text", &hex::encode(octets), serializer),
                _ => serializer.serialize_str(&hex::encode(octets)),
            },
            Value::Enum(value) => match self.model.resolve_def(ty).map(|(_, def)| &def.kind) {
                Some(Kind::Enum(enumeration)) => match enumeration.name_of(*value) {
                    Some(name) => serializer.serialize_str(name),
                    None => serializer.serialize_i32(*value),
                },
                _ => Err(mismatch()),
            },
            Value::Optional(None) => serializer.serialize_unit(),
            Value::Optional(Some(value)) => {
                let Type::Optional(target) = ty else {
                    return Err(mismatch());
                };
                let part = self.part(target, value);
                match **value {
                    // Else the inner null would look like the outer one.
                    Value::Optional(_) => serializer.collect_seq([part]),
                    _ => part.serialize(serializer),
                }
            }
            Value::List(values) => self.list(ty, values, serializer),
            Value::Struct(_) | Value::Union(..) => {
                match (
                    self.model.resolve_def(ty).map(|(_, def)| &def.kind),
                    self.value,
                ) {
                    (Some(Kind::Struct(structure)), Value::Struct(values)) => {
                        let (model, fields) = (self.model, structure.fields.as_slice());
                        let fields = Fields {
                            model,
                            fields,
                            values,
                        };
                        fields.serialize(serializer)
                    }
                    (Some(Kind::Union(union)), Value::Union(discriminant, content)) => {
                        self.union(union, *discriminant, content.as_deref(), serializer)
                    }
                    _ => Err(mismatch()),
                }
            }
        }
    }
}

struct Fields<'a> {
    model: &'a Model,
    fields: &'a [Field],
    values: &'a [Value],
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len()))?;
        for (field, value) in self.fields.iter().zip(self.values) {
            let (model, ty) = (self.model, &field.ty);
            map.serialize_entry(&field.name, &Shown { model, ty, value })?;
        }
        map.end()
    }
}

/// Readers of JSON that know floats only would change larger ones.
const EXACT_MAX: u128 = 1 << 53;

fn integer<S: Serializer>(value: i128, serializer: S) -> Result<S::Ok, S::Error> {
    match i64::try_from(value) {
        Ok(value) if u128::from(value.unsigned_abs()) <= EXACT_MAX => {
            serializer.serialize_i64(value)
        }
        _ => serializer.collect_str(&value),
    }
}

fn odd_float<S: Serializer>(value: f64, serializer: S) -> Result<S::Ok, S::Error> {
    let name = match value {
        f64::INFINITY => "inf",
        f64::NEG_INFINITY => "-inf",
        _ => "nan",
    };
    tagged("$float", name, serializer)
}

fn tagged<S: Serializer>(tag: &str, content: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(tag, content)?;
    map.end()
}

#[cold]
fn mismatch<E: Error>() -> E {
    E::custom("a value that is not of its type")
}
