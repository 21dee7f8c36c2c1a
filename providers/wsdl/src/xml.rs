//! Elements to be written: a tree, its text, and what names and text XML allows.

use std::borrow::Cow;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, Event};

use crate::error::Error;

/// An element with attributes and elements in it. Text is nowhere in WSDL.
pub(crate) struct Node {
    name: &'static str,
    attributes: Vec<(Cow<'static, str>, String)>,
    children: Vec<Node>,
}

impl Node {
    pub(crate) fn new(name: &'static str) -> Node {
        Node {
            name,
            attributes: Vec::new(),
            children: Vec::new(),
        }
    }

    pub(crate) fn with(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Node {
        self.attributes.push((name.into(), value.into()));
        self
    }

    pub(crate) fn child(mut self, child: Node) -> Node {
        self.children.push(child);
        self
    }

    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Node>) -> Node {
        self.children.extend(children);
        self
    }

    /// The document with this element.
    pub(crate) fn document(&self) -> Result<String, Error> {
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
        let declaration = BytesDecl::new("1.0", Some("UTF-8"), None);
        put(&mut writer, Event::Decl(declaration));
        self.write(&mut writer)?;
        let mut octets = writer.into_inner();
        octets.push(b'\n');
        // All that went in was text.
        Ok(String::from_utf8(octets).unwrap_or_default())
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> Result<(), Error> {
        let mut start = BytesStart::new(self.name);
        for (name, value) in &self.attributes {
            if !value.chars().all(is_char) {
                return Err(Error::Character {
                    text: value.clone(),
                });
            }
            start.push_attribute((name.as_ref(), value.as_str()));
        }
        if self.children.is_empty() {
            put(writer, Event::Empty(start));
            return Ok(());
        }
        put(writer, Event::Start(start));
        for child in &self.children {
            child.write(writer)?;
        }
        put(writer, Event::End(BytesEnd::new(self.name)));
        Ok(())
    }
}

fn put(writer: &mut Writer<Vec<u8>>, event: Event<'_>) {
    // Memory takes whatever is written to it.
    writer.write_event(event).unwrap_or_default();
}

/// Whether a character may stand in a document (XML 1.0, 2.2).
fn is_char(one: char) -> bool {
    !matches!(one, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

/// Whether a text is a name without a colon (Namespaces in XML 1.0, 3).
pub(crate) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(is_name_start) && chars.all(is_name_char)
}

fn is_name_start(one: char) -> bool {
    matches!(one,
        'A'..='Z' | '_' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

fn is_name_char(one: char) -> bool {
    is_name_start(one)
        || matches!(one, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}
