//! WSDL and XML Schema in: what is read and becomes which Rust, what is refused and where.

mod fetching;
mod files;
mod golden;
mod hostile;
mod limits;
mod operations;
mod references;
mod schemas;
mod styles;
mod texts;

use std::path::Path;

use rmix_idl::IdlError;
use rmix_idl::wsdl::{Description, Import};

use crate::wire::check_formatted;

/// A schema of these declarations, qualified, in `urn:t`, which has the prefix `t`; the first line is its own.
pub(crate) fn schema(declarations: &str) -> String {
    format!(
        "<x:schema xmlns:x='http://www.w3.org/2001/XMLSchema' xmlns:t='urn:t' targetNamespace='urn:t' \
         elementFormDefault='qualified'>\n{declarations}\n</x:schema>"
    )
}

/// Rust for the declarations, which is formatted, and parses.
#[track_caller]
pub(crate) fn rust_of_schema(declarations: &str) -> String {
    rust(&Import::text("t.xsd", schema(declarations)))
}

#[track_caller]
pub(crate) fn rust(import: &Import) -> String {
    let rust = import.rust().unwrap_or_else(|error| panic!("{error}"));
    check_parses(&rust);
    check_formatted(&rust, Path::new("the text of the test"));
    rust
}

#[track_caller]
pub(crate) fn check_parses(rust: &str) {
    if let Err(error) = syn::parse_file(rust) {
        panic!("{error}\n{rust}");
    }
}

#[track_caller]
pub(crate) fn check_has(rust: &str, parts: &[&str]) {
    for part in parts {
        assert!(rust.contains(part), "{part}\nis not in\n{rust}");
    }
}

#[track_caller]
pub(crate) fn description(import: &Import) -> Description {
    import
        .description()
        .unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
pub(crate) fn refused(import: &Import) -> IdlError {
    match import.rust() {
        Ok(rust) => panic!("it was read:\n{rust}"),
        Err(error) => error,
    }
}

/// The declarations are refused with this sentence, which begins with the place.
#[track_caller]
pub(crate) fn check_refused(declarations: &str, sentence: &str) {
    let error = refused(&Import::text("t.xsd", schema(declarations)));
    assert_eq!(error.to_string(), sentence);
    assert!(error.place().is_some(), "{error:?}");
}
