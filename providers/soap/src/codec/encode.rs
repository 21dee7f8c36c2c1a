//! Values onto the wire.

mod items;

use rmix_abi::describe::{FieldDesc, TypeDesc, field_flags, type_kind};
use rmix_abi::guest::{Encode, EncodeHooks, Prims};
use rmix_abi::tables::{Enc, Fault, prim, shape};

use self::items::{begin_items, end_list, items, next_item, octets_or_numbers};
use super::octets::put_octets;
use super::place::{Form, Place};
use super::types::{self, is_reference};
use super::writing::{
    Frame, Tag, Writing, begin_part, content, end_part, is_unit, raw, settle_attribute, writing,
};
use super::{SoapCodec, mismatch, unsupported};
use crate::addressing::reference;
use crate::names::{is_derived, is_enumeration};
use crate::xml::{Number, XmlLimits, escape, escape_attribute, is_space};

type Done = Result<(), Fault>;

macro_rules! numbers {
    ($($name:ident),* $(,)?) => { $(
        #[inline]
        fn $name(e: &mut Enc, value: $name) -> Done {
            leaf(e, |_, out| {
                value.put(out);
                Ok(())
            })
        }
    )* };
}

impl Encode for SoapCodec {
    const HOOKS: EncodeHooks = EncodeHooks {
        tuples: true,
        structs: true,
        fields: true,
        variant_ends: true,
        arguments: true,
    };

    numbers! { i8, i16, i32, i64, i128, u8, u16, u32, u64, u128, f32, f64 }

    fn bool(e: &mut Enc, value: bool) -> Done {
        let text: &[u8] = if value { b"true" } else { b"false" };
        leaf(e, |_, out| {
            out.extend_from_slice(text);
            Ok(())
        })
    }

    fn char(e: &mut Enc, value: u32) -> Done {
        let value = char::from_u32(value).ok_or_else(|| mismatch("not a Unicode scalar value"))?;
        Self::str(e, value.encode_utf8(&mut [0; 4]).as_bytes())
    }

    fn str(e: &mut Enc, value: &[u8]) -> Done {
        let place = writing(e)?.take_place()?;
        let is_reference = is_reference(place.ty);
        leaf_at(e, place, |form, out| match form {
            Form::Element if is_reference => reference::put(value, &XmlLimits::default(), out),
            Form::Attribute => escape_attribute(value, out),
            Form::Item if value.is_empty() || value.iter().any(|byte| is_space(*byte)) => Err(
                unsupported("an item of an xs:list is neither empty nor has white space in it"),
            ),
            // An item may be one of an attribute's.
            Form::Item => escape_attribute(value, out),
            _ => escape(value, out),
        })
    }

    fn bytes(e: &mut Enc, value: &[u8]) -> Done {
        let place = writing(e)?.take_place()?;
        put_octets(e, &place, value)
    }

    fn raw_str(_e: &mut Enc, _value: &[u8]) -> Done {
        Err(unsupported(
            "text of SOAP is UTF-8: declare other text as octets (Vec<u8>)",
        ))
    }

    fn unit(e: &mut Enc) -> Done {
        let w = writing(e)?;
        let place = w.take_place()?;
        if place.form != Form::Element
            || (w.frames.len() <= 1 && !place.item && is_result(w, &place))
        {
            return Ok(());
        }
        content(e, |w, out| {
            w.put_tag(&place, out)?;
            out.extend_from_slice(b"/>");
            Ok(())
        })
    }

    fn none(e: &mut Enc) -> Done {
        let place = writing(e)?.take_place()?;
        let again = place
            .ty
            .element()
            .is_some_and(|ty| ty.kind == type_kind::OPTION);
        let is_nil = place.within || (place.has(field_flags::NILLABLE) && !again);
        let is_kept = place.item || (writing(e)?.operation()?.is_encoded() && !again);
        match place.form {
            Form::Element if is_nil || is_kept => content(e, |w, out| {
                w.put_tag(
                    &Place {
                        ty: &types::UNIT,
                        ..place
                    },
                    out,
                )?;
                out.extend_from_slice(b" xsi:nil=\"true\"/>");
                Ok(())
            }),
            Form::Item => Err(unsupported("an item of an xs:list cannot be absent")),
            _ => Ok(()),
        }
    }

    fn some(e: &mut Enc) -> Done {
        let w = writing(e)?;
        let place = w.take_place()?;
        w.pending = Some(Place {
            ty: place.ty.element().unwrap_or(place.ty),
            within: true,
            ..place
        });
        Ok(())
    }

    fn begin_seq(e: &mut Enc, len: u64, element: u32) -> Result<u64, Fault> {
        let place = writing(e)?.take_place()?;
        if matches!(place.ty.kind, type_kind::BYTES | type_kind::OPAQUE) {
            if element != prim::U8 && len != 0 {
                return Err(mismatch(
                    "octets are described, and another sequence is given",
                ));
            }
            let collected = Vec::new();
            let written = false;
            writing(e)?.frames.push(Frame::Octets {
                place,
                collected,
                written,
            });
            return Ok(0);
        }
        let Some(item) = place.ty.element().filter(|_| types::is_sequence(place.ty)) else {
            return Err(mismatch("a sequence stands where none is described"));
        };
        begin_items(e, &place, item, len)?;
        Ok(0)
    }

    fn end_seq(e: &mut Enc, _token: u64, _element: u32, _count: u64) -> Done {
        match writing(e)?.frames.pop() {
            Some(Frame::Octets {
                place,
                collected,
                written,
            }) if !written => put_octets(e, &place, &collected),
            Some(Frame::Octets { .. } | Frame::Sequence { tag: None, .. }) => Ok(()),
            Some(Frame::Sequence { tag: Some(tag), .. }) => end_tag(e, &tag),
            Some(Frame::List { close, .. }) => end_list(e, close),
            _ => Err(mismatch("a sequence ends where none is open")),
        }
    }

    fn prims(e: &mut Enc, values: Prims<'_>) -> Done {
        match values {
            Prims::U8(values) => octets_or_numbers(e, values),
            Prims::I8(values) => items(e, values),
            Prims::I16(values) => items(e, values),
            Prims::U16(values) => items(e, values),
            Prims::I32(values) => items(e, values),
            Prims::U32(values) => items(e, values),
            Prims::I64(values) => items(e, values),
            Prims::U64(values) => items(e, values),
            Prims::F32(values) => items(e, values),
            Prims::F64(values) => items(e, values),
        }
    }

    fn begin_tuple(e: &mut Enc, len: u64) -> Done {
        let place = writing(e)?.take_place()?;
        if place.ty.kind == type_kind::ARRAY && place.fields.is_none() {
            let item = place.ty.element().unwrap_or(&types::UNIT);
            return begin_items(e, &place, item, len);
        }
        let fields = match place.fields {
            Some(fields) => fields,
            None if place.ty.kind == type_kind::TUPLE => place.ty.fields(),
            None => return Err(mismatch("a tuple stands where none is described")),
        };
        let tag = begin_element(e, &place)?;
        writing(e)?.frames.push(Frame::Tuple {
            fields,
            next: 0,
            tag,
        });
        Ok(())
    }

    fn end_tuple(e: &mut Enc) -> Done {
        match writing(e)?.frames.pop() {
            Some(Frame::Tuple { tag, .. } | Frame::Sequence { tag: Some(tag), .. }) => {
                end_tag(e, &tag)
            }
            Some(Frame::Sequence { tag: None, .. }) => Ok(()),
            Some(Frame::List { close, .. }) => end_list(e, close),
            _ => Err(mismatch("a tuple ends where none is open")),
        }
    }

    fn begin_map(_e: &mut Enc, _len: u64) -> Result<u64, Fault> {
        Err(unsupported(
            "SOAP has no maps: declare a sequence of structs with a key and a value",
        ))
    }

    fn end_map(_e: &mut Enc, _token: u64, _count: u64) -> Done {
        Err(unsupported("SOAP has no maps"))
    }

    fn begin_struct(e: &mut Enc, _name: &[u8], _fields: u64) -> Done {
        let place = writing(e)?.take_place()?;
        let fields = match place.fields {
            Some(fields) => fields,
            None if place.ty.kind == type_kind::STRUCT => place.ty.fields(),
            None => return Err(mismatch("a struct stands where none is described")),
        };
        let tag = begin_element(e, &place)?;
        writing(e)?.frames.push(Frame::Struct { fields, tag });
        Ok(())
    }

    fn field(e: &mut Enc, name: &[u8], index: u32) -> Done {
        let w = writing(e)?;
        let place = w.field(name, index)?;
        if w.is_at_outputs() {
            begin_part(e, &place)?;
        }
        writing(e)?.pending = Some(place);
        Ok(())
    }

    fn end_struct(e: &mut Enc) -> Done {
        match writing(e)?.frames.pop() {
            Some(Frame::Struct { tag, .. }) if tag.is_own => end_tag(e, &tag),
            // The element is that of the frame below, which goes on where this one stops.
            Some(Frame::Struct { tag, .. }) => {
                end_part(e)?;
                writing(e)?.give_back(&tag);
                Ok(())
            }
            _ => Err(mismatch("a struct ends where none is open")),
        }
    }

    fn begin_variant(e: &mut Enc, _name: &[u8], variant: &[u8], index: u32, content: u32) -> Done {
        let w = writing(e)?;
        let place = w.take_place()?;
        if place.ty.kind != type_kind::ENUM {
            return variant_of_no_enum(e, place);
        }
        let guess = usize::try_from(index).unwrap_or(usize::MAX);
        let found = types::variant(place.ty, variant, guess);
        let (_, found) =
            found.ok_or_else(|| mismatch("an enum has a variant that is not described"))?;
        if found.shape != content {
            return Err(mismatch("a variant has another shape than is described"));
        }
        if is_derived(place.ty) {
            let ty = found.fields().first().map_or(&types::UNIT, FieldDesc::ty);
            w.frames.push(Frame::Variant { tag: None });
            w.pending = Some(Place {
                ty,
                typed: true,
                ..place
            });
            return Ok(());
        }
        let is_choice = place.has(field_flags::CHOICE);
        if !is_choice && is_enumeration(place.ty) {
            w.pending = Some(Place {
                ty: &STRING,
                ..place
            });
            Self::str(e, found.name().as_bytes())?;
            writing(e)?.frames.push(Frame::Variant { tag: None });
            return Ok(());
        }
        let tag = match is_choice {
            true => None,
            false => Some(begin_element(e, &place)?),
        };
        let inner = place.variant(found);
        writing(e)?.frames.push(Frame::Variant { tag });
        begin_content(e, inner, found.fields(), content)
    }

    fn end_variant(e: &mut Enc, _shape: u32) -> Done {
        match writing(e)?.frames.pop() {
            Some(Frame::Variant { tag: Some(tag) }) => end_tag(e, &tag),
            Some(Frame::Variant { tag: None }) => Ok(()),
            _ => Err(mismatch("a variant ends where none is open")),
        }
    }

    fn ext(_e: &mut Enc, _kind: i64, _value: &[u8]) -> Done {
        Err(unsupported(
            "SOAP has no extension types: declare a struct of the type and its octets",
        ))
    }

    fn argument(e: &mut Enc, index: u32) -> Done {
        let place = writing(e)?.argument(index)?;
        begin_part(e, &place)?;
        writing(e)?.pending = Some(place);
        Ok(())
    }
}

/// Writes a simple value where it belongs.
#[inline]
fn leaf(e: &mut Enc, put: impl FnOnce(Form, &mut Vec<u8>) -> Done) -> Done {
    let place = writing(e)?.take_place()?;
    leaf_at(e, place, put)
}

#[inline]
fn leaf_at(e: &mut Enc, place: Place, put: impl FnOnce(Form, &mut Vec<u8>) -> Done) -> Done {
    match place.form {
        Form::Element => content(e, |w, out| {
            w.put_tag(&place, out)?;
            out.push(b'>');
            put(Form::Element, out)?;
            out.extend_from_slice(b"</");
            w.put_name(place.namespace, place.name, out);
            out.push(b'>');
            Ok(())
        }),
        Form::Text => content(e, |_, out| put(Form::Text, out)),
        Form::Attribute => {
            let begun = e.buf.len();
            raw(e, |w, out| {
                put_attribute(w, &place, out);
                put(Form::Attribute, out)?;
                out.push(b'"');
                Ok(())
            })?;
            settle_attribute(e, begun)
        }
        Form::Item => {
            let is_first = next_item(writing(e)?)?;
            raw(e, |_, out| {
                if !is_first {
                    out.push(b' ');
                }
                put(Form::Item, out)
            })
        }
        Form::Open => Err(mismatch(
            "several outputs are described, and one value is given",
        )),
    }
}

fn put_attribute(w: &Writing, place: &Place, out: &mut Vec<u8>) {
    out.push(b' ');
    w.put_name(place.namespace, place.name, out);
    out.extend_from_slice(b"=\"");
}

/// Begins an element, whose tag stays open for attributes.
fn begin_element(e: &mut Enc, place: &Place) -> Result<Tag, Fault> {
    if place.form == Form::Open {
        let below = match writing(e)?.frames.last() {
            Some(Frame::Struct { tag, .. }) => Some(*tag),
            _ => None,
        };
        let tag = below.unwrap_or(Tag {
            namespace: "",
            name: "",
            attributes: e.buf.len(),
            is_open: false,
            is_own: false,
        });
        return Ok(Tag {
            is_own: false,
            ..tag
        });
    }
    if place.form != Form::Element {
        return Err(unsupported(
            "an attribute, a text or an item of a list holds a simple value only",
        ));
    }
    content(e, |w, out| w.put_tag(place, out))?;
    Ok(Tag {
        namespace: place.namespace,
        name: place.name,
        attributes: e.buf.len(),
        is_open: true,
        is_own: true,
    })
}

fn end_tag(e: &mut Enc, tag: &Tag) -> Done {
    raw(e, |w, out| {
        w.put_end(tag, out);
        Ok(())
    })
}

/// The content of a variant, in the variant's element.
fn begin_content(
    e: &mut Enc,
    place: Place,
    fields: &'static [FieldDesc],
    content_shape: u32,
) -> Done {
    match content_shape {
        shape::UNIT => content(e, |w, out| {
            w.put_tag(&place, out)?;
            out.extend_from_slice(b"/>");
            Ok(())
        }),
        shape::NEWTYPE => {
            writing(e)?.pending = Some(place);
            Ok(())
        }
        _ => {
            writing(e)?.pending = Some(Place {
                fields: Some(fields),
                ..place
            });
            Ok(())
        }
    }
}

#[cold]
fn variant_of_no_enum(_e: &mut Enc, _place: Place) -> Done {
    Err(mismatch("an enum stands where none is described"))
}

fn is_result(w: &Writing, place: &Place) -> bool {
    is_unit(place) && w.is_response()
}

static STRING: TypeDesc = TypeDesc::plain(type_kind::STRING);
