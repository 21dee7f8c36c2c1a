//! A token of an interface file, with its place.

use std::fmt;

use crate::place::Place;

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) place: Place,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TokenKind {
    /// A name or keyword.
    Word(String),
    /// A number as it was written, and its value.
    Number(String, i128),
    /// A quoted text, without its quotes and unescaped.
    Text(String),
    /// A quoted character, by its code.
    Character(u32),
    /// A mark; of several characters only in directives.
    Mark(&'static str),
    /// A character that no token begins with.
    Stray(char),
    /// The end of the input.
    End,
}

impl Token {
    pub(crate) fn word(&self) -> Option<&str> {
        match &self.kind {
            TokenKind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(crate) fn is_mark(&self, mark: &str) -> bool {
        matches!(&self.kind, TokenKind::Mark(found) if *found == mark)
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenKind::Word(text) | TokenKind::Number(text, _) => write!(f, "`{text}`"),
            TokenKind::Text(text) => write!(f, "the text {text:?}"),
            TokenKind::Character(code) => match char::from_u32(*code) {
                Some(character) => write!(f, "{character:?}"),
                None => write!(f, "the character {code}"),
            },
            TokenKind::Mark(mark) => write!(f, "`{mark}`"),
            TokenKind::Stray(character) => write!(f, "the character {character:?}"),
            TokenKind::End => f.write_str("the end of the file"),
        }
    }
}
