//! What is wrong with the text of a value.

use std::fmt;

/// Text is not in the lexical form of its type, or its value is out of range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexicalError {
    kind: &'static str,
    text: String,
    why: &'static str,
}

/// Characters of the text that a message shows.
const SHOWN: usize = 60;

impl LexicalError {
    pub(super) fn new(kind: &'static str, text: &str, why: &'static str) -> LexicalError {
        let mut shown: String = text.chars().take(SHOWN).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        LexicalError {
            kind,
            text: shown,
            why,
        }
    }
}

impl fmt::Display for LexicalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no xs:{}: {}", self.text, self.kind, self.why)
    }
}

impl std::error::Error for LexicalError {}
