//! The attributes of a tag.

use rmix_abi::tables::Fault;

use super::token::{is_space, qualified_name};
use super::{Span, XmlLimits, beyond, malformed};

/// An attribute, by place; its value with references unresolved.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// The qualified name.
    pub name: Span,
    /// Where its local part begins.
    pub local: usize,
    /// What stands between the quotes.
    pub value: Span,
}

impl Attribute {
    pub(crate) fn prefix(&self) -> Span {
        Span {
            start: self.name.start,
            end: self.local.saturating_sub(1).max(self.name.start),
        }
    }

    pub(crate) fn local(&self) -> Span {
        Span {
            start: self.local,
            end: self.name.end,
        }
    }
}

/// The attribute at `at` of a tag whose attributes end at `end`, or none but space; and where the next one begins.
///
/// # Errors
/// What stands there is no attribute.
pub(crate) fn attribute(
    bytes: &[u8],
    at: usize,
    end: usize,
    limits: &XmlLimits,
) -> Result<Option<(Attribute, usize)>, Fault> {
    let bytes = bytes.get(..end).unwrap_or(bytes);
    let start = skip_space(bytes, at);
    if start >= end {
        return Ok(None);
    }
    if start == at {
        return Err(malformed("white space is missing before an attribute", at));
    }
    let (name, local) = qualified_name(bytes, start, limits)?;
    let equals = skip_space(bytes, name.end);
    if bytes.get(equals) != Some(&b'=') {
        return Err(malformed("an attribute has no value", start));
    }
    let open = skip_space(bytes, equals + 1);
    let quote = match bytes.get(open) {
        Some(quote @ (b'"' | b'\'')) => *quote,
        _ => return Err(malformed("an attribute's value is not quoted", start)),
    };
    let rest = bytes.get(open + 1..).unwrap_or_default();
    let Some(len) = memchr::memchr(quote, rest) else {
        return Err(malformed("an attribute's value does not end", open));
    };
    if len > limits.text_bytes {
        return Err(beyond("xml_text_bytes", open, len, limits.text_bytes));
    }
    let value = Span {
        start: open + 1,
        end: open + 1 + len,
    };
    if memchr::memchr(b'<', value.of(bytes)).is_some() {
        return Err(malformed("a < stands in an attribute's value", open));
    }
    let found = Attribute { name, local, value };
    Ok(Some((found, value.end + 1)))
}

/// Shows every attribute of a tag to `look`; counts them, and refuses a name that stands there twice.
///
/// # Errors
/// What stands there are no attributes, too many, or `look` refuses one.
pub fn each_attribute(
    bytes: &[u8],
    attributes: Span,
    limits: &XmlLimits,
    mut look: impl FnMut(&Attribute) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut at = attributes.start;
    let mut names = Names::default();
    while let Some((found, next)) = attribute(bytes, at, attributes.end, limits)? {
        if names.has(bytes, found.name) {
            return Err(malformed(
                "an attribute stands there twice",
                found.name.start,
            ));
        }
        let count = names.add(found.name);
        if count > limits.attributes {
            return Err(beyond(
                "xml_attributes",
                found.name.start,
                count,
                limits.attributes,
            ));
        }
        look(&found)?;
        at = next;
    }
    Ok(())
}

/// The names of a tag's attributes so far.
#[derive(Default)]
struct Names {
    /// One bit for each, by its characters: a name whose bit is not set is none of them.
    marks: u64,
    count: usize,
    first: [Span; NAMES_AT_HAND],
    more: Vec<Span>,
    /// The bit of the name that was looked for last.
    mark: u64,
}

impl Names {
    fn has(&mut self, bytes: &[u8], name: Span) -> bool {
        let text = name.of(bytes);
        let hash = text
            .iter()
            .fold(0u8, |hash, byte| hash.wrapping_mul(31).wrapping_add(*byte));
        self.mark = 1 << (hash % 64);
        let known = self.first.iter().take(self.count).chain(&self.more);
        self.marks & self.mark != 0 && { known }.any(|known| known.of(bytes) == text)
    }

    /// Adds the name that was looked for; how many there are then.
    fn add(&mut self, name: Span) -> usize {
        self.marks |= self.mark;
        match self.first.get_mut(self.count) {
            Some(place) => *place = name,
            None => self.more.push(name),
        }
        self.count += 1;
        self.count
    }
}

fn skip_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let space = rest.iter().position(|byte| !is_space(*byte));
    at + space.unwrap_or(rest.len())
}

/// Attributes whose names cost no memory of their own; elements rarely have more.
const NAMES_AT_HAND: usize = 8;
