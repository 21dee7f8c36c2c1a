//! A document as a tree, read back for judging it.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

#[derive(Debug, Default)]
pub(crate) struct Node {
    /// With its prefix.
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) children: Vec<Node>,
}

impl Node {
    /// The root of a document; anything else than elements with attributes is a mistake.
    pub(crate) fn read(text: &str) -> Node {
        let mut reader = Reader::from_str(text);
        let mut open = vec![Node::default()];
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => open.push(Node::of(&start)),
                Event::Empty(start) => open.last_mut().unwrap().children.push(Node::of(&start)),
                Event::End(_) => {
                    let closed = open.pop().unwrap();
                    open.last_mut().unwrap().children.push(closed);
                }
                Event::Eof => break,
                Event::Decl(_) => {}
                Event::Text(text) => assert_eq!(text.trim(), ""),
                other => panic!("{other:?}"),
            }
        }
        let mut document = open.pop().unwrap();
        assert!(open.is_empty() && document.children.len() == 1);
        document.children.pop().unwrap()
    }

    fn of(start: &BytesStart<'_>) -> Node {
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .unwrap();
            (attribute.key.as_ref().to_owned(), value.into_owned())
        });
        Node {
            name: start.name().as_ref().to_owned(),
            attributes: attributes.collect(),
            children: Vec::new(),
        }
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// It and everything in it.
    pub(crate) fn all(&self) -> Vec<&Node> {
        let inner = self.children.iter().flat_map(Node::all);
        std::iter::once(self).chain(inner).collect()
    }

    /// Everything in it of a name.
    pub(crate) fn find(&self, name: &str) -> Vec<&Node> {
        self.all()
            .into_iter()
            .filter(|node| node.name == name)
            .collect()
    }

    /// The namespace and name of what an attribute refers to.
    pub(crate) fn resolved(&self, reference: &str) -> (String, String) {
        let (prefix, local) = reference.split_once(':').expect("references have prefixes");
        let namespace = self.attribute(&format!("xmlns:{prefix}"));
        let namespace = namespace.unwrap_or_else(|| panic!("{prefix} is undeclared"));
        (namespace.to_owned(), local.to_owned())
    }
}
