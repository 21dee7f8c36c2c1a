//! Sequences: repeated elements, items in one element, lists, numbers in bulk, octets in pieces.

use rmix_abi::describe::{TypeDesc, field_flags};
use rmix_abi::tables::{Enc, Fault, UNKNOWN};

use super::{begin_element, end_tag, put_attribute};
use crate::codec::octets::put_octets;
use crate::codec::place::{Form, Place};
use crate::codec::types;
use crate::codec::writing::{
    Frame, ListEnd, Tag, Writing, content, raw, settle_attribute, writing,
};
use crate::codec::{mismatch, unsupported};
use crate::envelope::Version;
use crate::names::XSD;
use crate::xml::Number;

type Done = Result<(), Fault>;

/// Begins a sequence of items of a type.
pub(super) fn begin_items(e: &mut Enc, place: &Place, item: &'static TypeDesc, len: u64) -> Done {
    if place.form != Form::Element || place.has(field_flags::LIST) {
        return begin_list(e, place, item);
    }
    let mut one = Place {
        ty: item,
        item: true,
        within: false,
        ..*place
    };
    let encoded = writing(e)?.operation()?.is_encoded();
    if encoded && place.has(field_flags::CHOICE) {
        let rule =
            "style \"encoded\" has arrays in place of choices that repeat: leave out `choice`";
        return Err(unsupported(rule));
    }
    if !encoded && !place.has(field_flags::WRAPPED) {
        // A sequence in a sequence has no element to stand in but an item of its own.
        if place.item {
            let tag = Some(begin_element(e, place)?);
            one.name = "item";
            writing(e)?.frames.push(Frame::Sequence { item: one, tag });
            return Ok(());
        }
        writing(e)?.frames.push(Frame::Sequence {
            item: one,
            tag: None,
        });
        return Ok(());
    }
    one.name = match place.xml.item() {
        "" => "item",
        own => own,
    };
    one.xml = types::of_items(place.xml);
    if encoded {
        begin_encoded_array(e, place, item, len)?;
    } else {
        begin_element(e, place)?;
    }
    let tag = Tag {
        namespace: place.namespace,
        name: place.name,
        attributes: e.buf.len(),
        is_open: true,
        is_own: true,
    };
    writing(e)?.frames.push(Frame::Sequence {
        item: one,
        tag: Some(tag),
    });
    Ok(())
}

/// Begins an array as section 5 of SOAP 1.1 has it.
fn begin_encoded_array(e: &mut Enc, place: &Place, item: &'static TypeDesc, len: u64) -> Done {
    let untyped = Place {
        ty: &types::UNIT,
        ..*place
    };
    content(e, |w, out| {
        w.put_tag(&untyped, out)?;
        let named = w.type_name(item, place.xml);
        let (namespace, local) = named.unwrap_or((XSD, "anyType"));
        let version = w.version;
        let attribute: (&[u8], &[u8]) = match version {
            Version::Soap11 => (b" xsi:type=\"enc:Array\" enc:arrayType=\"", b"["),
            Version::Soap12 => (b" enc:itemType=\"", b"\" enc:arraySize=\""),
        };
        out.extend_from_slice(attribute.0);
        if namespace == XSD {
            out.extend_from_slice(b"xsd:");
            out.extend_from_slice(local.as_bytes());
        } else {
            w.put_name(namespace, local, out);
        }
        out.extend_from_slice(attribute.1);
        let is_old = version == Version::Soap11;
        match len {
            UNKNOWN if is_old => {}
            UNKNOWN => out.push(b'*'),
            len => len.put(out),
        }
        out.extend_from_slice(if is_old { b"]\"" } else { b"\"" });
        Ok(())
    })
}

/// Begins a list: items between white space, in an element, an attribute or as text.
fn begin_list(e: &mut Enc, place: &Place, item: &'static TypeDesc) -> Done {
    let close = match place.form {
        Form::Element => {
            let tag = begin_element(e, place)?;
            e.put(b">")?;
            ListEnd::Element(Tag {
                is_open: false,
                ..tag
            })
        }
        Form::Attribute => {
            let begun = e.buf.len();
            raw(e, |w, out| {
                put_attribute(w, place, out);
                Ok(())
            })?;
            ListEnd::Attribute(begun)
        }
        Form::Text => {
            content(e, |_, _| Ok(()))?;
            ListEnd::Nothing
        }
        Form::Item | Form::Open => return Err(unsupported("a list cannot stand in a list")),
    };
    let item = Place {
        ty: item,
        form: Form::Item,
        ..*place
    };
    let begun = false;
    writing(e)?.frames.push(Frame::List { item, begun, close });
    Ok(())
}

pub(super) fn end_list(e: &mut Enc, close: ListEnd) -> Done {
    match close {
        ListEnd::Nothing => Ok(()),
        ListEnd::Element(tag) => end_tag(e, &tag),
        ListEnd::Attribute(begun) => {
            e.put(b"\"")?;
            settle_attribute(e, begun)
        }
    }
}

/// Whether the list's first item comes now.
pub(super) fn next_item(w: &mut Writing) -> Result<bool, Fault> {
    match w.frames.last_mut() {
        Some(Frame::List { begun, .. }) => Ok(!std::mem::replace(begun, true)),
        _ => Err(mismatch("an item stands outside of a list")),
    }
}

pub(super) fn octets_or_numbers(e: &mut Enc, values: &[u8]) -> Done {
    match writing(e)?.frames.last_mut() {
        Some(Frame::Octets {
            place,
            collected,
            written,
        }) => {
            if !collected.is_empty() || values.len() < WHOLE_BYTES_MIN {
                collected.extend_from_slice(values);
                return Ok(());
            }
            // All at once: there is nothing to collect. What would still come is refused below.
            if *written {
                return Err(mismatch("octets come in more pieces than they should"));
            }
            let place = *place;
            *written = true;
            put_octets_of_sequence(e, &place, values)
        }
        _ => items(e, values),
    }
}

/// The place is that of the sequence, whose frame is open: it must not be taken for what is around the element.
fn put_octets_of_sequence(e: &mut Enc, place: &Place, values: &[u8]) -> Done {
    let frame = writing(e)?.frames.pop();
    let result = put_octets(e, place, values);
    if let Some(frame) = frame {
        writing(e)?.frames.push(frame);
    }
    result
}

/// Numbers of a sequence, in bulk.
pub(super) fn items<T: Number>(e: &mut Enc, values: &[T]) -> Done {
    let (place, mut is_first) = match writing(e)?.frames.last_mut() {
        Some(Frame::Sequence { item, .. }) => (*item, false),
        Some(Frame::List { item, begun, .. }) => (*item, !std::mem::replace(begun, true)),
        _ => return Err(mismatch("numbers stand outside of a sequence")),
    };
    let (mut start, mut end) = (Vec::new(), Vec::new());
    if place.form == Form::Element {
        let w = writing(e)?;
        w.put_tag(&place, &mut start)?;
        start.push(b'>');
        end.extend_from_slice(b"</");
        w.put_name(place.namespace, place.name, &mut end);
        end.push(b'>');
    }
    for chunk in values.chunks(NUMBERS_AT_ONCE) {
        content(e, |_, out| {
            for value in chunk {
                if place.form == Form::Item && !std::mem::take(&mut is_first) {
                    out.push(b' ');
                }
                out.extend_from_slice(&start);
                value.put(out);
                out.extend_from_slice(&end);
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Numbers that are put together before they go into the message.
const NUMBERS_AT_ONCE: usize = 512;

/// Octets that come in pieces shorter than this are collected.
const WHOLE_BYTES_MIN: usize = 64;
