//! XML as far as SOAP needs it: tokens at any place of a document, attributes, namespaces in scope, text and numbers.
//! Functions of bytes and a place, because a decoder is left and entered again between any two values. No document type
//! declarations, no processing instructions, no entities but the five that XML has.

mod attributes;
mod document;
mod encoding;
mod limits;
mod number;
mod place;
mod scope;
mod text;
mod token;

#[cfg(test)]
mod tests;

pub(crate) use attributes::attribute;
pub use attributes::{Attribute, each_attribute};
pub(crate) use document::{Document, Element};
pub use encoding::to_utf8;
pub(crate) use limits::OPTIONS;
pub use limits::XmlLimits;
pub(crate) use number::{Number, Numbers, parse_bool, trim};
pub use place::line_and_column;
pub(crate) use scope::{Mark, Part, Scope};
pub(crate) use text::{Text, escape, escape_attribute, is_forbidden, unescape};
pub(crate) use token::is_space;
pub use token::{Span, StartTag, Token, next};

/// A document that breaks a rule of XML.
#[cold]
pub(crate) fn malformed(rule: &'static str, at: usize) -> rmix_abi::tables::Fault {
    rmix_abi::tables::Fault::new(rmix_abi::tables::fault::MALFORMED, rule).at(at as u64)
}

/// A limit that is exceeded: its name, where, and both numbers.
#[cold]
pub(crate) fn beyond(
    name: &'static str,
    at: usize,
    found: usize,
    limit: usize,
) -> rmix_abi::tables::Fault {
    rmix_abi::tables::Fault::new(rmix_abi::tables::fault::LIMIT, name)
        .declared(found as u64)
        .limit(limit as u64)
        .at(at as u64)
}
