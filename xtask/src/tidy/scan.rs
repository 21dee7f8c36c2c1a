//! Enough of Rust's lexical grammar for the rules: comments and literals are left out, the rest
//! becomes tokens.
//!
//! Not a parser: it knows words, single punctuation characters and lines, nothing of expressions or
//! types.

/// A word or a punctuation character of the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// From 1.
    pub(super) line: usize,
    pub(super) kind: TokenKind,
}

/// What a token is. Literals of characters and strings are one `Literal` each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Word(String),
    Punctuation(char),
    Literal,
}

impl Token {
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(&self.kind, TokenKind::Word(found) if found == word)
    }

    pub(super) fn is(&self, punctuation: char) -> bool {
        self.kind == TokenKind::Punctuation(punctuation)
    }

    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            TokenKind::Word(word) => Some(word),
            _ => None,
        }
    }
}

/// The tokens of a text, comments left out.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut scanner = Scanner {
        characters: text.chars().collect(),
        position: 0,
        line: 1,
        tokens: Vec::new(),
    };
    while scanner.peek(0).is_some() {
        scanner.step();
    }
    scanner.tokens
}

struct Scanner {
    characters: Vec<char>,
    position: usize,
    line: usize,
    tokens: Vec<Token>,
}

impl Scanner {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.position + ahead).copied()
    }

    fn advance(&mut self) -> Option<char> {
        let character = self.peek(0)?;
        self.position += 1;
        if character == '\n' {
            self.line += 1;
        }
        Some(character)
    }

    fn push(&mut self, line: usize, kind: TokenKind) {
        self.tokens.push(Token { line, kind });
    }

    fn step(&mut self) {
        let line = self.line;
        match (self.peek(0), self.peek(1)) {
            (Some('/'), Some('/')) => {
                while self.peek(0).is_some_and(|c| c != '\n') {
                    self.advance();
                }
            }
            (Some('/'), Some('*')) => self.block_comment(),
            (Some('"'), _) => self.string(line),
            (Some('\''), _) => self.quote(line),
            (Some(start), _) if is_word(start) => self.word(line),
            (Some(other), _) => {
                self.advance();
                if !other.is_whitespace() {
                    self.push(line, TokenKind::Punctuation(other));
                }
            }
            (None, _) => {}
        }
    }

    /// Block comments nest.
    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                (None, _) => return,
                _ => {
                    self.advance();
                    continue;
                }
            }
            self.advance();
            self.advance();
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self, line: usize) {
        self.advance();
        while let Some(character) = self.advance() {
            match character {
                '\\' => {
                    self.advance();
                }
                '"' => break,
                _ => {}
            }
        }
        self.push(line, TokenKind::Literal);
    }

    /// A raw string whose hashes and opening quote are next.
    fn raw_string(&mut self, line: usize, hashes: usize) {
        for _ in 0..=hashes {
            self.advance();
        }
        while let Some(character) = self.advance() {
            if character == '"' && (0..hashes).all(|ahead| self.peek(ahead) == Some('#')) {
                for _ in 0..hashes {
                    self.advance();
                }
                break;
            }
        }
        self.push(line, TokenKind::Literal);
    }

    /// A character, or the quote of a lifetime, which is no token.
    fn quote(&mut self, line: usize) {
        self.advance();
        let is_character = self.peek(0) == Some('\\') || self.peek(1) == Some('\'');
        if !is_character {
            return;
        }
        if self.advance() == Some('\\') {
            self.advance();
        }
        while self.advance().is_some_and(|character| character != '\'') {}
        self.push(line, TokenKind::Literal);
    }

    /// A word or number, or the prefix of a string.
    fn word(&mut self, line: usize) {
        let mut word = String::new();
        while let Some(character) = self.peek(0).filter(|character| is_word(*character)) {
            word.push(character);
            self.advance();
        }
        let hashes = (0..)
            .take_while(|ahead| self.peek(*ahead) == Some('#'))
            .count();
        let raw_prefix = matches!(word.as_str(), "r" | "br" | "cr");
        if raw_prefix && self.peek(hashes) == Some('"') {
            return self.raw_string(line, hashes);
        }
        if matches!(word.as_str(), "b" | "c") && self.peek(0) == Some('"') {
            return self.string(line);
        }
        if word == "b" && self.peek(0) == Some('\'') {
            return self.quote(line);
        }
        self.push(line, TokenKind::Word(word));
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown: Vec<_> = tokens(text)
            .iter()
            .map(|token| match &token.kind {
                TokenKind::Word(word) => format!("{}:{word}", token.line),
                TokenKind::Punctuation(punctuation) => format!("{}:{punctuation}", token.line),
                TokenKind::Literal => format!("{}:LITERAL", token.line),
            })
            .collect();
        assert_eq!(shown.join(" "), expected, "{text}");
    }

    #[test]
    fn comments_are_left_out_and_lines_counted() {
        check(
            "a // b\n/* c /* d */\n e */ f //! g\n/// h\ni",
            "1:a 3:f 5:i",
        );
    }

    #[test]
    fn strings_of_every_kind_are_one_literal() {
        check(
            r###"a "b\"c" r"d\" br#"e"f"# c"g" b"h" r##"i"#j"## k"###,
            "1:a 1:LITERAL 1:LITERAL 1:LITERAL 1:LITERAL 1:LITERAL 1:LITERAL 1:k",
        );
        check("\"a\nb\" c", "1:LITERAL 2:c");
    }

    #[test]
    fn characters_differ_from_lifetimes() {
        check(
            r"'{' '\'' '\u{7d}' b'}' &'a str '\\'",
            "1:LITERAL 1:LITERAL 1:LITERAL 1:LITERAL 1:& 1:a 1:str 1:LITERAL",
        );
        check("'static 'é'", "1:static 1:LITERAL");
    }

    #[test]
    fn raw_identifiers_and_hashes_are_no_strings() {
        check("r#fn # [x]", "1:r 1:# 1:fn 1:# 1:[ 1:x 1:]");
    }

    #[test]
    fn text_that_ends_within_a_literal_ends_the_scan() {
        check("\"a", "1:LITERAL");
        check("/* a", "");
        check("'\\", "1:LITERAL");
        check("r#\"a\"", "1:LITERAL");
    }
}
