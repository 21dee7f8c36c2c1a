//! The interface as read from the trait and the attribute's arguments, checked; and the trait as implementors see it.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, FnArg, ItemTrait, TraitItem, TraitItemFn, parse_quote};

use super::operation::Operation;
use crate::attributes::{Entry, entries, refuse_repeated};
use crate::errors::Errors;
use crate::facets::style;

/// Methods of the generated stub, which an operation cannot be named after.
const TAKEN: [&str; 3] = ["blocking", "flush", "start"];

/// A checked interface.
pub(super) struct Interface {
    /// The trait as written.
    pub(super) item: ItemTrait,
    /// Its name in descriptions.
    pub(super) name: String,
    /// Namespace URI, empty when none is given.
    pub(super) namespace: String,
    /// ONC RPC program number, 0 when none is given.
    pub(super) program: u32,
    /// ONC RPC version number.
    pub(super) version: u32,
    /// How SOAP carries the calls: the name of a constant.
    pub(super) style: Ident,
    /// Operations in declaration order.
    pub(super) operations: Vec<Operation>,
}

impl Interface {
    /// Reads trait and arguments; what is wrong goes to `errors`.
    pub(super) fn read(arguments: TokenStream, item: ItemTrait, errors: &mut Errors) -> Interface {
        let mut interface = Interface {
            name: item.ident.unraw().to_string(),
            namespace: String::new(),
            program: 0,
            version: 0,
            style: format_ident!("WRAPPED"),
            operations: Vec::new(),
            item,
        };
        if let Some(entries) = errors.take(entries(arguments)) {
            interface.read_arguments(&entries, errors);
        }
        interface.check_trait(errors);
        for member in &interface.item.items {
            match member {
                TraitItem::Fn(method) => {
                    interface.operations.push(Operation::read(method, errors));
                }
                other => refuse_member(other, errors),
            }
        }
        check_names(&interface.operations, errors);
        interface
    }

    fn read_arguments(&mut self, entries: &[Entry], errors: &mut Errors) {
        refuse_repeated(entries, errors);
        for entry in entries {
            match entry.key.as_str() {
                "namespace" => self.namespace = entry.name(errors).unwrap_or_default(),
                "name" => self.name = entry.name(errors).unwrap_or_default(),
                "sunrpc" => self.read_sunrpc(entry, errors),
                "soap" => self.style = style(entry, errors).unwrap_or_else(|| self.style.clone()),
                unknown => errors.at(
                    entry.meta.path(),
                    format!(
                        "unknown key `{unknown}`; an interface takes `namespace`, `name`, `sunrpc` and `soap`"
                    ),
                ),
            }
        }
    }

    fn read_sunrpc(&mut self, list: &Entry, errors: &mut Errors) {
        let Some(entries) = list.inner(errors) else {
            return;
        };
        refuse_repeated(&entries, errors);
        for entry in &entries {
            match entry.key.as_str() {
                "program" => self.program = entry.number(1, "", errors).unwrap_or_default(),
                "version" => self.version = entry.number(0, "", errors).unwrap_or_default(),
                unknown => errors.at(
                    entry.meta.path(),
                    format!("unknown key `{unknown}`; `sunrpc` takes `program` and `version`"),
                ),
            }
        }
        for key in ["program", "version"] {
            if !entries.iter().any(|entry| entry.key == key) {
                errors.at(&list.meta, format!("`sunrpc` lacks `{key} = N`"));
            }
        }
    }

    fn check_trait(&self, errors: &mut Errors) {
        let item = &self.item;
        if !item.generics.params.is_empty() {
            errors.at(
                &item.generics,
                "an interface has no type, lifetime or const parameters",
            );
        }
        if let Some(clause) = &item.generics.where_clause {
            errors.at(clause, "an interface has no `where` clause");
        }
        if let Some(token) = &item.unsafety {
            errors.at(token, "an interface cannot be unsafe");
        }
        errors.take(item.modifiers.require_empty());
    }

    /// The trait as implementors see it: futures that can move between threads instead of `async fn`.
    pub(super) fn rewritten(&self) -> ItemTrait {
        let mut item = self.item.clone();
        item.colon_token.get_or_insert_with(Default::default);
        item.supertraits.push(parse_quote!(::core::marker::Send));
        item.supertraits.push(parse_quote!(::core::marker::Sync));
        item.supertraits.push(parse_quote!('static));
        for (member, operation) in item.items.iter_mut().zip(&self.operations) {
            if let TraitItem::Fn(method) = member {
                rewrite(method, operation);
            }
        }
        item
    }

    /// A name derived from the trait's: `StationStub`.
    pub(super) fn derived(&self, suffix: &str) -> Ident {
        format_ident!("{}{}", self.item.ident, suffix)
    }

    /// The private static that holds the descriptions of the operations.
    pub(super) fn methods_static(&self) -> Ident {
        let name = self.item.ident.unraw().to_string().to_uppercase();
        format_ident!("__RMIX_{}_METHODS", name, span = self.item.ident.span())
    }

    /// The private static that holds the description.
    pub(super) fn description_static(&self) -> Ident {
        let name = self.item.ident.unraw().to_string().to_uppercase();
        format_ident!("__RMIX_{}_INTERFACE", name, span = self.item.ident.span())
    }

    /// `&METHODS[index]`.
    pub(super) fn method(&self, index: usize) -> TokenStream {
        let methods = self.methods_static();
        let index = syn::Index::from(index);
        quote! { &#methods[#index] }
    }
}

fn rewrite(method: &mut TraitItemFn, operation: &Operation) {
    strip(&mut method.attrs);
    for argument in &mut method.sig.inputs {
        if let FnArg::Typed(argument) = argument {
            strip(&mut argument.attrs);
        }
    }
    let returned = operation.returned();
    method.sig.asyncness = None;
    method.sig.output = parse_quote! {
        -> impl ::core::future::Future<Output = #returned> + ::core::marker::Send
    };
    if let Some(body) = &method.default {
        method.attrs.push(parse_quote!(#[allow(
            clippy::manual_async_fn,
            reason = "the future must be `Send`, which `async fn` cannot say"
        )]));
        method.default = Some(parse_quote!({ async move #body }));
    }
}

fn strip(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| !attribute.path().is_ident("rmix"));
}

fn refuse_member(member: &TraitItem, errors: &mut Errors) {
    let what = match member {
        TraitItem::Const(_) => "constants",
        TraitItem::Type(_) => "associated types",
        TraitItem::Macro(_) => "macro calls",
        _ => "members of this form",
    };
    errors.at(member, format!("an interface has operations, not {what}"));
}

fn check_names(operations: &[Operation], errors: &mut Errors) {
    for (position, operation) in operations.iter().enumerate() {
        let name = operation.ident.unraw().to_string();
        if TAKEN.contains(&name.as_str()) {
            errors.at(
                &operation.ident,
                format!(
                    "every stub has a method `{name}`; rename this one and keep its name on the wire: \
                     `#[rmix(name = \"{name}\")]`"
                ),
            );
        }
        for earlier in operations.iter().take(position) {
            check_pair(earlier, operation, errors);
        }
    }
}

fn check_pair(earlier: &Operation, operation: &Operation, errors: &mut Errors) {
    if earlier.name == operation.name {
        let place: &dyn ToTokens = match &operation.name_given {
            Some(entry) => entry,
            None => &operation.ident,
        };
        let name = &operation.name;
        errors.at(
            place.to_token_stream(),
            format!(
                "the name `{name}` is already that of `{}`",
                earlier.ident.unraw()
            ),
        );
    }
    if let (Some(number), Some(entry)) = (operation.procedure, &operation.procedure_given)
        && earlier.procedure == Some(number)
    {
        errors.at(
            entry,
            format!(
                "procedure {number} is already that of `{}`",
                earlier.ident.unraw()
            ),
        );
    }
}
