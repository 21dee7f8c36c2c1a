//! Discriminated unions as Rust enums, one variant for each label.

use std::collections::BTreeSet;

use super::Generator;
use super::names::Members;
use super::text::Text;
use crate::model::{Field, Label, TypeDef, TypeId, Union};

impl Generator<'_> {
    pub(super) fn union(&self, id: TypeId, def: &TypeDef, union: &Union, out: &mut Text) {
        out.line(format!(
            "/// `union {}`, switched by `{}`.",
            def.name, union.discriminant.name
        ));
        out.line("#[derive(rmix::Union, Clone, Debug, PartialEq)]");
        self.union_attributes(def, out);
        out.line("#[allow(clippy::enum_variant_names, clippy::large_enum_variant)]");
        out.line(format!("pub enum {} {{", self.names.ty(id)));
        let mut members = Members::new(&[]);
        let mut names = BTreeSet::new();
        let mut discriminants = Vec::new();
        for arm in &union.arms {
            let content = arm.content.as_ref();
            for label in &arm.labels {
                let c_name = case_name(label, content, arm.labels.len() == 1);
                let variant = members.camel(&c_name);
                out.line(format!(
                    "    /// Case {}: {}.",
                    shown(label),
                    holds(content)
                ));
                // A name that another arm has already is left to the variant, whose name is unique.
                if names.insert(c_name.clone()) && c_name != variant {
                    out.attribute(4, "rmix", &[format!("name = \"{c_name}\"")]);
                }
                let value = label.bits().cast_signed();
                out.variant(&variant, &self.held(id, content), value);
                discriminants.push(value);
            }
        }
        if let Some(default) = &union.default {
            let content = default.content.as_ref();
            out.line(format!(
                "    /// Every other case, by its value: {}.",
                holds(content)
            ));
            out.line("    #[rmix(default)]");
            let variant = members.camel("default");
            let mut held = vec!["i32".to_owned()];
            held.extend(self.held(id, content));
            out.variant(&variant, &held, unused(&discriminants));
        }
        out.line("}");
    }

    fn held(&self, id: TypeId, content: Option<&Field>) -> Vec<String> {
        let ty = content.map(|field| self.rust_type(Some(id), &field.ty));
        ty.into_iter().collect()
    }
}

/// A lone number says less than the name of what it leads to.
pub(crate) fn case_name(label: &Label, content: Option<&Field>, is_only: bool) -> String {
    match (&label.name, content) {
        (Some(name), _) => name.clone(),
        (None, Some(field)) if is_only => field.name.clone(),
        (None, _) if label.value < 0 => format!("case_minus_{}", label.value.unsigned_abs()),
        (None, _) => format!("case_{}", label.value),
    }
}

fn shown(label: &Label) -> String {
    match &label.name {
        Some(name) => format!("`{name}` ({})", label.value),
        None => label.value.to_string(),
    }
}

fn holds(content: Option<&Field>) -> String {
    match content {
        Some(field) => format!("`{}`", field.name),
        None => "void".to_owned(),
    }
}

/// A number for the default arm that Rust can tell from the others; it never travels.
pub(crate) fn unused(discriminants: &[i32]) -> i32 {
    let known: BTreeSet<i32> = discriminants.iter().copied().collect();
    let mut candidates = (i32::MIN..=-1).rev();
    candidates
        .find(|candidate| !known.contains(candidate))
        .unwrap_or(i32::MIN)
}
