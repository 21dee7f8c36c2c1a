//! The children of an element that is open: found by name, in the order they are asked for. As long as they stand in that
//! order, nothing is looked at twice; an interruption makes an index of what is left of the element.

use rmix_abi::describe::TypeDesc;
use rmix_abi::tables::Fault;

use super::frames::{Frame, Index, StructFrame, TAKEN};
use super::{Reading, frame_parts};
use crate::codec::mismatch;
use crate::codec::slot::{Fit, Home, Parts, Slot, Source};
use crate::codec::types::{self, sequence_within};
use crate::xml::StartTag;

impl Reading {
    /// The child that is this part of the struct on top, with the place before it.
    pub(in crate::codec) fn child(&mut self, part: usize) -> Result<Option<StartTag>, Fault> {
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

    /// The part of the struct on top that the element at the place is.
    pub(in crate::codec) fn part_at(&self, tag: &StartTag) -> Result<usize, Fault> {
        let found = self.part_of(tag, frame_parts(&self.frames), 0)?;
        Ok(found.unwrap_or(0))
    }

    pub(in crate::codec) fn part_of(
        &self,
        tag: &StartTag,
        parts: Parts,
        guess: usize,
    ) -> Result<Option<usize>, Fault> {
        let local = tag.local().of(self.document.bytes());
        let namespace = self.document.namespace(tag)?;
        Ok(parts.find(&namespace, local, guess))
    }

    /// Notes where the rest of the children of the struct in a frame stand.
    pub(in crate::codec) fn build_index(&mut self, at_frame: usize) -> Result<(), Fault> {
        let Some(Frame::Struct(StructFrame { parts, .. })) = self.frames.get(at_frame) else {
            return Ok(());
        };
        let parts = *parts;
        let mut runs: Vec<(u32, u32)> = Vec::new();
        let mut before = None;
        while let Some(tag) = self.document.peek_child()? {
            let found = self.part_of(&tag, parts, 0)?;
            let found = found.and_then(|part| u32::try_from(part).ok());
            if let Some(part) = found.filter(|_| found != before) {
                let place = u32::try_from(tag.at);
                let place = place.map_err(|_| mismatch("a message is longer than 4 GiB"))?;
                runs.push((part, place));
            }
            before = found;
            self.document.skip()?;
        }
        let end = self.document.at;
        if let Some(Frame::Struct(frame)) = self.frames.get_mut(at_frame) {
            frame.index = Some(Index { runs, end });
        }
        Ok(())
    }

    /// The next run of a part by the index, which is searched from `from` on; any part's when it is `usize::MAX`.
    pub(in crate::codec) fn indexed(
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

    /// The next element of the run on top, with the place before it.
    pub(in crate::codec) fn next_of_run(&mut self) -> Result<Option<StartTag>, Fault> {
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

    pub(in crate::codec) fn run_goes_on(
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

    /// The slot of one of the elements of the run on top.
    pub(in crate::codec) fn run_slot(&self, tag: StartTag) -> Slot {
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
}
