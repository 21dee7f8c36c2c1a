//! Values off the wire, driven by their types. The decoder bounds depth, elements and bytes; the bounds of the file are
//! checked here, those of sequences before the element beyond is read.

use std::fmt;

use rmix_abi::host::magic;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, Error, SeqAccess, Unexpected, VariantAccess,
    Visitor,
};

use super::put::item_fields;
use super::{Seed, Value, check_bound};
use crate::model::{Field, Kind, Model, Struct, Type, Union};

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let ty = self.model.resolve(self.ty);
        let reading = |expected| Reading {
            model: self.model,
            ty: self.ty,
            expected,
        };
        let plain = reading(Expected::Plain);
        match ty {
            Type::Void => deserializer.deserialize_unit(plain),
            Type::Bool => deserializer.deserialize_bool(plain),
            Type::Char => deserializer.deserialize_i8(plain),
            Type::UnsignedChar => deserializer.deserialize_u8(plain),
            Type::Short => deserializer.deserialize_i16(plain),
            Type::UnsignedShort => deserializer.deserialize_u16(plain),
            Type::Int => deserializer.deserialize_i32(plain),
            Type::UnsignedInt => deserializer.deserialize_u32(plain),
            Type::Hyper => deserializer.deserialize_i64(plain),
            Type::UnsignedHyper => deserializer.deserialize_u64(plain),
            Type::Float => deserializer.deserialize_f32(plain),
            Type::Double => deserializer.deserialize_f64(plain),
            // Octets stand there as text does, and need not be UTF-8.
            Type::String { max } => deserializer.deserialize_bytes(reading(Expected::Text(*max))),
            Type::Opaque { max } => deserializer.deserialize_bytes(reading(Expected::Octets(*max))),
            Type::FixedOpaque { length } => {
                let visitor = reading(Expected::Octets(Some(*length)));
                let length = usize::try_from(*length).unwrap_or(usize::MAX);
                deserializer.deserialize_tuple_struct(magic::OPAQUE, length, visitor)
            }
            Type::Array { element, length } => {
                let visitor = reading(Expected::Elements(element, None));
                let length = usize::try_from(*length).unwrap_or(usize::MAX);
                deserializer.deserialize_tuple(length, visitor)
            }
            Type::Sequence { element, max } => {
                deserializer.deserialize_seq(reading(Expected::Elements(element, *max)))
            }
            Type::Optional(target) => match item_fields(self.model, target) {
                Some(fields) => {
                    let visitor = reading(Expected::Links(fields));
                    deserializer.deserialize_newtype_struct(magic::LIST, visitor)
                }
                None => deserializer.deserialize_option(reading(Expected::Optional(target))),
            },
            Type::Named(id) => match &self.model.type_def(*id).kind {
                Kind::Enum(_) => deserializer.deserialize_enum("", &[], reading(Expected::Enum)),
                Kind::Struct(Struct { fields, .. }) => {
                    let visitor = reading(Expected::Fields(fields));
                    deserializer.deserialize_tuple(fields.len(), visitor)
                }
                Kind::Union(union) => {
                    deserializer.deserialize_enum("", &[], reading(Expected::Union(union)))
                }
                // `resolve` leads past these.
                Kind::Alias(_) => Err(D::Error::custom("a typedef that leads nowhere")),
            },
        }
    }
}

/// What is expected.
#[derive(Clone, Copy)]
enum Expected<'a> {
    Plain,
    Text(Option<u32>),
    Octets(Option<u32>),
    Elements(&'a Type, Option<u32>),
    Links(&'a [Field]),
    Fields(&'a [Field]),
    Optional(&'a Type),
    Enum,
    Union(&'a Union),
}

/// Takes what stands there.
struct Reading<'a> {
    model: &'a Model,
    ty: &'a Type,
    expected: Expected<'a>,
}

macro_rules! integers {
    ($($visit:ident $ty:ty),*) => { $(
        fn $visit<E: Error>(self, value: $ty) -> Result<Value, E> {
            Ok(Value::Integer(value.into()))
        }
    )* };
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.model.declaration(self.ty, ""))
    }

    integers! {
        visit_i8 i8, visit_i16 i16, visit_i32 i32, visit_i64 i64, visit_u8 u8, visit_u16 u16, visit_u32 u32, visit_u64 u64
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Void)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_f32<E: Error>(self, value: f32) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Double(value))
    }

    fn visit_bytes<E: Error>(self, octets: &[u8]) -> Result<Value, E> {
        match self.expected {
            Expected::Text(max) => {
                check_bound(octets.len(), max).map_err(E::custom)?;
                Ok(match std::str::from_utf8(octets) {
                    Ok(text) => Value::Text(text.to_owned()),
                    Err(_) => Value::Octets(octets.to_vec()),
                })
            }
            Expected::Octets(max) => {
                check_bound(octets.len(), max).map_err(E::custom)?;
                Ok(Value::Octets(octets.to_vec()))
            }
            _ => Err(E::invalid_type(Unexpected::Bytes(octets), &self)),
        }
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Optional(None))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let Expected::Optional(ty) = self.expected else {
            return Err(D::Error::invalid_type(Unexpected::Option, &self));
        };
        let model = self.model;
        let value = Seed { model, ty }.deserialize(deserializer)?;
        Ok(Value::Optional(Some(Box::new(value))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut input: A) -> Result<Value, A::Error> {
        let model = self.model;
        let mut values = Vec::new();
        match self.expected {
            Expected::Elements(ty, max) => {
                while let Some(value) = input.next_element_seed(Seed { model, ty })? {
                    values.push(value);
                    check_bound(values.len(), max).map_err(A::Error::custom)?;
                }
                Ok(Value::List(values))
            }
            Expected::Links(fields) => {
                while let Some(value) = input.next_element_seed(Item { model, fields })? {
                    values.push(value);
                }
                Ok(Value::List(values))
            }
            Expected::Fields(fields) => {
                for field in fields {
                    let ty = &field.ty;
                    match input.next_element_seed(Seed { model, ty })? {
                        Some(value) => values.push(value),
                        None => return Err(A::Error::invalid_length(values.len(), &self)),
                    }
                }
                Ok(Value::Struct(values))
            }
            _ => Err(A::Error::invalid_type(Unexpected::Seq, &self)),
        }
    }

    fn visit_enum<A: EnumAccess<'de>>(self, input: A) -> Result<Value, A::Error> {
        let (bits, content) = input.variant_seed(Bits)?;
        match self.expected {
            Expected::Enum => {
                content.unit_variant()?;
                Ok(Value::Enum(bits.cast_signed()))
            }
            Expected::Union(union) => {
                let discriminant = discriminant(self.model, union, bits)?;
                match union.arm(discriminant) {
                    Some(Some(field)) => {
                        let (model, ty) = (self.model, &field.ty);
                        let value = content.newtype_variant_seed(Seed { model, ty })?;
                        Ok(Value::Union(discriminant, Some(Box::new(value))))
                    }
                    Some(None) => {
                        content.unit_variant()?;
                        Ok(Value::Union(discriminant, None))
                    }
                    None => Err(A::Error::custom(format_args!(
                        "no arm has the discriminant {discriminant}"
                    ))),
                }
            }
            _ => Err(A::Error::invalid_type(Unexpected::Enum, &self)),
        }
    }
}

/// An item of a linked list.
struct Item<'a> {
    model: &'a Model,
    fields: &'a [Field],
}

impl<'de> DeserializeSeed<'de> for Item<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let reading = Reading {
            model: self.model,
            ty: &Type::Void,
            expected: Expected::Fields(self.fields),
        };
        deserializer.deserialize_tuple(self.fields.len(), reading)
    }
}

/// The value of a union's discriminant that these bits are.
fn discriminant<E: Error>(model: &Model, union: &Union, bits: u32) -> Result<i64, E> {
    match model.resolve(&union.discriminant.ty) {
        Type::Bool if bits > 1 => Err(E::custom(format_args!(
            "the discriminant {bits}, where a bool is 0 or 1"
        ))),
        Type::Bool | Type::UnsignedInt | Type::UnsignedShort | Type::UnsignedChar => {
            Ok(bits.into())
        }
        _ => Ok(bits.cast_signed().into()),
    }
}

/// Which variant stands there: its 32 bits.
struct Bits;

impl<'de> DeserializeSeed<'de> for Bits {
    type Value = u32;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u32, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Bits {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a discriminant, as XDR has it")
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<u32, E> {
        u32::try_from(value).map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &self))
    }
}
