//! Writes the client's side: the stub, its synchronous and its starting form.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::model::Interface;
use super::operation::Operation;
use super::types::Outcome;

const ERRORS: &str = " # Errors\n Why the call failed and whether it may have executed; a declared fault as its value.";
const ERRORS_ONEWAY: &str = " # Errors\n Why the call was not handed to the transport; what happens after that is not reported.";
const ERRORS_FLUSH: &str = " # Errors\n Why calls that were handed over did not all leave.";
const BLOCKING: &str = " # Blocking\n Waits in this thread, not longer than the deadline.";

/// Stub, blocking and starting forms.
pub(super) fn expand(interface: &Interface) -> TokenStream {
    let trait_ident = &interface.item.ident;
    let vis = &interface.item.vis;
    let stub = interface.derived("Stub");
    let blocking = interface.derived("Blocking");
    let start = interface.derived("Start");
    let asynchronous = methods(interface, Form::Asynchronous);
    let stub_doc = format!(" Calls a remote object that implements [`{trait_ident}`].");
    let blocking_doc =
        format!(" Calls [`{trait_ident}`] synchronously; made by [`{stub}::blocking`].");
    let start_doc = format!(
        " Starts calls of [`{trait_ident}`] without waiting for them; made by [`{stub}::start`]."
    );
    let blocking_form = form(interface, &blocking, &blocking_doc, Form::Blocking);
    let start_form = form(interface, &start, &start_doc, Form::Start);
    let implementation = implement(interface, &stub);
    quote! {
        #[doc = #stub_doc]
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #[allow(dead_code)]
        #vis struct #stub {
            stub: ::rmix::generated::Stub,
        }

        #[allow(dead_code, clippy::too_many_arguments)]
        impl #stub {
            /// The same operations as synchronous calls, for a plain thread.
            #[must_use]
            #vis fn blocking(&self) -> #blocking<'_> {
                #blocking { stub: &self.stub }
            }

            /// The same operations as calls that are started and waited for later.
            #[must_use]
            #vis fn start(&self) -> #start<'_> {
                #start { stub: &self.stub }
            }

            /// Waits until every one-way call made so far has left.
            ///
            #[doc = #ERRORS_FLUSH]
            #vis async fn flush(&self) -> ::core::result::Result<(), ::rmix::Error> {
                self.stub.flush().await
            }

            #asynchronous
        }

        #implementation
        #blocking_form
        #start_form
    }
}

fn implement(interface: &Interface, stub: &Ident) -> TokenStream {
    let description = interface.description_static();
    quote! {
        #[automatically_derived]
        impl ::rmix::Interface for #stub {
            const DESCRIPTION: &'static ::rmix::generated::InterfaceDesc = &#description;

            fn from_stub(stub: ::rmix::generated::Stub) -> Self {
                Self { stub }
            }

            fn stub(&self) -> &::rmix::generated::Stub {
                &self.stub
            }
        }
    }
}

/// How a generated method calls.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Asynchronous,
    Blocking,
    Start,
}

fn form(interface: &Interface, name: &Ident, doc: &str, form: Form) -> TokenStream {
    let vis = &interface.item.vis;
    let methods = methods(interface, form);
    let flush = (form == Form::Blocking).then(|| {
        quote! {
            /// Waits until every one-way call made so far has left.
            ///
            #[doc = #ERRORS_FLUSH]
            ///
            #[doc = #BLOCKING]
            #vis fn flush(&self) -> ::core::result::Result<(), ::rmix::Error> {
                self.stub.flush_blocking()
            }
        }
    });
    quote! {
        #[doc = #doc]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #[allow(dead_code)]
        #vis struct #name<'stub> {
            stub: &'stub ::rmix::generated::Stub,
        }

        #[allow(dead_code, clippy::too_many_arguments)]
        impl #name<'_> {
            #flush
            #methods
        }
    }
}

fn methods(interface: &Interface, form: Form) -> TokenStream {
    let operations = interface.operations.iter().enumerate();
    operations
        .filter(|(_, operation)| form != Form::Start || !operation.oneway)
        .map(|(index, operation)| method(interface, index, operation, form))
        .collect()
}

fn method(interface: &Interface, index: usize, operation: &Operation, form: Form) -> TokenStream {
    let vis = &interface.item.vis;
    let Operation {
        ident,
        shared,
        outcome,
        oneway,
        ..
    } = operation;
    let parameters = operation.parameters();
    let result = outcome.stub_result();
    let marker = outcome.marker();
    let described = interface.method(index);
    let encode = encode(operation);
    let intro = intro(operation);
    let errors = match outcome {
        Outcome::Oneway => ERRORS_ONEWAY,
        _ => ERRORS,
    };
    let docs = quote! { #(#shared)* #intro };
    match (form, oneway) {
        (Form::Asynchronous, true) => quote! {
            #docs
            #[doc = #errors]
            #vis async fn #ident(&self #parameters) -> #result {
                self.stub.oneway(#described, #encode).await
            }
        },
        (Form::Asynchronous, false) => quote! {
            #docs
            #[doc = #errors]
            #vis async fn #ident(&self #parameters) -> #result {
                self.stub.call::<#marker>(#described, #encode).await
            }
        },
        (Form::Blocking, true) => quote! {
            #docs
            #[doc = #errors]
            ///
            #[doc = #BLOCKING]
            #vis fn #ident(&self #parameters) -> #result {
                self.stub.oneway_blocking(#described, #encode)
            }
        },
        (Form::Blocking, false) => quote! {
            #docs
            #[doc = #errors]
            ///
            #[doc = #BLOCKING]
            #vis fn #ident(&self #parameters) -> #result {
                self.stub.call_blocking::<#marker>(#described, #encode)
            }
        },
        (Form::Start, _) => quote! {
            #docs
            /// The call is on its way when this returns; poll the handle, wait for it, or cancel the call.
            #vis fn #ident(&self #parameters) -> ::rmix::Pending<#marker> {
                self.stub.start::<#marker>(#described, #encode)
            }
        },
    }
}

/// A sentence where the user wrote none, and the empty line before the sections that follow.
fn intro(operation: &Operation) -> TokenStream {
    let documented = operation.shared.iter().any(|a| a.path().is_ident("doc"));
    if documented {
        return quote! { #[doc = ""] };
    }
    let text = format!(" Calls `{}`.", operation.name);
    quote! { #[doc = #text] #[doc = ""] }
}

/// The closure that writes the arguments; it owns them, so that a started call needs nothing else.
fn encode(operation: &Operation) -> TokenStream {
    let ok = quote!(::core::result::Result::Ok(()));
    if operation.arguments.is_empty() {
        return quote! { |_| #ok };
    }
    let out = Ident::new("out", Span::mixed_site());
    let idents = operation.idents();
    quote! {
        move |#out| {
            #( #out.put(&#idents)?; )*
            #ok
        }
    }
}
