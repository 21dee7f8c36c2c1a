//! Writes the `rmix::Data` implementation of a checked shape.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, GenericParam, Generics, Type, parse_quote};

use super::shape::{Content, Field, Shape, Variant};
use crate::facets::TypeFacets;

/// The implementation.
pub(super) fn expand(
    input: &DeriveInput,
    shape: Option<&Shape<'_>>,
    facets: &TypeFacets,
) -> TokenStream {
    let ident = &input.ident;
    let generics = bounded(&input.generics);
    let (implemented, arguments, clause) = generics.split_for_impl();
    let schema = shape.map(|shape| schema(shape, facets));
    quote! {
        #[automatically_derived]
        impl #implemented ::rmix::Data for #ident #arguments #clause {
            const SCHEMA: ::rmix::generated::TypeDesc = #schema;
        }
    }
}

/// The same parameters, the types being describable.
fn bounded(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    for parameter in &mut generics.params {
        if let GenericParam::Type(parameter) = parameter {
            parameter.bounds.push(parse_quote!(::rmix::Data));
        }
    }
    generics
}

fn schema(shape: &Shape<'_>, facets: &TypeFacets) -> TokenStream {
    let xml = facets.describe();
    match shape {
        Shape::Same(ty) => quote!(<#ty as ::rmix::Data>::SCHEMA),
        Shape::Struct(name, content) => match content {
            Content::Unit => {
                quote!(::rmix::generated::TypeDesc::plain(
                    ::rmix::generated::type_kind::UNIT
                ))
            }
            Content::Newtype(ty) => quote!(<#ty as ::rmix::Data>::SCHEMA),
            Content::Tuple(fields) => structure(&quote!(TUPLE), name, fields, facets),
            Content::Struct(fields) => structure(&quote!(STRUCT), name, fields, facets),
        },
        Shape::Enum(name, variants) => {
            let inherited = facets.inherited();
            let variants = (0u32..).zip(variants);
            let variants = variants.map(|(index, one)| variant(index, one, inherited));
            quote! {
                ::rmix::generated::TypeDesc::enumeration(#name, const { &[#(#variants),*] }) #xml
            }
        }
    }
}

fn structure(
    kind: &TokenStream,
    name: &str,
    fields: &[Field<'_>],
    facets: &TypeFacets,
) -> TokenStream {
    let fields = fields
        .iter()
        .map(|field| field.describe(facets.inherited()));
    let xml = facets.describe();
    quote! {
        ::rmix::generated::TypeDesc::structure(
            ::rmix::generated::type_kind::#kind,
            #name,
            const { &[#(#fields),*] },
        ) #xml
    }
}

fn variant(index: u32, variant: &Variant<'_>, inherited: Option<&str>) -> TokenStream {
    let name = &variant.name;
    let (shape, fields) = match &variant.content {
        Content::Unit => (quote!(UNIT), TokenStream::new()),
        Content::Newtype(ty) => (quote!(NEWTYPE), unnamed(ty)),
        Content::Tuple(fields) => (quote!(TUPLE), list(fields, inherited)),
        Content::Struct(fields) => (quote!(STRUCT), list(fields, inherited)),
    };
    let xml = variant.facets.describe(inherited);
    quote! {
        ::rmix::generated::VariantDesc::new(
            #name,
            #index,
            ::rmix::generated::shape::#shape,
            const { &[#fields] },
        ) #xml
    }
}

fn list(fields: &[Field<'_>], inherited: Option<&str>) -> TokenStream {
    let fields = fields.iter().map(|field| field.describe(inherited));
    quote!(#(#fields),*)
}

fn unnamed(ty: &Type) -> TokenStream {
    quote!(::rmix::generated::FieldDesc::new("", ::rmix::generated::Schema::of::<#ty>()))
}
