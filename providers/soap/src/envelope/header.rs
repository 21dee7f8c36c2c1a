//! Header blocks: their names, whom they are for, and whether they must be understood (SOAP 1.1, 4.2; 1.2 part 1, 5.2).

use rmix_abi::tables::Fault;

use super::Version;
use crate::names::ElementName;
use crate::xml::{Document, Part, Span, StartTag, parse_bool, trim};

/// A header block of a message that was read.
#[derive(Clone, Debug)]
pub struct HeaderBlock {
    namespace: Box<str>,
    local: Box<str>,
    must_understand: bool,
    role: Box<str>,
    pub(crate) tag: StartTag,
    pub(crate) span: Span,
}

impl HeaderBlock {
    /// Reads the block at the place.
    pub(super) fn read(
        document: &mut Document,
        tag: StartTag,
        version: Version,
    ) -> Result<HeaderBlock, Fault> {
        let namespace = text(&document.namespace(&tag)?);
        let local = text(tag.local().of(document.bytes()));
        let envelope = version.namespace().as_bytes();
        let element = document.open(tag)?;
        let must = document.qualified_attribute(&tag, envelope, b"mustUnderstand")?;
        let must_understand = match must {
            Some(must) => parse_bool(trim(must.of(document.bytes())))?,
            None => false,
        };
        let role: &[u8] = match version {
            Version::Soap11 => b"actor",
            Version::Soap12 => b"role",
        };
        let role = document.qualified_attribute(&tag, envelope, role)?;
        let role = role.map_or_else(Box::default, |role| text(trim(role.of(document.bytes()))));
        document.close(&element)?;
        Ok(HeaderBlock {
            namespace,
            local,
            must_understand,
            role,
            tag,
            span: Span {
                start: tag.at,
                end: document.at,
            },
        })
    }

    /// The block's namespace.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The block's local name.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// Whether the message must be refused when the block is not understood by whom it is for.
    pub fn must_understand(&self) -> bool {
        self.must_understand
    }

    /// Whom it is for: a URI, empty for the last receiver.
    pub fn role(&self) -> &str {
        &self.role
    }

    /// Whether it is for the last receiver, or whoever comes next.
    pub fn is_for_us(&self) -> bool {
        OUR_ROLES.contains(&&*self.role)
    }

    /// Where it lies in the document.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.span.start..self.span.end
    }

    pub(crate) fn is_named(&self, name: &ElementName) -> bool {
        *self.local == *name.local && *self.namespace == *name.namespace
    }
}

/// Text of a document that was checked to be UTF-8 as a whole.
pub(super) fn text(bytes: &[u8]) -> Box<str> {
    String::from_utf8_lossy(bytes).into()
}

/// Enters the header's element for good.
pub(super) fn in_header(document: &mut Document) {
    document.scope.fix(Part::Header);
    document.scope.enter(Part::Header);
}

const OUR_ROLES: [&str; 4] = [
    "",
    "http://schemas.xmlsoap.org/soap/actor/next",
    "http://www.w3.org/2003/05/soap-envelope/role/next",
    "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver",
];
