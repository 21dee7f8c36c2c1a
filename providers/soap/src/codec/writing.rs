//! The message that is being written: where the next value goes, and what is open around it.

mod header;

use std::sync::Arc;

use bytes::Bytes;
use rmix_abi::describe::{FieldDesc, FieldXml, TypeDesc, field_flags, type_kind};
use rmix_abi::tables::{Enc, Fault};

use super::place::{Form, Place};
use super::types::{self, CHOICE, PLAIN, type_name};
use super::{mismatch, unsupported};
use crate::envelope::Version;
use crate::names::{FAULT, Interface, MEMBERS, Operation, XSD, header_name, or};

pub(crate) use self::header::{HeaderPlace, put_headers};
pub(super) use self::header::{begin_part, end_part};

/// What a message's body is. Complete on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A call's arguments.
    Request,
    /// A call's result.
    Response,
    /// A declared fault's value.
    Fault,
}

/// Kept beside an encoder.
pub(crate) struct Writing {
    plan: Arc<Interface>,
    operation: usize,
    pub(crate) version: Version,
    content: Content,
    pub(super) pending: Option<Place>,
    pub(super) frames: Vec<Frame>,
    /// For what is put together before it goes into the message; reused.
    scratch: Vec<u8>,
    /// Where the next header block goes.
    header: HeaderPlace,
    /// A header block that is being written begins here, and is moved when it is complete.
    moving: Option<usize>,
    /// Octets of at least this many go into a part of their own (MTOM).
    pub(crate) part_bytes_min: Option<usize>,
    /// Those parts.
    pub(crate) parts: Vec<Bytes>,
}

/// What is open.
#[derive(Debug)]
pub(super) enum Frame {
    /// An element whose values are named.
    Struct {
        fields: &'static [FieldDesc],
        tag: Tag,
    },
    /// A sequence: every item is written there.
    Sequence { item: Place, tag: Option<Tag> },
    /// A list in text: whether an item stands there already, and where its attribute begins.
    List {
        item: Place,
        begun: bool,
        close: ListEnd,
    },
    /// Octets that come in pieces.
    Octets {
        place: Place,
        collected: Vec<u8>,
        written: bool,
    },
    /// Values by place.
    Tuple {
        fields: &'static [FieldDesc],
        next: usize,
        tag: Tag,
    },
    /// A variant, in an element of the enum's own or not.
    Variant { tag: Option<Tag> },
}

/// What ends a list.
#[derive(Debug)]
pub(super) enum ListEnd {
    /// The element's end tag.
    Element(Tag),
    /// A quote; the attribute begins there.
    Attribute(usize),
    /// Nothing: it is the text of an element that others end.
    Nothing,
}

/// An element that is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag {
    pub(super) namespace: &'static str,
    pub(super) name: &'static str,
    /// Where the next attribute goes.
    pub(super) attributes: usize,
    /// Whether the tag's `>` is still to come.
    pub(super) is_open: bool,
    /// Whether this frame ends the element.
    pub(super) is_own: bool,
}

impl Writing {
    /// The operation that is called or answered.
    pub(crate) fn target(&self) -> (Arc<Interface>, usize) {
        (self.plan.clone(), self.operation)
    }

    pub(crate) fn new(
        plan: Arc<Interface>,
        operation: usize,
        version: Version,
        content: Content,
        header: HeaderPlace,
    ) -> Writing {
        Writing {
            plan,
            operation,
            version,
            content,
            pending: None,
            frames: Vec::new(),
            scratch: Vec::new(),
            header,
            moving: None,
            part_bytes_min: None,
            parts: Vec::new(),
        }
    }

    pub(crate) fn operation(&self) -> Result<&Operation, Fault> {
        let found = self.plan.operation(self.operation);
        found.ok_or_else(|| mismatch("the interface has no such operation"))
    }

    /// Opens the body's element around arguments or results, whose tag was begun.
    pub(crate) fn open_wrapper(
        &mut self,
        namespace: &'static str,
        name: &'static str,
        attributes: usize,
    ) -> Result<(), Fault> {
        let operation = self.operation()?;
        let fields = match self.content {
            Content::Request => operation.method.arguments(),
            _ => operation.outputs,
        };
        let tag = Tag {
            namespace,
            name,
            attributes,
            is_open: true,
            is_own: true,
        };
        self.frames.push(Frame::Struct { fields, tag });
        Ok(())
    }

    /// The place of argument `index`, or of the result or fault.
    pub(super) fn argument(&self, index: u32) -> Result<Place, Fault> {
        let operation = self.operation()?;
        let method = operation.method;
        match self.content {
            Content::Request => {
                let fields = method.arguments();
                let field = usize::try_from(index)
                    .ok()
                    .and_then(|index| fields.get(index));
                let field = field.ok_or_else(|| mismatch("more arguments than are described"))?;
                Ok(self.part(operation, field, operation.request))
            }
            Content::Response => {
                let ty = method.result().unwrap_or(&types::UNIT);
                let result = operation.result;
                let place = Place::element(result.namespace, result.local, ty, &PLAIN);
                if operation.several {
                    return Ok(Place {
                        form: Form::Open,
                        ..place
                    });
                }
                Ok(place)
            }
            Content::Fault => {
                let ty = method.fault().unwrap_or(&types::UNIT);
                let name = or(ty.name(), FAULT);
                let place = Place::element(operation.namespace, name, ty, &CHOICE);
                Ok(Place {
                    variants: operation.namespace,
                    ..place
                })
            }
        }
    }

    /// The place of an argument or output.
    fn part(
        &self,
        operation: &Operation,
        field: &'static FieldDesc,
        body: crate::names::ElementName,
    ) -> Place {
        let place = Place::field(field);
        if place.has(field_flags::HEADER) {
            let name = header_name(field, operation.namespace);
            return Place {
                namespace: name.namespace,
                ..place
            };
        }
        if operation.is_bare() {
            return Place {
                namespace: body.namespace,
                name: body.local,
                ..place
            };
        }
        place
    }

    /// The place of a field of the struct that is open.
    pub(super) fn field(&self, name: &[u8], index: u32) -> Result<Place, Fault> {
        let Some(Frame::Struct { fields, tag }) = self.frames.last() else {
            return Err(mismatch("a field stands outside of a struct"));
        };
        let named = |field: &&'static FieldDesc| field.name().as_bytes() == name;
        let guess = usize::try_from(index)
            .ok()
            .and_then(|index| fields.get(index));
        let found = guess.filter(named).or_else(|| fields.iter().find(named));
        let field = found.ok_or_else(|| mismatch("a struct has a field that is not described"))?;
        if tag.is_own {
            return Ok(Place::field(field));
        }
        let operation = self.operation()?;
        Ok(self.part(operation, field, operation.response))
    }

    /// The place of the next value.
    #[inline]
    pub(super) fn take_place(&mut self) -> Result<Place, Fault> {
        if let Some(place) = self.pending.take() {
            return Ok(place);
        }
        match self.frames.last_mut() {
            Some(Frame::Sequence { item, .. } | Frame::List { item, .. }) => Ok(*item),
            Some(Frame::Tuple { fields, next, .. }) => {
                let name = MEMBERS.get(*next).copied();
                let (Some(field), Some(name)) = (fields.get(*next), name) else {
                    return Err(mismatch("a tuple has more values than are described"));
                };
                *next += 1;
                Ok(Place::element("", name, field.ty(), field.xml()))
            }
            _ => Err(mismatch("a value stands where none is described")),
        }
    }

    /// The namespace and local name of a type; none for a type without a name.
    pub(super) fn type_name(&self, ty: &TypeDesc, xml: &FieldXml) -> Option<(&str, &str)> {
        type_name(ty, xml, &self.plan)
    }

    /// Appends `prefix:name`.
    pub(crate) fn put_name(&self, namespace: &str, name: &str, out: &mut Vec<u8>) {
        let prefix = self
            .operation()
            .map_or("", |operation| operation.namespaces.prefix(namespace));
        if !prefix.is_empty() {
            out.extend_from_slice(prefix.as_bytes());
            out.push(b':');
        }
        out.extend_from_slice(name.as_bytes());
    }

    /// Appends a start tag without its `>`.
    pub(super) fn put_tag(&self, place: &Place, out: &mut Vec<u8>) -> Result<(), Fault> {
        out.push(b'<');
        self.put_name(place.namespace, place.name, out);
        let operation = self.operation()?;
        if place.typed || operation.is_encoded() {
            self.put_type(place, out);
        }
        Ok(())
    }

    fn put_type(&self, place: &Place, out: &mut Vec<u8>) {
        let named = self.type_name(place.ty, place.xml);
        let Some((namespace, local)) = named.filter(|_| place.fields.is_none()) else {
            return;
        };
        out.extend_from_slice(b" xsi:type=\"");
        if namespace == XSD {
            out.extend_from_slice(b"xsd:");
            out.extend_from_slice(local.as_bytes());
        } else {
            self.put_name(namespace, local, out);
        }
        out.push(b'"');
    }

    pub(super) fn put_end(&self, tag: &Tag, out: &mut Vec<u8>) {
        if tag.is_open {
            out.extend_from_slice(b"/>");
            return;
        }
        out.extend_from_slice(b"</");
        self.put_name(tag.namespace, tag.name, out);
        out.push(b'>');
    }

    /// The tag that content would close now, if there is one.
    fn open_tag(&mut self) -> Option<&mut Tag> {
        for frame in self.frames.iter_mut().rev() {
            match frame {
                Frame::Struct { tag, .. } | Frame::Tuple { tag, .. } => return Some(tag),
                Frame::Sequence { tag: Some(tag), .. } | Frame::Variant { tag: Some(tag) } => {
                    return Some(tag);
                }
                // They have no element of their own.
                Frame::Sequence { tag: None, .. } | Frame::Variant { tag: None } => {}
                Frame::List { .. } | Frame::Octets { .. } => return None,
            }
        }
        None
    }

    /// The scratch, empty; given back with [`give_back`].
    #[inline]
    fn scratch(&mut self) -> Vec<u8> {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        scratch
    }
}

/// What is kept beside an encoder of ours.
#[inline]
pub(super) fn writing(e: &mut Enc) -> Result<&mut Writing, Fault> {
    e.kept::<Writing>()
        .ok_or_else(|| mismatch("no message was begun"))
}

/// Appends what `put` puts together, which is content of the element that is open.
#[inline]
pub(super) fn content(
    e: &mut Enc,
    put: impl FnOnce(&Writing, &mut Vec<u8>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let at = e.buf.len();
    let w = writing(e)?;
    let mut out = w.scratch();
    if let Some(tag) = w.open_tag()
        && tag.is_open
    {
        tag.is_open = false;
        tag.attributes = at;
        out.push(b'>');
    }
    put_out(e, out, put)
}

/// Appends what `put` puts together, wherever that is.
#[inline]
pub(super) fn raw(
    e: &mut Enc,
    put: impl FnOnce(&Writing, &mut Vec<u8>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let out = writing(e)?.scratch();
    put_out(e, out, put)
}

#[inline]
fn put_out(
    e: &mut Enc,
    mut out: Vec<u8>,
    put: impl FnOnce(&Writing, &mut Vec<u8>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    put(writing(e)?, &mut out)?;
    e.put(&out)?;
    // A large text does not hold on to its memory for the rest of the message.
    if out.capacity() <= SCRATCH_BYTES_KEPT {
        writing(e)?.scratch = out;
    }
    Ok(())
}

/// The attribute that was written from `begun` on goes into the start tag of the element that is open.
pub(super) fn settle_attribute(e: &mut Enc, begun: usize) -> Result<(), Fault> {
    let end = e.buf.len();
    let Some(tag) = writing(e)?.open_tag() else {
        return Err(unsupported("an attribute stands outside of a struct"));
    };
    if tag.is_open {
        return Ok(());
    }
    let into = tag.attributes;
    tag.attributes += end - begun;
    if let Some(tail) = e.buf.as_mut_slice().get_mut(into..) {
        tail.rotate_right(end - begun);
    }
    Ok(())
}

/// Whether a value of this kind stands for itself.
pub(super) fn is_unit(place: &Place) -> bool {
    place.ty.kind == type_kind::UNIT
}

/// Scratch that is kept for the next value.
const SCRATCH_BYTES_KEPT: usize = 64 * 1024;

impl Writing {
    /// Whether the struct that is open is that of several outputs.
    pub(super) fn is_at_outputs(&self) -> bool {
        matches!(self.frames.last(), Some(Frame::Struct { tag, .. }) if !tag.is_own)
    }

    /// Whether a result is written.
    pub(super) fn is_response(&self) -> bool {
        self.content == Content::Response
    }

    /// What a frame without an element of its own has done to the tag of the one below.
    pub(super) fn give_back(&mut self, done: &Tag) {
        if let Some(Frame::Struct { tag, .. }) = self.frames.last_mut() {
            tag.attributes = done.attributes;
            tag.is_open = done.is_open;
        }
    }
}

impl Writing {
    /// Several outputs stand in the body itself.
    pub(crate) fn open_body(&mut self, at: usize) {
        let fields = self
            .operation()
            .map_or(&[][..], |operation| operation.outputs);
        let tag = Tag {
            namespace: "",
            name: "",
            attributes: at,
            is_open: false,
            is_own: false,
        };
        self.frames.push(Frame::Struct { fields, tag });
    }
}

/// Ends what is open, and the envelope.
pub(crate) fn end_message(e: &mut Enc) -> Result<(), Fault> {
    end_part(e)?;
    let w = writing(e)?;
    let (version, content) = (w.version, w.content);
    let open = match w.frames.pop() {
        Some(Frame::Struct { tag, .. }) if w.frames.is_empty() => Some(tag),
        None => None,
        Some(_) => return Err(mismatch("a message ends within a value")),
    };
    raw(e, |w, out| {
        if let Some(tag) = open.filter(|tag| tag.is_own) {
            w.put_end(&tag, out);
        }
        if content == Content::Fault {
            crate::fault::close_declared(version, out);
        }
        out.extend_from_slice(b"</soap:Body></soap:Envelope>");
        Ok(())
    })
}
