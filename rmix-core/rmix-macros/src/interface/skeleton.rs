//! Writes the server's side: the skeleton, which decodes and calls the object.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::model::Interface;
use super::operation::Operation;

/// The skeleton.
pub(super) fn expand(interface: &Interface) -> TokenStream {
    let trait_ident = &interface.item.ident;
    let vis = &interface.item.vis;
    let skeleton = interface.derived("Skeleton");
    let doc = format!(" Makes an implementation of [`{trait_ident}`] callable from elsewhere.");
    let dispatch = dispatch(interface);
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #vis struct #skeleton<__Object: #trait_ident> {
            object: ::std::sync::Arc<__Object>,
        }

        #[allow(dead_code)]
        impl<__Object: #trait_ident> #skeleton<__Object> {
            /// A skeleton that owns its object.
            #[must_use]
            #vis fn new(object: __Object) -> Self {
                Self::from_arc(::std::sync::Arc::new(object))
            }

            /// A skeleton for an object that others hold too.
            #[must_use]
            #vis fn from_arc(object: ::std::sync::Arc<__Object>) -> Self {
                Self { object }
            }

            /// The object that is called.
            #[must_use]
            #vis fn object(&self) -> &::std::sync::Arc<__Object> {
                &self.object
            }
        }

        #[automatically_derived]
        impl<__Object: #trait_ident> ::core::clone::Clone for #skeleton<__Object> {
            fn clone(&self) -> Self {
                Self::from_arc(::std::sync::Arc::clone(&self.object))
            }
        }

        #[automatically_derived]
        impl<__Object: #trait_ident> ::core::fmt::Debug for #skeleton<__Object> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(::core::stringify!(#skeleton))
            }
        }

        #dispatch
    }
}

/// The implementation of the facade's trait: from an operation's index to the object's method.
fn dispatch(interface: &Interface) -> TokenStream {
    let trait_ident = &interface.item.ident;
    let stub = interface.derived("Stub");
    let skeleton = interface.derived("Skeleton");
    let arms = interface.operations.iter().enumerate();
    let arms = arms.map(|(index, operation)| arm(interface, index, operation));
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl<__Object: #trait_ident> ::rmix::Skeleton for #skeleton<__Object> {
            fn description(&self) -> &'static ::rmix::generated::InterfaceDesc {
                <#stub as ::rmix::Interface>::DESCRIPTION
            }

            fn call(
                &self,
                method: usize,
                incoming: ::rmix::generated::Incoming<'_>,
            ) -> ::rmix::generated::Served {
                match method {
                    #(#arms)*
                    other => ::core::panic!(
                        "operation {other} of {}: callers take the index from the description",
                        ::core::stringify!(#trait_ident),
                    ),
                }
            }
        }
    }
}

fn arm(interface: &Interface, index: usize, operation: &Operation) -> TokenStream {
    let trait_ident = &interface.item.ident;
    let ident = &operation.ident;
    let object = Ident::new("object", Span::mixed_site());
    let arguments = Ident::new("arguments", Span::mixed_site());
    // Position names: an argument's own name could be a constant's, which is a pattern.
    let values: Vec<Ident> = (0..operation.arguments.len())
        .map(|position| format_ident!("value_{}", position, span = Span::mixed_site()))
        .collect();
    let types = operation.arguments.iter().map(|argument| &argument.ty);
    let decode = if values.is_empty() {
        quote! { |_| ::core::result::Result::Ok(()) }
    } else {
        quote! { |#arguments| ::core::result::Result::Ok((#(#arguments.next::<#types>()?,)*)) }
    };
    let pattern = if values.is_empty() {
        quote!(())
    } else {
        quote!((#(#values,)*))
    };
    let serve = if operation.oneway {
        quote!(serve_oneway)
    } else {
        let marker = operation.outcome.marker();
        quote!(serve::<#marker, _, _>)
    };
    let described = interface.method(index);
    quote! {
        #index => {
            let #object = ::std::sync::Arc::clone(&self.object);
            incoming.#serve(
                #described,
                #decode,
                move |#pattern| async move { <__Object as #trait_ident>::#ident(&#object, #(#values),*).await },
            )
        }
    }
}
