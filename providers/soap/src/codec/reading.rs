//! The message that is being read: where the next value is, and what is open around it.

mod children;
mod elements;
mod fields;
mod frames;

use std::sync::Arc;

use rmix_abi::describe::{TypeDesc, field_flags, type_kind};
use rmix_abi::tables::{Dec, Fault};

use super::octets::Attachments;
use super::references::References;
use super::slot::{Home, Parts, Slot, Source};
use super::types::{self, PLAIN, sequence_within};
use super::{Content, mismatch};
use crate::envelope::HeaderBlock;
use crate::names::{Interface, Operation};
use crate::xml::{Document, Element, Mark, Part, StartTag, Text, Token};

pub(super) use self::frames::{Frame, Opened, StructFrame};

/// Kept beside a decoder.
pub(crate) struct Reading {
    plan: Arc<Interface>,
    operation: usize,
    content: Content,
    pub(super) document: Document,
    /// The envelope and its body.
    around: [Element; 2],
    headers: Vec<HeaderBlock>,
    pub(super) attachments: Attachments,
    pub(super) pending: Option<Slot>,
    pub(super) frames: Vec<Frame>,
    /// Where to go back to from a header block.
    away: Option<(usize, Mark)>,
    references: Option<References>,
    /// Elements that were entered by reference and are still open.
    active: Vec<usize>,
    reference_bytes_left: usize,
}

impl Reading {
    pub(crate) fn new(
        plan: Arc<Interface>,
        operation: usize,
        content: Content,
        (document, around, headers): (Document, [Element; 2], Vec<HeaderBlock>),
        attachments: Attachments,
    ) -> Reading {
        Reading {
            plan,
            operation,
            content,
            reference_bytes_left: document.limits.reference_bytes,
            document,
            around,
            headers,
            attachments,
            pending: None,
            frames: Vec::new(),
            away: None,
            references: None,
            active: Vec::new(),
        }
    }

    pub(super) fn operation(&self) -> Result<&Operation, Fault> {
        let found = self.plan.operation(self.operation);
        found.ok_or_else(|| mismatch("the interface has no such operation"))
    }

    pub(super) fn plan(&self) -> &Interface {
        &self.plan
    }

    pub(super) fn is_encoded(&self) -> bool {
        self.operation().is_ok_and(Operation::is_encoded)
    }

    /// Enters the body's child, in which arguments or results stand; stays before it where it is one itself.
    pub(crate) fn enter_body(&mut self) -> Result<(), Fault> {
        let operation = self.operation()?;
        let (bare, namespace) = (operation.is_bare(), operation.namespace);
        let home = Home::message(namespace);
        let parts = match (self.content, operation.method.result()) {
            (Content::Request, _) => Parts::Fields(operation.method.arguments(), home),
            (_, Some(_)) if operation.several => Parts::Fields(operation.outputs, home),
            (_, result) => {
                let any_name = operation.style >= rmix_abi::describe::style::RPC;
                Parts::Result(
                    operation.result,
                    result.unwrap_or(&types::UNIT),
                    any_name,
                    home,
                )
            }
        };
        let opened = match self.document.peek_child()? {
            Some(tag) if !bare => Some(self.open(tag)?),
            _ => None,
        };
        self.frames
            .push(Frame::Struct(StructFrame::new(opened, parts)));
        Ok(())
    }

    /// Stands before the one child that a fault's value is, in an element that is open.
    pub(crate) fn enter_detail(
        &mut self,
        tag: StartTag,
        ty: &'static TypeDesc,
    ) -> Result<(), Fault> {
        let namespace = self.operation()?.namespace;
        let xml = match ty.kind {
            type_kind::ENUM => &types::CHOICE,
            _ => &PLAIN,
        };
        self.pending = Some(Slot {
            variants: namespace,
            ..Slot::new(Source::Element(tag), ty, xml)
        });
        Ok(())
    }

    /// The slot of argument `index`, or of the result.
    pub(super) fn argument(&mut self, index: u32) -> Result<(), Fault> {
        self.come_back();
        if self.content == Content::Fault {
            return Ok(());
        }
        let operation = self.operation()?;
        let (bare, several) = (operation.is_bare(), operation.several);
        let result = operation.method.result().unwrap_or(&types::UNIT);
        if self.content == Content::Response && several {
            self.pending = Some(Slot::new(Source::Open, result, &PLAIN));
            return Ok(());
        }
        let part = usize::try_from(index).unwrap_or(usize::MAX);
        let slot = self.part(part, bare)?;
        self.pending = Some(slot);
        Ok(())
    }

    /// The slot of an argument, or of an output of an operation, wherever it stands.
    fn part(&mut self, part: usize, bare: bool) -> Result<Slot, Fault> {
        let Some(Frame::Struct(frame)) = self.frames.last() else {
            return Err(mismatch("an argument is read within another"));
        };
        let (parts, tag) = (frame.parts, frame.opened.map(|opened| opened.element.tag));
        let slot = |source| Slot::new(source, parts.ty(part), parts.xml(part));
        if parts.header(part).is_some() {
            return self.header(parts, part);
        }
        if parts.has(part, field_flags::ATTRIBUTE) {
            let found = match tag {
                Some(tag) => self.attribute_of(&tag, parts, part)?,
                None => None,
            };
            return Ok(slot(found.map_or(Source::Absent, Source::Text)));
        }
        if bare {
            let found = self.document.peek_child()?;
            return Ok(slot(
                found.map_or(Source::Absent, |tag| self.source(tag, parts, part)),
            ));
        }
        match self.child(part)? {
            Some(tag) => Ok(slot(self.source(tag, parts, part))),
            None => Ok(slot(Source::Absent)),
        }
    }

    fn source(&self, tag: StartTag, parts: Parts, part: usize) -> Source {
        let apart = field_flags::WRAPPED | field_flags::LIST;
        let repeated = parts.xml(part).flags & apart == 0 && !self.is_encoded();
        match sequence_within(parts.ty(part)) {
            Some(_) if repeated => Source::Run(tag),
            _ => Source::Element(tag),
        }
    }

    fn attribute_of(
        &self,
        tag: &StartTag,
        parts: Parts,
        part: usize,
    ) -> Result<Option<Text>, Fault> {
        let namespace = parts.xml(part).namespace().as_bytes();
        let name = parts.xml_name(part).as_bytes();
        self.document.attribute(tag, namespace, name)
    }

    /// The slot of a header block: reading goes there, and comes back before the next part.
    fn header(&mut self, parts: Parts, part: usize) -> Result<Slot, Fault> {
        let slot = |source| Slot::new(source, parts.ty(part), parts.xml(part));
        let Some(name) = parts.header(part) else {
            return Ok(slot(Source::Absent));
        };
        let Some(block) = self.headers.iter().find(|block| block.is_named(&name)) else {
            return Ok(slot(Source::Absent));
        };
        let tag = block.tag;
        self.away = Some((self.document.at, self.document.scope.jump(Part::Header)));
        self.document.at = tag.at;
        Ok(slot(Source::Element(tag)))
    }

    /// Comes back from a header block.
    pub(super) fn come_back(&mut self) {
        if let Some((at, mark)) = self.away.take() {
            self.document.at = at;
            self.document.scope.back(mark);
        }
    }

    /// The slot of the next value.
    #[inline]
    pub(super) fn take_slot(&mut self) -> Result<Slot, Fault> {
        if let Some(slot) = self.pending.take() {
            return Ok(slot);
        }
        match self.frames.last_mut() {
            Some(Frame::Struct(StructFrame {
                next_member: Some(next),
                ..
            })) => {
                let next = *next;
                self.next_of_tuple(next)
            }
            Some(Frame::Items { .. } | Frame::Run { .. } | Frame::List { .. }) => {
                // An array of fixed length is read without being asked whether more follows.
                match super::decode::more(self)? {
                    true => self.pending.take().ok_or_else(nowhere),
                    false => Err(mismatch("an array has fewer items than its type")),
                }
            }
            Some(Frame::Numbers { all, next }) => {
                let text = all.text(*next).ok_or_else(nowhere)?;
                *next += 1;
                Ok(Slot::new(
                    Source::Text(Text::Owned(text)),
                    &types::UNIT,
                    &PLAIN,
                ))
            }
            _ => Err(nowhere()),
        }
    }

    fn next_of_tuple(&mut self, part: usize) -> Result<Slot, Fault> {
        if let Some(Frame::Struct(frame)) = self.frames.last_mut() {
            if part >= frame.parts.len() {
                return Err(mismatch("a tuple has more values than are described"));
            }
            frame.next_member = Some(part + 1);
        }
        self.part(part, false)
    }

    /// Reads to the end of the message.
    pub(super) fn finish(&mut self) -> Result<(), Fault> {
        self.come_back();
        // A fault was read to the end of the message before its detail was.
        if self.content == Content::Fault {
            return Ok(());
        }
        if let Some(Frame::Struct(frame)) = self.frames.pop()
            && let Some(opened) = frame.opened
            && !frame.is_left
        {
            if let Some(index) = frame.index {
                self.document.at = index.end;
            }
            self.close(&opened)?;
        }
        let [envelope, body] = self.around;
        if !body.tag.is_empty {
            let (bare, encoded) = (self.operation()?.is_bare(), self.is_encoded());
            if let Some(tag) = self.document.peek_child()?
                && !encoded
                && !(bare && self.nothing_was_read(&tag))
            {
                let rule = "a SOAP body has one element, and here is another";
                return Err(mismatch(rule).at(tag.at as u64));
            }
        }
        self.document.close(&body)?;
        self.document.close(&envelope)?;
        end_of_document(&mut self.document)
    }

    /// Whether this is the body's first child still: of a bare operation without a value.
    fn nothing_was_read(&mut self, tag: &StartTag) -> bool {
        let [_, body] = &self.around;
        let between = self.document.bytes().get(body.tag.next..tag.at);
        between.is_some_and(|between| !between.contains(&b'>'))
    }
}

/// Only comments and white space follow the root element.
pub(crate) fn end_of_document(document: &mut Document) -> Result<(), Fault> {
    loop {
        match document.token()? {
            Token::Eof => return Ok(()),
            Token::Text(span) => document.refuse_text(span)?,
            Token::Comment => {}
            Token::Start(_) | Token::End(_) | Token::CData(_) => {
                return Err(mismatch("something follows the envelope"));
            }
        }
    }
}

fn frame_parts(frames: &[Frame]) -> Parts {
    match frames.last() {
        Some(Frame::Struct(frame)) => frame.parts,
        _ => Parts::Fields(&[], Home::message("")),
    }
}

#[cold]
fn nowhere() -> Fault {
    mismatch("a value is read where none is described")
}

/// What is kept beside a decoder of ours.
#[inline]
pub(super) fn reading(d: &mut Dec) -> Result<&mut Reading, Fault> {
    d.kept::<Reading>()
        .ok_or_else(|| mismatch("no message was opened"))
}
