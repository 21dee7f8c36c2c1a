//! The characters of a message: byte order mark, UTF-16, the declaration's encoding; the rest works on UTF-8.

use std::borrow::Cow;

use rmix_abi::tables::{Fault, fault};

use super::malformed;

/// The document without byte order mark and XML declaration, as UTF-8. `charset` is the transport's word, if it has one;
/// a byte order mark goes before it, and it before the document's declaration (RFC 7303, 3).
///
/// # Errors
/// The characters are not of that encoding, the encoding is neither UTF-8, UTF-16, US-ASCII nor ISO-8859-1, XML has not
/// such characters, or the text is longer than `bytes_max` in UTF-8.
pub fn to_utf8<'a>(
    message: &'a [u8],
    charset: Option<&str>,
    bytes_max: usize,
) -> Result<Cow<'a, [u8]>, Fault> {
    let text = match message {
        [0xef, 0xbb, 0xbf, rest @ ..] => checked(rest)?,
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes, bytes_max)?,
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes, bytes_max)?,
        [0, b'<', 0, _, ..] => wide(message, u16::from_be_bytes, bytes_max)?,
        [b'<', 0, _, 0, ..] => wide(message, u16::from_le_bytes, bytes_max)?,
        _ => narrow(message, charset, bytes_max)?,
    };
    // A piece at a time without stopping within it, which is done with vector instructions.
    for (number, piece) in text.chunks(PIECE_BYTES).enumerate() {
        if piece
            .iter()
            .fold(false, |found, byte| found | is_control(*byte))
        {
            let place = piece.iter().position(|byte| is_control(*byte)).unwrap_or(0);
            return Err(malformed(
                "XML has no control characters",
                number * PIECE_BYTES + place,
            ));
        }
    }
    without_declaration(text)
}

/// Where the root element begins, after a declaration and white space.
fn without_declaration(text: Cow<'_, [u8]>) -> Result<Cow<'_, [u8]>, Fault> {
    if !is_declared(&text) {
        return Ok(text);
    }
    let Some(end) = memchr::memmem::find(&text, b"?>") else {
        return Err(malformed("the XML declaration does not end", 0));
    };
    let declaration = text.get(..end).unwrap_or_default();
    if let Some(version) = pseudo_attribute(declaration, b"version")
        && version != b"1.0"
    {
        return Err(Fault::new(fault::UNSUPPORTED, "SOAP messages are XML 1.0"));
    }
    Ok(match text {
        // The declaration becomes white space, so that places stay what they are.
        Cow::Owned(mut owned) => {
            if let Some(declaration) = owned.get_mut(..end + 2) {
                declaration.fill(b' ');
            }
            Cow::Owned(owned)
        }
        Cow::Borrowed(text) => Cow::Borrowed(text),
    })
}

fn narrow<'a>(
    message: &'a [u8],
    charset: Option<&str>,
    bytes_max: usize,
) -> Result<Cow<'a, [u8]>, Fault> {
    let declared = match charset {
        Some(charset) => Some(charset.as_bytes()),
        None if is_declared(message) => {
            let end = memchr::memmem::find(message, b"?>").unwrap_or(0);
            pseudo_attribute(message.get(..end).unwrap_or_default(), b"encoding")
        }
        None => None,
    };
    let name = declared.unwrap_or(b"utf-8").to_ascii_lowercase();
    match name.as_slice() {
        b"utf-8" | b"utf8" => checked(message),
        b"us-ascii" | b"ascii" => match message.iter().position(|byte| !byte.is_ascii()) {
            None => Ok(Cow::Borrowed(message)),
            Some(place) => Err(malformed(
                "the message is not US-ASCII as it declares",
                place,
            )),
        },
        b"iso-8859-1" | b"latin1" => latin(message, bytes_max),
        b"utf-16" | b"utf-16le" | b"utf-16be" => {
            Err(malformed("the message is not UTF-16 as it declares", 0))
        }
        _ => Err(Fault::new(
            fault::UNSUPPORTED,
            "the message's encoding is none of UTF-8, UTF-16, US-ASCII and ISO-8859-1",
        )),
    }
}

fn checked(text: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    match std::str::from_utf8(text) {
        Ok(_) => Ok(Cow::Borrowed(text)),
        Err(error) => Err(malformed("the message is not UTF-8", error.valid_up_to())),
    }
}

fn latin(message: &[u8], bytes_max: usize) -> Result<Cow<'_, [u8]>, Fault> {
    if message.is_ascii() {
        return Ok(Cow::Borrowed(message));
    }
    let len: usize = message
        .iter()
        .map(|byte| 1 + usize::from(!byte.is_ascii()))
        .sum();
    within(len, bytes_max)?;
    let text: String = message.iter().map(|byte| char::from(*byte)).collect();
    Ok(Cow::Owned(text.into_bytes()))
}

fn wide(
    message: &[u8],
    unit: fn([u8; 2]) -> u16,
    bytes_max: usize,
) -> Result<Cow<'static, [u8]>, Fault> {
    let (pairs, rest) = message.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(malformed(
            "UTF-16 has an even number of bytes",
            message.len(),
        ));
    }
    // The least it comes to, before anything is reserved; what it really comes to is checked as it grows.
    within(pairs.len(), bytes_max)?;
    let mut text = Vec::with_capacity(pairs.len());
    let mut place = 0;
    for character in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let Ok(character) = character else {
            return Err(malformed("half a surrogate pair stands in UTF-16", place));
        };
        place += 2 * character.len_utf16();
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        within(text.len(), bytes_max)?;
    }
    Ok(Cow::Owned(text))
}

fn within(len: usize, bytes_max: usize) -> Result<(), Fault> {
    if len <= bytes_max {
        return Ok(());
    }
    Err(super::beyond("message_bytes", 0, len, bytes_max))
}

pub(super) fn is_declared(text: &[u8]) -> bool {
    text.starts_with(b"<?xml") && text.get(5).is_some_and(|byte| super::is_space(*byte))
}

fn pseudo_attribute<'a>(declaration: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let found = declaration
        .windows(name.len())
        .position(|window| window == name)?;
    let rest = declaration.get(found + name.len()..)?.trim_ascii_start();
    let rest = rest.strip_prefix(b"=")?.trim_ascii_start();
    let (quote, rest) = rest.split_first()?;
    let len = memchr::memchr(*quote, rest)?;
    rest.get(..len)
}

/// Control characters that XML 1.0 has not (2.2); those beyond ASCII that it has not either are found when text is decoded.
fn is_control(byte: u8) -> bool {
    // Without short cuts, for the sake of the vectors.
    (byte < b' ') & (byte != b'\t') & (byte != b'\n') & (byte != b'\r')
}

/// Bytes that are looked at together.
const PIECE_BYTES: usize = 1024;
