//! Prefixes of namespaces within a document.

use crate::names::{ENCODING_1_1, QName, XSD};
use crate::xml::Node;

/// Namespaces and their prefixes, in the order of declaration.
pub(crate) struct Prefixes {
    known: Vec<(String, String)>,
}

impl Prefixes {
    /// `tns` is the prefix of the first namespace, and numbers tell those of the others apart.
    pub(crate) fn new<'a>(namespaces: impl IntoIterator<Item = &'a str>) -> Prefixes {
        let mut prefixes = Prefixes {
            known: vec![(XSD.to_owned(), "xs".to_owned())],
        };
        let mut number = 0_usize;
        for namespace in namespaces {
            if namespace.is_empty() || prefixes.find(namespace).is_some() {
                continue;
            }
            let prefix = match namespace {
                ENCODING_1_1 => "soapenc".to_owned(),
                _ if number == 0 => "tns".to_owned(),
                _ => format!("ns{number}"),
            };
            number += usize::from(namespace != ENCODING_1_1);
            prefixes.known.push((namespace.to_owned(), prefix));
        }
        prefixes
    }

    fn find(&self, namespace: &str) -> Option<&str> {
        let mut known = self.known.iter();
        known
            .find(|(known, _)| known == namespace)
            .map(|(_, prefix)| prefix.as_str())
    }

    /// The name with its prefix.
    pub(crate) fn name(&self, name: &QName) -> String {
        match self.find(&name.namespace) {
            Some(prefix) => format!("{prefix}:{}", name.local),
            None => name.local.to_string(),
        }
    }

    /// Declares all on an element.
    pub(crate) fn declare(&self, node: Node) -> Node {
        self.known.iter().fold(node, |node, (namespace, prefix)| {
            node.with(format!("xmlns:{prefix}"), namespace)
        })
    }
}
