//! The walk itself: start tags one after the other, within the limits.

use std::borrow::Cow;
use std::sync::Arc;

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::element::{Element, Scope};
use super::place::Places;
use crate::error::IdlError;
use crate::place::Place;
use crate::wsdl::limits::Limits;
use crate::wsdl::name::QName;

/// A walk over a document. Whoever takes a start tag walks to its end before anything else: by [`Reader::child`] until
/// there is none, by [`Reader::text`], or by [`Reader::skip`].
pub(crate) struct Reader<'a> {
    events: quick_xml::Reader<&'a [u8]>,
    places: Places<'a>,
    limits: &'a Limits,
    elements_left: &'a mut usize,
    scopes: Vec<Arc<Scope>>,
}

/// What the walk meets.
enum Step<'a> {
    Start(Element),
    End,
    Text(Cow<'a, str>),
    Done(Place),
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        file: Arc<str>,
        text: &'a str,
        limits: &'a Limits,
        elements_left: &'a mut usize,
    ) -> Reader<'a> {
        let mut events = quick_xml::Reader::from_str(text);
        let config = events.config_mut();
        config.expand_empty_elements = true;
        Reader {
            events,
            places: Places::new(file, text),
            limits,
            elements_left,
            scopes: Vec::new(),
        }
    }

    /// The document's element.
    pub(crate) fn root(&mut self) -> Result<Element, IdlError> {
        loop {
            match self.step()? {
                Step::Start(element) => return Ok(element),
                Step::Text(text) if is_space(&text) => {}
                Step::Text(_) => return Err(self.malformed("text stands before the first element")),
                Step::End | Step::Done(_) => {
                    return Err(self.malformed("the file has no element"));
                }
            }
        }
    }

    /// Checks that nothing stands behind the document's element.
    pub(crate) fn finish(&mut self) -> Result<(), IdlError> {
        loop {
            match self.step()? {
                Step::Done(_) => return Ok(()),
                Step::Text(text) if is_space(&text) => {}
                _ => return Err(self.malformed("something stands behind the document's element")),
            }
        }
    }

    /// The next element within the one that is walked; text is passed over.
    pub(crate) fn child(&mut self) -> Result<Option<Element>, IdlError> {
        loop {
            match self.step()? {
                Step::Start(element) => return Ok(Some(element)),
                Step::End => return Ok(None),
                Step::Text(_) => {}
                Step::Done(place) => return Err(unclosed(&place)),
            }
        }
    }

    /// Passes over the rest of the element that is walked.
    pub(crate) fn skip(&mut self) -> Result<(), IdlError> {
        self.inner(|_| {})
    }

    /// All text of the element that is walked, that of inner elements with it; what is beyond a length is left out.
    pub(crate) fn text(&mut self, length_max: usize) -> Result<String, IdlError> {
        let mut all = String::new();
        self.inner(|text| {
            let left = length_max.saturating_sub(all.len());
            let end = text.floor_char_boundary(left);
            all.push_str(text.get(..end).unwrap_or_default());
        })?;
        Ok(all)
    }

    fn inner(&mut self, mut take: impl FnMut(&str)) -> Result<(), IdlError> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.step()? {
                Step::Start(_) => depth += 1,
                Step::End => depth -= 1,
                Step::Text(text) => take(&text),
                Step::Done(place) => return Err(unclosed(&place)),
            }
        }
        Ok(())
    }

    fn step(&mut self) -> Result<Step<'a>, IdlError> {
        loop {
            let offset = self.offset();
            let event = match self.events.read_event() {
                Ok(event) => event,
                Err(why) => {
                    let at = usize::try_from(self.events.error_position()).unwrap_or(offset);
                    let place = self.places.at(at.max(offset));
                    return Err(IdlError::malformed(&place, why.to_string()));
                }
            };
            let place = self.places.at(offset);
            match event {
                Event::Start(start) | Event::Empty(start) => {
                    return Ok(Step::Start(self.start(&start, place)?));
                }
                Event::End(_) => {
                    self.scopes.pop();
                    return Ok(Step::End);
                }
                Event::Text(text) => return Ok(Step::Text(text.xml10_content())),
                Event::CData(text) => return Ok(Step::Text(text.xml10_content())),
                Event::GeneralRef(reference) => {
                    return Ok(Step::Text(referred(&reference, &place)?));
                }
                Event::DocType(_) => {
                    return Err(IdlError::Unsupported {
                        place,
                        what: "a document type declaration".to_owned(),
                        instead: "interface files have none; take it out".to_owned(),
                    });
                }
                Event::Eof if self.scopes.is_empty() => return Ok(Step::Done(place)),
                Event::Eof => return Err(unclosed(&place)),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    fn start(&mut self, start: &BytesStart<'a>, place: Place) -> Result<Element, IdlError> {
        let limits = self.limits;
        if self.scopes.len() >= limits.depth_max {
            return Err(IdlError::limit(&place, "depth_max", limits.depth_max));
        }
        match self.elements_left.checked_sub(1) {
            Some(left) => *self.elements_left = left,
            None => return Err(IdlError::limit(&place, "elements_max", limits.elements_max)),
        }
        let mut scope = Scope {
            declared: Vec::new(),
            parent: self.scopes.last().cloned(),
            count: self.scopes.last().map_or(0, |scope| scope.count),
        };
        let mut plain = Vec::new();
        for (count, attribute) in start.attributes().enumerate() {
            if count >= limits.attributes_max {
                let limit = limits.attributes_max;
                return Err(IdlError::limit(&place, "attributes_max", limit));
            }
            let attribute =
                attribute.map_err(|why| IdlError::malformed(&place, why.to_string()))?;
            let value = attribute
                .normalized_value(XmlVersion::Explicit1_0)
                .map_err(|why| IdlError::malformed(&place, why.to_string()))?;
            let name = attribute.key.0;
            self.check_name(name, &place)?;
            let prefix = match name.split_once(':') {
                Some(("xmlns", prefix)) => Some(prefix),
                None if name == "xmlns" => Some(""),
                _ => None,
            };
            if let Some(prefix) = prefix {
                self.check_length(&value, &place)?;
                if scope.count >= limits.namespaces_max {
                    let limit = limits.namespaces_max;
                    return Err(IdlError::limit(&place, "namespaces_max", limit));
                }
                scope.count += 1;
                scope.declared.push((prefix.to_owned(), Arc::from(&*value)));
            } else {
                plain.push((name, value));
            }
        }
        let mut element = Element {
            name: QName::new("", ""),
            place,
            attributes: Vec::with_capacity(plain.len()),
            scope: Arc::new(scope),
        };
        self.check_name(start.name().0, &element.place)?;
        element.name = element.resolve(start.name().0)?;
        for (name, value) in plain {
            // Unlike elements, attributes without a prefix are in no namespace.
            let name = match name.contains(':') {
                true => element.resolve(name)?,
                false => QName::new("", name),
            };
            element.attributes.push((name, value.into_owned()));
        }
        self.scopes.push(Arc::clone(&element.scope));
        Ok(element)
    }

    /// Checks how many parts a message has, or headers.
    pub(crate) fn check_parts(&self, count: usize, place: &Place) -> Result<(), IdlError> {
        let max = self.limits.parts_max;
        match count > max {
            true => Err(IdlError::limit(place, "parts_max", max)),
            false => Ok(()),
        }
    }

    fn check_name(&self, name: &str, place: &Place) -> Result<(), IdlError> {
        self.check_length(name, place)?;
        let is_first = |c: char| c.is_alphabetic() || c == '_';
        if name.starts_with(is_first) {
            return Ok(());
        }
        Err(IdlError::malformed(
            place,
            format!("`{name}` is no name of XML"),
        ))
    }

    fn check_length(&self, name: &str, place: &Place) -> Result<(), IdlError> {
        let max = self.limits.name_length_max;
        if name.len() > max {
            return Err(IdlError::limit(place, "name_length_max", max));
        }
        Ok(())
    }

    fn malformed(&mut self, reason: &str) -> IdlError {
        let offset = self.offset();
        IdlError::malformed(&self.places.at(offset), reason)
    }

    fn offset(&self) -> usize {
        usize::try_from(self.events.buffer_position()).unwrap_or(usize::MAX)
    }
}

/// What a reference stands for: a character, or one of the five names of XML itself.
fn referred<'a>(reference: &BytesRef<'a>, place: &Place) -> Result<Cow<'a, str>, IdlError> {
    let character = reference.resolve_char_ref();
    let character = character.map_err(|why| IdlError::malformed(place, why.to_string()))?;
    if let Some(character) = character {
        return Ok(Cow::Owned(character.to_string()));
    }
    match resolve_predefined_entity(reference) {
        Some(text) => Ok(Cow::Borrowed(text)),
        None => Err(IdlError::malformed(
            place,
            format!("the entity `{}` is not defined", &**reference),
        )),
    }
}

fn unclosed(place: &Place) -> IdlError {
    IdlError::malformed(place, "the file ends within an element")
}

fn is_space(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}
