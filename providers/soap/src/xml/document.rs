//! A document that is being read: its bytes, the place, and what is open there.

use std::borrow::Cow;

use bytes::Bytes;
use rmix_abi::tables::{Fault, fault};

use super::{
    Scope, Span, StartTag, Text, Token, XmlLimits, attribute, beyond, each_attribute, malformed,
    next, trim, unescape,
};

/// A document and a place in it.
#[derive(Debug)]
pub(crate) struct Document {
    bytes: Bytes,
    /// Where the document ends; other parts of a message may follow.
    end: usize,
    /// Where the next token begins.
    pub(crate) at: usize,
    pub(crate) limits: XmlLimits,
    pub(crate) scope: Scope,
    depth: usize,
    elements_left: u64,
}

/// An element whose start tag was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element {
    pub(crate) tag: StartTag,
    /// Declarations in scope around it.
    outer: usize,
}

impl Document {
    /// The document that lies at `span` of `bytes`, at its beginning.
    pub(crate) fn new(bytes: Bytes, span: Span, limits: XmlLimits) -> Document {
        Document {
            end: span.end.min(bytes.len()),
            bytes,
            at: span.start,
            limits,
            scope: Scope::new(),
            depth: 0,
            elements_left: limits.elements,
        }
    }

    /// The bytes up to the document's end.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.end).unwrap_or_default()
    }

    /// The bytes with whatever follows the document.
    pub(crate) fn message(&self) -> &Bytes {
        &self.bytes
    }

    /// Reads the next token.
    #[inline]
    pub(crate) fn token(&mut self) -> Result<Token, Fault> {
        let bytes = self.bytes.get(..self.end).unwrap_or_default();
        let (token, at) = next(bytes, self.at, &self.limits)?;
        self.at = at;
        Ok(token)
    }

    /// The next child element's tag, or none at the end tag of the element around it; the place is before either.
    pub(crate) fn peek_child(&mut self) -> Result<Option<StartTag>, Fault> {
        loop {
            let before = self.at;
            match self.token()? {
                Token::Start(tag) => {
                    self.at = before;
                    return Ok(Some(tag));
                }
                Token::End(_) => {
                    self.at = before;
                    return Ok(None);
                }
                Token::Comment => {}
                Token::Text(span) | Token::CData(span) => self.refuse_text(span)?,
                Token::Eof => return Err(self.ends_early()),
            }
        }
    }

    /// Text where only elements are expected must be white space.
    pub(crate) fn refuse_text(&self, span: Span) -> Result<(), Fault> {
        let text = span.of(self.bytes());
        match text.iter().position(|byte| !super::is_space(*byte)) {
            None => Ok(()),
            Some(place) => Err(Fault::new(fault::MISMATCH, "text stands between elements")
                .at((span.start + place) as u64)),
        }
    }

    /// Enters the element whose start tag is at the place.
    #[inline]
    pub(crate) fn open(&mut self, tag: StartTag) -> Result<Element, Fault> {
        self.at = tag.next;
        self.depth += 1;
        if self.depth > self.limits.depth {
            return Err(beyond("xml_depth", tag.at, self.depth, self.limits.depth));
        }
        self.count(1, tag.at)?;
        let outer = self.scope.len();
        if tag.attributes.len() > 0 {
            let bytes = self.bytes.get(..self.end).unwrap_or_default();
            let (scope, limits) = (&mut self.scope, &self.limits);
            each_attribute(bytes, tag.attributes, limits, |attribute| {
                scope.declare(bytes, attribute, limits)
            })?;
        }
        Ok(Element { tag, outer })
    }

    /// Counts elements against the limit.
    #[inline]
    pub(crate) fn count(&mut self, elements: u64, at: usize) -> Result<(), Fault> {
        if elements > self.elements_left {
            let limit = usize::try_from(self.limits.elements).unwrap_or(usize::MAX);
            return Err(beyond("xml_elements", at, limit.saturating_add(1), limit));
        }
        self.elements_left -= elements;
        Ok(())
    }

    /// Reads to the end tag of an element, over whatever is left in it, and leaves it.
    pub(crate) fn close(&mut self, element: &Element) -> Result<(), Fault> {
        self.pass_rest(element)?;
        self.leave(element);
        Ok(())
    }

    /// Reads over whatever is left in an element and its end tag.
    pub(crate) fn pass_rest(&mut self, element: &Element) -> Result<(), Fault> {
        if element.tag.is_empty {
            return Ok(());
        }
        loop {
            match self.token()? {
                Token::End(name) => return self.same_name(element, name),
                Token::Start(tag) => {
                    self.at = tag.at;
                    self.skip()?;
                }
                Token::Eof => return Err(self.ends_early()),
                Token::Comment | Token::Text(_) | Token::CData(_) => {}
            }
        }
    }

    /// Leaves an element whose end tag was read.
    #[inline]
    pub(crate) fn leave(&mut self, element: &Element) {
        self.scope.leave(element.outer);
        self.depth = self.depth.saturating_sub(1);
    }

    /// Reads over the element at the place.
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        let mut open: Vec<Span> = Vec::new();
        loop {
            let at = self.at;
            match self.token()? {
                Token::Start(tag) => {
                    let depth = self.depth + open.len() + 1;
                    if depth > self.limits.depth {
                        return Err(beyond("xml_depth", at, depth, self.limits.depth));
                    }
                    self.count(1, at)?;
                    if tag.attributes.len() > 0 {
                        let bytes = self.bytes.get(..self.end).unwrap_or_default();
                        each_attribute(bytes, tag.attributes, &self.limits, |_| Ok(()))?;
                    }
                    if !tag.is_empty {
                        open.push(tag.name);
                    }
                }
                Token::End(name) => {
                    let opened = open.pop().map(|opened| opened.of(self.bytes()));
                    if opened != Some(name.of(self.bytes())) {
                        return Err(malformed(
                            "an end tag has another name than its start tag",
                            at,
                        ));
                    }
                }
                Token::Eof => return Err(self.ends_early()),
                Token::Comment | Token::Text(_) | Token::CData(_) => {}
            }
            if open.is_empty() {
                return Ok(());
            }
        }
    }

    /// Reads the text of an element, which has no elements in it, and leaves the element.
    #[inline]
    pub(crate) fn text(&mut self, element: &Element) -> Result<Text, Fault> {
        let found = self.text_within(element)?;
        self.leave(element);
        Ok(found)
    }

    /// Reads the text of an element that is a qualified name, and leaves the element: namespace and local name. Neither a
    /// name without a prefix and a default namespace nor one with a prefix that is not declared has a namespace.
    pub(crate) fn qualified_name(&mut self, element: &Element) -> Result<(String, String), Fault> {
        let text = self.text_within(element)?;
        let bytes = self.bytes();
        let name = String::from_utf8_lossy(trim(text.of(bytes)));
        let (prefix, local) = name.rsplit_once(':').unwrap_or(("", &name));
        let namespace = self.scope.resolve(bytes, prefix.as_bytes());
        let namespace = String::from_utf8_lossy(namespace.unwrap_or_default()).into_owned();
        let local = local.to_owned();
        self.leave(element);
        Ok((namespace, local))
    }

    /// The text of an element up to its end tag, with which it is still in scope.
    #[inline]
    fn text_within(&mut self, element: &Element) -> Result<Text, Fault> {
        if element.tag.is_empty {
            let end = element.tag.next;
            return Ok(Text::Span(Span { start: end, end }));
        }
        let mut found = Text::Span(Span {
            start: self.at,
            end: self.at,
        });
        loop {
            match self.token()? {
                Token::Text(span) => self.append(&mut found, span, true)?,
                Token::CData(span) => self.append(&mut found, span, false)?,
                Token::Comment => {}
                Token::End(name) => {
                    self.same_name(element, name)?;
                    return Ok(found);
                }
                Token::Start(tag) => {
                    let rule = "an element stands where text is expected";
                    return Err(Fault::new(fault::MISMATCH, rule).at(tag.at as u64));
                }
                Token::Eof => return Err(self.ends_early()),
            }
        }
    }

    fn append(&self, found: &mut Text, span: Span, references: bool) -> Result<(), Fault> {
        let bytes = self.bytes();
        let piece = span.of(bytes);
        let as_it_is = match references {
            true => memchr::memchr2(b'&', b'\r', piece).is_none(),
            false => memchr::memchr(b'\r', piece).is_none(),
        };
        if let Text::Span(Span { start, end }) = found {
            if start == end && as_it_is {
                *found = Text::Span(span);
                return Ok(());
            }
            *found = Text::Owned(found.of(bytes).to_vec());
        }
        let Text::Owned(owned) = found else {
            return Ok(());
        };
        let longest = self.limits.text_bytes;
        if owned.len() + piece.len() > longest {
            let len = owned.len() + piece.len();
            return Err(beyond("xml_text_bytes", span.start, len, longest));
        }
        if references {
            return unescape(piece, span.start, owned);
        }
        if as_it_is {
            owned.extend_from_slice(piece);
            return Ok(());
        }
        let lines = piece.split(|byte| *byte == b'\r').enumerate();
        for (number, line) in lines {
            if number > 0 {
                owned.push(b'\n');
            }
            let line = if number > 0 {
                line.strip_prefix(b"\n").unwrap_or(line)
            } else {
                line
            };
            owned.extend_from_slice(line);
        }
        Ok(())
    }

    #[inline]
    fn same_name(&self, element: &Element, name: Span) -> Result<(), Fault> {
        if element.tag.name.of(self.bytes()) == name.of(self.bytes()) {
            return Ok(());
        }
        Err(malformed(
            "an end tag has another name than its start tag",
            name.start,
        ))
    }

    /// The namespace of a prefix in scope.
    pub(crate) fn resolve(&self, prefix: Span) -> Result<&[u8], Fault> {
        let bytes = self.bytes();
        match self.scope.resolve(bytes, prefix.of(bytes)) {
            Some(uri) => Ok(uri),
            None => Err(malformed("a prefix is not declared", prefix.start)),
        }
    }

    /// The namespace of an element that is not entered yet: it may declare its own prefix.
    #[inline]
    pub(crate) fn namespace(&self, tag: &StartTag) -> Result<Cow<'_, [u8]>, Fault> {
        if tag.attributes.len() > 0
            && let Some(own) = self.declared_by(tag)?
        {
            return Ok(own);
        }
        self.resolve(tag.prefix()).map(Cow::Borrowed)
    }

    fn declared_by(&self, tag: &StartTag) -> Result<Option<Cow<'_, [u8]>>, Fault> {
        let bytes = self.bytes();
        let prefix = tag.prefix().of(bytes);
        let mut at = tag.attributes.start;
        while let Some((found, next)) = attribute(bytes, at, tag.attributes.end, &self.limits)? {
            at = next;
            let (its_prefix, local) = (found.prefix().of(bytes), found.local().of(bytes));
            let declares = match prefix {
                b"" => its_prefix.is_empty() && local == b"xmlns",
                prefix => its_prefix == b"xmlns" && local == prefix,
            };
            if declares {
                return Ok(Some(match Text::of_attribute(bytes, found.value)? {
                    Text::Span(span) => Cow::Borrowed(span.of(bytes)),
                    Text::Owned(owned) => Cow::Owned(owned),
                }));
            }
        }
        Ok(None)
    }

    /// The value of an attribute that has this namespace by its prefix.
    pub(crate) fn qualified_attribute(
        &self,
        tag: &StartTag,
        namespace: &[u8],
        name: &[u8],
    ) -> Result<Option<Text>, Fault> {
        let bytes = self.bytes();
        let mut at = tag.attributes.start;
        while at < tag.attributes.end
            && let Some((found, next)) = attribute(bytes, at, tag.attributes.end, &self.limits)?
        {
            at = next;
            let prefix = found.prefix();
            if found.local().of(bytes) == name
                && prefix.len() > 0
                && self.scope.resolve(bytes, prefix.of(bytes)) == Some(namespace)
            {
                return Text::of_attribute(bytes, found.value).map(Some);
            }
        }
        Ok(None)
    }

    /// The value of an attribute of an element that is entered: without a namespace when `namespace` is empty, else of that
    /// one or, where the peer qualifies nothing, without.
    pub(crate) fn attribute(
        &self,
        tag: &StartTag,
        namespace: &[u8],
        name: &[u8],
    ) -> Result<Option<Text>, Fault> {
        let bytes = self.bytes();
        let mut at = tag.attributes.start;
        while at < tag.attributes.end
            && let Some((found, next)) = attribute(bytes, at, tag.attributes.end, &self.limits)?
        {
            at = next;
            if found.local().of(bytes) != name {
                continue;
            }
            let prefix = found.prefix();
            let is_it = match prefix.len() {
                0 => namespace.is_empty() || namespace != XSI_BYTES,
                _ => self.scope.resolve(bytes, prefix.of(bytes)) == Some(namespace),
            };
            if is_it {
                return Text::of_attribute(bytes, found.value).map(Some);
            }
        }
        Ok(None)
    }

    #[cold]
    pub(crate) fn ends_early(&self) -> Fault {
        malformed("the document ends early", self.end)
    }
}

/// The instance namespace, whose attributes are always qualified.
const XSI_BYTES: &[u8] = crate::names::XSI.as_bytes();
