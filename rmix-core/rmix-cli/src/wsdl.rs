//! WSDL and XML Schema on the command line: reading files and URLs, and the arguments of operations from JSON.

mod choose;
mod describe;
mod fetch;

use std::io::Read;
use std::path::Path;

use rmix::IntoTarget;
use rmix::generated::{MethodDesc, Schema, TypeDesc};
use rmix_idl::described::{Described, DescribedSeed};
use rmix_idl::wsdl::{Import, is_url};
use serde_json::Value;

use crate::arguments::Source;
use crate::failure::Failure;
use crate::idl::At;
use crate::json::hint;

pub(crate) use choose::{Called, interface, method, named, signature};
pub(crate) use describe::{described, shown};
pub(crate) use fetch::Page;

/// Whether a file is XML: a URL is, a file by its name, else by its first character, which no `.x` file begins with.
pub(crate) fn is_xml(path: &Path) -> bool {
    if url(path).is_some() {
        return true;
    }
    let ending = path.extension().map(|it| it.to_ascii_lowercase());
    match ending.as_deref().and_then(|it| it.to_str()) {
        Some("wsdl" | "xsd" | "xml") => true,
        Some("x") => false,
        _ => {
            let mut head = Vec::new();
            let file = std::fs::File::open(path);
            let read = file.and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head));
            let is_mark = |byte: &u8| byte.is_ascii_whitespace() || !byte.is_ascii() || *byte == 0;
            read.is_ok() && head.iter().find(|byte| !is_mark(byte)) == Some(&b'<')
        }
    }
}

/// How much of a file tells what it is.
const HEAD_BYTES: u64 = 1024;

fn url(path: &Path) -> Option<&str> {
    path.to_str().filter(|text| is_url(text))
}

/// The import of a file or URL with the options of the command line.
///
/// # Errors
/// There are options that are for other files.
pub(crate) fn import(file: &Path, source: &Source) -> Result<Import, Failure> {
    if source.of_x() {
        return Err(Failure::usage("-D, -U and --before are for .x files"));
    }
    let mut import = match url(file) {
        Some(url) => Import::url(url, fetch::Fetcher::new(url, source)?),
        None if source.of_url() => {
            return Err(Failure::usage(
                "--follow, --fetch-timeout and --ca are for descriptions at a URL",
            ));
        }
        None => Import::new(file),
    };
    for folder in &source.include {
        import = import.folder(folder);
    }
    for (location, path) in &source.schema {
        import = import.schema_location(location, path);
    }
    Ok(import)
}

/// The arguments, each one JSON value.
///
/// # Errors
/// One is not JSON or not of its type; there are more or fewer than the operation takes.
pub(crate) fn arguments(method: &MethodDesc, texts: &[String]) -> Result<Vec<Value>, Failure> {
    let expected = method.arguments();
    if texts.len() != expected.len() {
        return Err(Failure::Usage(wrong_number(method, texts.len())));
    }
    let at = At::root("arguments");
    let pairs = texts.iter().zip(expected).enumerate();
    let read = pairs.map(|(index, (text, argument))| {
        let value = serde_json::from_str(text).map_err(|why| {
            Failure::Usage(format!(
                "the argument `{}`, `{text}`, cannot be read as JSON: {why}{}",
                argument.name(),
                hint(text)
            ))
        })?;
        check(argument.ty(), &value, &at.element(index)).map_err(Failure::Usage)?;
        Ok(value)
    });
    read.collect()
}

/// That another number of arguments was given than the operation takes.
pub(crate) fn wrong_number(method: &MethodDesc, given: usize) -> String {
    let (name, expected) = (method.name(), method.arguments().len());
    let plural = if expected == 1 { "" } else { "s" };
    let signature = signature(method);
    format!("`{name}` takes {expected} argument{plural}, and {given} were given: {signature}")
}

/// Checks that a value is of its type, and that texts of built-in types are in their lexical form.
///
/// # Errors
/// Where it is not, what is there and what is expected, as one sentence.
pub(crate) fn check(ty: &'static TypeDesc, value: &Value, at: &At<'_>) -> Result<(), String> {
    let value = Some(value);
    let checked = Described { ty, value }.check_with(lexical);
    checked.map_err(|unfit| {
        // What is inside an element begins with its bracket.
        let point = match unfit.path.as_str() {
            "" => "",
            path if path.starts_with('[') => "",
            _ => ".",
        };
        format!("{at}{point}{}: {}", unfit.path, unfit.reason)
    })
}

/// What is wrong with a text of a built-in type.
fn lexical(built_in: &str, text: &str) -> Result<(), String> {
    match built_in {
        "EndpointReferenceType" => match text.into_target() {
            Ok(_) => Ok(()),
            Err(error) => Err(error.message().to_owned()),
        },
        _ => rmix::xsd::check_lexical(built_in, text).map_err(|error| error.to_string()),
    }
}

/// Reads a value of the type; of none, nothing.
pub(crate) fn seed(ty: Option<&'static TypeDesc>) -> DescribedSeed {
    let ty = ty.unwrap_or_else(|| Schema::of::<()>().get());
    DescribedSeed { ty }
}
