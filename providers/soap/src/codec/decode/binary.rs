//! Octets: text, or a part beside the envelope.

use bytes::Bytes;
use rmix_abi::describe::field_flags;
use rmix_abi::tables::Fault;

use super::absent;
use crate::codec::mismatch;
use crate::codec::octets::{decode_base64, decode_hex};
use crate::codec::reading::{Opened, Reading};
use crate::codec::slot::{Slot, Source};
use crate::names::XOP;
use crate::xml::{Token, is_space, trim};

/// Octets, wherever they stand.
pub(super) fn octets(r: &mut Reading, slot: Slot) -> Result<Bytes, Fault> {
    let hex = slot.xml.has(field_flags::HEX);
    let (text, at) = match slot.source {
        Source::Element(tag) => {
            let opened = r.open(tag)?;
            if let Some(part) = included(r, &opened)? {
                return Ok(part);
            }
            (r.text(&opened)?, tag.at)
        }
        Source::Text(text) => (text, r.document.at),
        Source::Absent => return Err(absent(r)),
        Source::Run(_) | Source::Open => {
            return Err(mismatch(
                "octets are read where a sequence or several outputs are",
            ));
        }
    };
    let text = trim(text.of(r.document.bytes()));
    let decoded = if hex {
        decode_hex(text, at)?
    } else {
        decode_base64(text, at)?
    };
    Ok(Bytes::from(decoded))
}

/// The part that an element with an `xop:Include` in it stands for; the element is left then.
fn included(r: &mut Reading, opened: &Opened) -> Result<Option<Bytes>, Fault> {
    if opened.element.tag.is_empty {
        return Ok(None);
    }
    let before = r.document.at;
    let mut token = r.document.token()?;
    if let Token::Text(span) = token
        && span
            .of(r.document.bytes())
            .iter()
            .all(|byte| is_space(*byte))
    {
        token = r.document.token()?;
    }
    let Token::Start(tag) = token else {
        r.document.at = before;
        return Ok(None);
    };
    r.document.at = tag.at;
    let is_include = tag.local().of(r.document.bytes()) == b"Include"
        && *r.document.namespace(&tag)? == *XOP.as_bytes();
    if !is_include {
        return Err(mismatch("an element stands where text is expected").at(tag.at as u64));
    }
    let href = r.document.attribute(&tag, b"", b"href")?;
    let href = href.ok_or_else(|| mismatch("an xop:Include has no href").at(tag.at as u64))?;
    let part = r.attachments.by_url(href.of(r.document.bytes()));
    let part = part.map_err(|fault| fault.at(tag.at as u64))?.clone();
    // A part may be included again and again; each time it is copied.
    r.charge_reference(part.len(), tag.at)?;
    r.document.skip()?;
    r.close(opened)?;
    Ok(Some(part))
}
