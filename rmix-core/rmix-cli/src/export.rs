//! `rmix export`: an interface file in canonical form, or as WSDL.

use std::process::ExitCode;

use rmix::generated::InterfaceDesc;
use rmix_idl::Model;
use rmix_wsdl::Options;

use crate::arguments::{Export, Format};
use crate::failure::{self, Failure};
use crate::{idl, import};

/// Reads the file, and writes what it means.
///
/// # Errors
/// The file is wrong, or the output cannot be written.
pub(crate) fn run(options: &Export) -> Result<ExitCode, Failure> {
    let model = idl::model(&options.file, &options.source)?;
    let text = match options.format {
        Format::X => model.to_x(),
        Format::Wsdl => wsdl(&model, options)?,
    };
    import::write(&text, options.output.as_deref())?;
    Ok(ExitCode::from(failure::OK))
}

fn wsdl(model: &Model, options: &Export) -> Result<String, Failure> {
    let interface = interface(model, options)?;
    let mut described = Options::new();
    if let Some(address) = &options.address {
        described = described.soap_1_1(address).soap_1_2(address);
    }
    let documents = rmix_wsdl::wsdl(interface, &described);
    let documents = documents.map_err(|error| Failure::Interface(error.to_string(), None))?;
    Ok(documents.wsdl)
}

/// The version that is asked for, or the only one.
fn interface(model: &Model, options: &Export) -> Result<&'static InterfaceDesc, Failure> {
    let programs = model.programs.iter();
    let versions = programs.flat_map(|program| {
        let versions = program.versions.iter();
        versions.map(move |version| (program, version, program.interface_name(version)))
    });
    let all: Vec<_> = versions.collect();
    let names: Vec<&str> = all.iter().map(|(.., name)| name.as_str()).collect();
    let found = match (&options.interface, &all[..]) {
        (Some(wanted), _) => all.iter().find(|(.., name)| name == wanted),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    let Some((program, version, name)) = found else {
        return Err(Failure::Usage(match (&names[..], &options.interface) {
            ([], _) => "the file has no program, and types alone have no WSDL".to_owned(),
            (_, Some(wanted)) => {
                format!(
                    "the file has no interface {wanted}; it has {}",
                    names.join(", ")
                )
            }
            (_, None) => format!("say which with --interface: {}", names.join(", ")),
        }));
    };
    let namespace = options
        .namespace
        .clone()
        .unwrap_or_else(|| format!("urn:{name}"));
    Ok(model.describe(program, version, &namespace))
}
