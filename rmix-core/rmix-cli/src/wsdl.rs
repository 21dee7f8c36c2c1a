//! WSDL on the command line: which operation a word names, and its arguments from JSON.

use std::path::Path;

use rmix::generated::{FieldDesc, MethodDesc, Schema, TypeDesc};
use rmix_idl::described::DescribedSeed;
use rmix_idl::wsdl::Import;
use serde_json::Value;

use crate::arguments::Source;
use crate::failure::Failure;
use crate::idl::did_you_mean;

/// The operation of this name; of an overloaded one the first.
///
/// # Errors
/// The file is wrong, or has no such operation.
pub(crate) fn method(
    file: &Path,
    source: &Source,
    name: &str,
) -> Result<&'static MethodDesc, Failure> {
    let mut import = Import::new(file);
    for folder in &source.include {
        import = import.folder(folder);
    }
    let description = import.description()?;
    let interfaces = &description.interfaces;
    let found = interfaces
        .iter()
        .find(|one| one.find_operation(name).is_some());
    let Some(interface) = found else {
        let operations = interfaces.iter().flat_map(|one| &one.operations);
        let known: Vec<&str> = operations.map(|one| one.name.as_str()).collect();
        let hint = did_you_mean(name, known.iter().copied());
        return Err(Failure::Usage(format!(
            "{} has no operation `{name}`{hint}; there are: {}",
            file.display(),
            known.join(", ")
        )));
    };
    let methods = description.describe(interface).methods();
    let method = methods.iter().find(|method| method.name() == name);
    method.ok_or_else(|| Failure::Local(format!("`{name}` was not described")))
}

/// The arguments, each one JSON value.
///
/// # Errors
/// One is not JSON; there are more or fewer than the operation takes.
pub(crate) fn arguments(method: &MethodDesc, texts: &[String]) -> Result<Vec<Value>, Failure> {
    let expected = method.arguments();
    if texts.len() != expected.len() {
        let names: Vec<&str> = expected.iter().map(FieldDesc::name).collect();
        return Err(Failure::Usage(format!(
            "`{}` takes {} arguments, and {} were given: {}({})",
            method.name(),
            expected.len(),
            texts.len(),
            method.name(),
            names.join(", ")
        )));
    }
    let read = texts.iter().zip(expected).map(|(text, argument)| {
        serde_json::from_str(text).map_err(|why| {
            Failure::Usage(format!(
                "the argument `{}`, `{text}`, cannot be read as JSON: {why}",
                argument.name()
            ))
        })
    });
    read.collect()
}

/// Reads a value of the type; of none, nothing.
pub(crate) fn seed(ty: Option<&'static TypeDesc>) -> DescribedSeed {
    let ty = ty.unwrap_or_else(|| Schema::of::<()>().get());
    DescribedSeed { ty }
}
