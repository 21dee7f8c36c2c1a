//! What is wrong with an interface file: where, what was found and what was expected. One variant per cause.

use std::io;
use std::path::PathBuf;

use crate::place::Place;

/// Why a file was refused. Every variant that concerns the text shows as `file:line:column: …`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdlError {
    /// A file could not be read.
    #[error("{} could not be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The generated file could not be written.
    #[error("{} could not be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An included file is not beside the including one and in no include folder.
    #[error("{place}: `{name}` is in none of the folders searched: {}", searched.join(", "))]
    IncludeNotFound {
        /// The directive.
        place: Place,
        /// The name included.
        name: String,
        /// Folders that were searched.
        searched: Vec<String>,
    },
    /// A file includes itself, directly or through others.
    #[error("{place}: `{file}` is being included already")]
    IncludeCycle {
        /// The directive.
        place: Place,
        /// The file.
        file: String,
    },
    /// What another file says where it is, and is not there or may not be read.
    #[error("{place}: `{location}` is not read: {reason}")]
    Location {
        /// Where it is said.
        place: Place,
        /// The location, as it is written.
        location: String,
        /// Why, and what to do.
        reason: String,
    },
    /// A limit was reached.
    #[error("{place}: more than {max} allowed by the limit `{limit}`")]
    Limit {
        /// Where.
        place: Place,
        /// Name of the field of [`Limits`](crate::Limits).
        limit: &'static str,
        /// Its value.
        max: u64,
    },
    /// Something else should stand there.
    #[error("{place}: expected {expected}, found {found}")]
    Expected {
        /// Where.
        place: Place,
        /// What may stand there.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// A directive, literal or comment is wrong in itself.
    #[error("{place}: {reason}")]
    Malformed {
        /// Where.
        place: Place,
        /// The rule that is broken.
        reason: String,
    },
    /// `#error` in an active part.
    #[error("{place}: #error {message}")]
    Stopped {
        /// The directive.
        place: Place,
        /// Its text.
        message: String,
    },
    /// A name is defined twice.
    #[error("{place}: `{name}` is already defined at {first}")]
    Duplicate {
        /// The second definition.
        place: Place,
        /// The name.
        name: String,
        /// The first definition.
        first: Place,
    },
    /// A name is not defined.
    #[error("{place}: {expected} `{name}` is not defined{}", after_colon(.hint))]
    Undefined {
        /// Where it is used.
        place: Place,
        /// The name.
        name: String,
        /// What it should be: "the type" or "the constant".
        expected: &'static str,
        /// What may help, or empty.
        hint: String,
    },
    /// A definition that leads back to itself.
    #[error("{place}: `{name}` {reason}")]
    Endless {
        /// The definition.
        place: Place,
        /// Its name.
        name: String,
        /// In which way it does not end.
        reason: &'static str,
    },
    /// A number that does not fit its place.
    #[error("{place}: {what} is {value}; allowed are {least} to {greatest}")]
    OutOfRange {
        /// Where.
        place: Place,
        /// What the number is.
        what: &'static str,
        /// The number.
        value: i128,
        /// Smallest allowed.
        least: i128,
        /// Largest allowed.
        greatest: i128,
    },
    /// Part of the language, and not supported here.
    #[error("{place}: {what} is not supported: {instead}")]
    Unsupported {
        /// Where.
        place: Place,
        /// The construct.
        what: String,
        /// Why, and what to do instead.
        instead: String,
    },
}

impl IdlError {
    /// Where in the text, for all causes but reading and writing of files.
    pub fn place(&self) -> Option<&Place> {
        match self {
            IdlError::Read { .. } | IdlError::Write { .. } => None,
            IdlError::IncludeNotFound { place, .. }
            | IdlError::IncludeCycle { place, .. }
            | IdlError::Location { place, .. }
            | IdlError::Limit { place, .. }
            | IdlError::Expected { place, .. }
            | IdlError::Malformed { place, .. }
            | IdlError::Stopped { place, .. }
            | IdlError::Duplicate { place, .. }
            | IdlError::Undefined { place, .. }
            | IdlError::Endless { place, .. }
            | IdlError::OutOfRange { place, .. }
            | IdlError::Unsupported { place, .. } => Some(place),
        }
    }

    /// The same error at another place, for texts that were taken out of their file.
    pub(crate) fn moved_to(mut self, to: &Place) -> IdlError {
        match &mut self {
            IdlError::Expected { place, .. }
            | IdlError::Malformed { place, .. }
            | IdlError::Limit { place, .. }
            | IdlError::Unsupported { place, .. } => *place = to.clone(),
            _ => {}
        }
        self
    }

    pub(crate) fn limit(place: &Place, limit: &'static str, max: usize) -> IdlError {
        IdlError::Limit {
            place: place.clone(),
            limit,
            max: max as u64,
        }
    }

    pub(crate) fn malformed(place: &Place, reason: impl Into<String>) -> IdlError {
        IdlError::Malformed {
            place: place.clone(),
            reason: reason.into(),
        }
    }
}

fn after_colon(hint: &str) -> String {
    match hint {
        "" => String::new(),
        hint => format!(": {hint}"),
    }
}
