//! Writes the static description of an interface.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use super::model::Interface;
use super::operation::Operation;
use super::types::Outcome;

/// The private statics that hold the description.
pub(super) fn expand(interface: &Interface) -> TokenStream {
    let methods_static = interface.methods_static();
    let methods = interface.operations.iter();
    let methods = methods.map(|operation| method(interface, operation));
    let count = interface.operations.len();
    let description_static = interface.description_static();
    let Interface {
        name,
        namespace,
        program,
        version,
        style,
        ..
    } = interface;
    quote! {
        #[allow(dead_code)]
        static #methods_static: [::rmix::generated::MethodDesc; #count] = [#(#methods),*];

        #[allow(dead_code)]
        static #description_static: ::rmix::generated::InterfaceDesc =
            ::rmix::generated::InterfaceDesc::new(#name, #namespace, #program, #version, &#methods_static)
                .with_style(::rmix::generated::style::#style);
    }
}

fn method(interface: &Interface, operation: &Operation) -> TokenStream {
    let description_static = interface.description_static();
    let soap = operation.soap.describe();
    let name = &operation.name;
    let number = operation.procedure.unwrap_or(0);
    let mut flags = quote!(0);
    if operation.oneway {
        flags.extend(quote!(| ::rmix::generated::call_flags::ONEWAY));
    }
    if operation.idempotent {
        flags.extend(quote!(| ::rmix::generated::call_flags::IDEMPOTENT));
    }
    let none = quote!(::core::option::Option::None);
    let (result, fault) = match &operation.outcome {
        Outcome::Oneway => (none.clone(), none),
        Outcome::Plain(value) => (some_schema(value), none),
        Outcome::Fallible(_, value, fault) => {
            flags.extend(quote!(| ::rmix::generated::call_flags::FAULTS));
            (some_schema(value), some_schema(fault))
        }
    };
    let arguments = operation.arguments.iter().map(|argument| {
        let (name, ty) = (&argument.name, &argument.ty);
        let xml = argument.facets.describe(None);
        quote!(::rmix::generated::FieldDesc::new(#name, ::rmix::generated::Schema::of::<#ty>()) #xml)
    });
    quote! {
        ::rmix::generated::MethodDesc::new(
            #name,
            #number,
            #flags,
            const { &[#(#arguments),*] },
            #result,
            #fault,
        )
        .within(&#description_static)
        #soap
    }
}

fn some_schema(ty: &Type) -> TokenStream {
    quote!(::core::option::Option::Some(::rmix::generated::Schema::of::<#ty>()))
}
