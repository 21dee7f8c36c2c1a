//! Why an envelope is refused before its body is looked at.

use std::fmt;

use rmix_abi::tables::{Fault, fault};

use crate::xml::line_and_column;

/// A message that is no envelope which can be dispatched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopeError {
    /// Which of the faults of SOAP it is.
    pub kind: EnvelopeErrorKind,
    /// One sentence: rule, place, numbers.
    pub message: String,
}

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnvelopeErrorKind {
    /// It is not XML, or no envelope.
    Malformed,
    /// A limit is exceeded.
    Limit,
    /// The envelope is of a version that is not spoken here.
    VersionMismatch,
    /// A header block must be understood and is not.
    MustUnderstand,
}

impl EnvelopeError {
    /// What a reader at a place of the document says; line and column go along.
    pub(crate) fn of_fault(found: &Fault, document: &[u8]) -> EnvelopeError {
        let offset = usize::try_from(found.offset).unwrap_or(usize::MAX);
        let (line, column) = line_and_column(document, offset);
        let (declared, limit) = (found.flags & 1 != 0, found.flags & 2 != 0);
        let mut message = found.text().into_owned();
        if declared {
            message.push_str(&format!(", {} found", found.declared));
        }
        if limit {
            message.push_str(&format!(", limit {}", found.limit));
        }
        message.push_str(&format!(" (line {line}, column {column})"));
        let kind = match found.class {
            fault::LIMIT => EnvelopeErrorKind::Limit,
            _ => EnvelopeErrorKind::Malformed,
        };
        EnvelopeError { kind, message }
    }

    pub(crate) fn new(kind: EnvelopeErrorKind, message: impl Into<String>) -> EnvelopeError {
        EnvelopeError {
            kind,
            message: shortened(message.into()),
        }
    }
}

/// A sentence with a peer's words in it, cut off where it is long: it goes into an answer.
pub(crate) fn shortened(mut sentence: String) -> String {
    if let Some((end, _)) = sentence.char_indices().nth(SENTENCE_CHARACTERS_MAX) {
        sentence.truncate(end);
        sentence.push('…');
    }
    sentence
}

/// Characters of a sentence that refuses a message.
const SENTENCE_CHARACTERS_MAX: usize = 1000;

impl fmt::Display for EnvelopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EnvelopeError {}
