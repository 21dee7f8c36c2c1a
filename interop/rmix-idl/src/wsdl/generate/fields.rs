//! Fields of structs, variants of choices, arguments: names and facets.

use std::sync::Arc;

use super::Generator;
use super::attribute::{self, Meta};
use super::docs;
use super::names::identifier;
use crate::generate::names::Members;
use crate::generate::text::Text;
use crate::wsdl::keys;
use crate::wsdl::model::{Builtin, Content, Field, Form, Occurs, Type, TypeId};

/// The namespace that all elements of a type have unless they say otherwise; nothing when they have none.
pub(super) type Qualified = Option<Arc<str>>;

impl Generator<'_> {
    /// The facets of a field, beside its name.
    pub(super) fn facets(&self, field: &Field, qualified: &Qualified) -> Vec<Meta> {
        let mut facets = Vec::new();
        let namespace = &*field.name.namespace;
        match field.form {
            Form::Element => {}
            Form::Attribute => facets.push(Meta::word("attribute")),
            Form::Text => facets.push(Meta::word("text")),
            Form::Choice => facets.push(Meta::word("choice")),
            Form::Header => facets.push(Meta::word("header")),
        }
        match (field.form, qualified) {
            (Form::Text | Form::Choice, _) => {}
            (Form::Element | Form::Header, Some(all)) if **all == *namespace => {}
            (Form::Element | Form::Header, Some(_)) if namespace.is_empty() => {
                facets.push(Meta::word("unqualified"));
            }
            _ if namespace.is_empty() => {}
            _ => facets.push(Meta::text("namespace", namespace)),
        }
        if let Some(items) = self.items(field) {
            facets.push(Meta::text("wrapped", items.name));
        }
        match self.content(field) {
            Some(Content::List(Builtin::HexBinary)) => {
                facets.extend([Meta::word("list"), Meta::word("hex")]);
            }
            Some(Content::List(_)) => facets.push(Meta::word("list")),
            Some(Content::One(Builtin::HexBinary)) => facets.push(Meta::word("hex")),
            Some(Content::One(_)) | None => {}
        }
        if field.nillable {
            facets.push(Meta::word("nillable"));
        }
        facets
    }

    /// What to say of a field beside the files' own words.
    pub(super) fn notes(&self, field: &Field) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(default) = &field.default {
            notes.push(format!("Default: {}.", docs::quoted(default)));
        }
        if self.description.unaliased(&field.ty) == &Type::Builtin(Builtin::AnyType) {
            notes.push("Any content; only its text is here.".to_owned());
        }
        notes
    }

    /// Writes the fields of a struct.
    pub(super) fn fields(
        &self,
        owner: Option<TypeId>,
        fields: &[Field],
        qualified: &Qualified,
        out: &mut Text,
    ) {
        let mut members = Members::new(&[]);
        for (field, key) in fields.iter().zip(keys::keys(fields.iter())) {
            let rust = members.snake(&identifier(&field.name.local));
            docs::write(
                out,
                4,
                &head(field),
                &field.documentation,
                &self.notes(field),
            );
            rename(&key, rust.trim_start_matches("r#"), out);
            let mut facets = Vec::from_iter(document_name(&key, field));
            facets.extend(self.facets(field, qualified));
            attribute::write(out, 4, "rmix", &facets);
            let ty = self.field_type(owner, field);
            out.broken(4, &format!("pub {rust}:"), &format!("{ty},"));
        }
    }

    /// Writes the variants of a choice.
    pub(super) fn variants(
        &self,
        owner: TypeId,
        variants: &[Field],
        qualified: &Qualified,
        out: &mut Text,
    ) {
        let mut members = Members::new(&[]);
        for (field, key) in variants.iter().zip(keys::keys(variants.iter())) {
            let rust = members.camel(&identifier(&field.name.local));
            docs::write(
                out,
                4,
                &head(field),
                &field.documentation,
                &self.notes(field),
            );
            rename(&key, &rust, out);
            let mut facets = Vec::from_iter(document_name(&key, field));
            facets.extend(self.facets(field, qualified));
            attribute::write(out, 4, "rmix", &facets);
            variant(out, &rust, &self.field_type(Some(owner), field));
        }
    }
}

/// Writes a variant that holds one value.
pub(super) fn variant(out: &mut Text, name: &str, ty: &str) {
    let one = format!("    {name}({ty}),");
    if attribute::width(&one) <= crate::generate::text::WIDTH {
        out.line(one);
        return;
    }
    out.line(format!("    {name}("));
    out.line(format!("        {ty},"));
    out.line("    ),");
}

/// Whether most elements have this namespace, which is none of none.
pub(super) fn qualified(fields: &[Field], namespace: &Arc<str>) -> Qualified {
    let elements = || fields.iter().filter(|it| it.form == Form::Element);
    let same = elements().filter(|it| it.name.namespace == *namespace);
    let same = same.count();
    let are_most = same > 0 && same * 2 >= elements().count() && !namespace.is_empty();
    are_most.then(|| Arc::clone(namespace))
}

fn head(field: &Field) -> String {
    let name = docs::quoted(&field.name.local);
    match field.form {
        Form::Element => format!("Element {name}."),
        Form::Attribute => format!("Attribute {name}."),
        Form::Header => format!("Header block {name}."),
        Form::Text => "The element's text.".to_owned(),
        Form::Choice if field.occurs == Occurs::Repeated => {
            "Each time one of these elements.".to_owned()
        }
        Form::Choice => "One of these elements.".to_owned(),
    }
}

/// Writes the name by which serde knows a field or variant, where it is not the one in Rust.
pub(super) fn rename(key: &str, rust: &str, out: &mut Text) {
    if key != rust {
        attribute::write(out, 4, "serde", &[Meta::text("rename", key)]);
    }
}

/// What says the name in documents, where serde knows another.
pub(super) fn document_name(key: &str, field: &Field) -> Option<Meta> {
    let name = keys::document_name(field, key);
    name.map(|name| Meta::text("name", name))
}
