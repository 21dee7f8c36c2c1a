//! Tokens beside another reader's: the same text is cut at the same places.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{Token, XmlLimits, each_attribute, next};

/// Kinds and contents of the tokens, as this crate cuts them; text in one piece.
fn ours(text: &str) -> Option<Vec<String>> {
    let (bytes, mut at, mut all) = (text.as_bytes(), 0, Vec::new());
    loop {
        let (token, after) = next(bytes, at, &XmlLimits::default()).ok()?;
        at = after;
        if let Token::Start(tag) = token {
            each_attribute(bytes, tag.attributes, &XmlLimits::default(), |_| Ok(())).ok()?;
        }
        let part = |span: super::Span| &text[span.start..span.end];
        all.push(match token {
            Token::Start(tag) if tag.is_empty => format!("empty {}", part(tag.name)),
            Token::Start(tag) => format!("start {}", part(tag.name)),
            Token::End(name) => format!("end {}", part(name)),
            Token::Text(span) => format!("text {}", part(span)),
            Token::CData(span) => format!("cdata {}", part(span)),
            Token::Comment => "comment".to_owned(),
            Token::Eof => return Some(all),
        });
    }
}

/// The same by the other reader.
fn theirs(text: &str) -> Option<Vec<String>> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let mut all: Vec<String> = Vec::new();
    let (mut place, mut text_from) = (0, None);
    loop {
        let event = reader.read_event().ok()?;
        let end = usize::try_from(reader.buffer_position()).ok()?;
        let is_text = matches!(event, Event::Text(_) | Event::GeneralRef(_));
        if is_text {
            text_from.get_or_insert(place);
        } else if let Some(from) = text_from.take() {
            all.push(format!("text {}", &text[from..place]));
        }
        place = end;
        match event {
            Event::Start(tag) => all.push(format!("start {}", AsRef::<str>::as_ref(&tag.name()))),
            Event::Empty(tag) => all.push(format!("empty {}", AsRef::<str>::as_ref(&tag.name()))),
            Event::End(tag) => all.push(format!("end {}", AsRef::<str>::as_ref(&tag.name()))),
            Event::CData(text) => all.push(format!("cdata {}", &*text)),
            Event::Comment(_) => all.push("comment".to_owned()),
            Event::Eof => return Some(all),
            Event::Text(_) | Event::GeneralRef(_) => {}
            _ => return None,
        }
    }
}

#[test]
fn documents_are_cut_where_another_reader_cuts_them() {
    for text in [
        "<a/>",
        "<a><b c='>' d=\"'/>\">t &amp; t</b ><e\n/></a >",
        "<p:a xmlns:p='u'> <![CDATA[<x>]]]]><!-- > -- like -->x</p:a>",
        "<a b='/'/><a b=\"/\"></a>",
        "<é>ü</é>",
    ] {
        let cut = ours(text);
        if text.contains("-- like") {
            // The other reader lets two hyphens pass, which XML 1.0 does not.
            assert_eq!(cut, None);
            continue;
        }
        assert!(cut.is_some(), "{text}");
        assert_eq!(cut, theirs(text), "{text}");
    }
}

#[test]
fn what_both_read_of_any_text_is_the_same() {
    let alphabet = [
        "<",
        ">",
        "/",
        "a",
        "b:",
        " ",
        "=",
        "'",
        "\"",
        "<a",
        "</a>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "x",
        "/>",
    ];
    let mut agreed = 0;
    for start in 1..4000u64 {
        let mut seed = start.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut text = String::new();
        for _ in 0..12 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            text.push_str(alphabet[usize::try_from(seed >> 33).unwrap() % alphabet.len()]);
        }
        // Where both read it. What only one reads, the other is stricter about: names, spaces, hyphens.
        if let (Some(ours), Some(theirs)) = (ours(&text), theirs(&text)) {
            agreed += 1;
            assert_eq!(ours, theirs, "seed {start}: {text}");
        }
    }
    assert!(agreed > 100, "only {agreed} of the texts are read by both");
}
