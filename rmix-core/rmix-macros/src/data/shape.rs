//! The shape of a type as serde writes it, checked.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::{Data, DataEnum, DeriveInput, Fields, Ident, Path, Type};

use super::case::Case;
use super::serde_attribute::SerdeAttribute;
use crate::errors::Errors;
use crate::facets::{TypeFacets, ValueFacets};

/// A field that travels.
pub(super) struct Field<'a> {
    /// Name on the wire, empty when it goes by position.
    pub(super) name: String,
    /// Its type.
    pub(super) ty: &'a Type,
    /// How XML writes it.
    pub(super) facets: ValueFacets,
}

/// The fields of a struct or variant.
pub(super) enum Content<'a> {
    /// None.
    Unit,
    /// One, unnamed.
    Newtype(&'a Type),
    /// By position.
    Tuple(Vec<Field<'a>>),
    /// By name.
    Struct(Vec<Field<'a>>),
}

/// A variant that travels.
pub(super) struct Variant<'a> {
    /// Name on the wire.
    pub(super) name: String,
    /// Its fields.
    pub(super) content: Content<'a>,
    /// How XML writes it.
    pub(super) facets: ValueFacets,
}

/// A type.
pub(super) enum Shape<'a> {
    /// Another type's, which is how the value travels.
    Same(Box<Type>),
    /// A struct.
    Struct(String, Content<'a>),
    /// An enum.
    Enum(String, Vec<Variant<'a>>),
}

impl<'a> Shape<'a> {
    /// Reads a type; what is wrong goes to `errors`. `None` only together with an error.
    pub(super) fn read(input: &'a DeriveInput, errors: &mut Errors) -> Option<Shape<'a>> {
        let container = SerdeAttribute::of_container(&input.attrs, errors);
        if let Some(stand_in) = container.stand_in {
            return Some(Shape::Same(Box::new(stand_in)));
        }
        let name = container
            .rename
            .clone()
            .unwrap_or_else(|| input.ident.unraw().to_string());
        let shape = match &input.data {
            Data::Union(union) => {
                errors.at(
                    union.union_token,
                    "`rmix::Data` describes structs and enums; nobody can tell which field of a union is meant",
                );
                return None;
            }
            Data::Struct(data) => {
                let attributes: Vec<_> = attributes_of(&data.fields, errors);
                if let Some(meta) = &container.transparent {
                    return transparent(meta, &data.fields, &attributes, errors)
                        .map(|inner| same(input, inner, errors));
                }
                match content(&data.fields, &attributes, container.rename_all, errors) {
                    Content::Newtype(inner) => same(input, inner, errors),
                    content => Shape::Struct(name, content),
                }
            }
            Data::Enum(data) => {
                if let Some(meta) = &container.transparent {
                    errors.at(meta, "an enum cannot be transparent");
                }
                Shape::Enum(name, variants(data, &container, errors))
            }
        };
        Some(shape)
    }
}

fn attributes_of(fields: &Fields, errors: &mut Errors) -> Vec<SerdeAttribute> {
    let attributes = fields.iter();
    attributes
        .map(|field| SerdeAttribute::of_field(&field.attrs, errors))
        .collect()
}

/// The description of `inner` in place of one's own.
fn same<'a>(input: &DeriveInput, inner: &Type, errors: &mut Errors) -> Shape<'a> {
    if mentions(&input.ident, inner) {
        errors.at(
            inner,
            "a newtype is described as its content, so it cannot contain itself: give the field a name",
        );
    }
    Shape::Same(Box::new(inner.clone()))
}

fn transparent<'a>(
    meta: &syn::Meta,
    fields: &'a Fields,
    attributes: &[SerdeAttribute],
    errors: &mut Errors,
) -> Option<&'a Type> {
    let kept = fields.iter().zip(attributes);
    let mut kept = kept
        .filter(|(field, attribute)| attribute.skip.is_none() && !is_phantom(&field.ty))
        .map(|(field, _)| &field.ty);
    match (kept.next(), kept.next()) {
        (Some(only), None) => Some(only),
        _ => {
            errors.at(
                meta,
                "a transparent struct has exactly one field that is not skipped",
            );
            None
        }
    }
}

fn content<'a>(
    fields: &'a Fields,
    attributes: &[SerdeAttribute],
    case: Option<Case>,
    errors: &mut Errors,
) -> Content<'a> {
    match fields {
        Fields::Unit => Content::Unit,
        Fields::Unnamed(unnamed) if unnamed.unnamed.len() == 1 => {
            for meta in attributes.iter().filter_map(|a| a.skip.as_ref()) {
                errors.at(
                    meta,
                    "the only field cannot be skipped: leave the field out",
                );
            }
            unnamed
                .unnamed
                .first()
                .map_or(Content::Unit, |field| Content::Newtype(&field.ty))
        }
        Fields::Unnamed(_) => Content::Tuple(travelling(fields, attributes, case, errors)),
        Fields::Named(_) => Content::Struct(travelling(fields, attributes, case, errors)),
    }
}

fn travelling<'a>(
    fields: &'a Fields,
    attributes: &[SerdeAttribute],
    case: Option<Case>,
    errors: &mut Errors,
) -> Vec<Field<'a>> {
    let mut names = BTreeSet::new();
    let mut travelling = Vec::new();
    for (field, attribute) in fields.iter().zip(attributes) {
        if attribute.skip.is_some() {
            continue;
        }
        let name = match &field.ident {
            None => String::new(),
            Some(ident) => attribute.rename.clone().unwrap_or_else(|| {
                let name = ident.unraw().to_string();
                case.map_or(name.clone(), |case| case.field(&name))
            }),
        };
        if !name.is_empty() && !names.insert(name.clone()) {
            errors.at(field, format!("the name `{name}` is already taken"));
        }
        travelling.push(Field {
            name,
            ty: &field.ty,
            facets: ValueFacets::of(&field.attrs, errors),
        });
    }
    travelling
}

fn variants<'a>(
    data: &'a DataEnum,
    container: &SerdeAttribute,
    errors: &mut Errors,
) -> Vec<Variant<'a>> {
    let fieldless = data
        .variants
        .iter()
        .all(|variant| variant.fields.is_empty());
    let mut names = BTreeSet::new();
    let mut skip: Option<syn::Meta> = None;
    let mut variants = Vec::new();
    for variant in &data.variants {
        if let Some((_, value)) = variant.discriminant.as_ref().filter(|_| !fieldless) {
            errors.at(
                value,
                "explicit discriminants are allowed only where no variant has fields",
            );
        }
        let own = SerdeAttribute::of_variant(&variant.attrs, errors);
        if own.skip.is_some() {
            skip = own.skip;
            continue;
        }
        if let Some(meta) = skip.take() {
            errors.at(
                meta,
                "serde counts skipped variants when it writes but not when it reads: move this one to the end",
            );
        }
        let attributes = attributes_of(&variant.fields, errors);
        let ident = variant.ident.unraw().to_string();
        let name = own.rename.unwrap_or_else(|| {
            let case = container.rename_all;
            case.map_or(ident.clone(), |case| case.variant(&ident))
        });
        if !names.insert(name.clone()) {
            let message = format!("the name `{name}` is already taken");
            errors.at(&variant.ident, message);
        }
        let case = own.rename_all.or(container.rename_all_fields);
        let content = content(&variant.fields, &attributes, case, errors);
        variants.push(Variant {
            name,
            content,
            facets: ValueFacets::of(&variant.attrs, errors),
        });
    }
    variants
}

fn is_phantom(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let last = path.path.segments.last();
    last.is_some_and(|segment| segment.ident == "PhantomData")
}

/// Whether `ty` names `ident` or `Self`.
fn mentions(ident: &Ident, ty: &Type) -> bool {
    struct Search<'a> {
        ident: &'a Ident,
        found: bool,
    }
    impl<'ast> Visit<'ast> for Search<'_> {
        fn visit_path(&mut self, path: &'ast Path) {
            // Longer paths lead elsewhere: `Reading(wire::Reading)` is a fine newtype.
            if path.leading_colon.is_none() && path.segments.len() == 1 {
                let only = path.segments.first();
                self.found |= only.is_some_and(|s| s.ident == "Self" || s.ident == *self.ident);
            }
            visit::visit_path(self, path);
        }
    }
    let mut search = Search {
        ident,
        found: false,
    };
    search.visit_type(ty);
    search.found
}

impl Field<'_> {
    /// Its description; `inherited` is the namespace of a qualified type's fields.
    pub(super) fn describe(&self, inherited: Option<&str>) -> TokenStream {
        let (name, ty) = (&self.name, self.ty);
        let facets = self.facets.describe(inherited);
        quote! {
            ::rmix::generated::FieldDesc::new(#name, ::rmix::generated::Schema::of::<#ty>()) #facets
        }
    }
}

/// Checks what is said of a type against its shape.
pub(super) fn check_facets(shape: &Shape<'_>, facets: &TypeFacets, errors: &mut Errors) {
    let Some(meta) = facets.given() else { return };
    match shape {
        Shape::Same(_) => errors.at(
            meta,
            "a type that is described as another has that one's facets",
        ),
        Shape::Enum(_, variants) if facets.derived() => {
            let plain = |variant: &Variant<'_>| matches!(variant.content, Content::Newtype(_));
            if !variants.iter().all(plain) {
                errors.at(
                    meta,
                    "with `xsi_type` each variant holds one unnamed value, a struct",
                );
            }
        }
        _ if facets.derived() => errors.at(meta, "`xsi_type` stands on an enum"),
        _ => {}
    }
}
