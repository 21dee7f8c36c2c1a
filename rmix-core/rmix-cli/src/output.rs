//! Standard output and standard error of the command. A reader that has gone away is no failure of the command.

use std::io::Write;

use crate::failure::Failure;

/// Writes a result, with a line end.
///
/// # Errors
/// Standard output cannot be written to (a full disk); not when its reader has gone.
pub(crate) fn result(text: &str) -> Result<(), Failure> {
    let mut output = std::io::stdout().lock();
    let written = writeln!(output, "{text}").and_then(|()| output.flush());
    match written {
        Err(failure) if failure.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::Local(
            format!("the result cannot be written to standard output: {failure}"),
        )),
        _ => Ok(()),
    }
}

/// Writes a text as it is.
///
/// # Errors
/// As [`result`].
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    result(text.strip_suffix('\n').unwrap_or(text))
}

/// Writes a sentence for people to standard error.
pub(crate) fn note(text: &str) {
    // Without standard error there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "rmix: {text}");
}
