//! Tokens of one file, a line at a time, so that the preprocessor can decide about each line.

use std::sync::Arc;

use super::cursor::Cursor;
use super::token::{Token, TokenKind};
use crate::error::IdlError;
use crate::limits::Limits;
use crate::place::Place;

/// What a line begins with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum LineStart {
    /// `%` in the first column: a line for the C compiler.
    PassThrough(Place),
    /// `#`, which is taken.
    Directive(Place),
    /// Anything else.
    Text,
    /// Nothing: the file ends.
    End,
}

/// Which marks are known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Marks {
    /// Those of the interface language, one character each.
    Language,
    /// Those of `#if`, as C has them.
    Expression,
}

/// Reads tokens from a text.
pub(crate) struct Lexer<'a> {
    cursor: Cursor<'a>,
    limits: &'a Limits,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(file: Arc<str>, text: &'a str, limits: &'a Limits) -> Lexer<'a> {
        Lexer {
            cursor: Cursor::new(file, text),
            limits,
        }
    }

    /// Passes over blanks and comments before a line's first token.
    pub(crate) fn line_start(&mut self) -> Result<LineStart, IdlError> {
        if self.cursor.is_at_line_start() && self.cursor.peek() == Some('%') {
            return Ok(LineStart::PassThrough(self.cursor.place()));
        }
        self.skip_blanks()?;
        let place = self.cursor.place();
        match self.cursor.peek() {
            None => Ok(LineStart::End),
            Some('#') => {
                self.cursor.bump();
                Ok(LineStart::Directive(place))
            }
            Some(_) => Ok(LineStart::Text),
        }
    }

    /// Takes a line as it stands, without joining it with the next.
    pub(crate) fn skip_raw_line(&mut self) -> &'a str {
        self.cursor.skip_raw_line()
    }

    /// Takes the rest of a line; of its content only comments outside quotes matter, which may go on over several lines.
    pub(crate) fn skip_line(&mut self) -> Result<(), IdlError> {
        let mut is_quoted = false;
        while let Some(next) = self.cursor.peek() {
            if !is_quoted && self.skip_comment()? {
                continue;
            }
            self.cursor.bump();
            match next {
                '\n' => break,
                '"' => is_quoted = !is_quoted,
                _ => {}
            }
        }
        Ok(())
    }

    /// The rest of a line as text, without outer blanks and the comments outside quotes; its end is taken too.
    /// `angles` are quotes after `#include` only.
    pub(crate) fn rest_of_line(&mut self, angles: bool) -> Result<String, IdlError> {
        let mut text = String::new();
        let mut quote = None;
        while let Some(next) = self.cursor.peek() {
            if quote.is_none() && self.skip_comment()? {
                text.push(' ');
                continue;
            }
            self.cursor.bump();
            match (next, quote) {
                ('\n', _) => break,
                ('"', None) => quote = Some('"'),
                ('<', None) if angles => quote = Some('>'),
                (end, Some(open)) if end == open => quote = None,
                _ => {}
            }
            text.push(next);
        }
        Ok(text.trim().to_owned())
    }

    /// Whether the very next character is this one.
    pub(crate) fn is_next(&mut self, character: char) -> bool {
        self.cursor.peek() == Some(character)
    }

    /// The next token of this line; `None` at its end, which is taken.
    pub(crate) fn token(&mut self, marks: Marks) -> Result<Option<Token>, IdlError> {
        self.skip_blanks()?;
        let place = self.cursor.place();
        let kind = match self.cursor.peek() {
            None => return Ok(None),
            Some('\n') => {
                self.cursor.bump();
                return Ok(None);
            }
            Some(first) if is_word_start(first) => TokenKind::Word(self.word(&place)?),
            Some(first) if first.is_ascii_digit() => self.number(&place)?,
            Some('"') => TokenKind::Text(self.quoted('"', &place)?),
            Some('\'') => self.character(&place)?,
            Some(first) => self.mark(first, marks),
        };
        Ok(Some(Token { kind, place }))
    }

    /// Passes over blanks and comments, but not over the end of the line.
    fn skip_blanks(&mut self) -> Result<(), IdlError> {
        while let Some(next) = self.cursor.peek() {
            if next != '\n' && (next.is_whitespace() || next == '\u{c}') {
                self.cursor.bump();
            } else if !self.skip_comment()? {
                break;
            }
        }
        Ok(())
    }

    /// Passes over a comment, if one begins here.
    fn skip_comment(&mut self) -> Result<bool, IdlError> {
        if self.cursor.peek() != Some('/') {
            return Ok(false);
        }
        match self.cursor.peek_second() {
            Some('*') => {
                let place = self.cursor.place();
                self.cursor.bump();
                self.cursor.bump();
                loop {
                    match self.cursor.bump() {
                        Some('*') if self.cursor.peek() == Some('/') => break,
                        Some(_) => {}
                        None => return Err(IdlError::malformed(&place, "the comment has no end")),
                    }
                }
                self.cursor.bump();
                Ok(true)
            }
            Some('/') => {
                while self.cursor.peek().is_some_and(|next| next != '\n') {
                    self.cursor.bump();
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn word(&mut self, place: &Place) -> Result<String, IdlError> {
        let mut word = String::new();
        let mut length = 0;
        while let Some(next) = self.cursor.peek() {
            if !is_word_start(next) && !next.is_ascii_digit() {
                break;
            }
            self.cursor.bump();
            self.grow(&mut length, place)?;
            word.push(next);
        }
        Ok(word)
    }

    fn number(&mut self, place: &Place) -> Result<TokenKind, IdlError> {
        let text = self.word(place)?;
        match value_of(&text) {
            Some(value) => Ok(TokenKind::Number(text, value)),
            None => Err(IdlError::malformed(
                place,
                format!(
                    "`{text}` is neither a decimal, octal or hexadecimal number of up to 64 bits nor a name"
                ),
            )),
        }
    }

    fn character(&mut self, place: &Place) -> Result<TokenKind, IdlError> {
        let text = self.quoted('\'', place)?;
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(only), None) => Ok(TokenKind::Character(u32::from(only))),
            _ => Err(IdlError::malformed(
                place,
                "single quotes hold one character",
            )),
        }
    }

    fn quoted(&mut self, quote: char, place: &Place) -> Result<String, IdlError> {
        self.cursor.bump();
        let mut text = String::new();
        let mut length = 0;
        loop {
            match self.cursor.peek() {
                None | Some('\n') => {
                    return Err(IdlError::malformed(
                        place,
                        format!("the quote has no end: expected {quote} on the same line"),
                    ));
                }
                Some('\\') => {
                    self.cursor.bump();
                    text.push(self.escaped(place)?);
                }
                Some(next) => {
                    self.cursor.bump();
                    if next == quote {
                        return Ok(text);
                    }
                    text.push(next);
                }
            }
            self.grow(&mut length, place)?;
        }
    }

    /// What stands after a backslash.
    fn escaped(&mut self, place: &Place) -> Result<char, IdlError> {
        let first = self.cursor.bump().filter(|first| *first != '\n');
        Ok(match first {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('a') => '\u{7}',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('v') => '\u{b}',
            Some('x') => self.coded(0, 16, 2),
            Some(digit @ '0'..='7') => self.coded(digit.to_digit(8).unwrap_or(0), 8, 2),
            Some(other) => other,
            None => {
                return Err(IdlError::malformed(
                    place,
                    "the quote ends after a backslash",
                ));
            }
        })
    }

    fn coded(&mut self, first: u32, radix: u32, digits: usize) -> char {
        let mut code = first;
        for _ in 0..digits {
            let Some(digit) = self.cursor.peek().and_then(|next| next.to_digit(radix)) else {
                break;
            };
            self.cursor.bump();
            code = code * radix + digit;
        }
        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    fn mark(&mut self, first: char, marks: Marks) -> TokenKind {
        self.cursor.bump();
        if marks == Marks::Expression {
            let second = self.cursor.peek();
            let pair = PAIRS.iter().find(|pair| {
                let mut chars = pair.chars();
                chars.next() == Some(first) && chars.next() == second
            });
            if let Some(pair) = pair {
                self.cursor.bump();
                return TokenKind::Mark(pair);
            }
        }
        let single = SINGLES.iter().find(|mark| mark.starts_with(first));
        single.map_or(TokenKind::Stray(first), |mark| TokenKind::Mark(mark))
    }

    fn grow(&self, length: &mut usize, place: &Place) -> Result<(), IdlError> {
        *length += 1;
        let max = self.limits.word_length_max;
        if *length > max {
            return Err(IdlError::limit(place, "word_length_max", max));
        }
        Ok(())
    }
}

fn is_word_start(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_'
}

/// The value of a number as C writes it, its suffix ignored.
fn value_of(text: &str) -> Option<i128> {
    let digits = text.trim_end_matches(['u', 'U', 'l', 'L']);
    let (digits, radix) = match digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        Some(hexadecimal) => (hexadecimal, 16),
        None if digits.len() > 1 && digits.starts_with('0') => (digits, 8),
        None => (digits, 10),
    };
    u64::from_str_radix(digits, radix).ok().map(i128::from)
}

const PAIRS: [&str; 8] = ["&&", "||", "==", "!=", "<=", ">=", "<<", ">>"];
const SINGLES: [&str; 24] = [
    "{", "}", "(", ")", "[", "]", "<", ">", ";", ",", ":", "=", "*", "-", "+", "/", "%", "!", "~",
    "&", "|", "?", "^", "#",
];
