//! What the C preprocessor does for rpcgen: conditionals, `#include`, macros without parameters. Gives tokens, each with
//! the place it was written at. Knows no grammar.

mod conditions;
mod directive;
mod expression;
mod macros;
mod sources;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::error::IdlError;
use crate::lex::{Lexer, LineStart, Marks, Token, TokenKind};
use crate::limits::Limits;
use crate::place::Place;

use conditions::Conditions;
use macros::{Macro, Macros};
pub(crate) use sources::Sources;

/// Tokens of a file and of all it includes.
#[derive(Debug)]
pub(crate) struct Preprocessed {
    /// The tokens, the last one being the end.
    pub(crate) tokens: Vec<Token>,
    /// Names of all files read, each once, in the order of their first reading.
    pub(crate) files: Vec<String>,
    /// Numbers that lines for the C compiler define: `%#define NAME 12`.
    pub(crate) passed: Vec<PassedNumber>,
}

/// A number that a line for the C compiler defines.
#[derive(Debug)]
pub(crate) struct PassedNumber {
    /// Its name.
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: i128,
    /// Where it stands.
    pub(crate) place: Place,
}

/// A preprocessor run.
pub(crate) struct Preprocessor<'a> {
    limits: &'a Limits,
    sources: &'a Sources,
    macros: Macros,
    tokens: Vec<Token>,
    files: Vec<String>,
    passed: Vec<PassedNumber>,
    /// The values of `passed` by name.
    passed_values: BTreeMap<String, i128>,
    /// Files being read, the innermost last.
    open: Vec<Arc<str>>,
    files_left: usize,
    bytes_left: usize,
}

impl<'a> Preprocessor<'a> {
    /// A run with these symbols defined: `NAME`, or `NAME=value` with a number or a name.
    pub(crate) fn new(
        limits: &'a Limits,
        sources: &'a Sources,
        symbols: &[String],
    ) -> Result<Preprocessor<'a>, IdlError> {
        let mut run = Preprocessor {
            limits,
            sources,
            macros: Macros::new(limits),
            tokens: Vec::new(),
            files: Vec::new(),
            passed: Vec::new(),
            passed_values: BTreeMap::new(),
            open: Vec::new(),
            files_left: limits.files_max,
            bytes_left: limits.source_bytes_max,
        };
        for symbol in symbols {
            run.define_symbol(symbol)?;
        }
        Ok(run)
    }

    /// Reads a file.
    pub(crate) fn file(&mut self, path: &Path) -> Result<(), IdlError> {
        let found = self.sources.first(path)?;
        self.text(&found.name, &found.text)
    }

    /// Reads a text under the name of a file.
    pub(crate) fn text(&mut self, name: &str, text: &str) -> Result<(), IdlError> {
        let name: Arc<str> = Arc::from(name);
        let place = Place::start(&name);
        self.open_file(&name, text, &place)
    }

    /// The tokens of all that was read.
    pub(crate) fn finish(mut self) -> Preprocessed {
        let last = self.tokens.last().map(|token| token.place.clone());
        let place = last.unwrap_or_else(|| {
            let name = self.files.first().map_or("", String::as_str);
            Place::start(&Arc::from(name))
        });
        self.tokens.push(Token {
            kind: TokenKind::End,
            place,
        });
        Preprocessed {
            tokens: self.tokens,
            files: self.files,
            passed: self.passed,
        }
    }

    fn define_symbol(&mut self, symbol: &str) -> Result<(), IdlError> {
        let place = Place::start(&Arc::from("the symbols given"));
        let (name, value) = symbol.split_once('=').unwrap_or((symbol, "1"));
        let is_name = |text: &str| {
            text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let meaning = if is_name(value) {
            Some(Macro::Tokens(vec![Token {
                kind: TokenKind::Word(value.to_owned()),
                place: place.clone(),
            }]))
        } else {
            macros::number(value, &place)
        };
        match meaning {
            Some(meaning) if is_name(name) => {
                self.macros.define(name.to_owned(), meaning);
                Ok(())
            }
            _ => Err(IdlError::malformed(
                &place,
                format!(
                    "`{symbol}` is neither NAME nor NAME=VALUE with a decimal number or a name"
                ),
            )),
        }
    }

    /// Reads a file at the depth of those that are open; `place` is what led to it.
    fn open_file(&mut self, name: &Arc<str>, text: &str, place: &Place) -> Result<(), IdlError> {
        let limits = self.limits;
        if self.open.len() >= limits.include_depth_max {
            let max = limits.include_depth_max;
            return Err(IdlError::limit(place, "include_depth_max", max));
        }
        let files_left = self.files_left.checked_sub(1);
        self.files_left =
            files_left.ok_or_else(|| IdlError::limit(place, "files_max", limits.files_max))?;
        let bytes_left = self.bytes_left.checked_sub(text.len());
        self.bytes_left = bytes_left
            .ok_or_else(|| IdlError::limit(place, "source_bytes_max", limits.source_bytes_max))?;
        if !self.files.iter().any(|known| **known == **name) {
            self.files.push(name.to_string());
        }
        self.open.push(Arc::clone(name));
        self.lines(Lexer::new(Arc::clone(name), text, limits))?;
        self.open.pop();
        Ok(())
    }

    fn lines(&mut self, mut lexer: Lexer<'_>) -> Result<(), IdlError> {
        let mut conditions = Conditions::new(self.limits.nesting_max);
        loop {
            match lexer.line_start()? {
                LineStart::End => return conditions.finish(),
                LineStart::PassThrough(place) => {
                    let line = lexer.skip_raw_line();
                    if conditions.are_met() {
                        self.passed_number(line, &place);
                    }
                }
                LineStart::Directive(place) => {
                    self.directive(&mut lexer, &mut conditions, &place)?;
                }
                LineStart::Text if conditions.are_met() => self.line_of_text(&mut lexer)?,
                LineStart::Text => lexer.skip_line()?,
            }
        }
    }

    /// Notes a number that the C compiler would know. Whatever else a line says to it is its business.
    fn passed_number(&mut self, line: &str, place: &Place) {
        let Some(text) = line.strip_prefix('%') else {
            return;
        };
        let mut lexer = Lexer::new(Arc::clone(&place.file), text, self.limits);
        let mut next = || lexer.token(Marks::Expression).ok().flatten();
        let (hash, define, name) = (next(), next(), next());
        let is_define = hash.is_some_and(|token| token.is_mark("#"))
            && define.is_some_and(|token| token.word() == Some("define"));
        let Some(name) = name.as_ref().and_then(Token::word).filter(|_| is_define) else {
            return;
        };
        let mut tokens = Vec::new();
        while let Some(mut token) = next() {
            if let Some(word) = token.word() {
                let Some(value) = self.passed_values.get(word) else {
                    return;
                };
                token.kind = TokenKind::Number(word.to_owned(), *value);
            }
            tokens.push(token);
        }
        if let Ok(value) = expression::value(&tokens, place, self.limits)
            && self.passed.len() < self.limits.members_max
        {
            let value = i128::from(value);
            self.passed_values.insert(name.to_owned(), value);
            self.passed.push(PassedNumber {
                name: name.to_owned(),
                value,
                place: place.clone(),
            });
        }
    }

    fn line_of_text(&mut self, lexer: &mut Lexer<'_>) -> Result<(), IdlError> {
        while let Some(token) = lexer.token(Marks::Language)? {
            let place = token.place.clone();
            self.macros.expand(token, self.limits, &mut self.tokens)?;
            if self.tokens.len() > self.limits.tokens_max {
                return Err(IdlError::limit(
                    &place,
                    "tokens_max",
                    self.limits.tokens_max,
                ));
            }
        }
        Ok(())
    }
}
