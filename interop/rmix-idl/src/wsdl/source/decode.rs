//! Bytes of a file as text: by byte order mark, by the pattern of the first characters, by the XML declaration
//! (XML 1.0 appendix F).

use crate::error::IdlError;
use crate::place::Place;

pub(super) fn decode(bytes: Vec<u8>, place: &Place) -> Result<String, IdlError> {
    match bytes.as_slice() {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf_8(rest.to_vec(), place),
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes, place),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes, place),
        [b'<', 0, ..] => utf_16(&bytes, u16::from_le_bytes, place),
        [0, b'<', ..] => utf_16(&bytes, u16::from_be_bytes, place),
        _ => match declared(&bytes) {
            None => utf_8(bytes, place),
            Some(name) => match name.to_ascii_lowercase().as_str() {
                "utf-8" | "utf8" | "us-ascii" | "ascii" => utf_8(bytes, place),
                // The first 256 characters are those of this encoding.
                "iso-8859-1" | "latin1" => Ok(bytes.into_iter().map(char::from).collect()),
                _ => Err(IdlError::Unsupported {
                    place: place.clone(),
                    what: format!("the encoding `{name}`"),
                    instead: "write the file as UTF-8 or UTF-16".to_owned(),
                }),
            },
        },
    }
}

fn utf_8(bytes: Vec<u8>, place: &Place) -> Result<String, IdlError> {
    String::from_utf8(bytes).map_err(|why| {
        let at = why.utf8_error().valid_up_to();
        IdlError::malformed(place, format!("the file is not UTF-8 from byte {at} on"))
    })
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16, place: &Place) -> Result<String, IdlError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    match text {
        Ok(text) if rest.is_empty() => Ok(text),
        _ => Err(IdlError::malformed(place, "the file is not UTF-16")),
    }
}

/// The encoding that the XML declaration names.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..bytes.len().min(DECLARATION_BYTES_MAX))?;
    let head = head.strip_prefix(b"<?xml")?;
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let declaration = String::from_utf8_lossy(head.get(..end)?).into_owned();
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (name, _) = value.get(1..)?.split_once(quote)?;
    Some(name.to_owned())
}

/// How far an XML declaration is looked for.
const DECLARATION_BYTES_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        let place = Place::start(&Arc::from("x.xsd"));
        let text = decode(bytes.to_vec(), &place);
        assert_eq!(text.unwrap_or_else(|error| error.to_string()), expected);
    }

    fn units(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn encodings_are_told_by_mark_pattern_and_declaration() {
        check("<ä/>".as_bytes(), "<ä/>");
        check("\u{feff}<ä/>".as_bytes(), "<ä/>");
        check(&units("\u{feff}<𝄞/>", u16::to_le_bytes), "<𝄞/>");
        check(&units("\u{feff}<𝄞/>", u16::to_be_bytes), "<𝄞/>");
        check(&units("<a/>", u16::to_le_bytes), "<a/>");
        check(&units("<a/>", u16::to_be_bytes), "<a/>");
        let declaration = "<?xml version='1.0' encoding = 'ISO-8859-1' ?><a b='";
        let latin = [declaration.as_bytes(), b"\xe4'/>"].concat();
        check(&latin, &format!("{declaration}ä'/>"));
    }

    #[test]
    fn what_is_not_in_its_encoding_is_refused() {
        check(
            b"<a>\xe4</a>",
            "x.xsd:1:1: the file is not UTF-8 from byte 3 on",
        );
        check(b"\xff\xfe<\0a", "x.xsd:1:1: the file is not UTF-16");
        check(b"\xfe\xff\xd8\0\0<", "x.xsd:1:1: the file is not UTF-16");
        check(
            b"<?xml version='1.0' encoding='EBCDIC-US'?>",
            "x.xsd:1:1: the encoding `EBCDIC-US` is not supported: write the file as UTF-8 or UTF-16",
        );
    }
}
