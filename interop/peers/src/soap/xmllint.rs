//! xmllint as a judge: whether a document is valid by schemas. It fetches nothing.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::error::{CommandError, PeerError};
use crate::peer::Peer;
use crate::process;

const LIMIT: Duration = Duration::from_secs(60);

/// xmllint's status for a document that is not well-formed, and for one that is not valid.
const BAD_DOCUMENT: [i32; 2] = [1, 3];

/// Lets xmllint validate `document` by the schema at `schema` (and those it imports by relative paths);
/// inside, what it complains of.
///
/// # Errors
///
/// When xmllint is missing, cannot be run, or cannot use the schema.
pub fn validate(document: &[u8], schema: &Path) -> Result<Result<(), String>, PeerError> {
    Peer::Xmllint.require()?;
    let folder = TempDir::with_prefix("xmllint-").map_err(PeerError::file("/tmp"))?;
    let file = folder.path().join("document.xml");
    fs::write(&file, document).map_err(PeerError::file(&file))?;
    let mut command = Command::new("xmllint");
    command.args(["--nonet", "--noout", "--schema"]);
    command.arg(schema).arg(&file);
    match process::run(&mut command, LIMIT, &mut |_line| {}) {
        Ok(_) => Ok(Ok(())),
        Err(CommandError::Failed { status, stderr, .. })
            if status
                .code()
                .is_some_and(|code| BAD_DOCUMENT.contains(&code)) =>
        {
            Ok(Err(stderr))
        }
        Err(error) => Err(error.into()),
    }
}
