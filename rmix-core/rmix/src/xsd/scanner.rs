//! Reads the pieces that lexical forms are made of: fixed numbers of digits, fractions of a second, signs.

/// Text that is read from the front. What does not fit leaves it as it was and gives `None`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scanner<'a>(&'a str);

impl<'a> Scanner<'a> {
    /// White space around the text is no part of the value (`whiteSpace` is `collapse`).
    pub(super) fn new(text: &'a str) -> Scanner<'a> {
        Scanner(text.trim_matches([' ', '\t', '\r', '\n']))
    }

    pub(super) fn is_at_end(self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn rest(self) -> &'a str {
        self.0
    }

    /// Whether this character came next; it is taken.
    pub(super) fn take(&mut self, character: char) -> bool {
        match self.0.strip_prefix(character) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// All digits that come next, at least one.
    pub(super) fn digits(&mut self) -> Option<&'a str> {
        let end = self
            .0
            .find(|character: char| !character.is_ascii_digit())
            .unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        (!digits.is_empty()).then_some(digits)
    }

    /// A number of exactly two digits.
    pub(super) fn two(&mut self) -> Option<i8> {
        let digits = self.digits()?;
        if digits.len() != 2 {
            return None;
        }
        digits.parse().ok()
    }

    /// After a point: a fraction of a second in nanoseconds, its tenth and later digits being cut off.
    pub(super) fn fraction(&mut self) -> Option<i32> {
        let digits = self.digits()?;
        let kept: String = digits.chars().chain("000000000".chars()).take(9).collect();
        kept.parse().ok()
    }
}
