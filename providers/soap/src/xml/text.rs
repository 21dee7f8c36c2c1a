//! Text: references resolved when it is read, characters escaped when it is written.

use rmix_abi::tables::Fault;

use super::{Span, malformed};

/// Text that was found: as it stands in the document, or with references resolved.
#[derive(Debug)]
pub(crate) enum Text {
    /// As it stands.
    Span(Span),
    /// Put together.
    Owned(Vec<u8>),
}

impl Text {
    pub(crate) fn of<'a>(&'a self, bytes: &'a [u8]) -> &'a [u8] {
        match self {
            Text::Span(span) => span.of(bytes),
            Text::Owned(owned) => owned,
        }
    }

    /// An attribute's value: references resolved, white space made spaces (XML 1.0, 3.3.3).
    pub(crate) fn of_attribute(bytes: &[u8], value: Span) -> Result<Text, Fault> {
        let raw = value.of(bytes);
        if !raw
            .iter()
            .any(|byte| matches!(byte, b'&' | b'\t' | b'\r' | b'\n'))
        {
            return Ok(Text::Span(value));
        }
        let spaced: Vec<u8> = raw
            .iter()
            .map(|byte| match byte {
                b'\t' | b'\r' | b'\n' => b' ',
                other => *other,
            })
            .collect();
        let mut out = Vec::with_capacity(raw.len());
        unescape(&spaced, value.start, &mut out)?;
        Ok(Text::Owned(out))
    }
}

/// Appends `raw`, which stands at `at`, with references resolved and line ends made `\n`.
///
/// # Errors
/// A reference is not one of those that XML has by itself.
pub(crate) fn unescape(raw: &[u8], at: usize, out: &mut Vec<u8>) -> Result<(), Fault> {
    let mut rest = raw;
    while let Some(found) = memchr::memchr2(b'&', b'\r', rest) {
        let (before, special) = rest.split_at_checked(found).unwrap_or((rest, &[]));
        out.extend_from_slice(before);
        if let [b'\r', after @ ..] = special {
            out.push(b'\n');
            rest = after.strip_prefix(b"\n").unwrap_or(after);
            continue;
        }
        let place = at + raw.len() - special.len();
        let reference = special.get(1..).unwrap_or_default();
        let longest = reference.get(..REFERENCE_BYTES_MAX).unwrap_or(reference);
        let Some(len) = memchr::memchr(b';', longest) else {
            return Err(malformed("a reference does not end", place));
        };
        let name = reference.get(..len).unwrap_or_default();
        let Some(character) = resolve(name) else {
            let rule = "a reference is neither a character's nor one of lt, gt, amp, quot and apos";
            return Err(malformed(rule, place));
        };
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        rest = reference.get(len + 1..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    Ok(())
}

fn resolve(name: &[u8]) -> Option<char> {
    Some(match name {
        b"lt" => '<',
        b"gt" => '>',
        b"amp" => '&',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', b'x', digits @ ..] => character(digits, 16)?,
        [b'#', digits @ ..] => character(digits, 10)?,
        _ => return None,
    })
}

fn character(digits: &[u8], radix: u32) -> Option<char> {
    if digits.is_empty() {
        return None;
    }
    let mut code = 0u32;
    for digit in digits {
        let digit = char::from(*digit).to_digit(radix)?;
        code = code.checked_mul(radix)?.checked_add(digit)?;
    }
    let found = char::from_u32(code)?;
    (!is_forbidden(found)).then_some(found)
}

/// Whether XML 1.0 cannot carry a character (2.2).
pub(crate) const fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

/// Appends text as an element's content.
///
/// # Errors
/// A character that XML cannot carry.
pub(crate) fn escape(text: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    escape_by(text, out, |byte| match byte {
        b'<' => b"&lt;",
        b'>' => b"&gt;",
        b'&' => b"&amp;",
        b'\r' => b"&#13;",
        _ => b"",
    })
}

/// Appends text as an attribute's value between double quotes.
///
/// # Errors
/// As [`escape`].
pub(crate) fn escape_attribute(text: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    escape_by(text, out, |byte| match byte {
        b'<' => b"&lt;",
        b'>' => b"&gt;",
        b'&' => b"&amp;",
        b'"' => b"&quot;",
        b'\t' => b"&#9;",
        b'\n' => b"&#10;",
        b'\r' => b"&#13;",
        _ => b"",
    })
}

fn escape_by(
    text: &[u8],
    out: &mut Vec<u8>,
    replace: impl Fn(u8) -> &'static [u8],
) -> Result<(), Fault> {
    let mut done = 0;
    for (place, byte) in text.iter().enumerate() {
        if !matches!(byte, ..b' ' | b'<' | b'>' | b'&' | b'"' | 0xef) {
            continue;
        }
        let rest = text.get(place..).unwrap_or_default();
        let control = matches!(byte, ..b' ') && !matches!(byte, b'\t' | b'\n' | b'\r');
        if control || matches!(rest, [0xef, 0xbf, 0xbe | 0xbf, ..]) {
            let rule = "XML cannot carry control characters: declare octets (Vec<u8>) for text that has them";
            return Err(Fault::new(rmix_abi::tables::fault::UNSUPPORTED, rule));
        }
        let replacement = replace(*byte);
        if !replacement.is_empty() {
            out.extend_from_slice(text.get(done..place).unwrap_or_default());
            out.extend_from_slice(replacement);
            done = place + 1;
        }
    }
    out.extend_from_slice(text.get(done..).unwrap_or_default());
    Ok(())
}

/// Longest reference: the largest character's number in decimal, with room for zeros before it.
const REFERENCE_BYTES_MAX: usize = 16;
