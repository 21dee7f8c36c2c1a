//! Cuts the next token off a document at a place: tags, text, CDATA, comments. Spans only; nothing is copied.

use rmix_abi::tables::Fault;

use super::{XmlLimits, beyond, malformed};

/// Bytes of a document, by place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

impl Span {
    /// The bytes.
    #[inline]
    pub fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start..self.end).unwrap_or_default()
    }

    pub(crate) fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }
}

/// A start tag, or the tag of an empty element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartTag {
    /// The `<`.
    pub at: usize,
    /// The qualified name.
    pub name: Span,
    /// Where its local part begins: the name's start without a prefix.
    pub local: usize,
    /// What stands between the name and the tag's end.
    pub attributes: Span,
    /// Whether it is an empty element's.
    pub is_empty: bool,
    /// The byte after the tag.
    pub next: usize,
}

impl StartTag {
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

/// A token and where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// `<name …>` or `<name …/>`.
    Start(StartTag),
    /// `</name>`: the qualified name.
    End(Span),
    /// Characters, references unresolved.
    Text(Span),
    /// The content of a CDATA section.
    CData(Span),
    /// A comment.
    Comment,
    /// The document ends.
    Eof,
}

/// The token at `at`, and where the next one begins.
///
/// # Errors
/// The bytes there are no token, one that SOAP forbids, or longer than a limit.
#[inline]
pub fn next(bytes: &[u8], at: usize, limits: &XmlLimits) -> Result<(Token, usize), Fault> {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest {
        [] => Ok((Token::Eof, at)),
        [b'<', b'/', ..] => end_tag(bytes, at, limits),
        [b'<', b'!' | b'?', ..] => marked(bytes, at, rest, limits),
        [b'<', ..] => {
            let tag = start_tag(bytes, at, limits)?;
            Ok((Token::Start(tag), tag.next))
        }
        _ => {
            let len = memchr::memchr(b'<', rest).unwrap_or(rest.len());
            if len > limits.text_bytes {
                return Err(beyond("xml_text_bytes", at, len, limits.text_bytes));
            }
            let end = at + len;
            Ok((Token::Text(Span { start: at, end }), end))
        }
    }
}

fn start_tag(bytes: &[u8], at: usize, limits: &XmlLimits) -> Result<StartTag, Fault> {
    let (name, local) = qualified_name(bytes, at + 1, limits)?;
    let after = bytes.get(name.end..).unwrap_or_default();
    let tag = |close: usize, is_empty: bool| StartTag {
        at,
        name,
        local,
        attributes: Span {
            start: name.end,
            end: close,
        },
        is_empty,
        next: close + 1 + usize::from(is_empty),
    };
    match after {
        [b'>', ..] => return Ok(tag(name.end, false)),
        [b'/', b'>', ..] => return Ok(tag(name.end, true)),
        [first, ..] if !is_space(*first) && *first != b'/' => {
            return Err(malformed(
                "a name has a character that names do not have",
                name.end,
            ));
        }
        _ => {}
    }
    let mut place = name.end;
    loop {
        let rest = bytes.get(place..).unwrap_or_default();
        let Some(found) = memchr::memchr3(b'>', b'"', b'\'', rest) else {
            return Err(malformed("a tag does not end", at));
        };
        let close = place + found;
        match rest.get(found) {
            Some(b'>') if bytes.get(close - 1) == Some(&b'/') => return Ok(tag(close - 1, true)),
            Some(b'>') => return Ok(tag(close, false)),
            quote => {
                let quote = quote.copied().unwrap_or(b'"');
                let value = rest.get(found + 1..).unwrap_or_default();
                let Some(len) = memchr::memchr(quote, value) else {
                    return Err(malformed("an attribute's value does not end", close));
                };
                place = close + len + 2;
            }
        }
    }
}

fn end_tag(bytes: &[u8], at: usize, limits: &XmlLimits) -> Result<(Token, usize), Fault> {
    let (name, _) = qualified_name(bytes, at + 2, limits)?;
    let mut place = name.end;
    while bytes.get(place).is_some_and(|byte| is_space(*byte)) {
        place += 1;
    }
    if bytes.get(place) != Some(&b'>') {
        return Err(malformed("an end tag does not end", at));
    }
    Ok((Token::End(name), place + 1))
}

/// What begins with `<!` or `<?`.
#[cold]
fn marked(
    bytes: &[u8],
    at: usize,
    rest: &[u8],
    limits: &XmlLimits,
) -> Result<(Token, usize), Fault> {
    if rest.starts_with(b"<!--") {
        let body = rest.get(4..).unwrap_or_default();
        let Some(len) = memchr::memmem::find(body, b"--") else {
            return Err(malformed("a comment does not end", at));
        };
        if body.get(len + 2) != Some(&b'>') {
            return Err(malformed("two hyphens stand in a comment", at + 4 + len));
        }
        return Ok((Token::Comment, at + 4 + len + 3));
    }
    if rest.starts_with(b"<![CDATA[") {
        let start = at + 9;
        let body = bytes.get(start..).unwrap_or_default();
        let Some(len) = memchr::memmem::find(body, b"]]>") else {
            return Err(malformed("a CDATA section does not end", at));
        };
        if len > limits.text_bytes {
            return Err(beyond("xml_text_bytes", at, len, limits.text_bytes));
        }
        let end = start + len;
        return Ok((Token::CData(Span { start, end }), end + 3));
    }
    if rest.starts_with(b"<?") {
        return Err(malformed(
            "a SOAP message has no processing instructions",
            at,
        ));
    }
    if rest.starts_with(b"<!DOCTYPE") {
        return Err(malformed(
            "a SOAP message has no document type declaration",
            at,
        ));
    }
    Err(malformed("a markup declaration stands in the document", at))
}

/// A qualified name, and where its local part begins.
#[inline]
pub(super) fn qualified_name(
    bytes: &[u8],
    at: usize,
    limits: &XmlLimits,
) -> Result<(Span, usize), Fault> {
    let rest = bytes.get(at..).unwrap_or_default();
    let len = rest
        .iter()
        .position(|byte| CLASS.get(usize::from(*byte)) == Some(&OTHER))
        .unwrap_or(rest.len());
    if len > limits.name_bytes {
        return Err(beyond("xml_name_bytes", at, len, limits.name_bytes));
    }
    let name = rest.get(..len).unwrap_or_default();
    let mut local = 0;
    if let Some(colon) = name.iter().position(|byte| *byte == b':') {
        local = colon + 1;
    }
    let begins = |part: &[u8]| {
        let first = part.first().map(|byte| usize::from(*byte));
        first.and_then(|byte| CLASS.get(byte)) == Some(&BEGINS)
    };
    let parts = (name, name.get(local..).unwrap_or_default());
    if !begins(parts.0) || !begins(parts.1) || parts.1.contains(&b':') {
        return Err(malformed("a name is expected", at));
    }
    let span = Span {
        start: at,
        end: at + len,
    };
    Ok((span, at + local))
}

/// White space of XML.
#[inline]
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

const OTHER: u8 = 0;
const WITHIN: u8 = 1;
const BEGINS: u8 = 2;

/// What a byte may be in a name. Bytes beyond ASCII all may begin one: which letters XML knows there changes nothing for
/// names that are compared with described ones.
static CLASS: [u8; 256] = classes();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which checks the bounds"
)]
const fn classes() -> [u8; 256] {
    let mut class = [OTHER; 256];
    let mut byte = 0u8;
    loop {
        class[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => BEGINS,
            b'0'..=b'9' | b'-' | b'.' | b':' => WITHIN,
            _ => OTHER,
        };
        if byte == u8::MAX {
            return class;
        }
        byte += 1;
    }
}
