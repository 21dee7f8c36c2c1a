//! JSON off the wire, driven by the type. The decoder bounds depth, elements and bytes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use rmix_abi::describe::{FieldDesc, VariantDesc, type_kind as kind};
use rmix_abi::host::magic;
use rmix_abi::tables::shape;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde_json::{Map, Number, Value};

use super::{DescribedSeed, kind_name};

impl<'de> DeserializeSeed<'de> for DescribedSeed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let ty = self.ty;
        match ty.kind {
            kind::UNIT => deserializer.deserialize_unit(self),
            kind::BOOL => deserializer.deserialize_bool(self),
            kind::I8 => deserializer.deserialize_i8(self),
            kind::I16 => deserializer.deserialize_i16(self),
            kind::I32 => deserializer.deserialize_i32(self),
            kind::I64 => deserializer.deserialize_i64(self),
            kind::I128 => deserializer.deserialize_i128(self),
            kind::U8 => deserializer.deserialize_u8(self),
            kind::U16 => deserializer.deserialize_u16(self),
            kind::U32 => deserializer.deserialize_u32(self),
            kind::U64 => deserializer.deserialize_u64(self),
            kind::U128 => deserializer.deserialize_u128(self),
            kind::F32 => deserializer.deserialize_f32(self),
            kind::F64 => deserializer.deserialize_f64(self),
            kind::CHAR => deserializer.deserialize_char(self),
            kind::STRING => deserializer.deserialize_str(self),
            kind::BYTES => deserializer.deserialize_bytes(self),
            kind::OPAQUE => {
                deserializer.deserialize_tuple_struct(magic::OPAQUE, length(ty.len), self)
            }
            kind::OPTION => deserializer.deserialize_option(self),
            kind::SEQ => deserializer.deserialize_seq(self),
            kind::LIST => deserializer.deserialize_newtype_struct(magic::LIST, self),
            kind::ARRAY => deserializer.deserialize_tuple(length(ty.len), self),
            kind::TUPLE => deserializer.deserialize_tuple(ty.fields().len(), self),
            kind::MAP => deserializer.deserialize_map(self),
            kind::STRUCT => {
                let names = names(ty.fields().iter().map(FieldDesc::name));
                deserializer.deserialize_struct(ty.name(), names, self)
            }
            kind::ENUM => {
                let names = names(ty.variants().iter().map(VariantDesc::name));
                deserializer.deserialize_enum(ty.name(), names, self)
            }
            _ => deserializer.deserialize_any(self),
        }
    }
}

fn length(len: u32) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}

/// The names as serde wants them: for ever. Each distinct list is kept once, and there are no more of them than types.
fn names(names: impl Iterator<Item = &'static str>) -> &'static [&'static str] {
    static KNOWN: Mutex<BTreeMap<Vec<&'static str>, &'static [&'static str]>> =
        Mutex::new(BTreeMap::new());
    let names: Vec<&'static str> = names.collect();
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kept) = known.get(&names) {
        return kept;
    }
    let kept: &'static [&'static str] = names.clone().leak();
    known.insert(names, kept);
    kept
}

impl DescribedSeed {
    fn element<E: Error>(self) -> Result<DescribedSeed, E> {
        let element = self.ty.element();
        let ty = element.ok_or_else(|| E::custom("a type without its element"))?;
        Ok(DescribedSeed { ty })
    }
}

macro_rules! integers {
    ($($visit:ident $ty:ty),*) => { $(
        fn $visit<E: Error>(self, value: $ty) -> Result<Value, E> {
            Ok(Value::Number(value.into()))
        }
    )* };
}

macro_rules! wide_integers {
    ($($visit:ident $ty:ty),*) => { $(
        fn $visit<E: Error>(self, value: $ty) -> Result<Value, E> {
            // What 64 bits do not hold is text, or it would be rounded on the way.
            Ok(match i64::try_from(value) {
                Ok(value) => Value::Number(value.into()),
                Err(_) => Value::String(value.to_string()),
            })
        }
    )* };
}

impl<'de> Visitor<'de> for DescribedSeed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&kind_name(self.ty))
    }

    integers! {
        visit_i8 i8, visit_i16 i16, visit_i32 i32, visit_i64 i64, visit_u8 u8, visit_u16 u16, visit_u32 u32, visit_u64 u64
    }
    wide_integers!(visit_i128 i128, visit_u128 u128);

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_f32<E: Error>(self, value: f32) -> Result<Value, E> {
        // The shortest digits of the single, not those of the double it becomes.
        let digits = value.to_string().parse().ok();
        Ok(digits.map_or_else(|| float(value.into()), float))
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a single that a format has widened"
    )]
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        if self.ty.kind == kind::F32 {
            return self.visit_f32(value as f32);
        }
        Ok(float(value))
    }

    fn visit_char<E: Error>(self, value: char) -> Result<Value, E> {
        Ok(Value::String(value.to_string()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<Value, E> {
        let digits = value.iter().map(|octet| format!("{octet:02x}"));
        Ok(Value::String(digits.collect()))
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.element()?.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Value, D::Error> {
        deserializer.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut found: A) -> Result<Value, A::Error> {
        if self.ty.kind == kind::STRUCT {
            return by_position(self.ty.fields(), found).map(Value::Object);
        }
        let mut items = Vec::new();
        if self.ty.kind == kind::TUPLE {
            return tuple(self.ty.fields(), found);
        }
        let element = self.element()?;
        while let Some(item) = found.next_element_seed(element)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, found: A) -> Result<Value, A::Error> {
        if self.ty.kind == kind::STRUCT {
            return by_name(self.ty.fields(), found).map(Value::Object);
        }
        self.pairs(found)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, found: A) -> Result<Value, A::Error> {
        let variants = self.ty.variants();
        let (variant, content) = found.variant_seed(Which(variants))?;
        let fields = variant.fields();
        let value = match (variant.shape, fields) {
            (shape::UNIT, _) => {
                content.unit_variant()?;
                return Ok(Value::String(variant.name().to_owned()));
            }
            (shape::NEWTYPE, [only]) => {
                content.newtype_variant_seed(DescribedSeed { ty: only.ty() })?
            }
            (shape::TUPLE, _) => content.tuple_variant(fields.len(), Content(fields))?,
            _ => {
                let names = names(fields.iter().map(FieldDesc::name));
                content.struct_variant(names, Content(fields))?
            }
        };
        let member = (variant.name().to_owned(), value);
        Ok(Value::Object(Map::from_iter([member])))
    }
}

impl DescribedSeed {
    fn pairs<'de, A: MapAccess<'de>>(self, mut found: A) -> Result<Value, A::Error> {
        let element = self.element()?;
        let key = self.ty.key();
        let key = key.ok_or_else(|| A::Error::custom("a map without its keys"))?;
        let (mut pairs, mut members) = (Vec::new(), Map::new());
        while let Some(name) = found.next_key_seed(DescribedSeed { ty: key })? {
            let value = found.next_value_seed(element)?;
            match name {
                Value::String(name) if key.kind == kind::STRING => {
                    members.insert(name, value);
                }
                name => pairs.push(Value::Array(vec![name, value])),
            }
        }
        if key.kind == kind::STRING {
            return Ok(Value::Object(members));
        }
        Ok(Value::Array(pairs))
    }
}

fn float(value: f64) -> Value {
    let text = match Number::from_f64(value) {
        Some(number) => return Value::Number(number),
        None if value.is_nan() => "NaN",
        None if value > 0.0 => "INF",
        None => "-INF",
    };
    Value::String(text.to_owned())
}

fn by_position<'de, A: SeqAccess<'de>>(
    fields: &[FieldDesc],
    mut found: A,
) -> Result<Map<String, Value>, A::Error> {
    let mut members = Map::new();
    for field in fields {
        let value = found.next_element_seed(DescribedSeed { ty: field.ty() })?;
        let value = value.ok_or_else(|| missing(field))?;
        members.insert(field.name().to_owned(), value);
    }
    Ok(members)
}

fn by_name<'de, A: MapAccess<'de>>(
    fields: &'static [FieldDesc],
    mut found: A,
) -> Result<Map<String, Value>, A::Error> {
    let mut members = Map::new();
    while let Some(field) = found.next_key_seed(Field(fields))? {
        let Some(field) = field else {
            found.next_value::<serde::de::IgnoredAny>()?;
            continue;
        };
        let value = found.next_value_seed(DescribedSeed { ty: field.ty() })?;
        members.insert(field.name().to_owned(), value);
    }
    let lacking = fields
        .iter()
        .find(|field| field.ty().kind != kind::OPTION && !members.contains_key(field.name()));
    match lacking {
        Some(field) => Err(missing(field)),
        None => Ok(members),
    }
}

fn missing<E: Error>(field: &FieldDesc) -> E {
    E::custom(format_args!("the field {} is missing", field.name()))
}

fn tuple<'de, A: SeqAccess<'de>>(
    fields: &'static [FieldDesc],
    mut found: A,
) -> Result<Value, A::Error> {
    let mut items = Vec::new();
    for (position, field) in fields.iter().enumerate() {
        let value = found.next_element_seed(DescribedSeed { ty: field.ty() })?;
        items.push(value.ok_or_else(|| A::Error::invalid_length(position, &"a tuple"))?);
    }
    Ok(Value::Array(items))
}

/// The fields of a variant.
struct Content(&'static [FieldDesc]);

impl<'de> Visitor<'de> for Content {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the content of a variant")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, found: A) -> Result<Value, A::Error> {
        if self.0.iter().all(|field| field.name().is_empty()) {
            return tuple(self.0, found);
        }
        by_position(self.0, found).map(Value::Object)
    }

    fn visit_map<A: MapAccess<'de>>(self, found: A) -> Result<Value, A::Error> {
        by_name(self.0, found).map(Value::Object)
    }
}

/// Which variant, by its name or index.
struct Which(&'static [VariantDesc]);

impl<'de> DeserializeSeed<'de> for Which {
    type Value = &'static VariantDesc;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Which {
    type Value = &'static VariantDesc;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name or number of a variant")
    }

    fn visit_u64<E: Error>(self, index: u64) -> Result<Self::Value, E> {
        let found = self
            .0
            .iter()
            .find(|variant| u64::from(variant.index) == index);
        found.ok_or_else(|| E::custom(format_args!("no variant has the number {index}")))
    }

    fn visit_bytes<E: Error>(self, name: &[u8]) -> Result<Self::Value, E> {
        self.visit_str(&String::from_utf8_lossy(name))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        let found = self.0.iter().find(|variant| variant.name() == name);
        found.ok_or_else(|| E::custom(format_args!("no variant is called {name:?}")))
    }
}

/// Which field, by its name; none when the type has no such field.
struct Field(&'static [FieldDesc]);

impl<'de> DeserializeSeed<'de> for Field {
    type Value = Option<&'static FieldDesc>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Field {
    type Value = Option<&'static FieldDesc>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_bytes<E: Error>(self, name: &[u8]) -> Result<Self::Value, E> {
        self.visit_str(&String::from_utf8_lossy(name))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|field| field.name() == name))
    }
}
