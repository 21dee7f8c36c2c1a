//! Values off the wire.

mod binary;
mod items;
mod variants;

use bytes::Bytes;
use rmix_abi::describe::{TypeDesc, field_flags, type_kind};
use rmix_abi::guest::{Decode, DecodeHooks, PrimsMut, StructHead, Taken, VariantHead};
use rmix_abi::tables::{Dec, Fault, UNKNOWN, layout, shape};

use self::binary::octets;
use self::items::{begin_items, end_items};
use self::variants::begin_variant;
use super::reading::{Frame, Opened, Reading, StructFrame, reading};
use super::slot::{Home, Parts, Slot, Source};
use super::types::is_reference;
use super::{SoapCodec, mismatch, unsupported};
use crate::xml::{Number, Text, is_space, line_and_column, parse_bool, trim};

pub(super) use self::items::more;

macro_rules! numbers {
    ($($name:ident),* $(,)?) => { $(
        #[inline]
        fn $name(d: &mut Dec) -> Result<$name, Fault> {
            simple(d, |text| <$name as Number>::parse(text))
        }
    )* };
}

impl Decode for SoapCodec {
    const HOOKS: DecodeHooks = DecodeHooks {
        tuple_ends: true,
        structs: true,
        map_ends: false,
        variant_ends: true,
        arguments: true,
        any: false,
        more: true,
        locate: true,
    };

    numbers! { i8, i16, i32, i64, i128, u8, u16, u32, u64, u128, f32, f64 }

    fn bool(d: &mut Dec) -> Result<bool, Fault> {
        simple(d, parse_bool)
    }

    fn char(d: &mut Dec) -> Result<u32, Fault> {
        let r = reading(d)?;
        let (text, _) = leaf(r)?;
        let text = std::str::from_utf8(text.of(r.document.bytes())).unwrap_or_default();
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(one), None) => Ok(u32::from(one)),
            _ => Err(mismatch(
                "a character is one, and here is another number of them",
            )),
        }
    }

    fn str(d: &mut Dec) -> Result<Taken<'_>, Fault> {
        let r = reading(d)?;
        if let Some(text) = reference(r)? {
            return Ok(d.hold(Bytes::from(text)));
        }
        let (text, ty) = leaf(r)?;
        let text = match ty.xml().builtin() {
            "" | "string" | "normalizedString" | "anySimpleType" => text,
            _ => trimmed(text, r.document.bytes()),
        };
        match text {
            Text::Span(span) => d.slice(span.start, span.len()),
            Text::Owned(owned) => Ok(d.hold(Bytes::from(owned))),
        }
    }

    fn bytes(d: &mut Dec) -> Result<Taken<'_>, Fault> {
        let r = reading(d)?;
        let slot = r.take_slot()?;
        let octets = octets(r, slot)?;
        Ok(d.hold(octets))
    }

    fn unit(d: &mut Dec) -> Result<(), Fault> {
        let r = reading(d)?;
        let slot = r.take_slot()?;
        match slot.source {
            Source::Element(tag) | Source::Run(tag) => {
                let opened = r.open(tag)?;
                r.close(&opened)
            }
            Source::Text(_) | Source::Open | Source::Absent => Ok(()),
        }
    }

    fn option(d: &mut Dec) -> Result<bool, Fault> {
        let r = reading(d)?;
        let mut slot = r.take_slot()?;
        let inner = slot.ty.element().unwrap_or(slot.ty);
        let tag = match slot.source {
            Source::Absent => return Ok(false),
            Source::Element(tag) if inner.kind != type_kind::OPTION => Some(tag),
            Source::Run(tag) if slot.xml.has(field_flags::NILLABLE) => Some(tag),
            _ => None,
        };
        if let Some(tag) = tag
            && r.is_nil(&tag)?
        {
            let opened = r.open(tag)?;
            r.close(&opened)?;
            return Ok(false);
        }
        slot.ty = inner;
        r.pending = Some(slot);
        Ok(true)
    }

    fn begin_seq(d: &mut Dec) -> Result<u64, Fault> {
        let r = reading(d)?;
        let slot = r.take_slot()?;
        let len = begin_items(r, slot)?;
        if len != UNKNOWN {
            // What was read ahead counts as still to come: the host compares with what is left of the input.
            d.seek(0);
        }
        Ok(len)
    }

    fn more(d: &mut Dec) -> Result<bool, Fault> {
        let r = reading(d)?;
        let more = more(r)?;
        let at = r.document.at as u64;
        d.seek(at);
        Ok(more)
    }

    fn end_seq(d: &mut Dec, _element: u32, _count: u64) -> Result<(), Fault> {
        end_items(reading(d)?)
    }

    fn prims(d: &mut Dec, mut values: PrimsMut<'_>) -> Result<(), Fault> {
        match reading(d)?.frames.last_mut() {
            Some(Frame::Numbers { all, next }) => {
                let copied = all.copy(*next, &mut values);
                let copied =
                    copied.ok_or_else(|| mismatch("numbers of another type are described"))?;
                *next += copied;
                Ok(())
            }
            _ => Err(mismatch(
                "numbers are read where other values are described",
            )),
        }
    }

    fn begin_tuple(d: &mut Dec, _len: u64) -> Result<(), Fault> {
        let r = reading(d)?;
        let slot = r.take_slot()?;
        let fields = match slot.fields {
            None if slot.ty.kind == type_kind::ARRAY => {
                begin_items(r, slot)?;
                return Ok(());
            }
            None if slot.ty.kind == type_kind::TUPLE => slot.ty.fields(),
            None => return Err(mismatch("a tuple is read where none is described")),
            Some(fields) => fields,
        };
        let opened = open(r, &slot)?;
        let home = Home::of(slot.ty, r.operation()?.namespace);
        let frame = StructFrame::new(Some(opened), Parts::Members(fields, home));
        r.frames.push(Frame::Struct(frame));
        Ok(())
    }

    fn end_tuple(d: &mut Dec) -> Result<(), Fault> {
        let r = reading(d)?;
        let is_more = match r.frames.last() {
            Some(Frame::Struct(_)) => return Self::end_struct(d),
            Some(Frame::Numbers { all, next }) => all.len() != *next,
            _ => more(r)?,
        };
        if is_more {
            return Err(mismatch("an array has more items than its type"));
        }
        end_items(r)
    }

    fn begin_map(_d: &mut Dec) -> Result<u64, Fault> {
        Err(unsupported(
            "SOAP has no maps: declare a sequence of structs with a key and a value",
        ))
    }

    fn begin_struct(d: &mut Dec, _name: &[u8]) -> Result<StructHead, Fault> {
        let r = reading(d)?;
        let slot = r.take_slot()?;
        if matches!(slot.source, Source::Open) {
            return Ok((layout::NAMED, UNKNOWN));
        }
        let fields = match slot.fields {
            Some(fields) => fields,
            None if slot.ty.kind == type_kind::STRUCT => slot.ty.fields(),
            None => return Err(mismatch("a struct is read where none is described")),
        };
        let opened = open(r, &slot)?;
        let home = Home::of(slot.ty, r.operation()?.namespace);
        let frame = StructFrame::new(Some(opened), Parts::Fields(fields, home));
        r.frames.push(Frame::Struct(frame));
        Ok((layout::NAMED, UNKNOWN))
    }

    fn key(d: &mut Dec) -> Result<Taken<'_>, Fault> {
        let r = reading(d)?;
        let name = r.next_field()?;
        let at = r.document.at as u64;
        d.seek(at);
        Ok(name.map_or(Taken::NOTHING, Taken::fixed))
    }

    fn end_struct(d: &mut Dec) -> Result<(), Fault> {
        let r = reading(d)?;
        if r.frames.len() == 1 {
            r.come_back();
        }
        match r.frames.pop() {
            Some(Frame::Struct(frame)) => {
                frame.go_to_end(&mut r.document);
                match frame.opened.filter(|_| !frame.is_left) {
                    Some(opened) => r.close(&opened),
                    None => Ok(()),
                }
            }
            _ => Err(mismatch("a struct ends where none is open")),
        }
    }

    fn begin_variant<'a>(d: &'a mut Dec, _name: &[u8]) -> Result<VariantHead<'a>, Fault> {
        let r = reading(d)?;
        let slot = r.take_slot()?;
        if slot.ty.kind != type_kind::ENUM {
            return Err(mismatch("an enum is read where none is described"));
        }
        let found = begin_variant(r, slot)?;
        let has_content = found.shape != shape::UNIT;
        Ok(VariantHead::Name(Taken::fixed(found.name()), has_content))
    }

    fn end_variant(d: &mut Dec, _shape: u32) -> Result<(), Fault> {
        let r = reading(d)?;
        match r.frames.pop() {
            Some(Frame::Variant(Some(opened))) => r.close(&opened),
            Some(Frame::Variant(None)) => Ok(()),
            _ => Err(mismatch("a variant ends where none is open")),
        }
    }

    fn argument(d: &mut Dec, index: u32) -> Result<(), Fault> {
        reading(d)?.argument(index)
    }

    fn finish(d: &mut Dec) -> Result<(), Fault> {
        reading(d)?.finish()
    }

    fn locate(d: &mut Dec, offset: u64) -> Option<(u32, u32)> {
        let document = &reading(d).ok()?.document;
        let offset = match offset {
            0 => document.at,
            offset => usize::try_from(offset).ok()?,
        };
        let (line, column) = line_and_column(document.message(), offset);
        Some((u32::try_from(line).ok()?, u32::try_from(column).ok()?))
    }
}

/// Reads a simple value, white space around it aside.
#[inline]
fn simple<T>(d: &mut Dec, parse: impl FnOnce(&[u8]) -> Result<T, Fault>) -> Result<T, Fault> {
    let r = reading(d)?;
    let before = r.document.at;
    let (text, _) = leaf(r)?;
    parse(trim(text.of(r.document.bytes()))).map_err(|fault| fault.at(before as u64))
}

/// The text of the next value, and what is described there.
#[inline]
fn leaf(r: &mut Reading) -> Result<(Text, &'static TypeDesc), Fault> {
    let slot = r.take_slot()?;
    let text = match slot.source {
        Source::Element(tag) => {
            let opened = r.open(tag)?;
            r.text(&opened)?
        }
        Source::Text(text) => text,
        Source::Absent => return Err(absent(r)),
        Source::Run(_) | Source::Open => {
            return Err(mismatch(
                "a simple value is read where a sequence or several outputs are",
            ));
        }
    };
    Ok((text, slot.ty))
}

/// The text of a reference, where the next value is one that stands in an element.
#[inline]
fn reference(r: &mut Reading) -> Result<Option<String>, Fault> {
    let slot = r.take_slot()?;
    let Source::Element(tag) = slot.source else {
        r.pending = Some(slot);
        return Ok(None);
    };
    if !is_reference(slot.ty) {
        r.pending = Some(slot);
        return Ok(None);
    }
    let opened = r.open(tag)?;
    let text = crate::addressing::reference::read(&mut r.document, opened.element.tag)?;
    r.close(&opened)?;
    Ok(Some(text))
}

#[cold]
fn absent(r: &Reading) -> Fault {
    mismatch("an element or attribute is missing").at(r.document.at as u64)
}

/// Enters the element that a value with parts is.
fn open(r: &mut Reading, slot: &Slot) -> Result<Opened, Fault> {
    match slot.source {
        Source::Element(tag) => r.open(tag),
        Source::Absent => Err(absent(r)),
        _ => Err(mismatch("a value with parts is read where text is")),
    }
}

fn trimmed(text: Text, bytes: &[u8]) -> Text {
    match text {
        Text::Span(mut span) => {
            let raw = span.of(bytes);
            let front = raw.iter().take_while(|byte| is_space(**byte)).count();
            span.start += front;
            span.end = span.start + trim(raw).len();
            Text::Span(span)
        }
        Text::Owned(owned) => Text::Owned(trim(&owned).to_vec()),
    }
}
