//! Characters of a file with their places. A backslash at the end of a line joins it with the next one, everywhere but
//! in lines that are passed over raw.

use std::sync::Arc;

use crate::place::Place;

/// A position in a text.
pub(crate) struct Cursor<'a> {
    rest: &'a str,
    file: Arc<str>,
    line: u32,
    column: u32,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(file: Arc<str>, text: &'a str) -> Cursor<'a> {
        Cursor {
            rest: text,
            file,
            line: 1,
            column: 1,
        }
    }

    pub(crate) fn place(&self) -> Place {
        Place {
            file: Arc::clone(&self.file),
            line: self.line,
            column: self.column,
        }
    }

    /// Whether the next character is the first of its line, joined lines counting as lines.
    pub(crate) fn is_at_line_start(&self) -> bool {
        self.column == 1
    }

    /// The next character; joined lines are one.
    pub(crate) fn peek(&mut self) -> Option<char> {
        self.join_lines();
        self.rest.chars().next()
    }

    /// The character after the next one.
    pub(crate) fn peek_second(&mut self) -> Option<char> {
        self.join_lines();
        let mut after = self.rest.chars();
        after.next();
        let mut after = after.as_str();
        while let Some(joined) = joined_line(after) {
            after = joined;
        }
        after.chars().next()
    }

    /// Takes the next character.
    pub(crate) fn bump(&mut self) -> Option<char> {
        self.join_lines();
        let mut chars = self.rest.chars();
        let character = chars.next()?;
        self.rest = chars.as_str();
        self.count(character);
        Some(character)
    }

    /// Takes the rest of the line as it is, and its end.
    pub(crate) fn skip_raw_line(&mut self) -> &'a str {
        let (line, rest) = match self.rest.split_once('\n') {
            Some((line, rest)) => (line, rest),
            None => (self.rest, ""),
        };
        self.rest = rest;
        self.line = self.line.saturating_add(1);
        self.column = 1;
        line
    }

    fn join_lines(&mut self) {
        while let Some(joined) = joined_line(self.rest) {
            self.rest = joined;
            self.line = self.line.saturating_add(1);
            self.column = 1;
        }
    }

    fn count(&mut self, character: char) {
        if character == '\n' {
            self.line = self.line.saturating_add(1);
            self.column = 1;
        } else {
            self.column = self.column.saturating_add(1);
        }
    }
}

/// What follows a backslash and a line end.
fn joined_line(text: &str) -> Option<&str> {
    let after = text.strip_prefix('\\')?;
    after
        .strip_prefix('\n')
        .or_else(|| after.strip_prefix("\r\n"))
}
