//! The values of a struct, in the order of the document: attributes, header blocks, text, children; then what is missing.

use rmix_abi::describe::{field_flags, type_kind};
use rmix_abi::tables::Fault;

use super::Reading;
use super::frames::{Frame, Opened, Phase};
use crate::codec::mismatch;
use crate::codec::slot::{Parts, Slot, Source};
use crate::codec::types::sequence_within;

impl Reading {
    /// The next value of the struct on top: its name, with the slot set; none when there are no more.
    pub(in crate::codec) fn next_field(&mut self) -> Result<Option<&'static str>, Fault> {
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
