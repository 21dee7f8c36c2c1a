//! The Rust type of a field, and which arrays need no struct of their own.

use super::Generator;
use crate::wsdl::model::{Builtin, Content, Field, Form, Kind, Occurs, Type, TypeId};

/// An element that holds nothing but items of one name.
pub(super) struct Items<'a> {
    pub(super) name: &'a str,
    pub(super) ty: &'a Type,
}

impl Generator<'_> {
    /// The type of a field within `owner`, or outside all types.
    pub(super) fn field_type(&self, owner: Option<TypeId>, field: &Field) -> String {
        let repeats = field.occurs == Occurs::Repeated;
        let one = match self.items(field) {
            Some(items) => format!("Vec<{}>", self.item(items.ty)),
            None if repeats => self.item(&field.ty),
            None => self.held(owner, &field.ty),
        };
        match (field.occurs, field.nillable) {
            (Occurs::Once, false) => one,
            (Occurs::Once, true) | (Occurs::Optional, false) => format!("Option<{one}>"),
            (Occurs::Optional, true) => format!("Option<Option<{one}>>"),
            (Occurs::Repeated, false) => format!("Vec<{one}>"),
            (Occurs::Repeated, true) => format!("Vec<Option<{one}>>"),
        }
    }

    /// A type within a value of another, in a box where it may hold that again.
    pub(super) fn held(&self, owner: Option<TypeId>, ty: &Type) -> String {
        let name = self.value(ty);
        match (owner, ty) {
            (Some(owner), Type::Named(id)) if self.is_cycle(owner, *id) => format!("Box<{name}>"),
            _ => name,
        }
    }

    fn is_cycle(&self, one: TypeId, other: TypeId) -> bool {
        let cycle = |id: TypeId| self.cycles.get(id.0);
        cycle(one) == cycle(other)
    }

    /// A type by its name.
    pub(super) fn value(&self, ty: &Type) -> String {
        match ty {
            Type::Builtin(builtin) => builtin_name(*builtin).to_owned(),
            Type::Named(id) => self.names.ty(*id).to_owned(),
            Type::List(item) => format!("Vec<{}>", self.item(item)),
        }
    }

    /// A type as an element of a `Vec`. One of octets would be binary data, which numbers are not.
    fn item(&self, ty: &Type) -> String {
        match self.description.unaliased(ty) {
            Type::Builtin(Builtin::UnsignedByte) => "u16".to_owned(),
            _ => self.value(ty),
        }
    }

    /// The items of a field that is an array within one element.
    pub(super) fn items<'a>(&'a self, field: &Field) -> Option<Items<'a>> {
        let Type::Named(id) = field.ty else {
            return None;
        };
        if !matches!(field.form, Form::Element | Form::Header) || field.occurs == Occurs::Repeated {
            return None;
        }
        let (name, ty) = match &self.description.type_def(id).kind {
            Kind::Array { name, item } => (&**name, item),
            Kind::Struct { .. } if self.options.keep_arrays => return None,
            Kind::Struct {
                fields,
                base: None,
                is_abstract: false,
            } => match fields.as_slice() {
                // The items are qualified as the element around them is.
                [item]
                    if item.form == Form::Element
                        && item.occurs == Occurs::Repeated
                        && !item.nillable
                        && item.name.namespace == field.name.namespace
                        && self.description.type_def(id).notes.is_empty() =>
                {
                    (&*item.name.local, &item.ty)
                }
                _ => return None,
            },
            _ => return None,
        };
        // A list in each item, or an array in each, would be a second sequence of the same field.
        let is_plain = match self.description.unaliased(ty) {
            Type::List(_) => false,
            Type::Named(inner) => {
                !matches!(self.description.type_def(*inner).kind, Kind::Array { .. })
            }
            Type::Builtin(_) => true,
        };
        is_plain.then_some(Items { name, ty })
    }

    /// What a simple field is in the end.
    pub(super) fn content(&self, field: &Field) -> Option<Content> {
        match self.items(field) {
            Some(items) => self.description.simple(items.ty),
            None => self.description.simple(&field.ty),
        }
    }
}

fn builtin_name(builtin: Builtin) -> &'static str {
    match builtin {
        Builtin::AnyType | Builtin::String => "String",
        Builtin::Boolean => "bool",
        Builtin::Byte => "i8",
        Builtin::Short => "i16",
        Builtin::Int => "i32",
        Builtin::Long => "i64",
        Builtin::UnsignedByte => "u8",
        Builtin::UnsignedShort => "u16",
        Builtin::UnsignedInt => "u32",
        Builtin::UnsignedLong => "u64",
        Builtin::Float => "f32",
        Builtin::Double => "f64",
        Builtin::Decimal => "rmix::xsd::Decimal",
        Builtin::DateTime => "rmix::xsd::DateTime",
        Builtin::Date => "rmix::xsd::Date",
        Builtin::Time => "rmix::xsd::Time",
        Builtin::Duration => "rmix::xsd::Duration",
        Builtin::Base64Binary | Builtin::HexBinary => "Vec<u8>",
        Builtin::Reference => "rmix::Remote",
    }
}
