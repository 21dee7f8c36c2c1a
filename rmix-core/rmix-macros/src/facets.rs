//! What `#[rmix(…)]` says of a value, a type or an operation for SOAP and XML Schema: read, checked, and written as the
//! calls that describe it. `rmix_abi::describe` says what each means.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Attribute, Meta};

use crate::attributes::{Entry, entries_of, refuse_repeated};
use crate::errors::Errors;

/// Keys of a value, as messages list them.
pub(crate) const VALUE_KEYS: &str = "`attribute`, `text`, `list`, `hex`, `nillable`, `wrapped`, `choice`, `header`, \
                                     `name`, `namespace` and `unqualified`";

/// Keys without a value and the flag that each sets.
const FLAGS: [(&str, &str); 7] = [
    ("attribute", "ATTRIBUTE"),
    ("text", "TEXT"),
    ("list", "LIST"),
    ("hex", "HEX"),
    ("nillable", "NILLABLE"),
    ("choice", "CHOICE"),
    ("header", "HEADER"),
];

/// Pairs that contradict each other.
const EXCLUSIVE: [(&str, &str); 16] = [
    ("attribute", "text"),
    ("attribute", "wrapped"),
    ("attribute", "choice"),
    ("attribute", "header"),
    ("attribute", "nillable"),
    ("text", "wrapped"),
    ("text", "choice"),
    ("text", "header"),
    ("text", "nillable"),
    ("text", "namespace"),
    ("text", "name"),
    ("choice", "name"),
    ("list", "wrapped"),
    ("list", "choice"),
    ("wrapped", "choice"),
    ("namespace", "unqualified"),
];

/// What is said of an argument, a field or a variant.
#[derive(Default)]
pub(crate) struct ValueFacets {
    given: Vec<(String, Meta)>,
    flags: Vec<&'static str>,
    namespace: Option<String>,
    unqualified: bool,
    item: String,
    /// Local name, where it is not the field's own.
    name: String,
}

impl ValueFacets {
    /// Reads what stands on a field; every key must be one of these.
    pub(crate) fn of(attributes: &[Attribute], errors: &mut Errors) -> ValueFacets {
        let mut facets = ValueFacets::default();
        let entries = entries_of("rmix", attributes, errors);
        refuse_repeated(&entries, errors);
        for entry in &entries {
            if !facets.take(entry, errors) {
                let message = format!("unknown key `{}`; a field takes {VALUE_KEYS}", entry.key);
                errors.at(entry.meta.path(), message);
            }
        }
        facets.check(errors);
        facets
    }

    /// Takes one entry, if its key is one of these.
    pub(crate) fn take(&mut self, entry: &Entry, errors: &mut Errors) -> bool {
        match entry.key.as_str() {
            "namespace" => self.namespace = entry.name(errors),
            "unqualified" => self.unqualified = entry.flag(errors),
            "name" => self.name = entry.name(errors).unwrap_or_default(),
            "wrapped" => {
                self.flags.push("WRAPPED");
                self.item = entry.name(errors).unwrap_or_default();
            }
            key => {
                let Some((_, flag)) = FLAGS.iter().find(|(known, _)| *known == key) else {
                    return false;
                };
                if entry.flag(errors) {
                    self.flags.push(flag);
                }
            }
        }
        self.given.push((entry.key.clone(), entry.meta.clone()));
        true
    }

    /// Reports pairs that contradict each other.
    pub(crate) fn check(&self, errors: &mut Errors) {
        let place = |key: &str| self.given.iter().find(|(given, _)| given == key);
        for (one, other) in EXCLUSIVE {
            if let (Some(_), Some((_, meta))) = (place(one), place(other)) {
                errors.at(meta, format!("`{other}` contradicts `{one}`"));
            }
        }
    }

    /// `.with_xml(…)`, or nothing; `inherited` is the namespace of a qualified type's fields.
    pub(crate) fn describe(&self, inherited: Option<&str>) -> TokenStream {
        let plain = self.flags.contains(&"ATTRIBUTE") || self.flags.contains(&"TEXT");
        let inherited = inherited.filter(|_| !self.unqualified && !plain);
        let namespace = self.namespace.as_deref().or(inherited).unwrap_or_default();
        if self.flags.is_empty() && namespace.is_empty() && self.name.is_empty() {
            return TokenStream::new();
        }
        let flags = flags(&self.flags, "field_flags");
        let (item, name) = (&self.item, &self.name);
        let named = (!name.is_empty()).then(|| quote!(.with_name(#name)));
        quote! {
            .with_xml(const { &::rmix::generated::FieldXml::new(#flags, #namespace, #item) #named })
        }
    }
}

/// `0 | ::rmix::generated::module::A | …`
fn flags(names: &[&str], module: &str) -> TokenStream {
    let module = Ident::new(module, Span::call_site());
    let names = names.iter().map(|name| Ident::new(name, Span::call_site()));
    quote!(0 #(| ::rmix::generated::#module::#names)*)
}

/// What is said of a type.
#[derive(Default)]
pub(crate) struct TypeFacets {
    namespace: Option<String>,
    qualified: bool,
    derived: bool,
    given: Option<Meta>,
}

impl TypeFacets {
    /// Reads what stands on a type.
    pub(crate) fn of(attributes: &[Attribute], errors: &mut Errors) -> TypeFacets {
        let mut facets = TypeFacets::default();
        let entries = entries_of("rmix", attributes, errors);
        refuse_repeated(&entries, errors);
        for entry in &entries {
            facets.given = Some(entry.meta.clone());
            match entry.key.as_str() {
                "namespace" => facets.namespace = entry.name(errors),
                "qualified" => {
                    facets.qualified = entry.flag(errors);
                    if !entries.iter().any(|other| other.key == "namespace") {
                        errors.at(
                            &entry.meta,
                            "`qualified` needs the type's `namespace` beside it",
                        );
                    }
                }
                "xsi_type" => facets.derived = entry.flag(errors),
                unknown => errors.at(
                    entry.meta.path(),
                    format!("unknown key `{unknown}`; a type takes `namespace`, `qualified` and `xsi_type`"),
                ),
            }
        }
        facets
    }

    /// The namespace that fields have unless they say otherwise.
    pub(crate) fn inherited(&self) -> Option<&str> {
        self.namespace.as_deref().filter(|_| self.qualified)
    }

    /// Whether variants are told apart by `xsi:type`.
    pub(crate) fn derived(&self) -> bool {
        self.derived
    }

    /// Where anything was said.
    pub(crate) fn given(&self) -> Option<&Meta> {
        self.given.as_ref()
    }

    /// `.with_xml(…)`, or nothing.
    pub(crate) fn describe(&self) -> TokenStream {
        if !self.derived && self.namespace.is_none() {
            return TokenStream::new();
        }
        let names: &[&str] = if self.derived { &["DERIVED"] } else { &[] };
        let flags = flags(names, "type_flags");
        let namespace = self.namespace.as_deref().unwrap_or_default();
        quote!(.with_xml(const { &::rmix::generated::TypeXml::new(#flags, #namespace) }))
    }
}

/// What is said of an operation in `soap(…)`.
#[derive(Default)]
pub(crate) struct MethodFacets {
    outputs: bool,
    texts: Vec<(&'static str, String)>,
}

/// Keys of `soap(…)` on an operation that have text.
const METHOD_TEXTS: [&str; 7] = [
    "action",
    "request",
    "request_namespace",
    "response",
    "response_namespace",
    "result",
    "result_namespace",
];

impl MethodFacets {
    /// Reads `soap(…)`.
    pub(crate) fn read(list: &Entry, errors: &mut Errors) -> MethodFacets {
        let mut facets = MethodFacets::default();
        let entries = list.inner(errors).unwrap_or_default();
        refuse_repeated(&entries, errors);
        for entry in &entries {
            if entry.key == "outputs" {
                facets.outputs = entry.flag(errors);
            } else if let Some(key) = METHOD_TEXTS.iter().find(|key| **key == entry.key) {
                facets
                    .texts
                    .extend(entry.name(errors).map(|text| (*key, text)));
            } else {
                let keys = METHOD_TEXTS.map(|key| format!("`{key}`")).join(", ");
                let message = format!(
                    "unknown key `{}`; an operation's `soap` takes {keys} and `outputs`",
                    entry.key
                );
                errors.at(entry.meta.path(), message);
            }
        }
        facets
    }

    /// `.with_soap(…)`, or nothing.
    pub(crate) fn describe(&self) -> TokenStream {
        if !self.outputs && self.texts.is_empty() {
            return TokenStream::new();
        }
        let text = |key: &str| {
            let found = self.texts.iter().find(|(given, _)| *given == key);
            found.map(|(_, text)| text.as_str()).unwrap_or_default()
        };
        let (action, request, request_namespace) =
            (text("action"), text("request"), text("request_namespace"));
        let (response, response_namespace) = (text("response"), text("response_namespace"));
        let (result, result_namespace) = (text("result"), text("result_namespace"));
        let names: &[&str] = if self.outputs { &["OUTPUTS"] } else { &[] };
        let flags = flags(names, "method_flags");
        quote! {
            .with_soap(const {
                &::rmix::generated::MethodSoap::PLAIN
                    .with_flags(#flags)
                    .with_action(#action)
                    .with_request(#request, #request_namespace)
                    .with_response(#response, #response_namespace)
                    .with_result(#result, #result_namespace)
            })
        }
    }
}

/// The constant of `style = "…"` on an interface.
pub(crate) fn style(list: &Entry, errors: &mut Errors) -> Option<Ident> {
    let mut style = None;
    let entries = list.inner(errors)?;
    refuse_repeated(&entries, errors);
    for entry in &entries {
        if entry.key != "style" {
            let message = format!(
                "unknown key `{}`; an interface's `soap` takes `style`",
                entry.key
            );
            errors.at(entry.meta.path(), message);
            continue;
        }
        let Some(text) = entry.text(errors) else {
            continue;
        };
        style = match text.value().as_str() {
            "wrapped" => Some("WRAPPED"),
            "bare" => Some("BARE"),
            "rpc" => Some("RPC"),
            "encoded" => Some("ENCODED"),
            other => {
                let message = format!(
                    "unknown style `{other}`; there are `wrapped`, `bare`, `rpc` and `encoded`"
                );
                errors.at(&text, message);
                None
            }
        };
    }
    style.map(|name| Ident::new(name, Span::call_site()))
}
