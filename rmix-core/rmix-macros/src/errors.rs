//! Collects user errors, so that all are reported at once. Holds nothing else.

use std::fmt::Display;

use quote::ToTokens;

/// Errors found so far.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    found: Option<syn::Error>,
}

impl Errors {
    /// Adds an error that covers `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.add(syn::Error::new_spanned(tokens, message));
    }

    /// Adds an error.
    pub(crate) fn add(&mut self, error: syn::Error) {
        match &mut self.found {
            Some(found) => found.combine(error),
            None => self.found = Some(error),
        }
    }

    /// The value of `result`, or its error added.
    pub(crate) fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// `value` when nothing was found.
    pub(crate) fn finish<T>(self, value: T) -> syn::Result<T> {
        match self.found {
            Some(error) => Err(error),
            None => Ok(value),
        }
    }
}
