//! Percent-escapes of RFC 3986 s2.1: `%` and two hexadecimal digits stand for one byte.
//!
//! Decides nothing about which characters must be escaped: the caller says which may stay as they
//! are.

use std::borrow::Cow;
use std::fmt::Write;

/// Where an escape is wrong, and what was expected there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EscapeError {
    /// Byte offset in the text that was given.
    pub(crate) position: usize,
    /// What would have been right there.
    pub(crate) expected: &'static str,
}

/// Appends `text` to `out`, each character that `keep` refuses as the escapes of its UTF-8 bytes.
pub(crate) fn escape(
    out: &mut impl Write,
    text: &str,
    keep: impl Fn(char) -> bool,
) -> std::fmt::Result {
    for character in text.chars() {
        if keep(character) {
            out.write_char(character)?;
            continue;
        }
        for byte in character.encode_utf8(&mut [0; 4]).bytes() {
            write!(out, "%{byte:02X}")?;
        }
    }
    Ok(())
}

/// Replaces every escape by the byte it stands for; borrows when there is none.
pub(crate) fn unescape(text: &str) -> Result<Cow<'_, str>, EscapeError> {
    let Some(first) = text.find('%') else {
        return Ok(Cow::Borrowed(text));
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes().enumerate();
    while let Some((position, byte)) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let high = rest.next().and_then(|(_, digit)| hexadecimal(digit));
        let low = rest.next().and_then(|(_, digit)| hexadecimal(digit));
        let (Some(high), Some(low)) = (high, low) else {
            return Err(EscapeError {
                position,
                expected: "`%` followed by two hexadecimal digits",
            });
        };
        bytes.push(high * 16 + low);
    }
    String::from_utf8(bytes)
        .map(Cow::Owned)
        .map_err(|_| EscapeError {
            position: first,
            expected: "escapes that decode to UTF-8",
        })
}

/// Text with its percent-escapes decoded; `None` when one is broken or they are not UTF-8.
pub fn percent_decoded(text: &str) -> Option<String> {
    unescape(text).ok().map(Cow::into_owned)
}

fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        escape(&mut out, text, |character| {
            character.is_ascii_alphanumeric()
        })
        .unwrap();
        out
    }

    #[test]
    fn escapes_are_the_bytes_of_utf_8_in_upper_case() {
        assert_eq!(escaped("a|é"), "a%7C%C3%A9");
    }

    #[test]
    fn text_without_escape_is_borrowed() {
        assert!(matches!(unescape("plain"), Ok(Cow::Borrowed("plain"))));
    }

    #[test]
    fn cut_and_wrong_escapes_are_named_by_position() {
        for (text, position) in [("a%", 1), ("a%4", 1), ("ab%4g", 2), ("%zz", 0), ("%%41", 0)] {
            assert_eq!(unescape(text).unwrap_err().position, position, "{text}");
        }
    }

    #[test]
    fn escapes_that_are_not_utf_8_are_refused() {
        assert_eq!(
            unescape("x%FF").unwrap_err().expected,
            "escapes that decode to UTF-8"
        );
    }

    proptest! {
        #[test]
        fn unescape_undoes_escape(text in ".*") {
            let escaped = escaped(&text);
            prop_assert_eq!(unescape(&escaped).unwrap(), text);
        }

        #[test]
        fn unescape_is_total(text in ".*") {
            let _ = unescape(&text);
        }
    }
}
