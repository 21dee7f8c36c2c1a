//! Octets: base64Binary, hexBinary, or parts beside the envelope (MTOM).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use rmix_abi::describe::field_flags;
use rmix_abi::tables::{Enc, Fault};

use super::place::{Form, Place};
use super::writing::{content, raw, settle_attribute, writing};
use super::{mismatch, unsupported};
use crate::names::XOP;
use crate::xml::{is_space, malformed};

/// The other parts of a message, by Content-ID without its brackets.
#[derive(Debug, Default, Clone)]
pub struct Attachments {
    parts: BTreeMap<String, Bytes>,
}

impl Attachments {
    /// Adds a part; false when there was one of this id, which stays.
    pub fn insert(&mut self, content_id: &str, part: Bytes) -> bool {
        use std::collections::btree_map::Entry;
        match self.parts.entry(content_id.to_owned()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(vacant) => {
                vacant.insert(part);
                true
            }
        }
    }

    /// The part that a `cid:` URL names (RFC 2392); no other URL is looked at.
    pub(super) fn by_url(&self, url: &[u8]) -> Result<&Bytes, Fault> {
        let Some(id) = url.strip_prefix(b"cid:") else {
            return Err(unsupported(
                "an xop:Include refers to something else than a part (cid:)",
            ));
        };
        let id = String::from_utf8_lossy(&unquote(id)).into_owned();
        let part = self.parts.get(&id);
        part.ok_or_else(|| malformed("an xop:Include refers to a part that is not there", 0))
    }
}

/// Percent-encoding resolved.
fn unquote(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        rest = match (first, after) {
            (b'%', [high, low, more @ ..]) => match (digit(high), digit(low)) {
                (Some(high), Some(low)) => {
                    out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                    more
                }
                _ => {
                    out.push(b'%');
                    after
                }
            },
            _ => {
                out.push(*first);
                after
            }
        };
    }
    out
}

/// Writes octets where they belong.
pub(super) fn put_octets(e: &mut Enc, place: &Place, value: &[u8]) -> Result<(), Fault> {
    let hex = place.has(field_flags::HEX);
    let w = writing(e)?;
    let is_part = w.part_bytes_min.is_some_and(|least| value.len() >= least);
    if is_part && place.form == Form::Element && !hex {
        w.parts.push(Bytes::copy_from_slice(value));
        return put_include(e, place);
    }
    match place.form {
        Form::Element => {
            content(e, |w, out| {
                w.put_tag(place, out)?;
                out.push(b'>');
                Ok(())
            })?;
            put_text(e, value, hex)?;
            raw(e, |w, out| {
                out.extend_from_slice(b"</");
                w.put_name(place.namespace, place.name, out);
                out.push(b'>');
                Ok(())
            })
        }
        Form::Text => {
            content(e, |_, _| Ok(()))?;
            put_text(e, value, hex)
        }
        Form::Attribute => {
            let begun = e.buf.len();
            raw(e, |w, out| {
                out.push(b' ');
                w.put_name(place.namespace, place.name, out);
                out.extend_from_slice(b"=\"");
                Ok(())
            })?;
            put_text(e, value, hex)?;
            e.put(b"\"")?;
            settle_attribute(e, begun)
        }
        Form::Item => Err(unsupported("octets cannot be items of an xs:list")),
        Form::Open => Err(mismatch(
            "several outputs are described, and one value is given",
        )),
    }
}

/// The text of octets, a piece at a time.
fn put_text(e: &mut Enc, value: &[u8], hex: bool) -> Result<(), Fault> {
    for piece in value.chunks(PIECE_BYTES) {
        raw(e, |_, out| {
            if !hex {
                out.resize(piece.len().div_ceil(3) * 4, 0);
                let written = BASE64.encode_slice(piece, out);
                return written
                    .map(|_| ())
                    .map_err(|_| mismatch("base64 has another length"));
            }
            out.resize(piece.len() * 2, 0);
            let written = faster_hex::hex_encode_upper(piece, out);
            written
                .map(|_| ())
                .map_err(|_| mismatch("hex has another length"))
        })?;
    }
    Ok(())
}

fn put_include(e: &mut Enc, place: &Place) -> Result<(), Fault> {
    content(e, |w, out| {
        w.put_tag(place, out)?;
        out.extend_from_slice(b"><xop:Include xmlns:xop=\"");
        out.extend_from_slice(XOP.as_bytes());
        out.extend_from_slice(b"\" href=\"cid:");
        out.extend_from_slice(part_id(w.parts.len()).as_bytes());
        out.extend_from_slice(b"\"/></");
        w.put_name(place.namespace, place.name, out);
        out.push(b'>');
        Ok(())
    })
}

/// The Content-ID of the part of this number, from 1.
pub(crate) fn part_id(number: usize) -> String {
    format!("part{number}@rmix")
}

/// Octets from text in which white space may stand anywhere.
pub(super) fn decode_base64(text: &[u8], at: usize) -> Result<Vec<u8>, Fault> {
    let broken = |_| malformed("the text is not base64", at);
    if !text.iter().any(|byte| is_space(*byte)) {
        return BASE64.decode(text).map_err(broken);
    }
    let packed: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !is_space(*byte))
        .collect();
    BASE64.decode(packed).map_err(broken)
}

/// Octets from hexadecimal digits.
pub(super) fn decode_hex(text: &[u8], at: usize) -> Result<Vec<u8>, Fault> {
    let mut out = vec![0; text.len() / 2];
    match faster_hex::hex_decode(text, &mut out) {
        Ok(_) if text.len().is_multiple_of(2) => Ok(out),
        _ => Err(malformed("the text is not hexadecimal", at)),
    }
}

/// Some peers leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Octets that are put together before they go into the message: three of them make four characters.
const PIECE_BYTES: usize = 48 * 1024;
