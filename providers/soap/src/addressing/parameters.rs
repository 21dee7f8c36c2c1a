//! Reference parameters: elements of somebody else's, which are given back to him as header blocks as they are (core, 2.1;
//! SOAP binding, 2.3 and 3.1).

use std::collections::BTreeSet;

use rmix_abi::tables::Fault;

use super::Edition;
use super::reference::ENDPOINT_BYTES_MAX;
use crate::xml::{Document, StartTag, XmlLimits, attribute, beyond, escape_attribute};

/// Elements, each complete by itself: what it needs of namespaces is declared on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters {
    elements: Vec<Element>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Element {
    text: Vec<u8>,
    /// Where an attribute can be put in: behind the name.
    behind_name: usize,
}

/// Bytes of the parameters of one reference, as they stand there and with the declarations that they need: an early bound,
/// for percent-encoded they are part of an endpoint (`ENDPOINT_BYTES_MAX`).
pub(crate) const PARAMETERS_BYTES_MAX: usize = ENDPOINT_BYTES_MAX;
/// Parameters of one reference.
pub(crate) const PARAMETERS_MAX: usize = 16;

impl Parameters {
    /// Reads the children of the element at the place, which is left.
    pub(crate) fn read(&mut self, document: &mut Document, tag: StartTag) -> Result<(), Fault> {
        let element = document.open(tag)?;
        while !tag.is_empty
            && let Some(child) = document.peek_child()?
        {
            if self.elements.len() >= PARAMETERS_MAX {
                let found = self.elements.len() + 1;
                let name = "soap_reference_parameters";
                return Err(beyond(name, child.at, found, PARAMETERS_MAX));
            }
            let kept = self.bytes();
            let parameter = read_element(document, child, kept)?;
            check_bytes(child.at, kept + parameter.text.len())?;
            self.elements.push(parameter);
        }
        document.close(&element)
    }

    /// Reads elements that stand one after the other.
    ///
    /// # Errors
    /// They are not well-formed, or beyond a limit.
    pub(crate) fn parse(text: &str, limits: XmlLimits) -> Result<Parameters, Fault> {
        let whole = bytes::Bytes::from(format!("<p>{text}</p>"));
        let end = whole.len();
        let mut document = Document::new(whole, crate::xml::Span { start: 0, end }, limits);
        let mut found = Parameters::default();
        if let Some(tag) = document.peek_child()? {
            found.read(&mut document, tag)?;
        }
        crate::codec::end_of_document(&mut document)?;
        Ok(found)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    fn bytes(&self) -> usize {
        self.elements.iter().map(|one| one.text.len()).sum()
    }

    /// Appends them as they are.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        for element in &self.elements {
            out.extend_from_slice(&element.text);
        }
    }

    /// Appends them as header blocks of a message to whom they belong to; the recommendation has them marked.
    pub(crate) fn put_as_headers(&self, edition: Edition, out: &mut Vec<u8>) {
        for element in &self.elements {
            let split = element.text.split_at_checked(element.behind_name);
            let (name, rest) = split.unwrap_or((&element.text, &[]));
            out.extend_from_slice(name);
            if edition == Edition::W3c {
                let prefix = unused_prefix(&element.text);
                let (mark, namespace) = ("IsReferenceParameter", edition.namespace());
                let marked = format!(" {prefix}:{mark}=\"true\" xmlns:{prefix}=\"{namespace}\"");
                out.extend_from_slice(marked.as_bytes());
            }
            out.extend_from_slice(rest);
        }
    }
}

/// A prefix that the text has nowhere.
fn unused_prefix(text: &[u8]) -> String {
    let mut prefix = "wsa".to_owned();
    while memchr::memmem::find(text, prefix.as_bytes()).is_some() {
        prefix.push('_');
    }
    prefix
}

/// Refuses parameters that are too long with the one that begins at `at`.
fn check_bytes(at: usize, bytes: usize) -> Result<(), Fault> {
    match bytes > PARAMETERS_BYTES_MAX {
        true => {
            let name = "soap_reference_parameters_bytes";
            Err(beyond(name, at, bytes, PARAMETERS_BYTES_MAX))
        }
        false => Ok(()),
    }
}

/// The element at the place as text; declarations that are in scope around it and whose prefixes it may use go along.
/// `kept`: bytes of those before it. What is too long is neither copied nor searched.
fn read_element(document: &mut Document, tag: StartTag, kept: usize) -> Result<Element, Fault> {
    check_bytes(tag.at, kept + tag.attributes.end.saturating_sub(tag.at))?;
    let around: Vec<(Vec<u8>, Vec<u8>)> = document
        .scope
        .all(document.bytes())
        .into_iter()
        .map(|(prefix, uri)| (prefix.to_vec(), uri.to_vec()))
        .collect();
    let element = document.open(tag)?;
    // Its own prefix has to be one.
    document.resolve(tag.prefix())?;
    let bytes = document.bytes();
    let mut text = bytes.get(tag.at..tag.name.end).unwrap_or_default().to_vec();
    let behind_name = text.len();
    let mut declared = BTreeSet::new();
    let mut at = tag.attributes.start;
    while let Some((found, next)) = attribute(bytes, at, tag.attributes.end, &document.limits)? {
        let (prefix, local) = (found.prefix().of(bytes), found.local().of(bytes));
        let is_mark = local == b"IsReferenceParameter"
            && document.scope.resolve(bytes, prefix) == Some(Edition::W3c.namespace().as_bytes());
        match (prefix, local) {
            (b"xmlns", local) => drop(declared.insert(local.to_vec())),
            (b"", b"xmlns") => drop(declared.insert(Vec::new())),
            _ => {}
        }
        if !is_mark {
            text.extend_from_slice(bytes.get(at..next).unwrap_or_default());
        }
        at = next;
    }
    document.close(&element)?;
    check_bytes(tag.at, kept + document.at.saturating_sub(tag.at))?;
    let whole = document
        .bytes()
        .get(tag.at..document.at)
        .unwrap_or_default();
    for (prefix, uri) in around {
        let is_used = match prefix.is_empty() {
            true => !uri.is_empty(),
            // In names, or in text that may be a qualified name.
            false => memchr::memmem::find(whole, &[&prefix[..], b":"].concat()).is_some(),
        };
        if declared.contains(&prefix) || !is_used {
            continue;
        }
        text.extend_from_slice(b" xmlns");
        if !prefix.is_empty() {
            text.push(b':');
            text.extend_from_slice(&prefix);
        }
        text.extend_from_slice(b"=\"");
        escape_attribute(&uri, &mut text)?;
        text.push(b'"');
    }
    let rest = tag.attributes.end..document.at;
    text.extend_from_slice(document.bytes().get(rest).unwrap_or_default());
    Ok(Element { text, behind_name })
}
