//! The arms of a union, checked.

use std::collections::BTreeSet;

use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, Ident, Type, Variant};

use crate::attributes::entries_of;
use crate::errors::Errors;

/// What an arm holds.
pub(super) enum Content<'a> {
    /// Nothing.
    Void,
    /// One value.
    Value(&'a Type),
    /// The default arm: the discriminant, and perhaps a value.
    Default(Option<&'a Type>),
}

/// An arm.
pub(super) struct Arm<'a> {
    /// The variant.
    pub(super) ident: &'a Ident,
    /// Name on the wire, in formats that name variants.
    pub(super) name: String,
    /// The discriminant where it is written out.
    pub(super) discriminant: Option<&'a Expr>,
    /// What it holds.
    pub(super) content: Content<'a>,
}

/// A union.
pub(super) struct Union<'a> {
    /// Name on the wire.
    pub(super) name: String,
    /// Its arms; the default arm, if there is one, is the last.
    pub(super) arms: Vec<Arm<'a>>,
}

impl<'a> Union<'a> {
    /// Reads a type; what is wrong goes to `errors`. `None` only together with an error.
    pub(super) fn read(input: &'a DeriveInput, errors: &mut Errors) -> Option<Union<'a>> {
        let Data::Enum(data) = &input.data else {
            errors.at(
                &input.ident,
                "`rmix::Union` is for enums: their variants are the arms, their discriminants stand on the wire",
            );
            return None;
        };
        if !input.generics.params.is_empty() {
            errors.at(
                &input.generics,
                "a union cannot be generic: its arms are fixed by the protocol",
            );
        }
        if data.variants.is_empty() {
            errors.at(&input.ident, "a union has at least one arm");
        }
        let options = Options::of(&input.attrs, false, errors);
        let mut names = BTreeSet::new();
        let mut arms: Vec<Arm<'a>> = Vec::new();
        for variant in &data.variants {
            let after_default = arms
                .last()
                .is_some_and(|arm| matches!(arm.content, Content::Default(_)));
            if after_default {
                errors.at(&variant.ident, "the default arm is the last one");
            }
            let arm = arm(variant, errors);
            if !names.insert(arm.name.clone()) {
                errors.at(
                    &variant.ident,
                    format!("the name `{}` is already taken", arm.name),
                );
            }
            arms.push(arm);
        }
        let name = options.name;
        Some(Union {
            name: name.unwrap_or_else(|| input.ident.unraw().to_string()),
            arms,
        })
    }
}

fn arm<'a>(variant: &'a Variant, errors: &mut Errors) -> Arm<'a> {
    let options = Options::of(&variant.attrs, true, errors);
    let types: Vec<&Type> = variant.fields.iter().map(|field| &field.ty).collect();
    let content = match (&variant.fields, options.default, types.as_slice()) {
        (Fields::Unit, false, _) => Content::Void,
        (Fields::Unnamed(_), false, [value]) => Content::Value(value),
        (Fields::Unnamed(_), true, [_]) => Content::Default(None),
        (Fields::Unnamed(_), true, [_, value]) => Content::Default(Some(value)),
        (_, false, _) => {
            errors.at(
                variant,
                "an arm holds nothing or one unnamed value: put several in a struct",
            );
            Content::Void
        }
        (_, true, _) => {
            errors.at(
                variant,
                "the default arm holds the discriminant, an `i32`, and perhaps one value: `Other(i32)` or `Other(i32, T)`",
            );
            Content::Default(None)
        }
    };
    let discriminant = variant.discriminant.as_ref().map(|(_, value)| value);
    Arm {
        ident: &variant.ident,
        name: options
            .name
            .unwrap_or_else(|| variant.ident.unraw().to_string()),
        discriminant,
        content,
    }
}

/// What `#[rmix(…)]` says.
#[derive(Default)]
struct Options {
    name: Option<String>,
    default: bool,
}

impl Options {
    fn of(attributes: &[Attribute], of_variant: bool, errors: &mut Errors) -> Options {
        let mut options = Options::default();
        for entry in entries_of("rmix", attributes, errors) {
            match entry.key.as_str() {
                "name" => options.name = entry.name(errors),
                "default" if of_variant => options.default = entry.flag(errors),
                _ if of_variant => errors.at(
                    &entry.meta,
                    format!(
                        "unknown key `{}`: a variant has `name` and `default`",
                        entry.key
                    ),
                ),
                _ => errors.at(
                    &entry.meta,
                    format!("unknown key `{}`: a union has `name`", entry.key),
                ),
            }
        }
        options
    }
}
