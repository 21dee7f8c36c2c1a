//! Values off the wire.

use bytes::Bytes;
use rmix_abi::describe::{FieldDesc, TypeDesc, VariantDesc, field_flags, type_kind};
use rmix_abi::guest::{Decode, DecodeHooks, PrimsMut, StructHead, Taken, VariantHead};
use rmix_abi::tables::{Dec, Fault, UNKNOWN, layout, shape};

use super::octets::{decode_base64, decode_hex};
use super::reading::{Frame, Opened, Reading, StructFrame, reading};
use super::slot::{Fit, Home, Parts, Slot, Source, fit, fit_choice};
use super::types::{self, PLAIN, is_derived, is_enumeration};
use super::{SoapCodec, mismatch, unsupported};
use crate::names::{XOP, or};
use crate::xml::{Number, Numbers, StartTag, Text, Token, is_space, parse_bool, trim};

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

    fn str(d: &mut Dec) -> Result<Taken, Fault> {
        let r = reading(d)?;
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

    fn bytes(d: &mut Dec) -> Result<Taken, Fault> {
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

    fn key(d: &mut Dec) -> Result<Taken, Fault> {
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

    fn begin_variant(d: &mut Dec, _name: &[u8]) -> Result<VariantHead, Fault> {
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

/// Begins a sequence: its length when it was read ahead.
fn begin_items(r: &mut Reading, slot: Slot) -> Result<u64, Fault> {
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
    xml: &'static rmix_abi::describe::FieldXml,
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
    xml: &'static rmix_abi::describe::FieldXml,
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
    let item = Slot::new(Source::Absent, item, &PLAIN);
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
    let mut tag = tag;
    loop {
        let opened = r.open(tag)?;
        let text = r.text(&opened)?;
        let number = trim(text.of(r.document.bytes()));
        all.push(number).map_err(|fault| fault.at(tag.at as u64))?;
        let at = r.document.at;
        match r.document.token()? {
            Token::Start(next)
                if next.attributes.len() == 0
                    && tag.attributes.len() == 0
                    && next.name.of(r.document.bytes()) == tag.name.of(r.document.bytes()) =>
            {
                tag = next;
            }
            _ => {
                r.document.at = at;
                return Ok(());
            }
        }
    }
}

/// Whether another item follows; sets its slot.
pub(super) fn more(r: &mut Reading) -> Result<bool, Fault> {
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

fn end_items(r: &mut Reading) -> Result<(), Fault> {
    match r.frames.pop() {
        Some(Frame::Items { opened, .. }) => r.close(&opened),
        Some(Frame::Run { .. } | Frame::List { .. } | Frame::Numbers { .. } | Frame::Empty) => {
            Ok(())
        }
        _ => Err(mismatch("a sequence ends where none is open")),
    }
}

/// Octets, wherever they stand.
fn octets(r: &mut Reading, slot: Slot) -> Result<Bytes, Fault> {
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
    r.document.skip()?;
    r.close(opened)?;
    Ok(Some(part))
}

/// Finds the variant, and sets the slot of its content.
fn begin_variant(r: &mut Reading, slot: Slot) -> Result<&'static VariantDesc, Fault> {
    if is_derived(slot.ty) {
        return begin_derived(r, slot);
    }
    let is_choice = slot.xml.has(field_flags::CHOICE);
    match slot.source {
        Source::Absent => Err(absent(r)),
        Source::Element(tag) if is_choice => {
            let found = variant_of(r, &tag, &slot)?;
            r.frames.push(Frame::Variant(None));
            begin_content(r, tag, found)?;
            Ok(found)
        }
        Source::Element(tag) if !is_enumeration(slot.ty) => {
            let opened = r.open(tag)?;
            let child = match opened.element.tag.is_empty {
                true => None,
                false => r.document.peek_child()?,
            };
            let child = child.ok_or_else(|| absent(r))?;
            let found = variant_of(r, &child, &slot)?;
            r.frames.push(Frame::Variant(Some(opened)));
            begin_content(r, child, found)?;
            Ok(found)
        }
        Source::Element(_) | Source::Text(_) => {
            let ty = slot.ty;
            r.pending = Some(slot);
            let (text, _) = leaf(r)?;
            let name = trim(text.of(r.document.bytes()));
            let found = types::variant(ty, name, 0);
            let (_, found) = found.ok_or_else(|| unknown_value(r))?;
            r.frames.push(Frame::Variant(None));
            Ok(found)
        }
        Source::Run(_) | Source::Open => Err(mismatch("an enum is read where a sequence is")),
    }
}

#[cold]
fn unknown_value(r: &Reading) -> Fault {
    mismatch("a text is none of the values of the enumeration").at(r.document.at as u64)
}

fn variant_of(r: &Reading, tag: &StartTag, slot: &Slot) -> Result<&'static VariantDesc, Fault> {
    let namespace = r.document.namespace(tag)?;
    let found = (&*namespace, tag.local().of(r.document.bytes()));
    let home = Home::of(slot.ty, r.operation()?.namespace);
    let fits = |variant: &&VariantDesc| {
        let own = or(variant.xml().namespace(), slot.variants);
        fit(own, variant.name(), home, found)
    };
    let best = slot.ty.variants().iter().max_by_key(fits);
    let rule = "an element is none of the variants that are described";
    match best.filter(|_| fit_choice(slot.ty, slot.variants, home, found) != Fit::Not) {
        Some(found) => Ok(found),
        None => Err(mismatch(rule).at(tag.at as u64)),
    }
}

/// The slot of a variant's content, which is in the variant's element.
fn begin_content(r: &mut Reading, tag: StartTag, found: &'static VariantDesc) -> Result<(), Fault> {
    let source = Source::Element(tag);
    let slot = match found.shape {
        shape::UNIT => {
            let opened = r.open(tag)?;
            return r.close(&opened);
        }
        shape::NEWTYPE => {
            let ty = found.fields().first().map_or(&types::UNIT, FieldDesc::ty);
            Slot::new(source, ty, found.xml())
        }
        _ => Slot {
            fields: Some(found.fields()),
            ..Slot::new(source, &types::UNIT, found.xml())
        },
    };
    r.pending = Some(slot);
    Ok(())
}

/// The variant that `xsi:type` names; the first one without.
fn begin_derived(r: &mut Reading, slot: Slot) -> Result<&'static VariantDesc, Fault> {
    let Source::Element(tag) = slot.source else {
        return Err(absent(r));
    };
    let named = r.instance_attribute(&tag, b"type")?;
    let named = named.map(|text| trim(text.of(r.document.bytes())).to_vec());
    let found = match named {
        None => slot.ty.variants().first(),
        Some(name) => {
            let local = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
            let prefix = name.get(..name.len().saturating_sub(local.len() + 1));
            let namespace = r.namespace_in(&tag, prefix.unwrap_or_default())?;
            let interface = r.operation()?.namespace;
            slot.ty.variants().iter().find(|variant| {
                let ty = variant.fields().first().map(FieldDesc::ty);
                ty.is_some_and(|ty| {
                    let own = crate::names::type_namespace(ty, interface);
                    fit(own, ty.name(), Home::of(ty, interface), (&namespace, local)) != Fit::Not
                })
            })
        }
    };
    let rule = "xsi:type names a type that is not described here";
    let found = found.ok_or_else(|| mismatch(rule).at(tag.at as u64))?;
    r.frames.push(Frame::Variant(None));
    let ty = found.fields().first().map_or(&types::UNIT, FieldDesc::ty);
    r.pending = Some(Slot::new(Source::Element(tag), ty, slot.xml));
    Ok(found)
}
