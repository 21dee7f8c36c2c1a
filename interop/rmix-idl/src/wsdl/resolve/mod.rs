//! From what the files say to what they describe: names are looked up, groups and base types are put in place.

mod arrays;
mod attributes;
mod bindings;
mod check;
mod choices;
mod complex;
mod elements;
mod index;
mod interfaces;
mod messages;
mod particles;
mod services;
mod simple;
mod types;
mod wrapped;

use crate::error::IdlError;

use super::limits::Limits;
use super::load::Loaded;
use super::model::Description;

use index::Index;
use types::Resolver;

/// Looks everything up.
pub(crate) fn resolve(
    loaded: &Loaded,
    all_types: bool,
    limits: &Limits,
) -> Result<Description, IdlError> {
    let index = Index::of(loaded)?;
    let mut resolver = Resolver::new(&index, limits);
    let mut description = Description {
        files: loaded.files.clone(),
        services: services::services(&index, loaded),
        interfaces: resolver.interfaces(loaded)?,
        ..Description::default()
    };
    let is_schema = loaded.definitions.iter().all(|it| it.port_types.is_empty());
    if all_types || is_schema {
        description.elements = resolver.all(loaded)?;
    }
    description.types = resolver.finish()?;
    check::check(&description.types, limits)?;
    Ok(description)
}
