//! The stream of tokens, and what every rule of the grammar needs of it.

use super::ast::{Name, Value, ValueKind};
use crate::error::IdlError;
use crate::lex::{Token, TokenKind};
use crate::limits::Limits;
use crate::place::Place;

/// Tokens that are still to be read.
pub(super) struct Parser<'a> {
    tokens: &'a [Token],
    end: &'a Token,
    next: usize,
    pub(super) limits: &'a Limits,
    definitions: usize,
    nesting: usize,
}

impl<'a> Parser<'a> {
    /// The tokens before the end mark, and the end mark.
    pub(super) fn new(tokens: &'a [Token], end: &'a Token, limits: &'a Limits) -> Parser<'a> {
        Parser {
            tokens,
            end,
            next: 0,
            limits,
            definitions: 0,
            nesting: 0,
        }
    }

    pub(super) fn peek(&self) -> &'a Token {
        self.ahead(0)
    }

    /// The token that many after the next one; the end mark beyond the end.
    pub(super) fn ahead(&self, count: usize) -> &'a Token {
        self.tokens.get(self.next + count).unwrap_or(self.end)
    }

    pub(super) fn bump(&mut self) -> &'a Token {
        let token = self.peek();
        if self.next < self.tokens.len() {
            self.next += 1;
        }
        token
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.peek().kind == TokenKind::End
    }

    pub(super) fn is_next(&self, mark: &str) -> bool {
        self.peek().is_mark(mark)
    }

    pub(super) fn is_next_word(&self, word: &str) -> bool {
        self.peek().word() == Some(word)
    }

    /// Takes the mark if it is next.
    pub(super) fn take(&mut self, mark: &str) -> bool {
        let found = self.is_next(mark);
        if found {
            self.bump();
        }
        found
    }

    /// Takes the keyword if it is next.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_next_word(word);
        if found {
            self.bump();
        }
        found
    }

    pub(super) fn expect(&mut self, mark: &str) -> Result<Place, IdlError> {
        if self.is_next(mark) {
            return Ok(self.bump().place.clone());
        }
        Err(self.expected(&format!("`{mark}`")))
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Result<Place, IdlError> {
        if self.is_next_word(word) {
            return Ok(self.bump().place.clone());
        }
        Err(self.expected(&format!("`{word}`")))
    }

    /// A name that is no keyword.
    pub(super) fn name(&mut self, what: &str) -> Result<Name, IdlError> {
        let token = self.peek();
        match token.word() {
            Some(word) if !is_keyword(word) => {
                self.bump();
                Ok(Name {
                    text: word.to_owned(),
                    place: token.place.clone(),
                })
            }
            _ => Err(self.expected(what)),
        }
    }

    /// A name that is no keyword, if one is next.
    pub(super) fn optional_name(&mut self) -> Option<Name> {
        let is_name = self.peek().word().is_some_and(|word| !is_keyword(word));
        if is_name { self.name("").ok() } else { None }
    }

    /// A number or the name of one.
    pub(super) fn value(&mut self, what: &str) -> Result<Value, IdlError> {
        let place = self.peek().place.clone();
        let is_negative = self.take("-");
        let kind = match &self.peek().kind {
            TokenKind::Number(_, value) => {
                ValueKind::Number(if is_negative { -*value } else { *value })
            }
            TokenKind::Character(code) if !is_negative => ValueKind::Number(i128::from(*code)),
            TokenKind::Word(word) if !is_negative && !is_keyword(word) => {
                ValueKind::Name(word.clone())
            }
            _ if is_negative => return Err(self.expected("a number after `-`")),
            _ => return Err(self.expected(what)),
        };
        self.bump();
        Ok(Value { kind, place })
    }

    /// What is wrong with the next token.
    pub(super) fn expected(&self, what: &str) -> IdlError {
        let token = self.peek();
        let found = match token.word() {
            Some(word) if is_keyword(word) => format!("the keyword `{word}`"),
            _ => token.kind.to_string(),
        };
        IdlError::Expected {
            place: token.place.clone(),
            expected: what.to_owned(),
            found,
        }
    }

    /// Counts a definition.
    pub(super) fn defines(&mut self, place: &Place) -> Result<(), IdlError> {
        self.definitions += 1;
        self.within(
            self.definitions,
            self.limits.definitions_max,
            "definitions_max",
            place,
        )
    }

    /// Enters a body.
    pub(super) fn enter(&mut self) -> Result<(), IdlError> {
        self.nesting += 1;
        let place = self.peek().place.clone();
        self.within(self.nesting, self.limits.nesting_max, "nesting_max", &place)
    }

    pub(super) fn leave(&mut self) {
        self.nesting -= 1;
    }

    /// Refuses one more member, field, arm or label than there may be.
    pub(super) fn check_members(&self, count: usize) -> Result<(), IdlError> {
        let place = &self.peek().place;
        self.within(count, self.limits.members_max, "members_max", place)
    }

    pub(super) fn within(
        &self,
        count: usize,
        max: usize,
        limit: &'static str,
        place: &Place,
    ) -> Result<(), IdlError> {
        if count > max {
            return Err(IdlError::limit(place, limit, max));
        }
        Ok(())
    }
}

pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// Words of the language; those of C that rpcgen reads as types among them.
const KEYWORDS: [&str; 23] = [
    "bool",
    "case",
    "char",
    "const",
    "default",
    "double",
    "enum",
    "float",
    "hyper",
    "int",
    "long",
    "opaque",
    "program",
    "quadruple",
    "short",
    "string",
    "struct",
    "switch",
    "typedef",
    "union",
    "unsigned",
    "version",
    "void",
];
