//! Types of a description as those of Rust.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rmix_abi::describe::{
    FieldDesc, Schema, TypeDesc, TypeXml, VariantDesc, type_flags, type_kind,
};
use rmix_abi::tables::shape;

use super::{field, forever};
use crate::wsdl::keys::keys;
use crate::wsdl::model::{
    Builtin, Description, EnumValue, Field, Form, Kind, Occurs, Type, TypeDef, TypeId,
};

/// The types of a description, each described once.
pub(super) struct Types<'a> {
    description: &'a Description,
    /// Those that were asked for; a type is here before its fields are.
    known: RefCell<BTreeMap<TypeId, Schema>>,
}

impl<'a> Types<'a> {
    pub(super) fn new(description: &'a Description) -> Types<'a> {
        Types {
            description,
            known: RefCell::default(),
        }
    }

    /// Fields with their names and facets.
    pub(super) fn fields(&self, fields: &[Field]) -> &'static [FieldDesc] {
        let keyed = fields.iter().zip(keys(fields.iter()));
        let fields = keyed.map(|(one, key)| {
            let content = field::content(self.description, one);
            FieldDesc::new(forever(&key), self.of(one)).with_xml(field::with(one, &key, content))
        });
        fields.collect::<Vec<_>>().leak()
    }

    /// All that is said of how a field is written, beside its name.
    pub(super) fn flags(&self, field: &Field) -> u32 {
        field::flags(field) | field::content(self.description, field)
    }

    /// The type of a field, with how often it occurs.
    pub(super) fn of(&self, field: &Field) -> Schema {
        let one = self.value(&field.ty);
        match (field.occurs, field.nillable) {
            (Occurs::Once, false) => one,
            (Occurs::Once, true) | (Occurs::Optional, false) => holding(type_kind::OPTION, one),
            (Occurs::Optional, true) => holding(type_kind::OPTION, holding(type_kind::OPTION, one)),
            (Occurs::Repeated, false) => holding(type_kind::SEQ, one),
            (Occurs::Repeated, true) => holding(type_kind::SEQ, holding(type_kind::OPTION, one)),
        }
    }

    fn value(&self, ty: &Type) -> Schema {
        match self.description.unaliased(ty) {
            Type::Builtin(builtin) => builtin_type(*builtin),
            Type::List(item) => holding(type_kind::SEQ, self.value(item)),
            Type::Named(id) => self.named(*id),
        }
    }

    fn named(&self, id: TypeId) -> Schema {
        if let Some(known) = self.known.borrow().get(&id) {
            return *known;
        }
        let (schema, describe) = Schema::later();
        self.known.borrow_mut().insert(id, schema);
        describe(self.definition(self.description.type_def(id)));
        schema
    }

    fn definition(&self, def: &TypeDef) -> TypeDesc {
        let name = forever(&def.name.local);
        let xml = TypeXml::new(0, forever(&def.name.namespace));
        let (described, xml) = match &def.kind {
            Kind::Struct { fields, .. } => {
                let fields = self.fields(fields);
                (TypeDesc::structure(type_kind::STRUCT, name, fields), xml)
            }
            Kind::Array { name: of, item } => {
                let field = FieldDesc::new(forever(of), holding(type_kind::SEQ, self.value(item)));
                let fields: &'static [FieldDesc] = Box::leak(Box::new([field]));
                (TypeDesc::structure(type_kind::STRUCT, name, fields), xml)
            }
            Kind::Choice { variants } => {
                (TypeDesc::enumeration(name, self.variants(variants)), xml)
            }
            Kind::Enumeration { values, .. } => (TypeDesc::enumeration(name, texts(values)), xml),
            Kind::Derived { base, derived } => {
                let variants = std::iter::once(base).chain(derived).zip(0..);
                let variants = variants.map(|(id, index)| {
                    let name = forever(&self.description.type_def(*id).name.local);
                    let held = FieldDesc::new("", self.named(*id));
                    let held: &'static [FieldDesc] = Box::leak(Box::new([held]));
                    VariantDesc::new(name, index, shape::NEWTYPE, held)
                });
                let variants: Vec<VariantDesc> = variants.collect();
                let xml = TypeXml::new(type_flags::DERIVED, "");
                (TypeDesc::enumeration(name, variants.leak()), xml)
            }
            // `unaliased` leads past these.
            Kind::Alias(_) => (TypeDesc::plain(type_kind::UNIT), xml),
        };
        described.with_xml(Box::leak(Box::new(xml)))
    }

    fn variants(&self, variants: &[Field]) -> &'static [VariantDesc] {
        let keyed = variants.iter().zip(keys(variants.iter()));
        let variants = keyed.zip(0..).map(|((one, key), index)| {
            // A variant is an element whatever it holds.
            let element = Field {
                form: Form::Element,
                ..one.clone()
            };
            let content = field::content(self.description, &element);
            let xml = field::with(&element, &key, content);
            let held = FieldDesc::new("", self.of(&element)).with_xml(xml);
            let held: &'static [FieldDesc] = Box::leak(Box::new([held]));
            VariantDesc::new(forever(&key), index, shape::NEWTYPE, held).with_xml(xml)
        });
        variants.collect::<Vec<_>>().leak()
    }
}

fn texts(values: &[EnumValue]) -> &'static [VariantDesc] {
    let variants = values.iter().zip(0..);
    let variants = variants
        .map(|(value, index)| VariantDesc::new(forever(&value.value), index, shape::UNIT, &[]));
    variants.collect::<Vec<_>>().leak()
}

/// A type that holds values of another.
fn holding(kind: u32, element: Schema) -> Schema {
    let (schema, describe) = Schema::later();
    describe(TypeDesc::container(kind, 0, element, None));
    schema
}

/// A remote reference, which is its text.
fn reference() -> Schema {
    static XML: TypeXml = TypeXml::new(type_flags::REFERENCE, "");
    let (schema, describe) = Schema::later();
    describe(TypeDesc::plain(type_kind::STRING).with_xml(&XML));
    schema
}

fn builtin_type(builtin: Builtin) -> Schema {
    let name = match builtin {
        Builtin::AnyType | Builtin::String => return Schema::of::<String>(),
        Builtin::Boolean => return Schema::of::<bool>(),
        Builtin::Byte => return Schema::of::<i8>(),
        Builtin::Short => return Schema::of::<i16>(),
        Builtin::Int => return Schema::of::<i32>(),
        Builtin::Long => return Schema::of::<i64>(),
        Builtin::UnsignedByte => return Schema::of::<u8>(),
        Builtin::UnsignedShort => return Schema::of::<u16>(),
        Builtin::UnsignedInt => return Schema::of::<u32>(),
        Builtin::UnsignedLong => return Schema::of::<u64>(),
        Builtin::Float => return Schema::of::<f32>(),
        Builtin::Double => return Schema::of::<f64>(),
        Builtin::Base64Binary | Builtin::HexBinary => return Schema::of::<Vec<u8>>(),
        Builtin::Reference => return reference(),
        Builtin::Decimal => "decimal",
        Builtin::DateTime => "dateTime",
        Builtin::Date => "date",
        Builtin::Time => "time",
        Builtin::Duration => "duration",
    };
    let (schema, describe) = Schema::later();
    let xml: &'static TypeXml = Box::leak(Box::new(TypeXml::built_in(name)));
    describe(TypeDesc::plain(type_kind::STRING).with_xml(xml));
    schema
}
