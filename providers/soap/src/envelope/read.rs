//! Reads an envelope up to its body's child: version, header blocks, and which operation is meant. The child itself is
//! read by the decoder, once.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use rmix_abi::tables::{Dec, Fault, profile};

use super::header::{in_header, text};
use super::{EnvelopeError, EnvelopeErrorKind, HeaderBlock, Version};
use crate::codec::{Attachments, Content, Reading, SoapCodec};
use crate::names::{ElementName, Interface};
use crate::xml::{Document, Element, Part, Span, StartTag, XmlLimits, malformed, to_utf8};

/// An envelope whose body is not read yet.
#[derive(Debug)]
pub struct Envelope {
    pub(crate) document: Document,
    version: Version,
    headers: Vec<HeaderBlock>,
    pub(crate) around: [Element; 2],
    child: Option<(Body, StartTag)>,
}

/// The body's child, by name. Complete on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// Namespace, empty for none.
    pub namespace: Box<str>,
    /// Local name.
    pub local: Box<str>,
}

impl Envelope {
    /// Reads the envelope that `message` begins with; what lies behind `len` bytes is other parts of the message, which
    /// stay with it. `charset` is what the transport says of the encoding.
    ///
    /// # Errors
    /// The message is no envelope of SOAP 1.1 or 1.2, or exceeds a limit.
    pub fn read(
        message: Bytes,
        range: std::ops::Range<usize>,
        charset: Option<&str>,
        limits: &XmlLimits,
    ) -> Result<Envelope, EnvelopeError> {
        let raw = message.get(range.clone()).unwrap_or_default();
        let utf8 = to_utf8(raw, charset, limits.text_bytes);
        let utf8 = utf8.map_err(|found| EnvelopeError::of_fault(&found, raw))?;
        let (bytes, span) = match utf8 {
            Cow::Borrowed(text) => {
                // A byte order mark is left out at the beginning, nothing at the end.
                let start = range.end.saturating_sub(text.len());
                let end = range.end;
                (message.clone(), Span { start, end })
            }
            Cow::Owned(text) => {
                let span = Span {
                    start: 0,
                    end: text.len(),
                };
                (Bytes::from(text), span)
            }
        };
        let document = Document::new(bytes.clone(), span, *limits);
        let text = bytes.get(..span.end).unwrap_or_default();
        Envelope::parse(document).map_err(|error| match error {
            Refused::Fault(found) => EnvelopeError::of_fault(&found, text),
            Refused::Version(found) => found,
        })
    }

    fn parse(mut document: Document) -> Result<Envelope, Refused> {
        skip_declaration(&mut document)?;
        let root = document.peek_child()?;
        let root = root.ok_or_else(|| malformed("an end tag stands before the envelope", 0))?;
        let namespace = text(&document.namespace(&root)?);
        if root.local().of(document.bytes()) != b"Envelope" {
            let rule = "the root element is not an Envelope";
            return Err(malformed(rule, root.at).into());
        }
        let Some(version) = Version::of_namespace(&namespace) else {
            return Err(Refused::Version(EnvelopeError::new(
                EnvelopeErrorKind::VersionMismatch,
                format!(
                    "the envelope is neither of SOAP 1.1 nor of 1.2: its namespace is {namespace:?}"
                ),
            )));
        };
        let envelope = document.open(root)?;
        document.scope.fix(Part::Envelope);
        let mut headers = Vec::new();
        let mut tag = envelope_child(&mut document, &envelope, version)?;
        if let Some((header, name)) = tag
            && name == b"Header"
        {
            read_headers(&mut document, header, version, &mut headers)?;
            tag = envelope_child(&mut document, &envelope, version)?;
        }
        let Some((body, b"Body")) = tag else {
            return Err(malformed("the envelope has no Body", document.at).into());
        };
        let body = document.open(body)?;
        document.scope.fix(Part::Body);
        document.scope.enter(Part::Body);
        let child = match body.tag.is_empty {
            true => None,
            false => document.peek_child()?,
        };
        let child = match child {
            Some(tag) => {
                let namespace = text(&document.namespace(&tag)?);
                let local = text(tag.local().of(document.bytes()));
                Some((Body { namespace, local }, tag))
            }
            None => None,
        };
        Ok(Envelope {
            document,
            version,
            headers,
            around: [envelope, body],
            child,
        })
    }

    /// The version of SOAP.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The header blocks, in order.
    pub fn headers(&self) -> &[HeaderBlock] {
        &self.headers
    }

    /// Reads one of the header blocks where it stands; the place and what is in scope are as before when it returns.
    ///
    /// # Errors
    /// What `read` has found, with line and column.
    pub(crate) fn within_header<T>(
        &mut self,
        tag: StartTag,
        read: impl FnOnce(&mut Document, StartTag) -> Result<T, Fault>,
    ) -> Result<T, EnvelopeError> {
        let at = self.document.at;
        let mark = self.document.scope.jump(Part::Header);
        let open = self.document.scope.len();
        self.document.at = tag.at;
        let found = read(&mut self.document, tag);
        self.document.scope.leave(open);
        self.document.scope.back(mark);
        self.document.at = at;
        found.map_err(|found| EnvelopeError::of_fault(&found, self.document.bytes()))
    }

    /// The name of the body's child, if it has one.
    pub fn body(&self) -> Option<&Body> {
        self.child.as_ref().map(|(name, _)| name)
    }

    /// Whether the body is a fault.
    pub(crate) fn is_fault(&self) -> bool {
        let namespace = self.version.namespace();
        self.body()
            .is_some_and(|body| *body.namespace == *namespace && *body.local == *"Fault")
    }

    pub(crate) fn child(&self) -> Option<StartTag> {
        self.child.as_ref().map(|(_, tag)| *tag)
    }

    /// The document as it is read: UTF-8; header blocks' ranges are of it.
    pub fn text(&self) -> &[u8] {
        self.document.bytes()
    }

    /// The operation that is called.
    pub fn operation(&self, interface: &Interface) -> Option<usize> {
        match self.body() {
            Some(name) => interface.called_by(&name.namespace, &name.local),
            None => interface.called_by_nothing(),
        }
    }

    /// Refuses header blocks that must be understood and are not: neither described for operation `place` nor `known`
    /// to the provider, which reads them itself.
    ///
    /// # Errors
    /// Such a block, by name.
    pub fn check_understood(
        &self,
        interface: &Interface,
        place: usize,
        of_request: bool,
        known: impl Fn(&HeaderBlock) -> bool,
    ) -> Result<(), EnvelopeError> {
        let described: Vec<ElementName> = interface
            .operation(place)
            .map(|operation| {
                operation
                    .headers(of_request)
                    .map(|(_, name)| name)
                    .collect()
            })
            .unwrap_or_default();
        let is_known = |block: &&HeaderBlock| {
            !block.must_understand()
                || !block.is_for_us()
                || known(block)
                || described.iter().any(|name| block.is_named(name))
        };
        match self.headers.iter().find(|block| !is_known(block)) {
            None => Ok(()),
            Some(block) => Err(EnvelopeError::new(
                EnvelopeErrorKind::MustUnderstand,
                format!(
                    "the header block {{{}}}{} must be understood, and is not",
                    block.namespace(),
                    block.local()
                ),
            )),
        }
    }

    /// The arguments of operation `place`, which the body's child calls.
    ///
    /// # Errors
    /// The body cannot be entered.
    pub fn into_request(
        self,
        interface: &Arc<Interface>,
        place: usize,
        attachments: Attachments,
        (depth, items): (u32, u64),
    ) -> Result<Dec, EnvelopeError> {
        self.into_values(
            interface,
            place,
            Content::Request,
            attachments,
            (depth, items),
        )
    }

    pub(crate) fn into_values(
        self,
        interface: &Arc<Interface>,
        place: usize,
        content: Content,
        attachments: Attachments,
        (depth, items): (u32, u64),
    ) -> Result<Dec, EnvelopeError> {
        let bytes = self.document.message().clone();
        let parts = (self.document, self.around, self.headers);
        let mut reading = Reading::new(interface.clone(), place, content, parts, attachments);
        let entered = reading.enter_body();
        entered.map_err(|found| EnvelopeError::of_fault(&found, &bytes))?;
        let mut dec = Dec::over(bytes, SoapCodec::DECODER, profile::NONE, depth, items);
        dec.keep(reading);
        Ok(dec)
    }

    pub(crate) fn into_parts(self) -> (Document, [Element; 2], Vec<HeaderBlock>) {
        (self.document, self.around, self.headers)
    }
}

enum Refused {
    Fault(Fault),
    Version(EnvelopeError),
}

impl From<Fault> for Refused {
    fn from(found: Fault) -> Refused {
        Refused::Fault(found)
    }
}

fn skip_declaration(document: &mut Document) -> Result<(), Fault> {
    let start = document.at;
    let rest = document.bytes().get(start..).unwrap_or_default();
    if !rest.starts_with(b"<?xml") {
        return Ok(());
    }
    let Some(end) = memchr::memmem::find(rest, b"?>") else {
        return Err(malformed("the XML declaration does not end", start));
    };
    document.at = start + end + 2;
    Ok(())
}

/// The next child of the envelope: its tag and local name, which are SOAP's.
fn envelope_child(
    document: &mut Document,
    envelope: &Element,
    version: Version,
) -> Result<Option<(StartTag, &'static [u8])>, Fault> {
    if envelope.tag.is_empty {
        return Ok(None);
    }
    let Some(tag) = document.peek_child()? else {
        return Ok(None);
    };
    let local = tag.local().of(document.bytes());
    let known: [&'static [u8]; 2] = [b"Header", b"Body"];
    let name = known.into_iter().find(|name| *name == local);
    let is_soap = *document.namespace(&tag)? == *version.namespace().as_bytes();
    match name.filter(|_| is_soap) {
        Some(name) => Ok(Some((tag, name))),
        None => Err(malformed(
            "an envelope has a Header and a Body, and here is something else",
            tag.at,
        )),
    }
}

fn read_headers(
    document: &mut Document,
    tag: StartTag,
    version: Version,
    headers: &mut Vec<HeaderBlock>,
) -> Result<(), Fault> {
    let header = document.open(tag)?;
    in_header(document);
    while !header.tag.is_empty
        && let Some(tag) = document.peek_child()?
    {
        let limit = document.limits.headers;
        if headers.len() >= limit {
            return Err(crate::xml::beyond(
                "soap_headers",
                tag.at,
                headers.len() + 1,
                limit,
            ));
        }
        headers.push(HeaderBlock::read(document, tag, version)?);
    }
    document.close(&header)?;
    document.scope.enter(Part::Envelope);
    Ok(())
}
