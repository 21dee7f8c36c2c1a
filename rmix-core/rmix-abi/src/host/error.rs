//! What goes wrong between serde and a codec table.

use std::fmt;

use super::prims::Progress;
use crate::tables::{Fault, Status, fault};

/// A value could not be encoded or decoded.
#[derive(Debug, Clone)]
pub struct CodecError {
    fault: Fault,
    custom: Option<String>,
    /// Line and column, where the message has lines.
    place: Option<(u32, u32)>,
}

impl CodecError {
    pub(super) fn from_fault(fault: Fault) -> CodecError {
        CodecError {
            fault,
            custom: None,
            place: None,
        }
    }

    pub(super) fn rule(class: u32, rule: &'static str) -> CodecError {
        CodecError::from_fault(Fault::new(class, rule))
    }

    pub(super) fn check(status: Status, fault: &Fault) -> Result<(), CodecError> {
        if status < 0 {
            return Err(CodecError::from_fault(*fault));
        }
        Ok(())
    }

    #[cold]
    pub(super) fn missing(what: &'static str, codec: &impl Progress) -> CodecError {
        CodecError::rule(fault::UNSUPPORTED, what).at(codec.progress())
    }

    /// A number of [`crate::tables::fault`].
    pub fn class(&self) -> u32 {
        self.fault.class
    }

    /// Byte offset in the message body.
    pub fn offset(&self) -> u64 {
        self.fault.offset
    }

    /// The same error with the line and column of its place.
    pub(super) fn on(mut self, line: u32, column: u32) -> CodecError {
        self.place = Some((line, column));
        self
    }

    pub(super) fn at(mut self, offset: u64) -> CodecError {
        if self.fault.offset == 0 {
            self.fault.offset = offset;
        }
        self
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.custom {
            Some(text) => f.write_str(text)?,
            // SAFETY: a fault's rule is text that lives for ever (a rule of the boundary).
            None => f.write_str(&unsafe { self.fault.rule.text() })?,
        }
        if self.fault.flags & 1 != 0 {
            write!(f, ", {} declared", self.fault.declared)?;
        }
        if self.fault.flags & 2 != 0 {
            write!(f, ", limit {}", self.fault.limit)?;
        }
        match self.place {
            Some((line, column)) => write!(f, " (line {line}, column {column})"),
            None => write!(f, " (at byte {})", self.fault.offset),
        }
    }
}

impl std::error::Error for CodecError {}

impl serde::ser::Error for CodecError {
    fn custom<T: fmt::Display>(message: T) -> CodecError {
        CodecError {
            fault: Fault::new(fault::MISMATCH, ""),
            custom: Some(message.to_string()),
            place: None,
        }
    }
}

impl serde::de::Error for CodecError {
    fn custom<T: fmt::Display>(message: T) -> CodecError {
        <CodecError as serde::ser::Error>::custom(message)
    }
}
