//! Standard output and standard error of the command. A reader that has gone away is no failure.

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
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let what = "the result cannot be written to standard output";
            Err(Failure::local(what, &error))
        }
        _ => Ok(()),
    }
}

/// Writes a sentence for people to standard error.
pub(crate) fn note(text: &str) {
    // Without standard error there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "harness: {text}");
}
