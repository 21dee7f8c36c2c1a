//! Enters and leaves elements, by reference too, and looks at what the instance namespace says of them.

use rmix_abi::tables::Fault;

use super::Reading;
use super::frames::Opened;
use crate::codec::mismatch;
use crate::codec::references::{References, reference};
use crate::names::XSI;
use crate::xml::{Part, StartTag, Text, beyond, parse_bool, trim};

impl Reading {
    /// Enters an element, or the one that it refers to.
    pub(in crate::codec) fn open(&mut self, tag: StartTag) -> Result<Opened, Fault> {
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
    pub(in crate::codec) fn close(&mut self, opened: &Opened) -> Result<(), Fault> {
        self.document.close(&opened.element)?;
        self.went(opened);
        Ok(())
    }

    /// Reads the text of an element and leaves it.
    #[inline]
    pub(in crate::codec) fn text(&mut self, opened: &Opened) -> Result<Text, Fault> {
        let text = self.document.text(&opened.element)?;
        if !self.active.is_empty() {
            let len = text.of(self.document.bytes()).len();
            self.charge_reference(len, opened.element.tag.at)?;
        }
        self.went(opened);
        Ok(text)
    }

    /// Counts bytes that are read by reference, and may be read so again.
    pub(in crate::codec) fn charge_reference(
        &mut self,
        len: usize,
        at: usize,
    ) -> Result<(), Fault> {
        let left = self.reference_bytes_left.checked_sub(len);
        self.reference_bytes_left = left.ok_or_else(|| {
            let limit = self.document.limits.reference_bytes;
            beyond("xml_reference_bytes", at, limit.saturating_add(1), limit)
        })?;
        Ok(())
    }

    fn went(&mut self, opened: &Opened) {
        if let Some((at, mark)) = opened.back {
            self.active.pop();
            self.document.at = at;
            self.document.scope.back(mark);
        }
    }

    /// Whether `xsi:nil` says that an element which is not entered has no value.
    pub(in crate::codec) fn is_nil(&mut self, tag: &StartTag) -> Result<bool, Fault> {
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
    pub(in crate::codec) fn instance_attribute(
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

    /// The namespace of a prefix in the scope of an element that is not entered.
    pub(in crate::codec) fn namespace_in(
        &mut self,
        tag: &StartTag,
        prefix: &[u8],
    ) -> Result<Vec<u8>, Fault> {
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
