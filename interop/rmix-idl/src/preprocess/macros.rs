//! Macros: names that stand for tokens. Macros with parameters can be defined, since C headers do it, but not used.

use std::collections::BTreeMap;

use crate::error::IdlError;
use crate::lex::{Token, TokenKind};
use crate::limits::Limits;
use crate::place::Place;

/// What a name stands for.
#[derive(Debug, Clone)]
pub(super) enum Macro {
    Tokens(Vec<Token>),
    WithParameters,
}

/// All macros that are defined.
#[derive(Debug, Clone)]
pub(super) struct Macros {
    known: BTreeMap<String, Macro>,
    expansion_left: usize,
}

impl Macros {
    pub(super) fn new(limits: &Limits) -> Macros {
        Macros {
            known: BTreeMap::new(),
            expansion_left: limits.expansion_max,
        }
    }

    pub(super) fn define(&mut self, name: String, meaning: Macro) {
        self.known.insert(name, meaning);
    }

    pub(super) fn undefine(&mut self, name: &str) {
        self.known.remove(name);
    }

    pub(super) fn is_defined(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }

    /// Appends what a token stands for, at the token's own place. A macro does not expand within itself, as in C.
    pub(super) fn expand(
        &mut self,
        token: Token,
        limits: &Limits,
        out: &mut Vec<Token>,
    ) -> Result<(), IdlError> {
        if !token.word().is_some_and(|word| self.is_defined(word)) {
            out.push(token);
            return Ok(());
        }
        let place = token.place.clone();
        // What is still to be looked at, last first; an end mark closes the macro opened last.
        let mut pending = vec![Pending::Token(token)];
        let mut open: Vec<String> = Vec::new();
        while let Some(next) = pending.pop() {
            let token = match next {
                Pending::Token(token) => token,
                Pending::End => {
                    open.pop();
                    continue;
                }
            };
            let word = token.word().filter(|word| !open.iter().any(|o| o == word));
            match word.and_then(|word| self.known.get(word).map(|m| (word.to_owned(), m))) {
                None => out.push(Token {
                    place: place.clone(),
                    ..token
                }),
                Some((name, Macro::WithParameters)) => {
                    return Err(with_parameters(&name, &place));
                }
                Some((name, Macro::Tokens(tokens))) => {
                    let left = self.expansion_left.checked_sub(tokens.len() + 1);
                    self.expansion_left = left.ok_or_else(|| {
                        IdlError::limit(&place, "expansion_max", limits.expansion_max)
                    })?;
                    if open.len() >= limits.nesting_max {
                        return Err(IdlError::limit(&place, "nesting_max", limits.nesting_max));
                    }
                    pending.push(Pending::End);
                    pending.extend(tokens.iter().rev().cloned().map(Pending::Token));
                    open.push(name);
                }
            }
        }
        Ok(())
    }
}

enum Pending {
    Token(Token),
    End,
}

fn with_parameters(name: &str, place: &Place) -> IdlError {
    IdlError::Unsupported {
        place: place.clone(),
        what: format!("the use of the macro `{name}`, which has parameters,"),
        instead: "write its result".to_owned(),
    }
}

/// A macro that stands for one number.
pub(super) fn number(text: &str, place: &Place) -> Option<Macro> {
    let value: i128 = text.parse().ok()?;
    Some(Macro::Tokens(vec![Token {
        kind: TokenKind::Number(text.to_owned(), value),
        place: place.clone(),
    }]))
}
