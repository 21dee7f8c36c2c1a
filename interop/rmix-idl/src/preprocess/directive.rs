//! Directives: lines that begin with `#`.

use std::sync::Arc;

use super::Preprocessor;
use super::conditions::Conditions;
use super::expression;
use super::macros::Macro;
use crate::error::IdlError;
use crate::lex::{Lexer, Marks, Token, TokenKind};
use crate::place::Place;

impl Preprocessor<'_> {
    /// Obeys the directive at `place`, whose `#` is taken.
    pub(super) fn directive(
        &mut self,
        lexer: &mut Lexer<'_>,
        conditions: &mut Conditions,
        place: &Place,
    ) -> Result<(), IdlError> {
        if !conditions.are_met() {
            return self.directive_passed_over(lexer, conditions, place);
        }
        let Some(name) = lexer.token(Marks::Expression)? else {
            return Ok(());
        };
        let word = match &name.kind {
            TokenKind::Word(word) => word.as_str(),
            // `# 12 "file.x"`, as a preprocessor leaves it.
            TokenKind::Number(..) => return lexer.skip_line(),
            _ => return Err(expected("the name of a directive", &name)),
        };
        match word {
            "if" => {
                let is_met = self.condition(lexer, place)?;
                conditions.open(is_met, place)
            }
            "ifdef" | "ifndef" => {
                let is_defined = self.is_defined(lexer, word, place)?;
                conditions.open(is_defined == (word == "ifdef"), place)
            }
            // A branch before was met, so its condition does not matter.
            "elif" | "else" => {
                lexer.skip_line()?;
                conditions.branch(word == "else", word == "else", place)
            }
            "endif" => {
                lexer.skip_line()?;
                conditions.close(place)
            }
            "define" => self.define(lexer, place),
            "undef" => {
                let name = self.name(lexer, "undef", place)?;
                self.macros.undefine(&name);
                Ok(())
            }
            "include" => self.include(lexer, place),
            "error" => Err(IdlError::Stopped {
                place: place.clone(),
                message: lexer.rest_of_line(false)?,
            }),
            "line" | "pragma" | "ident" | "sccs" | "warning" => lexer.skip_line(),
            _ => Err(expected("a directive of the C preprocessor", &name)),
        }
    }

    /// Within lines that do not count, only the ends of conditionals matter.
    fn directive_passed_over(
        &mut self,
        lexer: &mut Lexer<'_>,
        conditions: &mut Conditions,
        place: &Place,
    ) -> Result<(), IdlError> {
        let line = lexer.rest_of_line(false)?;
        let name: String = line
            .chars()
            .take_while(|c| c.is_ascii_alphabetic())
            .collect();
        match name.as_str() {
            "if" | "ifdef" | "ifndef" => conditions.open(false, place),
            "elif" => {
                let matters = conditions.elif_matters();
                let text = line.get(name.len()..).unwrap_or_default();
                let is_met = matters && self.condition_of_text(text, place)?;
                conditions.branch(is_met, false, place)
            }
            "else" => {
                let is_met = conditions.elif_matters();
                conditions.branch(is_met, true, place)
            }
            "endif" => conditions.close(place),
            _ => Ok(()),
        }
    }

    fn condition_of_text(&mut self, text: &str, place: &Place) -> Result<bool, IdlError> {
        let mut lexer = Lexer::new(Arc::clone(&place.file), text, self.limits);
        self.condition(&mut lexer, place)
            .map_err(|error| error.moved_to(place))
    }

    /// The value of `#if`'s or `#elif`'s expression.
    fn condition(&mut self, lexer: &mut Lexer<'_>, place: &Place) -> Result<bool, IdlError> {
        let mut expanded = Vec::new();
        while let Some(token) = lexer.token(Marks::Expression)? {
            if token.word() == Some("defined") {
                expanded.push(self.defined(lexer, token, place)?);
            } else {
                self.macros.expand(token, self.limits, &mut expanded)?;
            }
        }
        Ok(expression::value(&expanded, place, self.limits)? != 0)
    }

    /// `defined NAME` or `defined(NAME)`, as 1 or 0.
    fn defined(
        &mut self,
        lexer: &mut Lexer<'_>,
        token: Token,
        place: &Place,
    ) -> Result<Token, IdlError> {
        let first = lexer.token(Marks::Expression)?;
        let in_parentheses = first.as_ref().is_some_and(|first| first.is_mark("("));
        let name = if in_parentheses {
            lexer.token(Marks::Expression)?
        } else {
            first
        };
        let word = name.as_ref().and_then(Token::word).map(str::to_owned);
        let Some(word) = word else {
            return Err(found(name, "a name after `defined`", place));
        };
        if in_parentheses {
            match lexer.token(Marks::Expression)? {
                Some(end) if end.is_mark(")") => {}
                other => return Err(found(other, "`)` after the name", place)),
            }
        }
        let value = i128::from(self.macros.is_defined(&word));
        Ok(Token {
            kind: TokenKind::Number(value.to_string(), value),
            ..token
        })
    }

    fn is_defined(
        &mut self,
        lexer: &mut Lexer<'_>,
        directive: &str,
        place: &Place,
    ) -> Result<bool, IdlError> {
        let name = self.name(lexer, directive, place)?;
        Ok(self.macros.is_defined(&name))
    }

    /// The name that is a directive's only operand; what follows it is passed over, as C compilers do.
    fn name(
        &mut self,
        lexer: &mut Lexer<'_>,
        directive: &str,
        place: &Place,
    ) -> Result<String, IdlError> {
        let token = lexer.token(Marks::Expression)?;
        let Some(word) = token.as_ref().and_then(Token::word).map(str::to_owned) else {
            return Err(found(token, &format!("a name after #{directive}"), place));
        };
        lexer.skip_line()?;
        Ok(word)
    }

    fn define(&mut self, lexer: &mut Lexer<'_>, place: &Place) -> Result<(), IdlError> {
        let token = lexer.token(Marks::Language)?;
        let Some(name) = token.as_ref().and_then(Token::word).map(str::to_owned) else {
            return Err(found(token, "a name after #define", place));
        };
        if lexer.is_next('(') {
            lexer.skip_line()?;
            self.macros.define(name, Macro::WithParameters);
            return Ok(());
        }
        let mut tokens = Vec::new();
        while let Some(token) = lexer.token(Marks::Language)? {
            if tokens.len() >= self.limits.expansion_max {
                let max = self.limits.expansion_max;
                return Err(IdlError::limit(&token.place, "expansion_max", max));
            }
            tokens.push(token);
        }
        self.macros.define(name, Macro::Tokens(tokens));
        Ok(())
    }

    fn include(&mut self, lexer: &mut Lexer<'_>, place: &Place) -> Result<(), IdlError> {
        let line = lexer.rest_of_line(true)?;
        let line = line.trim();
        let quoted = between(line, '"', '"');
        let Some(name) = quoted.or_else(|| between(line, '<', '>')) else {
            return Err(IdlError::Expected {
                place: place.clone(),
                expected: "\"file\" or <file> after #include".to_owned(),
                found: format!("`{line}`"),
            });
        };
        let is_quoted = line.starts_with('"');
        let found = self.sources.included(name, is_quoted, &place.file);
        let found = found.map_err(|searched| IdlError::IncludeNotFound {
            place: place.clone(),
            name: name.to_owned(),
            searched,
        })?;
        if self.open.iter().any(|open| **open == *found.name) {
            return Err(IdlError::IncludeCycle {
                place: place.clone(),
                file: found.name,
            });
        }
        let name: Arc<str> = Arc::from(found.name);
        self.open_file(&name, &found.text, place)
    }
}

/// What stands between the first character and the next `last`.
fn between(line: &str, first: char, last: char) -> Option<&str> {
    let (name, _) = line.strip_prefix(first)?.split_once(last)?;
    Some(name).filter(|name| !name.is_empty())
}

fn expected(what: &str, token: &Token) -> IdlError {
    IdlError::Expected {
        place: token.place.clone(),
        expected: what.to_owned(),
        found: token.kind.to_string(),
    }
}

fn found(token: Option<Token>, what: &str, place: &Place) -> IdlError {
    match token {
        Some(token) => expected(what, &token),
        None => IdlError::Expected {
            place: place.clone(),
            expected: what.to_owned(),
            found: "the end of the line".to_owned(),
        },
    }
}
