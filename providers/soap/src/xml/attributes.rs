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
    let mut count = 0;
    let mut names = [Span::default(); NAMES_AT_HAND];
    while let Some((found, next)) = attribute(bytes, at, attributes.end, limits)? {
        let name = found.name.of(bytes);
        let known = names.get(..count).unwrap_or(&names);
        let is_twice = known.iter().any(|known| known.of(bytes) == name)
            || (count > NAMES_AT_HAND
                && stands_before(bytes, attributes.start, found.name, limits)?);
        if is_twice {
            return Err(malformed(
                "an attribute stands there twice",
                found.name.start,
            ));
        }
        if let Some(place) = names.get_mut(count) {
            *place = found.name;
        }
        count += 1;
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

/// Whether an attribute of this name stands between `from` and it; the limit on attributes bounds the comparisons.
#[cold]
fn stands_before(bytes: &[u8], from: usize, name: Span, limits: &XmlLimits) -> Result<bool, Fault> {
    let mut at = from;
    while let Some((found, next)) = attribute(bytes, at, name.start, limits)? {
        if found.name.of(bytes) == name.of(bytes) {
            return Ok(true);
        }
        at = next;
    }
    Ok(false)
}

fn skip_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let space = rest.iter().position(|byte| !is_space(*byte));
    at + space.unwrap_or(rest.len())
}

/// Attributes whose names are compared without being looked for again; elements rarely have more.
const NAMES_AT_HAND: usize = 16;
