//! One operation as read from a trait method, checked.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{
    Attribute, FnArg, Meta, Pat, PatType, Receiver, ReceiverKind, Safety, Signature, TraitItemFn,
    Type,
};

use super::types::{Outcome, check_owned};
use crate::attributes::{entries_of, refuse_repeated};
use crate::errors::Errors;
use crate::facets::{MethodFacets, VALUE_KEYS, ValueFacets};

/// Most arguments of an operation.
const ARGUMENTS_MAX: usize = 16;

/// An argument.
pub(super) struct Argument {
    /// Its Rust name.
    pub(super) ident: Ident,
    /// Its type.
    pub(super) ty: Type,
    /// Its name on the wire.
    pub(super) name: String,
    /// How XML writes it.
    pub(super) facets: ValueFacets,
}

/// A checked operation.
pub(super) struct Operation {
    /// The method's name.
    pub(super) ident: Ident,
    /// Attributes that the generated methods share: docs, deprecation.
    pub(super) shared: Vec<Attribute>,
    /// Name on the wire.
    pub(super) name: String,
    /// Where the name on the wire was given.
    pub(super) name_given: Option<Meta>,
    /// Procedure number.
    pub(super) procedure: Option<u32>,
    /// Where the procedure number was given.
    pub(super) procedure_given: Option<Meta>,
    /// May be repeated without harm.
    pub(super) idempotent: bool,
    /// Expects no answer.
    pub(super) oneway: bool,
    /// What it takes.
    pub(super) arguments: Vec<Argument>,
    /// What it gives.
    pub(super) outcome: Outcome,
    /// What SOAP has to know.
    pub(super) soap: MethodFacets,
}

impl Operation {
    /// Reads a method; what is wrong goes to `errors`.
    pub(super) fn read(method: &TraitItemFn, errors: &mut Errors) -> Operation {
        let mut operation = Operation {
            ident: method.sig.ident.clone(),
            shared: shared(&method.attrs),
            name: method.sig.ident.unraw().to_string(),
            name_given: None,
            procedure: None,
            procedure_given: None,
            idempotent: false,
            oneway: false,
            arguments: Vec::new(),
            outcome: Outcome::Plain(syn::parse_quote!(())),
            soap: MethodFacets::default(),
        };
        refuse_conditions(&method.attrs, errors);
        operation.read_attribute(method, errors);
        check_signature(&method.sig, errors);
        errors.take(method.modifiers.require_empty());
        operation.outcome = Outcome::read(&method.sig.output, operation.oneway, errors);
        operation.arguments = read_arguments(&method.sig, errors);
        operation
    }

    fn read_attribute(&mut self, method: &TraitItemFn, errors: &mut Errors) {
        let entries = entries_of("rmix", &method.attrs, errors);
        refuse_repeated(&entries, errors);
        for entry in &entries {
            match entry.key.as_str() {
                "procedure" => {
                    let why = ": 0 is every program's null procedure";
                    self.procedure = entry.number(1, why, errors);
                    self.procedure_given = Some(entry.meta.clone());
                }
                "idempotent" => self.idempotent = entry.flag(errors),
                "oneway" => self.oneway = entry.flag(errors),
                "name" => {
                    if let Some(name) = entry.name(errors) {
                        self.name = name;
                        self.name_given = Some(entry.meta.clone());
                    }
                }
                "soap" => self.soap = MethodFacets::read(entry, errors),
                unknown => errors.at(
                    entry.meta.path(),
                    format!(
                        "unknown key `{unknown}`; an operation takes `procedure`, `idempotent`, `oneway`, `name` and `soap`"
                    ),
                ),
            }
        }
    }

    /// What the implementor returns.
    pub(super) fn returned(&self) -> TokenStream {
        match &self.outcome {
            Outcome::Oneway => quote!(()),
            Outcome::Plain(value) => value.to_token_stream(),
            Outcome::Fallible(whole, ..) => whole.to_token_stream(),
        }
    }

    /// `place: String, at: i64`
    pub(super) fn parameters(&self) -> TokenStream {
        let idents = self.idents();
        let types = self.arguments.iter().map(|argument| &argument.ty);
        quote! { #(, #idents: #types)* }
    }

    /// Names of the arguments.
    pub(super) fn idents(&self) -> impl Iterator<Item = &Ident> {
        self.arguments.iter().map(|argument| &argument.ident)
    }
}

/// Attributes that make sense on generated methods too.
fn shared(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes
        .iter()
        .filter(|attribute| {
            ["doc", "deprecated", "allow"]
                .iter()
                .any(|name| attribute.path().is_ident(name))
        })
        .cloned()
        .collect()
}

fn refuse_conditions(attributes: &[Attribute], errors: &mut Errors) {
    for attribute in attributes {
        if attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr") {
            errors.at(
                attribute,
                "an operation is not conditional: both sides must agree on the interface",
            );
        }
    }
}

fn check_signature(signature: &Signature, errors: &mut Errors) {
    if signature.asyncness.is_none() {
        errors.at(
            signature.fn_token,
            "an operation is asynchronous: write `async fn`",
        );
    }
    if let Some(token) = &signature.constness {
        errors.at(token, "an operation cannot be const");
    }
    if let Safety::Unsafe(_) | Safety::Safe(_) = &signature.safety {
        errors.at(&signature.safety, "an operation cannot be unsafe or safe");
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, "an operation has no ABI of its own");
    }
    if !signature.generics.params.is_empty() {
        errors.at(
            &signature.generics,
            "an operation has no type, lifetime or const parameters: the other side must know every type",
        );
    }
    if let Some(clause) = &signature.generics.where_clause {
        errors.at(clause, "an operation has no `where` clause");
    }
    if let Some(variadic) = &signature.variadic {
        errors.at(variadic, "an operation has a fixed number of arguments");
    }
}

fn read_arguments(signature: &Signature, errors: &mut Errors) -> Vec<Argument> {
    let mut arguments: Vec<Argument> = Vec::new();
    if signature.receiver().is_none() {
        errors.at(&signature.ident, "an operation takes `&self` first");
    }
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(receiver) => check_receiver(receiver, errors),
            FnArg::Typed(typed) => {
                let Some(argument) = read_argument(typed, errors) else {
                    continue;
                };
                if arguments
                    .iter()
                    .any(|earlier| earlier.name == argument.name)
                {
                    let message = format!("the name `{}` is already taken", argument.name);
                    errors.at(typed, message);
                }
                arguments.push(argument);
            }
        }
    }
    let typed = signature.inputs.iter();
    let typed = typed.filter(|input| matches!(input, FnArg::Typed(_)));
    if let Some(excess) = typed.clone().nth(ARGUMENTS_MAX) {
        let count = typed.count();
        errors.at(
            excess,
            format!(
                "an operation has at most {ARGUMENTS_MAX} arguments, this one {count}: use a struct"
            ),
        );
    }
    arguments
}

fn check_receiver(receiver: &Receiver, errors: &mut Errors) {
    let plain = matches!(receiver.kind, ReceiverKind::Reference(_, None, None));
    if !plain || receiver.mutability.is_some() || !receiver.attrs.is_empty() {
        errors.at(
            receiver,
            "an operation takes plain `&self`: calls of one object run side by side",
        );
    }
}

fn read_argument(typed: &PatType, errors: &mut Errors) -> Option<Argument> {
    check_owned(&typed.ty, "argument", errors);
    let mut given = None;
    let mut facets = ValueFacets::default();
    for attribute in &typed.attrs {
        if !attribute.path().is_ident("rmix") {
            errors.at(attribute, "an argument takes `#[rmix(…)]` only");
        }
    }
    let entries = entries_of("rmix", &typed.attrs, errors);
    refuse_repeated(&entries, errors);
    for entry in &entries {
        match entry.key.as_str() {
            "name" => given = entry.name(errors),
            _ if facets.take(entry, errors) => {}
            unknown => errors.at(
                entry.meta.path(),
                format!("unknown key `{unknown}`; an argument takes {VALUE_KEYS}"),
            ),
        }
    }
    facets.check(errors);
    match &*typed.pat {
        Pat::Ident(pat)
            if pat.by_ref.is_none() && pat.mutability.is_none() && pat.subpat.is_none() =>
        {
            Some(Argument {
                ident: pat.ident.clone(),
                ty: (*typed.ty).clone(),
                name: given.unwrap_or_else(|| pat.ident.unraw().to_string()),
                facets,
            })
        }
        pattern => {
            errors.at(
                pattern,
                "an argument is a plain name, not a pattern: it is part of the interface",
            );
            None
        }
    }
}
