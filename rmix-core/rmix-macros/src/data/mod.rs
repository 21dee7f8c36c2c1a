//! `derive(rmix::Data)`: a type's description, as serde writes the type. [`serde_attribute`] reads what shapes the value,
//! [`shape`] checks the type, [`describe`] writes; none of them reads or writes values.

mod case;
mod describe;
mod serde_attribute;
mod shape;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::errors::Errors;
use crate::facets::TypeFacets;

/// Expands the derive.
pub(crate) fn derive(item: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let mut errors = Errors::default();
    let shape = shape::Shape::read(&input, &mut errors);
    let facets = TypeFacets::of(&input.attrs, &mut errors);
    if let Some(shape) = &shape {
        shape::check_facets(shape, &facets, &mut errors);
    }
    let shape = errors.finish(shape)?;
    Ok(describe::expand(&input, shape.as_ref(), &facets))
}
