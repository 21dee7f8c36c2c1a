//! Reads `key`, `key = value` and `key(…)` lists out of attributes. Knows no particular key.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Lit, LitStr, Meta, Token};

use crate::errors::Errors;

/// One entry of a list.
pub(crate) struct Entry {
    /// Key as written.
    pub(crate) key: String,
    /// The entry.
    pub(crate) meta: Meta,
}

impl Entry {
    fn new(meta: Meta) -> Entry {
        let path = meta.path();
        let key = match path.get_ident() {
            Some(ident) => ident.to_string(),
            None => path.to_token_stream().to_string().replace(' ', ""),
        };
        Entry { key, meta }
    }

    /// A key without a value.
    pub(crate) fn flag(&self, errors: &mut Errors) -> bool {
        let plain = matches!(self.meta, Meta::Path(_));
        if !plain {
            errors.at(&self.meta, format!("`{}` takes no value", self.key));
        }
        plain
    }

    /// The text of `key = "text"`.
    pub(crate) fn text(&self, errors: &mut Errors) -> Option<LitStr> {
        if let Some(Lit::Str(text)) = self.literal() {
            return Some(text.clone());
        }
        let message = format!("`{0}` needs a text: `{0} = \"…\"`", self.key);
        errors.at(&self.meta, message);
        None
    }

    /// The text of `key = "text"` where an empty one means nothing.
    pub(crate) fn name(&self, errors: &mut Errors) -> Option<String> {
        let text = self.text(errors)?;
        if text.value().is_empty() {
            errors.at(&text, format!("`{}` is empty", self.key));
            return None;
        }
        Some(text.value())
    }

    /// The number of `key = N`, from `least` to the largest of 32 bits; `why` follows in the message.
    pub(crate) fn number(&self, least: u32, why: &str, errors: &mut Errors) -> Option<u32> {
        if let Some(Lit::Int(digits)) = self.literal()
            && let Ok(number) = digits.base10_parse::<u32>()
            && number >= least
        {
            return Some(number);
        }
        let message = format!(
            "`{}` needs a literal number from {least} to {}{why}",
            self.key,
            u32::MAX
        );
        errors.at(&self.meta, message);
        None
    }

    /// The entries of `key(…)`.
    pub(crate) fn inner(&self, errors: &mut Errors) -> Option<Vec<Entry>> {
        let Meta::List(list) = &self.meta else {
            let message = format!("`{0}` needs a list: `{0}(…)`", self.key);
            errors.at(&self.meta, message);
            return None;
        };
        let parsed = entries(list.tokens.clone());
        errors.take(parsed)
    }

    fn literal(&self) -> Option<&Lit> {
        let Meta::NameValue(pair) = &self.meta else {
            return None;
        };
        let mut value = &pair.value;
        while let Expr::Group(group) = value {
            value = &group.expr;
        }
        match value {
            Expr::Lit(literal) => Some(&literal.lit),
            _ => None,
        }
    }
}

/// The entries of a comma-separated list.
pub(crate) fn entries(tokens: TokenStream) -> syn::Result<Vec<Entry>> {
    let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
    Ok(parser.parse2(tokens)?.into_iter().map(Entry::new).collect())
}

/// The entries of every `#[name(…)]` among `attributes`.
pub(crate) fn entries_of(name: &str, attributes: &[Attribute], errors: &mut Errors) -> Vec<Entry> {
    let mut all = Vec::new();
    for attribute in attributes.iter().filter(|a| a.path().is_ident(name)) {
        match &attribute.meta {
            Meta::List(list) => {
                all.extend(
                    errors
                        .take(entries(list.tokens.clone()))
                        .unwrap_or_default(),
                );
            }
            other => errors.at(other, format!("expected `#[{name}(…)]`")),
        }
    }
    all
}

/// Reports keys that are given twice.
pub(crate) fn refuse_repeated(entries: &[Entry], errors: &mut Errors) {
    for (position, entry) in entries.iter().enumerate() {
        let repeated = entries
            .iter()
            .take(position)
            .any(|earlier| earlier.key == entry.key);
        if repeated {
            errors.at(entry.meta.path(), format!("`{}` is given twice", entry.key));
        }
    }
}
