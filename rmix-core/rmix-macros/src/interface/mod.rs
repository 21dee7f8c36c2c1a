//! `#[rmix::remote]`: a trait becomes an interface. [`model`] and [`operation`] read and check, the others write; none
//! of them decides anything at run time.

mod description;
mod model;
mod operation;
mod skeleton;
mod stub;
#[cfg(test)]
mod tests;
mod types;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemTrait;

use crate::errors::Errors;
use model::Interface;

/// Expands the attribute: its arguments and the trait it stands on.
pub(crate) fn remote(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let mut errors = Errors::default();
    let item: ItemTrait = syn::parse2(item)
        .map_err(|e| syn::Error::new(e.span(), format!("`rmix::remote` stands on a trait: {e}")))?;
    let interface = Interface::read(arguments, item, &mut errors);
    let interface = errors.finish(interface)?;
    let trait_item = interface.rewritten();
    let description = description::expand(&interface);
    let stub = stub::expand(&interface);
    let skeleton = skeleton::expand(&interface);
    Ok(quote! { #trait_item #description #stub #skeleton })
}
