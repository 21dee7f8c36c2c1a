//! Writes the description of a checked union, and its serde implementations.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

use super::arms::{Arm, Content, Union};

/// The implementations, in a scope of their own.
pub(super) fn expand(ident: &Ident, union: &Union<'_>) -> TokenStream {
    let discriminants = discriminants(union);
    let data = data(ident, union);
    let discriminant = discriminant(ident, union);
    let serialize = serialize(ident, union);
    let deserialize = deserialize(ident, union);
    quote! {
        #[automatically_derived]
        const _: () = {
            use ::rmix::generated::{serde, union};
            #discriminants
            #data
            #discriminant
            #serialize
            #deserialize
        };
    }
}

/// Every arm's discriminant but the default's, as Rust counts them.
fn discriminants(union: &Union<'_>) -> TokenStream {
    let arms: Vec<&Arm<'_>> = declared(union).collect();
    let names: Vec<Ident> = (0..arms.len())
        .map(|position| format_ident!("ARM_{position}"))
        .collect();
    let values = arms.iter().enumerate().map(|(position, arm)| {
        let before = position.checked_sub(1).and_then(|before| names.get(before));
        match (arm.discriminant, before) {
            (Some(value), _) => quote!(#value),
            (None, Some(before)) => quote!(#before + 1),
            (None, None) => quote!(0),
        }
    });
    let count = arms.len();
    quote! {
        const DISCRIMINANTS: [i32; #count] = {
            #(const #names: i32 = #values;)*
            [#(#names),*]
        };
    }
}

fn declared<'u, 'a>(union: &'u Union<'a>) -> impl Iterator<Item = &'u Arm<'a>> {
    union
        .arms
        .iter()
        .filter(|arm| !matches!(arm.content, Content::Default(_)))
}

fn data(ident: &Ident, union: &Union<'_>) -> TokenStream {
    let name = &union.name;
    let variants = union.arms.iter().enumerate().map(|(position, arm)| {
        let name = &arm.name;
        let field = |name: &str, ty: TokenStream| {
            quote!(::rmix::generated::FieldDesc::new(#name, ::rmix::generated::Schema::of::<#ty>()))
        };
        let (discriminant, shape, flags, fields) = match &arm.content {
            Content::Void => (quote!(DISCRIMINANTS[#position]), quote!(UNIT), quote!(0), vec![]),
            Content::Value(ty) => (
                quote!(DISCRIMINANTS[#position]),
                quote!(NEWTYPE),
                quote!(0),
                vec![field("", quote!(#ty))],
            ),
            Content::Default(value) => {
                let mut fields = vec![field("discriminant", quote!(i32))];
                fields.extend(value.map(|ty| field("value", quote!(#ty))));
                let flags = quote!(::rmix::generated::variant_flags::DEFAULT);
                (quote!(0), quote!(STRUCT), flags, fields)
            }
        };
        quote! {
            ::rmix::generated::VariantDesc::arm(
                #name,
                #discriminant,
                ::rmix::generated::shape::#shape,
                #flags,
                const { &[#(#fields),*] },
            )
        }
    });
    quote! {
        impl ::rmix::Data for #ident {
            const SCHEMA: ::rmix::generated::TypeDesc =
                ::rmix::generated::TypeDesc::enumeration(#name, const { &[#(#variants),*] });
        }
    }
}

fn discriminant(ident: &Ident, union: &Union<'_>) -> TokenStream {
    let arms = union.arms.iter().enumerate().map(|(position, arm)| {
        let variant = arm.ident;
        match arm.content {
            Content::Void => quote!(#ident::#variant => DISCRIMINANTS[#position]),
            Content::Value(_) => quote!(#ident::#variant(_) => DISCRIMINANTS[#position]),
            Content::Default(_) => quote!(#ident::#variant(discriminant, ..) => *discriminant),
        }
    });
    quote! {
        impl #ident {
            /// The discriminant that stands on the wire.
            pub fn discriminant(&self) -> i32 {
                match self { #(#arms),* }
            }
        }
    }
}

fn serialize(ident: &Ident, union: &Union<'_>) -> TokenStream {
    let name = &union.name;
    let arms = union.arms.iter().enumerate().map(|(position, arm)| {
        let (variant, arm_name) = (arm.ident, &arm.name);
        let index = quote!(union::index(DISCRIMINANTS[#position]));
        match arm.content {
            Content::Void => quote! {
                #ident::#variant => serde::Serializer::serialize_unit_variant(serializer, #name, #index, #arm_name)
            },
            Content::Value(_) => quote! {
                #ident::#variant(value) =>
                    serde::Serializer::serialize_newtype_variant(serializer, #name, #index, #arm_name, value)
            },
            Content::Default(None) => quote! {
                #ident::#variant(discriminant) => union::put_default::<_, ()>(
                    serializer, (#name, #arm_name), (&DISCRIMINANTS, *discriminant), ::core::option::Option::None,
                )
            },
            Content::Default(Some(_)) => quote! {
                #ident::#variant(discriminant, value) => union::put_default(
                    serializer, (#name, #arm_name), (&DISCRIMINANTS, *discriminant), ::core::option::Option::Some(value),
                )
            },
        }
    });
    quote! {
        impl serde::Serialize for #ident {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                match self { #(#arms),* }
            }
        }
    }
}

fn deserialize(ident: &Ident, union: &Union<'_>) -> TokenStream {
    let name = &union.name;
    let names = union.arms.iter().map(|arm| &arm.name);
    let has_default = declared(union).count() < union.arms.len();
    let arms = union.arms.iter().enumerate().map(|(position, arm)| {
        let variant = arm.ident;
        let value = match arm.content {
            Content::Void => quote! {
                { serde::de::VariantAccess::unit_variant(content)?; #ident::#variant }
            },
            Content::Value(_) => {
                quote!(#ident::#variant(serde::de::VariantAccess::newtype_variant(content)?))
            }
            Content::Default(None) => quote!(#ident::#variant(union::default_void(arm, content)?)),
            Content::Default(Some(_)) => quote! {
                { let (discriminant, value) = union::default_value(arm, content)?; #ident::#variant(discriminant, value) }
            },
        };
        quote!(#position => #value)
    });
    let expecting = format!("union {name}");
    quote! {
        impl<'de> serde::Deserialize<'de> for #ident {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                struct Visitor;
                impl<'de> serde::de::Visitor<'de> for Visitor {
                    type Value = #ident;
                    fn expecting(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                        f.write_str(#expecting)
                    }
                    fn visit_enum<A: serde::de::EnumAccess<'de>>(
                        self,
                        input: A,
                    ) -> ::core::result::Result<#ident, A::Error> {
                        let (arm, content) = serde::de::EnumAccess::variant_seed(input, union::ArmSeed(NAMES))?;
                        ::core::result::Result::Ok(
                            match union::position(arm, &DISCRIMINANTS, #has_default)? {
                                #(#arms,)*
                                _ => return ::core::result::Result::Err(union::no_such_arm(arm)),
                            },
                        )
                    }
                }
                const NAMES: &[&str] = &[#(#names),*];
                serde::Deserializer::deserialize_enum(deserializer, #name, NAMES, Visitor)
            }
        }
    }
}
