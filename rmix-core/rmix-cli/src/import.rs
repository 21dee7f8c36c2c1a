//! `rmix import`: Rust for an interface file of ONC RPC, a WSDL or an XML Schema.

use std::path::Path;
use std::process::ExitCode;

use rmix_idl::Generate;

use crate::arguments::{Import, Strings};
use crate::failure::{self, Failure};
use crate::wsdl::is_xml;
use crate::{idl, output};

/// Reads the file, and writes Rust.
///
/// # Errors
/// The file is wrong, or the output cannot be written.
pub(crate) fn run(options: &Import) -> Result<ExitCode, Failure> {
    let rust = match is_xml(&options.file) {
        true => wsdl(options)?,
        false => x(options)?,
    };
    write(&rust, options.output.as_deref())?;
    Ok(ExitCode::from(failure::OK))
}

fn wsdl(options: &Import) -> Result<String, Failure> {
    let is_of_x = options.open_enums
        || !options.oneway.is_empty()
        || !options.idempotent.is_empty()
        || options.strings != Strings::Text;
    if is_of_x {
        return Err(Failure::usage(
            "--strings, --open-enums, --oneway and --idempotent are for .x files",
        ));
    }
    let import = crate::wsdl::import(&options.file, &options.source)?;
    Ok(import.all_types(options.all_types).rust()?)
}

fn x(options: &Import) -> Result<String, Failure> {
    if options.all_types {
        return Err(Failure::usage("--all-types is for WSDL and XML Schema"));
    }
    let strings = match options.strings {
        Strings::Text => rmix_idl::Strings::Text,
        Strings::Octets => rmix_idl::Strings::Octets,
    };
    let generate = Generate::new().strings(strings);
    let mut generate = generate.open_enums(options.open_enums);
    for procedure in &options.oneway {
        generate = generate.oneway(procedure);
    }
    for procedure in &options.idempotent {
        generate = generate.idempotent(procedure);
    }
    let import = idl::import(&options.file, &options.source)?;
    Ok(import.generate(generate).rust()?)
}

/// Writes a text to a file, or to standard output.
pub(crate) fn write(text: &str, to: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = to else {
        return output::text(text);
    };
    std::fs::write(path, text).map_err(|why| {
        let path = path.display();
        Failure::Local(format!("{path} cannot be written: {why}"))
    })
}
