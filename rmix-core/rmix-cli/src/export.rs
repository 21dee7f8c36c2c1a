//! `rmix export`: an interface file in canonical form.

use std::process::ExitCode;

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
    };
    import::write(&text, options.output.as_deref())?;
    Ok(ExitCode::from(failure::OK))
}
