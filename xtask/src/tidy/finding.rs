//! A finding: where, which rule, and what to do about it.

use std::fmt;

/// One broken rule at one place; ordered by place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    pub(super) file: String,
    /// From 1.
    pub(super) line: usize,
    pub(super) rule: &'static str,
    pub(super) message: String,
}

impl Finding {
    pub(super) fn new(
        file: &str,
        line: usize,
        rule: &'static str,
        message: impl Into<String>,
    ) -> Finding {
        Finding {
            file: file.to_owned(),
            line,
            rule,
            message: message.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding {
            file,
            line,
            rule,
            message,
        } = self;
        write!(formatter, "{file}:{line}: {rule}: {message}")
    }
}
