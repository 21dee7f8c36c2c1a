//! Header blocks that are written where their argument comes, and moved to the header when they are complete.

use rmix_abi::describe::field_flags;
use rmix_abi::tables::{Enc, Fault};

use super::{Frame, content, writing};
use crate::codec::place::Place;

#[derive(Clone, Copy, Debug)]
pub(crate) enum HeaderPlace {
    /// There is no header yet; it goes here.
    Absent(usize),
    /// Before the header's end tag.
    Within(usize),
}

/// A header block begins, if the place is one; the one before, if there was one, is moved to the header.
pub(in crate::codec) fn begin_part(e: &mut Enc, place: &Place) -> Result<(), Fault> {
    end_part(e)?;
    if !place.has(field_flags::HEADER) {
        return Ok(());
    }
    // Its bytes must not be taken for content of the body's element, whose tag may be open.
    content_tag(e)?;
    let at = e.buf.len();
    writing(e)?.moving = Some(at);
    Ok(())
}

/// Ends the start tag that is open, if there is one.
fn content_tag(e: &mut Enc) -> Result<(), Fault> {
    content(e, |_, _| Ok(()))
}

/// Moves the header block that was written to where it belongs.
pub(in crate::codec) fn end_part(e: &mut Enc) -> Result<(), Fault> {
    let end = e.buf.len();
    let w = writing(e)?;
    let Some(begun) = w.moving.take().filter(|begun| *begun < end) else {
        return Ok(());
    };
    let (into, len) = match w.header {
        HeaderPlace::Within(into) => (into, end - begun),
        HeaderPlace::Absent(into) => {
            // Tags around it: the start tag first, so that one rotation does for both.
            e.put(HEADER_END)?;
            e.put(HEADER_START)?;
            let whole = e.buf.len() - begun;
            if let Some(tail) = e.buf.as_mut_slice().get_mut(begun..) {
                tail.rotate_right(HEADER_START.len());
            }
            (into, whole)
        }
    };
    if let Some(tail) = e.buf.as_mut_slice().get_mut(into..) {
        tail.rotate_right(len);
    }
    let w = writing(e)?;
    w.header = match w.header {
        HeaderPlace::Within(_) => HeaderPlace::Within(into + len),
        HeaderPlace::Absent(_) => HeaderPlace::Within(into + len - HEADER_END.len()),
    };
    for frame in &mut w.frames {
        if let Frame::Struct { tag, .. } = frame {
            tag.attributes += len;
        }
    }
    Ok(())
}

/// Appends a header with blocks that are written already; `base` is where `out` will stand.
pub(crate) fn put_headers(headers: &[u8], base: usize, out: &mut Vec<u8>) -> HeaderPlace {
    if headers.is_empty() {
        return HeaderPlace::Absent(base + out.len());
    }
    out.extend_from_slice(HEADER_START);
    out.extend_from_slice(headers);
    let place = HeaderPlace::Within(base + out.len());
    out.extend_from_slice(HEADER_END);
    place
}

/// Begins the header.
pub(crate) const HEADER_START: &[u8] = b"<soap:Header>";

/// Ends it.
pub(crate) const HEADER_END: &[u8] = b"</soap:Header>";
