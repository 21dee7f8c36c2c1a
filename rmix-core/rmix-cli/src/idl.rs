//! Interface files on the command line: reading them, choosing a version and a procedure, and values as JSON by their
//! types.

mod choose;
mod path;
mod read;
mod write;

#[cfg(test)]
mod tests;

use std::path::Path;

use rmix::Value as Json;
use rmix_idl::dynamic::Value;
use rmix_idl::model::{Procedure, Program, Type, Version};
use rmix_idl::{IdlError, Import, Model};

use crate::arguments::Source;
use crate::failure::Failure;

pub(crate) use choose::{did_you_mean, procedure, target};
pub(crate) use path::At;
pub(crate) use write::Shown;

/// The import of a file with the options of the command line.
///
/// # Errors
/// There are options that are for other files.
pub(crate) fn import(file: &Path, source: &Source) -> Result<Import, Failure> {
    if !source.schema.is_empty() || source.of_url() {
        return Err(Failure::usage(
            "--schema, --follow, --fetch-timeout and --ca are for WSDL and XML Schema",
        ));
    }
    let mut import = Import::new(file);
    for folder in &source.include {
        import = import.include_dir(folder);
    }
    for before in &source.before {
        import = import.before(before);
    }
    for symbol in &source.define {
        import = import.define(symbol);
    }
    for name in &source.undefine {
        import = import.undefine(name);
    }
    Ok(import)
}

/// Refuses `--interface`.
///
/// # Errors
/// It is given.
pub(crate) fn refuse_interface(wanted: Option<&str>) -> Result<(), Failure> {
    match wanted {
        None => Ok(()),
        Some(_) => Err(Failure::usage(
            "--interface is for WSDL; of a .x file the endpoint says which program and version",
        )),
    }
}

/// Reads a file.
///
/// # Errors
/// What is wrong in it, with its place.
pub(crate) fn model(file: &Path, source: &Source) -> Result<Model, Failure> {
    Ok(import(file, source)?.model()?)
}

impl From<IdlError> for Failure {
    fn from(error: IdlError) -> Failure {
        if let IdlError::Read { path, source } = &error
            && path.to_str().is_some_and(rmix_idl::wsdl::is_url)
        {
            let why = format!("{error}: {source}");
            // It was fetched, and is no description.
            if source
                .get_ref()
                .is_some_and(|it| it.is::<crate::wsdl::Page>())
            {
                return Failure::Interface(why, None);
            }
            return Failure::Fetch(why, source.kind() == std::io::ErrorKind::TimedOut);
        }
        let place = error.place().cloned();
        let message = match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        Failure::Interface(message, place)
    }
}

/// A value of a type from its JSON.
///
/// # Errors
/// Where it is not one, what was expected and what was found, as one sentence.
pub(crate) fn typed(model: &Model, ty: &Type, json: &Json, at: &At<'_>) -> Result<Value, String> {
    read::Reader::new(model).value(ty, json, at)
}

/// The arguments of a procedure from their JSON.
///
/// # Errors
/// As [`typed`]; another number of arguments than the procedure takes.
pub(crate) fn arguments(
    model: &Model,
    procedure: &Procedure,
    given: &[Json],
    at: &At<'_>,
) -> Result<Vec<Value>, String> {
    let expected = procedure.arguments.len();
    if given.len() != expected {
        let plural = if expected == 1 { "" } else { "s" };
        return Err(format!(
            "{at}: `{}` takes {expected} argument{plural}, and {} were given: {}",
            procedure.name,
            given.len(),
            signature(model, procedure)
        ));
    }
    let pairs = procedure.arguments.iter().zip(given).enumerate();
    let values =
        pairs.map(|(index, (argument, json))| typed(model, &argument.ty, json, &at.element(index)));
    values.collect()
}

/// A procedure as C would declare it: `entries LIST(string<>)`.
pub(crate) fn signature(model: &Model, procedure: &Procedure) -> String {
    let arguments: Vec<String> = procedure
        .arguments
        .iter()
        .map(|argument| {
            let name = argument.name.as_deref().unwrap_or_default();
            model.declaration(&argument.ty, name)
        })
        .collect();
    let arguments = match arguments.is_empty() {
        true => "void".to_owned(),
        false => arguments.join(", "),
    };
    let result = model.declaration(&procedure.result, "");
    format!("{result} {}({arguments})", procedure.name)
}

/// A version for people: `MOUNTPROG 100005, version 3 (MOUNTVERS3)`.
pub(crate) fn version_name(program: &Program, version: &Version) -> String {
    format!(
        "{} {}, version {} ({})",
        program.name, program.number, version.number, version.name
    )
}
