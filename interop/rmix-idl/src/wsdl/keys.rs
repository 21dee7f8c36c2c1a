//! The names by which serde and JSON know fields and variants: those of documents, unless two share one there.

use std::collections::BTreeSet;

use heck::ToSnakeCase;

use super::model::{Field, Form};

/// A name for each field, all different. Of two that documents tell apart by their namespaces, or as an attribute and an
/// element, the second has a number behind its name.
pub(super) fn keys<'a>(fields: impl Iterator<Item = &'a Field> + Clone) -> Vec<String> {
    let named = fields.clone().filter(|field| is_named(field.form));
    let wire: BTreeSet<&str> = named.map(|field| &*field.name.local).collect();
    let mut taken = BTreeSet::new();
    let key = |field: &Field| {
        let is_named = is_named(field.form);
        let base = match is_named {
            true => field.name.local.to_string(),
            false => field.name.local.to_snake_case(),
        };
        let mut name = base.clone();
        let mut number = 1;
        while taken.contains(&name) || ((number > 1 || !is_named) && wire.contains(&*name)) {
            number += 1;
            name = format!("{base}_{number}");
        }
        taken.insert(name.clone());
        name
    };
    fields.map(key).collect()
}

/// The name that stands in documents, where the field is known by another.
pub(super) fn document_name<'a>(field: &'a Field, key: &str) -> Option<&'a str> {
    let differs = is_named(field.form) && *field.name.local != *key;
    differs.then_some(&*field.name.local)
}

/// Whether the field's name stands in documents.
fn is_named(form: Form) -> bool {
    !matches!(form, Form::Text | Form::Choice)
}
