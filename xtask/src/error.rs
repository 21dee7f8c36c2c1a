//! What can go wrong in a command for developers.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum XtaskError {
    /// A program could not be started.
    NotStarted { command: String, source: io::Error },
    /// A program ended without success.
    Failed { command: String, status: ExitStatus },
    /// What `cargo metadata` printed is not what it documents.
    Metadata { source: serde_json::Error },
    /// A part of what `cargo metadata` prints is missing.
    MetadataField { field: &'static str },
    /// A file or folder of the source tree could not be read.
    Unreadable { path: PathBuf, source: io::Error },
    /// There is no C++ compiler, which the engine of the fuzz targets is built with.
    NoCppCompiler {
        compiler: OsString,
        source: Box<XtaskError>,
    },
    /// No crate under providers/ builds a shared object.
    NoProviders,
    /// The workspace has no such crate.
    NoSuchCrate { name: &'static str },
    /// Tidy found something; it has been printed.
    Untidy { findings: usize },
}

impl fmt::Display for XtaskError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            XtaskError::NotStarted { command, .. } => write!(formatter, "cannot start `{command}`"),
            XtaskError::Failed { command, status } => {
                write!(formatter, "`{command}` failed: {status}")
            }
            XtaskError::Metadata { .. } => formatter.write_str("`cargo metadata` printed no JSON"),
            XtaskError::MetadataField { field } => {
                write!(formatter, "`cargo metadata` printed no {field}")
            }
            XtaskError::Unreadable { path, .. } => {
                write!(formatter, "cannot read {}", path.display())
            }
            XtaskError::NoCppCompiler { compiler, .. } => write!(
                formatter,
                "tests/fuzz is not linted without a C++ compiler, which builds its engine, libfuzzer-sys: install g++, \
                 or name one in CXX instead of `{}`",
                compiler.display()
            ),
            XtaskError::NoProviders => {
                formatter.write_str("no crate under providers/ builds a shared object (cdylib)")
            }
            XtaskError::NoSuchCrate { name } => {
                write!(formatter, "the workspace has no crate {name}")
            }
            XtaskError::Untidy { findings } => write!(formatter, "tidy has {findings} findings"),
        }
    }
}

impl std::error::Error for XtaskError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            XtaskError::NotStarted { source, .. } | XtaskError::Unreadable { source, .. } => {
                Some(source)
            }
            XtaskError::Metadata { source } => Some(source),
            XtaskError::NoCppCompiler { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// An error and its causes in one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}
