//! `derive(rmix::Union)`: a union or enum whose declared discriminants stand on the wire. [`arms`] checks the type,
//! [`expand`] writes its description and its serde implementations, which serde's own derives cannot: they number variants
//! by position.

mod arms;
mod expand;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::errors::Errors;

/// Expands the derive.
pub(crate) fn derive(item: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let mut errors = Errors::default();
    let union = arms::Union::read(&input, &mut errors);
    let union = errors.finish(union)?;
    Ok(union
        .as_ref()
        .map(|union| expand::expand(&input.ident, union))
        .unwrap_or_default())
}
