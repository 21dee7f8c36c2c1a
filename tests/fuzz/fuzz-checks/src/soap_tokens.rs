//! The characters and tokens of XML documents, beside another reader's: where both accept, they cut the same.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use rmix_soap::xml::{Span, Token, XmlLimits, each_attribute, next, to_utf8};

use crate::budget::within;

/// A byte that chooses the transport's word on the encoding, and a document.
pub fn check_soap_tokens(data: &[u8]) {
    let Some((choice, document)) = data.split_first() else {
        return;
    };
    let charset = CHARSETS[usize::from(*choice) % CHARSETS.len()];
    let decoded = within(document.len(), || {
        to_utf8(document, charset, TEXT_BYTES_MAX)
    });
    let text = match decoded {
        Ok(text) => text,
        Err(refused) => return assert!(!refused.text().is_empty()),
    };
    let text = std::str::from_utf8(&text).expect("decoded text is UTF-8");
    assert!(text.len() <= TEXT_BYTES_MAX.max(document.len()));
    let ours = match ours(text) {
        Ok(pieces) => pieces,
        Err(place) => return assert!(place <= text.len(), "{place} of {}", text.len()),
    };
    // The other reader takes a character that stays for a byte order mark.
    if text.starts_with('\u{feff}') {
        return;
    }
    if let Some(theirs) = theirs(text) {
        assert_eq!(ours, theirs);
    }
}

/// A token as both readers see it.
#[derive(Debug, PartialEq)]
enum Piece<'a> {
    /// Name, attributes, whether it is an empty element's.
    Start(&'a str, Vec<(String, String)>, bool),
    End(&'a str),
    Text(&'a str),
    CData(&'a str),
    Comment,
}

/// The tokens as they are cut here, or the place of what is refused.
fn ours(text: &str) -> Result<Vec<Piece<'_>>, usize> {
    let limits = XmlLimits::default();
    let (bytes, mut at, mut pieces) = (text.as_bytes(), 0, Vec::new());
    let place = |refused: rmix_abi::tables::Fault| {
        assert!(!refused.text().is_empty());
        usize::try_from(refused.offset).expect("a place in the text")
    };
    let part = |span: Span| &text[span.start..span.end];
    loop {
        let (token, after) = next(bytes, at, &limits).map_err(place)?;
        assert!(after > at || token == Token::Eof);
        at = after;
        pieces.push(match token {
            Token::Start(tag) => {
                let mut attributes = Vec::new();
                let each = each_attribute(bytes, tag.attributes, &limits, |attribute| {
                    let part = |span| part(span).to_owned();
                    attributes.push((part(attribute.name), part(attribute.value)));
                    Ok(())
                });
                each.map_err(place)?;
                assert_eq!(tag.next, at);
                Piece::Start(part(tag.name), attributes, tag.is_empty)
            }
            Token::End(name) => Piece::End(part(name)),
            Token::Text(span) => Piece::Text(part(span)),
            Token::CData(span) => Piece::CData(part(span)),
            Token::Comment => Piece::Comment,
            Token::Eof => return Ok(pieces),
        });
    }
}

/// The same by the other reader; none when it refuses the text.
fn theirs(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let mut pieces = Vec::new();
    let (mut place, mut text_from) = (0, None);
    loop {
        let event = reader.read_event().ok()?;
        let end = usize::try_from(reader.buffer_position()).ok()?;
        let before = place;
        place = end;
        if matches!(event, Event::Text(_) | Event::GeneralRef(_)) {
            text_from.get_or_insert(before);
            continue;
        }
        if let Some(from) = text_from.take() {
            pieces.push(Piece::Text(&text[from..before]));
        }
        let whole = &text[before..end];
        match event {
            Event::Start(tag) => pieces.push(started(whole, &tag, false)?),
            Event::Empty(tag) => pieces.push(started(whole, &tag, true)?),
            Event::End(_) => {
                let name = whole.strip_prefix("</")?.strip_suffix('>')?;
                pieces.push(Piece::End(name.trim_end_matches(SPACE)));
            }
            Event::CData(_) => {
                let content = whole.strip_prefix("<![CDATA[")?.strip_suffix("]]>")?;
                pieces.push(Piece::CData(content));
            }
            Event::Comment(_) => pieces.push(Piece::Comment),
            Event::Eof => return Some(pieces),
            _ => return None,
        }
    }
}

/// A start tag.
fn started<'a>(whole: &'a str, tag: &BytesStart<'_>, is_empty: bool) -> Option<Piece<'a>> {
    let inner = whole.strip_prefix('<')?;
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.ok()?;
        let name = attribute.key.into_inner().to_owned();
        attributes.push((name, attribute.value.into_owned()));
    }
    let name = inner.get(..tag.name().into_inner().len())?;
    Some(Piece::Start(name, attributes, is_empty))
}

const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];
const TEXT_BYTES_MAX: usize = 1 << 20;
const CHARSETS: [Option<&str>; 4] = [None, Some("utf-8"), Some("iso-8859-1"), Some("utf-16")];

/// Documents with a byte before them.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let documents = [
        "<a b='>' c=\"'/>\"><p:d xmlns:p='u'/>t &amp; &#65;<!-- - --><![CDATA[]]]]></a >\r\n",
        "<?xml version='1.0' encoding=\"utf-8\"?><é/>",
    ];
    let wide: Vec<u8> = "\u{feff}<a>𝄞</a>"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    let narrow = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe4</a>".to_vec();
    let documents = documents.map(|text| text.as_bytes().to_vec());
    let with_choice = |document: Vec<u8>| [vec![0], document].concat();
    let all = documents.into_iter().chain([wide, narrow]);
    all.map(with_choice).collect()
}
