//! Values onto the wire: the serde events that the generated types make.

use rmix_abi::host::magic;
use serde::ser::{Error, Serialize, SerializeTuple, Serializer};

use super::{Typed, Value, bits, check_bound};
use crate::model::{Field, Kind, Model, Type};

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ty = self.model.resolve(self.ty);
        match (ty, self.value) {
            (Type::Void, Value::Void) => serializer.serialize_unit(),
            (Type::Bool, Value::Bool(value)) => serializer.serialize_bool(*value),
            (Type::Float, Value::Float(value)) => serializer.serialize_f32(*value),
            (Type::Double, Value::Double(value)) => serializer.serialize_f64(*value),
            (_, Value::Integer(value)) => self.integer(ty, *value, serializer),
            (Type::String { max }, Value::Text(text)) => {
                check_bound(text.len(), *max).map_err(S::Error::custom)?;
                serializer.serialize_str(text)
            }
            (Type::String { max } | Type::Opaque { max }, Value::Octets(octets)) => {
                check_bound(octets.len(), *max).map_err(S::Error::custom)?;
                serializer.serialize_bytes(octets)
            }
            (Type::FixedOpaque { length }, Value::Octets(octets)) => {
                self.check_length(octets.len(), *length)?;
                serializer.serialize_newtype_struct(magic::OPAQUE, &Octets(octets))
            }
            (Type::Array { element, length }, Value::List(values)) => {
                self.check_length(values.len(), *length)?;
                self.in_order(values.iter().map(|value| (&**element, value)), serializer)
            }
            (Type::Sequence { element, max }, Value::List(values)) => {
                check_bound(values.len(), *max).map_err(S::Error::custom)?;
                serializer.collect_seq(values.iter().map(|value| self.part(element, value)))
            }
            (Type::Optional(node), Value::List(items)) => self.links(node, items, serializer),
            (Type::Optional(target), Value::Optional(value)) if !self.model.is_list(ty) => {
                match value {
                    Some(value) => serializer.serialize_some(&self.part(target, value)),
                    None => serializer.serialize_none(),
                }
            }
            (Type::Named(id), _) => self.defined(&self.model.type_def(*id).kind, serializer),
            _ => Err(self.mismatch()),
        }
    }
}

impl<'a> Typed<'a> {
    fn part(&self, ty: &'a Type, value: &'a Value) -> Typed<'a> {
        let model = self.model;
        Typed { model, ty, value }
    }

    fn integer<S: Serializer>(
        &self,
        ty: &Type,
        value: i128,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let outside = |_| {
            let declared = self.model.declaration(self.ty, "");
            S::Error::custom(format_args!("{value} is outside the range of {declared}"))
        };
        match ty {
            Type::Char => serializer.serialize_i8(value.try_into().map_err(outside)?),
            Type::UnsignedChar => serializer.serialize_u8(value.try_into().map_err(outside)?),
            Type::Short => serializer.serialize_i16(value.try_into().map_err(outside)?),
            Type::UnsignedShort => serializer.serialize_u16(value.try_into().map_err(outside)?),
            Type::Int => serializer.serialize_i32(value.try_into().map_err(outside)?),
            Type::UnsignedInt => serializer.serialize_u32(value.try_into().map_err(outside)?),
            Type::Hyper => serializer.serialize_i64(value.try_into().map_err(outside)?),
            Type::UnsignedHyper => serializer.serialize_u64(value.try_into().map_err(outside)?),
            _ => Err(self.mismatch()),
        }
    }

    /// Values one after the other, which is all that a struct and a fixed array are.
    fn in_order<S: Serializer>(
        &self,
        parts: impl ExactSizeIterator<Item = (&'a Type, &'a Value)>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(parts.len())?;
        for (ty, value) in parts {
            tuple.serialize_element(&self.part(ty, value))?;
        }
        tuple.end()
    }

    fn links<S: Serializer>(
        &self,
        node: &'a Type,
        items: &'a [Value],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let Some(fields) = item_fields(self.model, node) else {
            return Err(self.mismatch());
        };
        let model = self.model;
        let links = Links {
            model,
            fields,
            items,
        };
        serializer.serialize_newtype_struct(magic::LIST, &links)
    }

    fn defined<S: Serializer>(&self, kind: &'a Kind, serializer: S) -> Result<S::Ok, S::Error> {
        match (kind, self.value) {
            (Kind::Enum(_), Value::Enum(value)) => {
                serializer.serialize_unit_variant("", value.cast_unsigned(), "")
            }
            (Kind::Struct(structure), Value::Struct(values)) => {
                fields(self.model, &structure.fields, values, serializer)
            }
            (Kind::Union(union), Value::Union(discriminant, content)) => {
                let (Some(index), Some(arm)) = (bits(*discriminant), union.arm(*discriminant))
                else {
                    let name = self.model.declaration(self.ty, "");
                    return Err(S::Error::custom(format_args!(
                        "`{name}` has no arm for {discriminant}"
                    )));
                };
                match (arm, content) {
                    (None, None) => serializer.serialize_unit_variant("", index, ""),
                    (Some(field), Some(value)) => {
                        let content = self.part(&field.ty, value);
                        serializer.serialize_newtype_variant("", index, "", &content)
                    }
                    _ => Err(self.mismatch()),
                }
            }
            _ => Err(self.mismatch()),
        }
    }

    fn check_length<E: Error>(&self, found: usize, declared: u32) -> Result<(), E> {
        if u32::try_from(found) == Ok(declared) {
            return Ok(());
        }
        let ty = self.model.declaration(self.ty, "");
        Err(E::custom(format_args!("{ty} with {found} elements")))
    }

    #[cold]
    fn mismatch<E: Error>(&self) -> E {
        let expected = self.model.declaration(self.ty, "");
        let found = self.value.kind();
        E::custom(format_args!("expected {expected}, found {found}"))
    }
}

/// The fields of one item of a linked list with such nodes.
pub(super) fn item_fields<'a>(model: &'a Model, node: &'a Type) -> Option<&'a [Field]> {
    match model.resolve_def(node) {
        Some((_, def)) => match &def.kind {
            Kind::Struct(structure) if structure.is_list_node => Some(structure.item_fields()),
            _ => None,
        },
        None => None,
    }
}

fn fields<S: Serializer>(
    model: &Model,
    fields: &[Field],
    values: &[Value],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if fields.len() != values.len() {
        let (expected, found) = (fields.len(), values.len());
        return Err(S::Error::custom(format_args!(
            "a struct of {expected} fields with {found} values"
        )));
    }
    let mut tuple = serializer.serialize_tuple(fields.len())?;
    for (field, value) in fields.iter().zip(values) {
        let ty = &field.ty;
        tuple.serialize_element(&Typed { model, ty, value })?;
    }
    tuple.end()
}

struct Octets<'a>(&'a [u8]);

impl Serialize for Octets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// The items of a linked list.
struct Links<'a> {
    model: &'a Model,
    fields: &'a [Field],
    items: &'a [Value],
}

impl Serialize for Links<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (model, fields) = (self.model, self.fields);
        let items = self.items.iter().map(|value| Item {
            model,
            fields,
            value,
        });
        serializer.collect_seq(items)
    }
}

struct Item<'a> {
    model: &'a Model,
    fields: &'a [Field],
    value: &'a Value,
}

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Struct(values) => fields(self.model, self.fields, values, serializer),
            other => Err(S::Error::custom(format_args!(
                "expected an item of a list, found {}",
                other.kind()
            ))),
        }
    }
}
