//! Sequences: repeated elements, items in one element, lists, numbers in bulk.

use bytes::Bytes;
use rmix_abi::describe::{FieldXml, TypeDesc, field_flags, type_kind};
use rmix_abi::tables::{Fault, UNKNOWN};

use super::binary::octets;
use crate::codec::mismatch;
use crate::codec::reading::{Frame, Reading};
use crate::codec::slot::{Slot, Source};
use crate::codec::types;
use crate::names::or;
use crate::xml::{Numbers, StartTag, Text, is_space, trim};

/// Begins a sequence: its length when it was read ahead.
pub(super) fn begin_items(r: &mut Reading, slot: Slot) -> Result<u64, Fault> {
    if matches!(slot.ty.kind, type_kind::BYTES | type_kind::OPAQUE) {
        let octets = match slot.source {
            Source::Absent => Bytes::new(),
            _ => octets(r, slot)?,
        };
        return Ok(ahead(r, Numbers::U8(octets.into())));
    }
    let Some(item) = slot.ty.element().filter(|_| types::is_sequence(slot.ty)) else {
        return Err(mismatch("a sequence is read where none is described"));
    };
    match slot.source {
        Source::Absent => {
            r.frames.push(Frame::Empty);
            Ok(UNKNOWN)
        }
        Source::Text(text) => begin_list(r, text, item, slot.xml),
        Source::Element(tag) if slot.xml.has(field_flags::LIST) => {
            let opened = r.open(tag)?;
            let text = r.text(&opened)?;
            begin_list(r, text, item, slot.xml)
        }
        Source::Element(tag) => begin_wrapped(r, tag, item, slot.xml),
        Source::Run(tag) => begin_run(r, tag, item),
        Source::Open => Err(mismatch("a sequence is read where several outputs are")),
    }
}

fn ahead(r: &mut Reading, all: Numbers) -> u64 {
    let len = all.len() as u64;
    r.frames.push(Frame::Numbers { all, next: 0 });
    len
}

fn begin_list(
    r: &mut Reading,
    text: Text,
    item: &'static TypeDesc,
    xml: &'static FieldXml,
) -> Result<u64, Fault> {
    let Some(mut all) = Numbers::of_kind(item.kind) else {
        r.frames.push(Frame::List {
            text,
            at: 0,
            ty: item,
            xml,
        });
        return Ok(UNKNOWN);
    };
    let items = text.of(r.document.bytes()).split(|byte| is_space(*byte));
    for item in items.filter(|item| !item.is_empty()) {
        all.push(item)?;
    }
    let count = all.len() as u64;
    let at = r.document.at;
    r.document.count(count, at)?;
    Ok(ahead(r, all))
}

/// An element with a child for every item.
fn begin_wrapped(
    r: &mut Reading,
    tag: StartTag,
    item: &'static TypeDesc,
    xml: &'static FieldXml,
) -> Result<u64, Fault> {
    let opened = r.open(tag)?;
    let encoded = r.is_encoded();
    let name = if encoded { "" } else { or(xml.item(), "item") };
    if let Some(mut all) = Numbers::of_kind(item.kind).filter(|_| !encoded) {
        while !opened.element.tag.is_empty
            && let Some(child) = r.document.peek_child()?
        {
            if child.local().of(r.document.bytes()) != name.as_bytes() {
                r.document.skip()?;
                continue;
            }
            read_numbers(r, child, &mut all)?;
        }
        r.close(&opened)?;
        return Ok(ahead(r, all));
    }
    let item = Slot::new(Source::Absent, item, types::of_items(xml));
    r.frames.push(Frame::Items { opened, name, item });
    Ok(UNKNOWN)
}

/// Sibling elements of one part.
fn begin_run(r: &mut Reading, tag: StartTag, item: &'static TypeDesc) -> Result<u64, Fault> {
    let part = match r.frames.last() {
        Some(Frame::Struct(frame)) => frame.part_under_way(),
        _ => None,
    };
    let part = match part {
        Some(part) => part,
        None => r.part_at(&tag)?,
    };
    r.frames.push(Frame::Run {
        part,
        first: Some(tag),
        from: 0,
    });
    let Some(mut all) = Numbers::of_kind(item.kind) else {
        return Ok(UNKNOWN);
    };
    while let Some(tag) = r.next_of_run()? {
        read_numbers(r, tag, &mut all)?;
    }
    r.frames.pop();
    Ok(ahead(r, all))
}

/// The number in the element at the place, and those in the elements after it whose tags are the same.
fn read_numbers(r: &mut Reading, tag: StartTag, all: &mut Numbers) -> Result<(), Fault> {
    let opened = r.open(tag)?;
    let text = r.text(&opened)?;
    let number = trim(text.of(r.document.bytes()));
    all.push(number).map_err(|fault| fault.at(tag.at as u64))?;
    if tag.attributes.len() == 0 && !tag.is_empty {
        return read_alike(r, &tag, all);
    }
    Ok(())
}

/// The numbers in elements that are written as the one before them, byte by byte: `<name>` and a number and `</name>`.
/// Whatever is written otherwise is left for the next one to read.
fn read_alike(r: &mut Reading, tag: &StartTag, all: &mut Numbers) -> Result<(), Fault> {
    let before = all.len();
    let at = r.document.at;
    let bytes = r.document.bytes();
    let open = bytes.get(tag.at..tag.next).unwrap_or_default();
    let name = tag.name.of(bytes);
    let close = bytes.get(at.saturating_sub(name.len() + 3)..at);
    let close = close.unwrap_or_default();
    // Only an end tag without white space in it has that length.
    if close.strip_prefix(b"</").is_none() {
        return Ok(());
    }
    let rest = bytes.get(at..).unwrap_or_default();
    r.document.at = at + all.push_alike(rest, open, close);
    let count = (all.len() - before) as u64;
    r.document.count(count, at)
}

/// Whether another item follows; sets its slot.
pub(in crate::codec) fn more(r: &mut Reading) -> Result<bool, Fault> {
    match r.frames.last_mut() {
        Some(Frame::Run { .. }) => {
            let Some(tag) = r.next_of_run()? else {
                return Ok(false);
            };
            r.pending = Some(r.run_slot(tag));
            Ok(true)
        }
        Some(Frame::Items { opened, name, item }) => {
            let (name, is_empty) = (*name, opened.element.tag.is_empty);
            let item = Slot::new(Source::Absent, item.ty, item.xml);
            while !is_empty && let Some(tag) = r.document.peek_child()? {
                if name.is_empty() || tag.local().of(r.document.bytes()) == name.as_bytes() {
                    r.pending = Some(Slot {
                        source: Source::Element(tag),
                        ..item
                    });
                    return Ok(true);
                }
                r.document.skip()?;
            }
            Ok(false)
        }
        Some(Frame::List { text, at, ty, xml }) => {
            let bytes = r.document.bytes();
            let rest = text.of(bytes).get(*at..).unwrap_or_default();
            let front = rest.iter().take_while(|byte| is_space(**byte)).count();
            let item = rest.get(front..).unwrap_or_default();
            let len = item.iter().take_while(|byte| !is_space(**byte)).count();
            let item = Text::Owned(item.get(..len).unwrap_or_default().to_vec());
            *at += front + len;
            let slot = Slot::new(Source::Text(item), ty, xml);
            if len == 0 {
                return Ok(false);
            }
            r.pending = Some(slot);
            Ok(true)
        }
        Some(Frame::Empty) => Ok(false),
        _ => Err(mismatch("a sequence goes on where none is open")),
    }
}

pub(super) fn end_items(r: &mut Reading) -> Result<(), Fault> {
    match r.frames.pop() {
        Some(Frame::Items { opened, .. }) => r.close(&opened),
        Some(Frame::Run { .. } | Frame::List { .. } | Frame::Numbers { .. } | Frame::Empty) => {
            Ok(())
        }
        _ => Err(mismatch("a sequence ends where none is open")),
    }
}
