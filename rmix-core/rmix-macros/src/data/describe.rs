//! Writes the `rmix::Data` implementation of a checked shape.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, GenericParam, Generics, Type, parse_quote};

use super::shape::{Content, Field, Shape, Variant};

/// The implementation.
pub(super) fn expand(input: &DeriveInput, shape: Option<&Shape<'_>>) -> TokenStream {
    let ident = &input.ident;
    let generics = bounded(&input.generics);
    let (implemented, arguments, clause) = generics.split_for_impl();
    let schema = shape.map(schema);
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

fn schema(shape: &Shape<'_>) -> TokenStream {
    match shape {
        Shape::Same(ty) => quote!(<#ty as ::rmix::Data>::SCHEMA),
        Shape::Struct(name, content) => match content {
            Content::Unit => {
                quote!(::rmix::generated::TypeDesc::plain(
                    ::rmix::generated::type_kind::UNIT
                ))
            }
            Content::Newtype(ty) => quote!(<#ty as ::rmix::Data>::SCHEMA),
            Content::Tuple(fields) => structure(&quote!(TUPLE), name, fields),
            Content::Struct(fields) => structure(&quote!(STRUCT), name, fields),
        },
        Shape::Enum(name, variants) => {
            let variants = (0u32..).zip(variants).map(variant);
            quote! {
                ::rmix::generated::TypeDesc::enumeration(#name, const { &[#(#variants),*] })
            }
        }
    }
}

fn structure(kind: &TokenStream, name: &str, fields: &[Field<'_>]) -> TokenStream {
    quote! {
        ::rmix::generated::TypeDesc::structure(
            ::rmix::generated::type_kind::#kind,
            #name,
            const { &[#(#fields),*] },
        )
    }
}

fn variant((index, variant): (u32, &Variant<'_>)) -> TokenStream {
    let name = &variant.name;
    let (shape, fields) = match &variant.content {
        Content::Unit => (quote!(UNIT), TokenStream::new()),
        Content::Newtype(ty) => (quote!(NEWTYPE), unnamed(ty)),
        Content::Tuple(fields) => (quote!(TUPLE), quote!(#(#fields),*)),
        Content::Struct(fields) => (quote!(STRUCT), quote!(#(#fields),*)),
    };
    quote! {
        ::rmix::generated::VariantDesc::new(
            #name,
            #index,
            ::rmix::generated::shape::#shape,
            const { &[#fields] },
        )
    }
}

fn unnamed(ty: &Type) -> TokenStream {
    quote!(::rmix::generated::FieldDesc::new("", ::rmix::generated::Schema::of::<#ty>()))
}
