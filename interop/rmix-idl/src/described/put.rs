//! JSON onto the wire: the serde events that the generated types make.

use rmix_abi::describe::{FieldDesc, TypeDesc, VariantDesc, type_kind as kind};
use rmix_abi::host::magic;
use rmix_abi::tables::shape;
use serde::ser::{
    Error, Serialize, SerializeMap, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleVariant, Serializer,
};
use serde_json::{Map, Value};

use super::{Described, float, kind_name};

impl Serialize for Described<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ty = self.ty;
        match (ty.kind, self.value.unwrap_or(&Value::Null)) {
            (kind::UNIT, Value::Null) => serializer.serialize_unit(),
            (kind::BOOL, Value::Bool(value)) => serializer.serialize_bool(*value),
            (kind::I8..=kind::U128, value) => self.integer(value, serializer),
            (kind::F32 | kind::F64, value) => self.float(value, serializer),
            (kind::CHAR, Value::String(text)) => match single(text) {
                Some(value) => serializer.serialize_char(value),
                None => Err(self.mismatch()),
            },
            (kind::STRING, Value::String(text)) => serializer.serialize_str(text),
            (kind::BYTES, Value::String(text)) => {
                serializer.serialize_bytes(&self.octets::<S>(text)?)
            }
            (kind::OPAQUE, Value::String(text)) => {
                let octets = Octets(self.octets::<S>(text)?);
                serializer.serialize_newtype_struct(magic::OPAQUE, &octets)
            }
            (kind::OPTION, value) => self.option(value, serializer),
            (kind::SEQ, Value::Array(items)) => {
                let element = self.element()?;
                serializer.collect_seq(items.iter().map(|item| part(element, item)))
            }
            (kind::LIST, Value::Array(items)) => {
                let element = self.element()?;
                serializer.serialize_newtype_struct(magic::LIST, &Items { element, items })
            }
            (kind::ARRAY, Value::Array(items)) => self.array(items, serializer),
            (kind::TUPLE, Value::Array(items)) => tuple(ty, items, serializer),
            (kind::MAP, value) => self.map(value, serializer),
            (kind::STRUCT, Value::Object(members)) => structure(ty, members, serializer),
            (kind::STRUCT, Value::Null) if ty.fields().is_empty() => {
                structure(ty, &Map::new(), serializer)
            }
            (kind::ENUM, Value::String(name)) => self.variant(name, &Value::Null, serializer),
            (kind::ENUM, Value::Object(members)) if members.len() == 1 => {
                match members.iter().next() {
                    Some((name, content)) => self.variant(name, content, serializer),
                    None => Err(self.mismatch()),
                }
            }
            _ => Err(self.mismatch()),
        }
    }
}

fn part<'a>(ty: &'static TypeDesc, value: &'a Value) -> Described<'a> {
    let value = Some(value);
    Described { ty, value }
}

fn single(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}

impl<'a> Described<'a> {
    fn mismatch<E: Error>(&self) -> E {
        let found = match self.value {
            None => "a missing member".to_owned(),
            Some(value) => shortened(value),
        };
        E::custom(format_args!(
            "{found} stands where {} is expected",
            kind_name(self.ty)
        ))
    }

    fn element<E: Error>(&self) -> Result<&'static TypeDesc, E> {
        self.ty.element().ok_or_else(|| self.mismatch())
    }

    fn integer<S: Serializer>(&self, value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
        let digits = match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => return Err(self.mismatch()),
        };
        let wrong = |_| self.mismatch();
        match self.ty.kind {
            kind::I8 => serializer.serialize_i8(digits.parse().map_err(wrong)?),
            kind::I16 => serializer.serialize_i16(digits.parse().map_err(wrong)?),
            kind::I32 => serializer.serialize_i32(digits.parse().map_err(wrong)?),
            kind::I64 => serializer.serialize_i64(digits.parse().map_err(wrong)?),
            kind::I128 => serializer.serialize_i128(digits.parse().map_err(wrong)?),
            kind::U8 => serializer.serialize_u8(digits.parse().map_err(wrong)?),
            kind::U16 => serializer.serialize_u16(digits.parse().map_err(wrong)?),
            kind::U32 => serializer.serialize_u32(digits.parse().map_err(wrong)?),
            kind::U64 => serializer.serialize_u64(digits.parse().map_err(wrong)?),
            _ => serializer.serialize_u128(digits.parse().map_err(wrong)?),
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a single holds what it can"
    )]
    fn float<S: Serializer>(&self, value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
        let value = float(value).ok_or_else(|| self.mismatch())?;
        if self.ty.kind == kind::F32 {
            return serializer.serialize_f32(value as f32);
        }
        serializer.serialize_f64(value)
    }

    fn octets<S: Serializer>(&self, text: &str) -> Result<Vec<u8>, S::Error> {
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        let pairs = text.as_bytes().chunks(2);
        let octets: Option<Vec<u8>> = pairs
            .map(|pair| match pair {
                [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
                _ => None,
            })
            .collect();
        let octets = octets.ok_or_else(|| self.mismatch())?;
        if self.ty.kind == kind::OPAQUE && octets.len() as u64 != u64::from(self.ty.len) {
            return Err(self.mismatch());
        }
        Ok(octets)
    }

    fn option<S: Serializer>(&self, value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
        let element = self.element()?;
        // Of an optional optional value, `null` is the inner one that is absent.
        let inner = self.value.is_some() && element.kind == kind::OPTION;
        if value.is_null() && !inner {
            return serializer.serialize_none();
        }
        serializer.serialize_some(&part(element, value))
    }

    fn array<S: Serializer>(&self, items: &[Value], serializer: S) -> Result<S::Ok, S::Error> {
        if items.len() as u64 != u64::from(self.ty.len) {
            return Err(self.mismatch());
        }
        let element = self.element()?;
        let mut tuple = serializer.serialize_tuple(items.len())?;
        for item in items {
            tuple.serialize_element(&part(element, item))?;
        }
        tuple.end()
    }

    fn map<S: Serializer>(&self, value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
        let element = self.element()?;
        let key = self.ty.key().ok_or_else(|| self.mismatch())?;
        match value {
            Value::Object(members) if key.kind == kind::STRING => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, &part(element, value))?;
                }
                map.end()
            }
            Value::Array(pairs) => {
                let mut map = serializer.serialize_map(Some(pairs.len()))?;
                for pair in pairs {
                    let Some([name, value]) = pair.as_array().map(Vec::as_slice) else {
                        return Err(self.mismatch());
                    };
                    map.serialize_entry(&part(key, name), &part(element, value))?;
                }
                map.end()
            }
            _ => Err(self.mismatch()),
        }
    }

    fn variant<S: Serializer>(
        &self,
        name: &str,
        content: &'a Value,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let variants = self.ty.variants();
        let Some(variant) = variants.iter().find(|variant| variant.name() == name) else {
            let known: Vec<&str> = variants.iter().map(VariantDesc::name).collect();
            return Err(S::Error::custom(format_args!(
                "{} has no variant {name:?}; there are {}",
                self.ty.name(),
                known.join(", ")
            )));
        };
        let (of, name, index) = (self.ty.name(), variant.name(), variant.index);
        match (variant.shape, variant.fields(), content) {
            (shape::UNIT, _, Value::Null) => serializer.serialize_unit_variant(of, index, name),
            (shape::NEWTYPE, [only], content) => {
                serializer.serialize_newtype_variant(of, index, name, &part(only.ty(), content))
            }
            (shape::TUPLE, fields, Value::Array(items)) if fields.len() == items.len() => {
                let mut tuple =
                    serializer.serialize_tuple_variant(of, index, name, fields.len())?;
                for (field, item) in fields.iter().zip(items) {
                    tuple.serialize_field(&part(field.ty(), item))?;
                }
                tuple.end()
            }
            (shape::STRUCT, fields, Value::Object(members)) => {
                check_members(name, fields, members)?;
                let mut parts =
                    serializer.serialize_struct_variant(of, index, name, fields.len())?;
                for field in fields {
                    parts.serialize_field(field.name(), &member(field, members))?;
                }
                parts.end()
            }
            _ => Err(S::Error::custom(format_args!(
                "{} is no content of the variant {name} of {of}",
                shortened(content)
            ))),
        }
    }
}

fn member<'a>(field: &FieldDesc, members: &'a Map<String, Value>) -> Described<'a> {
    Described {
        ty: field.ty(),
        value: members.get(field.name()),
    }
}

fn check_members<E: Error>(
    of: &str,
    fields: &[FieldDesc],
    members: &Map<String, Value>,
) -> Result<(), E> {
    let known = |name: &str| fields.iter().any(|field| field.name() == name);
    let Some(unknown) = members.keys().find(|name| !known(name)) else {
        return Ok(());
    };
    let names: Vec<&str> = fields.iter().map(FieldDesc::name).collect();
    Err(E::custom(format_args!(
        "{of} has no member {unknown:?}; there are {}",
        names.join(", ")
    )))
}

fn structure<S: Serializer>(
    ty: &'static TypeDesc,
    members: &Map<String, Value>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    check_members(ty.name(), ty.fields(), members)?;
    let mut parts = serializer.serialize_struct(ty.name(), ty.fields().len())?;
    for field in ty.fields() {
        let value = member(field, members);
        if value.value.is_none() && !may_miss(field.ty()) {
            return Err(S::Error::custom(format_args!(
                "the member {:?} of {} is missing: {}",
                field.name(),
                ty.name(),
                kind_name(field.ty())
            )));
        }
        parts.serialize_field(field.name(), &value)?;
    }
    parts.end()
}

fn may_miss(ty: &TypeDesc) -> bool {
    matches!(ty.kind, kind::OPTION | kind::UNIT)
}

fn tuple<S: Serializer>(
    ty: &'static TypeDesc,
    items: &[Value],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if ty.fields().len() != items.len() {
        return Err(S::Error::custom(format_args!(
            "{} elements stand where {} is expected",
            items.len(),
            kind_name(ty)
        )));
    }
    let mut tuple = serializer.serialize_tuple(items.len())?;
    for (field, item) in ty.fields().iter().zip(items) {
        tuple.serialize_element(&part(field.ty(), item))?;
    }
    tuple.end()
}

/// Octets of fixed length.
struct Octets(Vec<u8>);

impl Serialize for Octets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

/// Elements of a linked list.
struct Items<'a> {
    element: &'static TypeDesc,
    items: &'a [Value],
}

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.items.iter().map(|item| part(self.element, item)))
    }
}

/// Characters of a value that a message shows.
const SHOWN: usize = 40;

fn shortened(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
