//! Interfaces of a model as descriptions, which other formats than `.x` are written from.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase;
use rmix_abi::describe::{
    FieldDesc, InterfaceDesc, MethodDesc, Schema, TypeDesc, VariantDesc, style, type_kind,
    variant_flags,
};
use rmix_abi::tables::shape;

use crate::generate::{Members, case_name, unused};
use crate::model::{
    Enum, Field, Kind, Model, Procedure, Program, Struct, Type, TypeId, Union, Version,
};

impl Model {
    /// One version of a program as the trait that it is imported as (with default options) would be described, in this
    /// namespace. Descriptions live for ever: this is for programs that describe a few and end.
    ///
    /// ```
    /// let text = "program STORE { version STORE_1 { int COUNT(string) = 1; } = 1; } = 0x20000001;";
    /// let model = rmix_idl::Import::text("store.x", text).model()?;
    /// let (program, version) = model.find_version(0x2000_0001, 1).expect("it is there");
    /// let interface = model.describe(program, version, "urn:store");
    /// assert_eq!((interface.name(), interface.namespace()), ("StoreV1", "urn:store"));
    /// assert_eq!(interface.methods()[0].name(), "COUNT");
    /// # Ok::<(), rmix_idl::IdlError>(())
    /// ```
    pub fn describe(
        &self,
        program: &Program,
        version: &Version,
        namespace: &str,
    ) -> &'static InterfaceDesc {
        let mut described = Described {
            model: self,
            known: BTreeMap::new(),
        };
        let procedures = version.procedures.iter();
        // Every server answers procedure 0 by itself.
        let procedures = procedures.filter(|procedure| procedure.number != 0);
        let methods = procedures
            .map(|procedure| described.method(procedure))
            .collect();
        let name = program.interface_name(version);
        let numbers = (program.number, version.number);
        InterfaceDesc::leak(
            name.leak(),
            leak(namespace),
            numbers,
            style::WRAPPED,
            methods,
        )
    }
}

impl Program {
    /// What the trait of a version is called: `StoreV1`.
    pub fn interface_name(&self, version: &Version) -> String {
        format!("{}V{}", self.name.to_upper_camel_case(), version.number)
    }
}

struct Described<'a> {
    model: &'a Model,
    /// Definitions that were described, or are being described: they may contain themselves.
    known: BTreeMap<TypeId, Schema>,
}

impl Described<'_> {
    fn method(&mut self, procedure: &Procedure) -> MethodDesc {
        let mut names = Members::new(&[]);
        let mut arguments = Vec::new();
        for (index, argument) in procedure.arguments.iter().enumerate() {
            let wanted = match &argument.name {
                Some(name) => name.clone(),
                None if procedure.arguments.len() == 1 => "argument".to_owned(),
                None => format!("argument_{}", index + 1),
            };
            let name = names.snake(&wanted);
            let name = leak(name.strip_prefix("r#").unwrap_or(&name));
            arguments.push(FieldDesc::new(name, self.schema(&argument.ty)));
        }
        let result = self.schema(&procedure.result);
        let name = leak(&procedure.name);
        MethodDesc::new(
            name,
            procedure.number,
            0,
            arguments.leak(),
            Some(result),
            None,
        )
    }

    fn schema(&mut self, ty: &Type) -> Schema {
        if let Type::Named(id) = self.model.resolve(ty) {
            let node = self.definition(*id);
            if !self.model.is_list_node(ty) {
                return node;
            }
            // One item, and the list of those after it.
            let rest = later(TypeDesc::container(type_kind::LIST, 0, node, None));
            let parts = vec![FieldDesc::new("", node), FieldDesc::new("", rest)];
            return later(TypeDesc::structure(type_kind::TUPLE, "", parts.leak()));
        }
        let described = self.plain(ty);
        later(described)
    }

    /// A type without a name.
    fn plain(&mut self, ty: &Type) -> TypeDesc {
        let bounded = |kind, max: Option<u32>| TypeDesc::plain(kind).with_len(max.unwrap_or(0));
        TypeDesc::plain(match self.model.resolve(ty) {
            Type::Bool => type_kind::BOOL,
            Type::Char => type_kind::I8,
            Type::UnsignedChar => type_kind::U8,
            Type::Short => type_kind::I16,
            Type::UnsignedShort => type_kind::U16,
            Type::Int => type_kind::I32,
            Type::UnsignedInt => type_kind::U32,
            Type::Hyper => type_kind::I64,
            Type::UnsignedHyper => type_kind::U64,
            Type::Float => type_kind::F32,
            Type::Double => type_kind::F64,
            Type::String { max } => return bounded(type_kind::STRING, *max),
            Type::Opaque { max } => return bounded(type_kind::BYTES, *max),
            Type::FixedOpaque { length } => return bounded(type_kind::OPAQUE, Some(*length)),
            Type::Array { element, length } => {
                return TypeDesc::container(type_kind::ARRAY, *length, self.element(element), None);
            }
            Type::Sequence { element, max } => {
                let max = max.unwrap_or(0);
                return TypeDesc::container(type_kind::SEQ, max, self.element(element), None);
            }
            Type::Optional(target) => {
                if let (true, Type::Named(id)) =
                    (self.model.is_list(ty), self.model.resolve(target))
                {
                    return TypeDesc::container(type_kind::LIST, 0, self.definition(*id), None);
                }
                return TypeDesc::container(type_kind::OPTION, 0, self.schema(target), None);
            }
            Type::Void | Type::Named(_) => type_kind::UNIT,
        })
    }

    /// What an array or sequence holds: octets in four bytes each are numbers, not octets.
    fn element(&mut self, ty: &Type) -> Schema {
        match self.model.resolve(ty) {
            Type::UnsignedChar => Schema::of::<u32>(),
            other => self.schema(other),
        }
    }

    fn definition(&mut self, id: TypeId) -> Schema {
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        let (schema, describe) = Schema::later();
        self.known.insert(id, schema);
        let model = self.model;
        let def = model.type_def(id);
        describe(match &def.kind {
            Kind::Enum(members) => enumeration(&def.name, members),
            Kind::Struct(structure) => self.structure(&def.name, structure),
            Kind::Union(union) => self.union(&def.name, union),
            Kind::Alias(target) => self.plain(target),
        });
        schema
    }

    fn structure(&mut self, name: &str, structure: &Struct) -> TypeDesc {
        let fields = structure.item_fields().iter();
        let fields: Vec<_> = fields.map(|field| self.field(field)).collect();
        TypeDesc::structure(type_kind::STRUCT, leak(name), fields.leak())
    }

    fn field(&mut self, field: &Field) -> FieldDesc {
        FieldDesc::new(leak(&field.name), self.schema(&field.ty))
    }

    /// One variant for each label, as the import has them.
    fn union(&mut self, name: &str, union: &Union) -> TypeDesc {
        let mut members = Members::new(&[]);
        let mut names = BTreeSet::new();
        let mut variants = Vec::new();
        let mut discriminants = Vec::new();
        for arm in &union.arms {
            let content = arm.content.as_ref();
            for label in &arm.labels {
                let c_name = case_name(label, content, arm.labels.len() == 1);
                let variant = members.camel(&c_name);
                let name = if names.insert(c_name.clone()) {
                    c_name
                } else {
                    variant
                };
                let value = label.bits().cast_signed();
                discriminants.push(value);
                let (shape, fields) = match content {
                    None => (shape::UNIT, Vec::new()),
                    Some(field) => {
                        let only = FieldDesc::new("", self.schema(&field.ty));
                        (shape::NEWTYPE, vec![only])
                    }
                };
                variants.push(VariantDesc::arm(
                    name.leak(),
                    value,
                    shape,
                    0,
                    fields.leak(),
                ));
            }
        }
        if let Some(default) = &union.default {
            let mut fields = vec![FieldDesc::new("discriminant", Schema::of::<i32>())];
            if let Some(field) = &default.content {
                fields.push(FieldDesc::new("value", self.schema(&field.ty)));
            }
            let name = members.camel("default").leak();
            let (value, flags) = (unused(&discriminants), variant_flags::DEFAULT);
            variants.push(VariantDesc::arm(
                name,
                value,
                shape::STRUCT,
                flags,
                fields.leak(),
            ));
        }
        TypeDesc::enumeration(leak(name), variants.leak())
    }
}

/// The members with values of their own: further names of a value are constants in Rust.
fn enumeration(name: &str, members: &Enum) -> TypeDesc {
    let mut values = BTreeSet::new();
    let own = members
        .members
        .iter()
        .filter(|member| values.insert(member.value));
    let variants: Vec<_> = own
        .map(|member| VariantDesc::arm(leak(&member.name), member.value, shape::UNIT, 0, &[]))
        .collect();
    TypeDesc::enumeration(leak(name), variants.leak())
}

fn later(described: TypeDesc) -> Schema {
    let (schema, describe) = Schema::later();
    describe(described);
    schema
}

fn leak(text: &str) -> &'static str {
    String::leak(text.to_owned())
}
