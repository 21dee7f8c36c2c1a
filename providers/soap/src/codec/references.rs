//! References within a message of rpc/encoded style: `href="#id"` and `id` (SOAP 1.1, 5.4.1), `ref` and `id` (1.2).

use rmix_abi::tables::Fault;

use super::mismatch;
use crate::xml::{Document, Span, StartTag, Text, Token, attribute, malformed};

/// Where every element with an `id` stands.
#[derive(Debug, Default)]
pub(super) struct References {
    /// The id's place and the element's, in the order of ids.
    all: Vec<(u32, u32, u32)>,
}

impl References {
    /// Finds the ids of what stands from `from` on to the end of the element there.
    pub(super) fn find(document: &mut Document, from: usize) -> Result<References, Fault> {
        let back = document.at;
        document.at = from;
        let mut all = Vec::new();
        let mut depth = 0usize;
        loop {
            match document.token()? {
                Token::Start(tag) => {
                    depth += usize::from(!tag.is_empty);
                    if let Some(id) = attribute_span(document, &tag, b"id")? {
                        all.push((narrow(id.start)?, narrow(id.end)?, narrow(tag.at)?));
                    }
                }
                Token::End(_) if depth == 0 => break,
                Token::End(_) => depth -= 1,
                Token::Eof => return Err(document.ends_early()),
                Token::Text(_) | Token::CData(_) | Token::Comment => {}
            }
        }
        document.at = back;
        let bytes = document.bytes();
        all.sort_by(|left, right| id(bytes, left).cmp(id(bytes, right)));
        let twice = all.windows(2).find(|pair| match pair {
            [left, right] => id(bytes, left) == id(bytes, right),
            _ => false,
        });
        if let Some([_, (start, ..)]) = twice {
            return Err(malformed(
                "an id stands there twice",
                usize::try_from(*start).unwrap_or(0),
            ));
        }
        Ok(References { all })
    }

    /// The tag of the element with this id.
    pub(super) fn target(&self, document: &mut Document, wanted: &Text) -> Result<StartTag, Fault> {
        let bytes = document.bytes();
        let wanted = wanted.of(bytes);
        let found = self
            .all
            .binary_search_by(|entry| id(bytes, entry).cmp(wanted));
        let found = found.ok().and_then(|place| self.all.get(place));
        let Some((_, _, at)) = found else {
            return Err(mismatch("a reference leads to no element of the message"));
        };
        let back = document.at;
        document.at = usize::try_from(*at).unwrap_or(usize::MAX);
        let token = document.token()?;
        document.at = back;
        match token {
            Token::Start(tag) => Ok(tag),
            _ => Err(mismatch("a reference leads to no element of the message")),
        }
    }
}

/// What an element refers to, when it stands for another one.
pub(super) fn reference(document: &Document, tag: &StartTag) -> Result<Option<Text>, Fault> {
    if tag.attributes.len() == 0 {
        return Ok(None);
    }
    if let Some(href) = attribute_span(document, tag, b"href")? {
        let text = href.of(document.bytes());
        if text.first() != Some(&b'#') {
            return Err(mismatch("a reference leads out of the message"));
        }
        return Ok(Some(Text::Span(Span {
            start: href.start + 1,
            end: href.end,
        })));
    }
    // SOAP 1.2 has the id alone; PHP writes it as in SOAP 1.1, and no id begins with `#`.
    let reference = attribute_span(document, tag, b"ref")?.map(|Span { start, end }| {
        let is_old = document.bytes().get(start) == Some(&b'#');
        Text::Span(Span {
            start: start + usize::from(is_old),
            end,
        })
    });
    Ok(reference)
}

fn attribute_span(document: &Document, tag: &StartTag, name: &[u8]) -> Result<Option<Span>, Fault> {
    let bytes = document.bytes();
    let mut at = tag.attributes.start;
    while at < tag.attributes.end
        && let Some((found, next)) = attribute(bytes, at, tag.attributes.end, &document.limits)?
    {
        if found.local().of(bytes) == name {
            return Ok(Some(found.value));
        }
        at = next;
    }
    Ok(None)
}

fn id<'a>(bytes: &'a [u8], entry: &(u32, u32, u32)) -> &'a [u8] {
    let place = |place: u32| usize::try_from(place).unwrap_or(usize::MAX);
    bytes
        .get(place(entry.0)..place(entry.1))
        .unwrap_or_default()
}

fn narrow(place: usize) -> Result<u32, Fault> {
    u32::try_from(place).map_err(|_| mismatch("a message with references is longer than 4 GiB"))
}
