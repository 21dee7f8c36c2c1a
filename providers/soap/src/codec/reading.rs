//! The message that is being read: where the next value is, and what is open around it.

use std::sync::Arc;

use rmix_abi::describe::{FieldDesc, TypeDesc, field_flags, type_kind};
use rmix_abi::tables::{Dec, Fault};

use super::octets::Attachments;
use super::references::{References, reference};
use super::slot::{Fit, Home, Parts, Slot, Source};
use super::types::{self, PLAIN, sequence_within};
use super::{Content, mismatch};
use crate::envelope::HeaderBlock;
use crate::names::{Interface, Operation, XSI};
use crate::xml::{
    Document, Element, Mark, Numbers, Part, StartTag, Text, Token, beyond, parse_bool, trim,
};

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

/// An element that is entered, and where to go when it is left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opened {
    pub(super) element: Element,
    back: Option<(usize, Mark)>,
}

/// What is open.
#[derive(Debug)]
pub(super) enum Frame {
    /// An element whose values are named, or the parts of one.
    Struct(StructFrame),
    /// Sibling elements; the part of the frame below, and how far its index was searched.
    Run {
        part: usize,
        first: Option<StartTag>,
        from: usize,
    },
    /// Children of an element; of any name when it is empty.
    Items {
        opened: Opened,
        name: &'static str,
        item: Slot,
    },
    /// Items between white space.
    List {
        text: Text,
        at: usize,
        ty: &'static TypeDesc,
        xml: &'static rmix_abi::describe::FieldXml,
    },
    /// Numbers that were read ahead.
    Numbers { all: Numbers, next: usize },
    /// Nothing.
    Empty,
    /// A variant; the element of its enum, or what of it is to be left.
    Variant(Option<Opened>),
}

/// The state of a struct that is open.
#[derive(Debug)]
pub(super) struct StructFrame {
    /// The element; none when it is that of the frame below.
    pub(super) opened: Option<Opened>,
    pub(super) parts: Parts,
    /// Bit by bit, which parts were found.
    seen: Vec<u64>,
    phase: Phase,
    index: Option<Index>,
    /// The member of a tuple that comes next.
    pub(super) next_member: Option<usize>,
    /// The element was left: its text was read.
    pub(super) is_left: bool,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Attributes(usize),
    Headers(usize),
    Children(usize),
    Missing(usize),
}

/// Where the children of an element stand whose runs are interrupted: the part, and the first of a run.
#[derive(Debug)]
struct Index {
    /// Part (`TAKEN` once it was read) and place.
    runs: Vec<(u32, u32)>,
    end: usize,
}

const TAKEN: u32 = u32::MAX;

impl StructFrame {
    pub(super) fn new(opened: Option<Opened>, parts: Parts) -> StructFrame {
        StructFrame {
            opened,
            parts,
            seen: vec![0; parts.len().div_ceil(64)],
            phase: Phase::Attributes(0),
            index: None,
            next_member: matches!(parts, Parts::Members(..)).then_some(0),
            is_left: false,
        }
    }

    /// Whether a part was found before; it is from now on.
    fn saw(&mut self, part: usize) -> bool {
        let Some(word) = self.seen.get_mut(part / 64) else {
            return true;
        };
        let before = *word & (1 << (part % 64)) != 0;
        *word |= 1 << (part % 64);
        before
    }
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
        let name = parts.name(part).as_bytes();
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

    /// The child that is this part of the struct on top, with the place before it.
    fn child(&mut self, part: usize) -> Result<Option<StartTag>, Fault> {
        loop {
            let Some(Frame::Struct(frame)) = self.frames.last() else {
                return Ok(None);
            };
            if frame
                .opened
                .is_some_and(|opened| opened.element.tag.is_empty)
                || frame.opened.is_none()
            {
                return Ok(None);
            }
            if frame.index.is_some() {
                return self.indexed(self.frames.len() - 1, part, &mut 0);
            }
            let Some(tag) = self.document.peek_child()? else {
                return Ok(None);
            };
            match self.part_of(&tag, frame_parts(&self.frames), part)? {
                Some(found) if found == part => return Ok(Some(tag)),
                Some(_) => self.build_index(self.frames.len() - 1)?,
                None => self.document.skip()?,
            }
        }
    }

    fn part_of(&self, tag: &StartTag, parts: Parts, guess: usize) -> Result<Option<usize>, Fault> {
        let local = tag.local().of(self.document.bytes());
        let namespace = self.document.namespace(tag)?;
        Ok(parts.find(&namespace, local, guess))
    }

    /// Notes where the rest of the children of the struct in a frame stand.
    fn build_index(&mut self, at_frame: usize) -> Result<(), Fault> {
        let Some(Frame::Struct(StructFrame { parts, .. })) = self.frames.get(at_frame) else {
            return Ok(());
        };
        let parts = *parts;
        let mut runs: Vec<(u32, u32)> = Vec::new();
        while let Some(tag) = self.document.peek_child()? {
            let found = self.part_of(&tag, parts, 0)?;
            if let Some(part) = found.and_then(|part| u32::try_from(part).ok())
                && runs.last().is_none_or(|last| last.0 != part)
            {
                let place = u32::try_from(tag.at);
                let place = place.map_err(|_| mismatch("a message is longer than 4 GiB"))?;
                runs.push((part, place));
            }
            self.document.skip()?;
        }
        let end = self.document.at;
        if let Some(Frame::Struct(frame)) = self.frames.get_mut(at_frame) {
            frame.index = Some(Index { runs, end });
        }
        Ok(())
    }

    /// The next run of a part by the index, which is searched from `from` on; any part's when it is `usize::MAX`.
    fn indexed(
        &mut self,
        at_frame: usize,
        part: usize,
        from: &mut usize,
    ) -> Result<Option<StartTag>, Fault> {
        let Some(Frame::Struct(frame)) = self.frames.get_mut(at_frame) else {
            return Ok(None);
        };
        let Some(index) = frame.index.as_mut() else {
            return Ok(None);
        };
        let wanted = u32::try_from(part).ok();
        let rest = index.runs.get_mut(*from..).unwrap_or_default();
        let fits = |run: &(u32, u32)| run.0 != TAKEN && wanted.is_none_or(|part| run.0 == part);
        let found = rest.iter().position(fits);
        let Some(place) = found else {
            self.document.at = index.end;
            return Ok(None);
        };
        *from += place + 1;
        if let Some(run) = rest.get_mut(place) {
            self.document.at = usize::try_from(run.1).unwrap_or(usize::MAX);
            run.0 = TAKEN;
        }
        self.document.peek_child()
    }

    /// The next value of the struct on top: its name, with the slot set; none when there are no more.
    pub(super) fn next_field(&mut self) -> Result<Option<&'static str>, Fault> {
        if self.frames.len() == 1 {
            self.come_back();
        }
        loop {
            let Some(Frame::Struct(frame)) = self.frames.last_mut() else {
                return Err(mismatch("a field is read outside of a struct"));
            };
            let (parts, opened, phase) = (frame.parts, frame.opened, frame.phase);
            let found = match phase {
                Phase::Attributes(part) => {
                    frame.phase = match part < parts.len() {
                        true => Phase::Attributes(part + 1),
                        false => Phase::Headers(0),
                    };
                    self.field_attribute(opened, parts, part)?
                }
                Phase::Headers(part) => {
                    frame.phase = match part < parts.len() {
                        true => Phase::Headers(part + 1),
                        false => Phase::Children(0),
                    };
                    self.field_header_or_text(opened, parts, part)?
                }
                Phase::Children(guess) => self.field_child(parts, guess)?,
                Phase::Missing(part) if part >= parts.len() => return Ok(None),
                Phase::Missing(part) => {
                    frame.phase = Phase::Missing(part + 1);
                    missing(frame.saw(part), parts, part)
                }
            };
            if let Some((part, slot)) = found {
                self.pending = Some(slot);
                return Ok(Some(parts.name(part)));
            }
        }
    }

    fn field_attribute(
        &mut self,
        opened: Option<Opened>,
        parts: Parts,
        part: usize,
    ) -> Result<Option<(usize, Slot)>, Fault> {
        let Some(opened) = opened.filter(|_| parts.has(part, field_flags::ATTRIBUTE)) else {
            return Ok(None);
        };
        let found = self.attribute_of(&opened.element.tag, parts, part)?;
        let Some(text) = found else {
            return Ok(None);
        };
        self.see(part);
        Ok(Some((
            part,
            Slot::new(Source::Text(text), parts.ty(part), parts.xml(part)),
        )))
    }

    fn field_header_or_text(
        &mut self,
        opened: Option<Opened>,
        parts: Parts,
        part: usize,
    ) -> Result<Option<(usize, Slot)>, Fault> {
        if parts.header(part).is_some() {
            self.see(part);
            return Ok(Some((part, self.header(parts, part)?)));
        }
        let Some(opened) = opened.filter(|_| parts.has(part, field_flags::TEXT)) else {
            return Ok(None);
        };
        let text = self.text(&opened)?;
        if let Some(Frame::Struct(frame)) = self.frames.last_mut() {
            frame.is_left = true;
            frame.phase = Phase::Missing(0);
        }
        self.see(part);
        Ok(Some((
            part,
            Slot::new(Source::Text(text), parts.ty(part), parts.xml(part)),
        )))
    }

    fn see(&mut self, part: usize) -> bool {
        match self.frames.last_mut() {
            Some(Frame::Struct(frame)) => frame.saw(part),
            _ => false,
        }
    }

    /// The next child that is a part; after the last one, what is missing comes.
    fn field_child(&mut self, parts: Parts, guess: usize) -> Result<Option<(usize, Slot)>, Fault> {
        let Some(Frame::Struct(frame)) = self.frames.last_mut() else {
            return Ok(None);
        };
        let is_empty = frame
            .opened
            .is_some_and(|opened| opened.element.tag.is_empty);
        let is_indexed = frame.index.is_some();
        let tag = match (is_empty, is_indexed) {
            (true, _) => None,
            (false, true) => self.indexed(self.frames.len() - 1, usize::MAX, &mut 0)?,
            (false, false) => self.document.peek_child()?,
        };
        let Some(tag) = tag else {
            if let Some(Frame::Struct(frame)) = self.frames.last_mut() {
                frame.phase = Phase::Missing(0);
            }
            return Ok(None);
        };
        let Some(part) = self.part_of(&tag, parts, guess)? else {
            self.document.skip()?;
            return Ok(None);
        };
        if self.see(part) {
            return Err(mismatch("an element stands there twice").at(tag.at as u64));
        }
        if let Some(Frame::Struct(frame)) = self.frames.last_mut() {
            frame.phase = Phase::Children(part + 1);
        }
        let source = self.source(tag, parts, part);
        Ok(Some((
            part,
            Slot::new(source, parts.ty(part), parts.xml(part)),
        )))
    }

    /// The next element of the run on top, with the place before it.
    pub(super) fn next_of_run(&mut self) -> Result<Option<StartTag>, Fault> {
        let below = self.frames.len().wrapping_sub(2);
        let Some(Frame::Run { part, first, from }) = self.frames.last_mut() else {
            return Ok(None);
        };
        if let Some(first) = first.take() {
            return Ok(Some(first));
        }
        let (part, mut searched) = (*part, *from);
        let Some(Frame::Struct(StructFrame { parts, opened, .. })) = self.frames.get(below) else {
            return Ok(None);
        };
        let (parts, is_body) = (*parts, opened.is_none());
        let Some(tag) = self.document.peek_child()? else {
            return self.run_goes_on(below, part, &mut searched);
        };
        let local = tag.local().of(self.document.bytes());
        let namespace = self.document.namespace(&tag)?;
        if is_body || parts.fit(part, &namespace, local) != Fit::Not {
            return Ok(Some(tag));
        }
        let is_indexed =
            matches!(self.frames.get(below), Some(Frame::Struct(frame)) if frame.index.is_some());
        if !is_indexed {
            self.build_index(below)?;
        }
        self.run_goes_on(below, part, &mut searched)
    }

    fn run_goes_on(
        &mut self,
        below: usize,
        part: usize,
        searched: &mut usize,
    ) -> Result<Option<StartTag>, Fault> {
        let found = self.indexed(below, part, searched)?;
        if let Some(Frame::Run { from, .. }) = self.frames.last_mut() {
            *from = *searched;
        }
        Ok(found)
    }

    /// Enters an element, or the one that it refers to.
    pub(super) fn open(&mut self, tag: StartTag) -> Result<Opened, Fault> {
        if self.is_encoded()
            && let Some(wanted) = reference(&self.document, &tag)?
        {
            return self.follow(tag, &wanted);
        }
        let element = self.document.open(tag)?;
        Ok(Opened {
            element,
            back: None,
        })
    }

    fn follow(&mut self, tag: StartTag, wanted: &Text) -> Result<Opened, Fault> {
        let empty = self.document.open(tag)?;
        self.document.close(&empty)?;
        if self.references.is_none() {
            let [_, body] = &self.around;
            self.references = Some(References::find(&mut self.document, body.tag.next)?);
        }
        let Some(references) = &self.references else {
            return Err(mismatch("a reference leads to no element of the message"));
        };
        let target = references.target(&mut self.document, wanted)?;
        if self.active.contains(&target.at) {
            let rule = "values refer to each other in a circle, which no Rust value holds";
            return Err(mismatch(rule).at(tag.at as u64));
        }
        if reference(&self.document, &target)?.is_some() {
            return Err(mismatch("a reference leads to a reference").at(tag.at as u64));
        }
        self.active.push(target.at);
        let back = (self.document.at, self.document.scope.jump(Part::Body));
        let element = self.document.open(target)?;
        Ok(Opened {
            element,
            back: Some(back),
        })
    }

    /// Leaves an element over what is left in it.
    pub(super) fn close(&mut self, opened: &Opened) -> Result<(), Fault> {
        self.document.close(&opened.element)?;
        self.went(opened);
        Ok(())
    }

    /// Reads the text of an element and leaves it.
    #[inline]
    pub(super) fn text(&mut self, opened: &Opened) -> Result<Text, Fault> {
        let text = self.document.text(&opened.element)?;
        if !self.active.is_empty() {
            let len = text.of(self.document.bytes()).len();
            let left = self.reference_bytes_left.checked_sub(len);
            self.reference_bytes_left = left.ok_or_else(|| {
                let limit = self.document.limits.reference_bytes;
                beyond(
                    "xml_reference_bytes",
                    opened.element.tag.at,
                    limit.saturating_add(1),
                    limit,
                )
            })?;
        }
        self.went(opened);
        Ok(text)
    }

    fn went(&mut self, opened: &Opened) {
        if let Some((at, mark)) = opened.back {
            self.active.pop();
            self.document.at = at;
            self.document.scope.back(mark);
        }
    }

    /// Whether `xsi:nil` says that an element which is not entered has no value.
    pub(super) fn is_nil(&mut self, tag: &StartTag) -> Result<bool, Fault> {
        if tag.attributes.len() == 0 {
            return Ok(false);
        }
        let found = self.instance_attribute(tag, b"nil")?;
        match found {
            Some(text) => parse_bool(trim(text.of(self.document.bytes()))),
            None => Ok(false),
        }
    }

    /// An attribute of the instance namespace, of an element that is not entered.
    pub(super) fn instance_attribute(
        &mut self,
        tag: &StartTag,
        name: &[u8],
    ) -> Result<Option<Text>, Fault> {
        let at = self.document.at;
        let element = self.document.open(*tag)?;
        let found = self.document.attribute(tag, XSI.as_bytes(), name);
        self.document.leave(&element);
        self.document.at = at;
        found
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

/// A part that is not there, where there is a value for that.
fn missing(was_seen: bool, parts: Parts, part: usize) -> Option<(usize, Slot)> {
    let ty = parts.ty(part);
    let has_value = ty.kind == type_kind::OPTION || sequence_within(ty).is_some();
    if was_seen || !has_value {
        return None;
    }
    Some((part, Slot::new(Source::Absent, ty, parts.xml(part))))
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

impl StructFrame {
    /// Goes to the end tag, where an index has led away from it.
    pub(super) fn go_to_end(&self, document: &mut Document) {
        if let Some(index) = &self.index {
            document.at = index.end;
        }
    }

    /// The part that is read, where fields are read in the order of the document.
    pub(super) fn part_under_way(&self) -> Option<usize> {
        match self.phase {
            Phase::Children(next) => next.checked_sub(1),
            _ => None,
        }
    }
}

impl Reading {
    /// The part of the struct on top that the element at the place is.
    pub(super) fn part_at(&self, tag: &StartTag) -> Result<usize, Fault> {
        let found = self.part_of(tag, frame_parts(&self.frames), 0)?;
        Ok(found.unwrap_or(0))
    }

    /// The slot of one of the elements of the run on top.
    pub(super) fn run_slot(&self, tag: StartTag) -> Slot {
        let below = self.frames.len().wrapping_sub(2);
        let (parts, part) = match (self.frames.get(below), self.frames.last()) {
            (Some(Frame::Struct(frame)), Some(Frame::Run { part, .. })) => (frame.parts, *part),
            _ => (Parts::Fields(&[], Home::message("")), 0),
        };
        let item = sequence_within(parts.ty(part)).and_then(TypeDesc::element);
        Slot::new(
            Source::Element(tag),
            item.unwrap_or(&types::UNIT),
            parts.xml(part),
        )
    }

    /// The namespace of a prefix in the scope of an element that is not entered.
    pub(super) fn namespace_in(&mut self, tag: &StartTag, prefix: &[u8]) -> Result<Vec<u8>, Fault> {
        let at = self.document.at;
        let element = self.document.open(*tag)?;
        let bytes = self.document.bytes();
        let found = self
            .document
            .scope
            .resolve(bytes, prefix)
            .map(<[u8]>::to_vec);
        self.document.leave(&element);
        self.document.at = at;
        found.ok_or_else(|| mismatch("the prefix in xsi:type is not declared").at(tag.at as u64))
    }
}
