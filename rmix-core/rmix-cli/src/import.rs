//! `rmix import`: Rust for an interface file of ONC RPC, a WSDL or an XML Schema.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use rmix_idl::Generate;

use crate::arguments::{Import, Strings};
use crate::failure::{self, Failure};
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
    let source = &options.source;
    let is_of_x = options.open_enums
        || !options.oneway.is_empty()
        || !options.idempotent.is_empty()
        || !source.define.is_empty()
        || !source.undefine.is_empty()
        || !source.before.is_empty()
        || options.strings != Strings::Text;
    if is_of_x {
        return Err(Failure::Usage(
            "--strings, --open-enums, --oneway, --idempotent, -D, -U and --before are for .x files"
                .to_owned(),
        ));
    }
    let mut import = rmix_idl::wsdl::Import::new(&options.file).all_types(options.all_types);
    for folder in &source.include {
        import = import.folder(folder);
    }
    for (location, path) in &options.schema {
        import = import.schema_location(location, path);
    }
    Ok(import.rust()?)
}

fn x(options: &Import) -> Result<String, Failure> {
    if !options.schema.is_empty() || options.all_types {
        return Err(Failure::Usage(
            "--schema and --all-types are for WSDL and XML Schema".to_owned(),
        ));
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
    let import = idl::import(&options.file, &options.source);
    Ok(import.generate(generate).rust()?)
}

/// Whether a file is XML: by its name, else by its first character, which no `.x` file begins with.
pub(crate) fn is_xml(path: &Path) -> bool {
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
