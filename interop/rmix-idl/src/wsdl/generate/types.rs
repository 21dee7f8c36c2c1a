//! Types as Rust.

use std::sync::Arc;

use super::attribute::{self, Meta};
use super::fields::{Qualified, qualified, variant};
use super::names::identifier;
use super::{Generator, docs};
use crate::generate::names::Members;
use crate::generate::text::Text;
use crate::wsdl::model::{EnumValue, Field, Form, Kind, Occurs, Type, TypeDef, TypeId, shared};
use crate::wsdl::name::QName;

impl Generator<'_> {
    /// Writes one definition.
    pub(super) fn type_def(&self, id: TypeId, def: &TypeDef, out: &mut Text) {
        match &def.kind {
            Kind::Alias(ty) => {
                self.head(def, "simpleType", out);
                let target = format!("{};", self.value(ty));
                out.broken(0, &format!("pub type {} =", self.names.ty(id)), &target);
            }
            Kind::Enumeration { values, .. } => self.enumeration(id, def, values, out),
            Kind::Struct { fields, .. } => self.structure(id, def, fields, out),
            Kind::Array { name, item } => {
                self.structure(id, def, &[array_field(name, item, def)], out);
            }
            Kind::Choice { variants } => {
                let qualified = qualified(variants, &def.name.namespace);
                self.head(def, "complexType", out);
                out.line(DERIVES);
                self.type_attributes(id, def, &qualified, out);
                self.open("enum", id, variants.is_empty(), out);
                self.variants(id, variants, &qualified, out);
                close(variants.is_empty(), out);
            }
            Kind::Derived { base, derived } => self.derived(id, def, *base, derived, out),
        }
    }

    fn structure(&self, id: TypeId, def: &TypeDef, fields: &[Field], out: &mut Text) {
        let qualified = qualified(fields, &def.name.namespace);
        self.head(def, "complexType", out);
        out.line(DERIVES);
        self.type_attributes(id, def, &qualified, out);
        self.open("struct", id, fields.is_empty(), out);
        self.fields(Some(id), fields, &qualified, out);
        close(fields.is_empty(), out);
    }

    fn derived(&self, id: TypeId, def: &TypeDef, base: TypeId, derived: &[TypeId], out: &mut Text) {
        out.gap();
        let name = docs::quoted(&def.name.local);
        let mut notes = def.notes.clone();
        if let Kind::Struct {
            is_abstract: true, ..
        } = &self.description.type_def(base).kind
        {
            notes.push(format!(
                "{name} is abstract: peers expect one of the others."
            ));
        }
        let head = format!("{name}, or what extends it, told apart by its type.");
        docs::write(out, 0, &head, "", &notes);
        out.line(DERIVES);
        attribute::write(out, 0, "rmix", &[Meta::word("xsi_type")]);
        self.open("enum", id, false, out);
        for of in std::iter::once(&base).chain(derived) {
            let def = self.description.type_def(*of);
            let rust = self.names.ty(*of);
            let head = format!("Type {}.", docs::quoted(&def.name.local));
            docs::write(out, 4, &head, "", &[]);
            if *rust != *def.name.local {
                attribute::write(out, 4, "serde", &[Meta::text("rename", &def.name.local)]);
            }
            variant(out, rust, &self.held(Some(id), &Type::Named(*of)));
        }
        close(false, out);
    }

    fn enumeration(&self, id: TypeId, def: &TypeDef, values: &[EnumValue], out: &mut Text) {
        self.head(def, "simpleType", out);
        out.line(UNIT_DERIVES);
        self.type_attributes(id, def, &None, out);
        out.line("#[allow(clippy::enum_variant_names)]");
        self.open("enum", id, values.is_empty(), out);
        let mut members = Members::new(&[]);
        for value in values {
            let rust = members.camel(&variant_name(&value.value));
            let head = format!("Value {}.", docs::quoted(&value.value));
            docs::write(out, 4, &head, &value.documentation, &[]);
            if rust != value.value {
                attribute::write(out, 4, "serde", &[Meta::text("rename", &value.value)]);
            }
            out.line(format!("    {rust},"));
        }
        close(values.is_empty(), out);
    }

    /// The documentation of a type.
    fn head(&self, def: &TypeDef, what: &str, out: &mut Text) {
        out.gap();
        let name = docs::quoted(&def.name.local);
        let head = match def.is_named {
            true => format!("Type {name} (`{what}`)."),
            false => format!("A type without a name: {name}."),
        };
        docs::write(out, 0, &head, &def.documentation, &def.notes);
    }

    /// Name and namespace of a type, and whether its elements are qualified.
    fn type_attributes(&self, id: TypeId, def: &TypeDef, qualified: &Qualified, out: &mut Text) {
        if def.is_named && *self.names.ty(id) != *def.name.local {
            attribute::write(out, 0, "serde", &[Meta::text("rename", &def.name.local)]);
        }
        let mut facets = Vec::new();
        if !def.name.namespace.is_empty() {
            facets.push(Meta::text("namespace", &def.name.namespace));
        }
        if qualified.is_some() {
            facets.push(Meta::word("qualified"));
        }
        attribute::write(out, 0, "rmix", &facets);
    }

    fn open(&self, keyword: &str, id: TypeId, is_empty: bool, out: &mut Text) {
        let end = if is_empty { "{}" } else { "{" };
        out.line(format!("pub {keyword} {} {end}", self.names.ty(id)));
    }
}

fn close(is_empty: bool, out: &mut Text) {
    if !is_empty {
        out.line("}");
    }
}

/// An array that is no field's own: its items.
fn array_field(name: &Arc<str>, item: &Type, def: &TypeDef) -> Field {
    Field {
        name: QName::new("", Arc::clone(name)),
        form: Form::Element,
        ty: item.clone(),
        occurs: Occurs::Repeated,
        nillable: false,
        default: None,
        documentation: shared(""),
        place: def.place.clone(),
    }
}

/// A text as a name: signs have words, for they may be all there is.
fn variant_name(value: &str) -> String {
    let word = match value {
        "" => "empty",
        "+" => "plus",
        "-" => "minus",
        "*" => "star",
        "<" => "less",
        ">" => "greater",
        "=" => "equal",
        _ => return identifier(value),
    };
    word.to_owned()
}

pub(super) const DERIVES: &str =
    "#[derive(rmix::Data, serde::Serialize, serde::Deserialize, Clone, Debug, PartialEq)]";

const UNIT_DERIVES: &str = "#[derive(\n    rmix::Data,\n    serde::Serialize,\n    serde::Deserialize,\n    Clone,\n    Copy,\n    Debug,\n    PartialEq,\n    Eq,\n    PartialOrd,\n    Ord,\n    Hash,\n)]";
