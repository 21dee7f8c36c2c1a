//! Namespace declarations in scope (Namespaces in XML 1.0, 6.1).

use std::collections::BTreeMap;

use rmix_abi::tables::Fault;

use super::{Attribute, Text, XmlLimits, beyond, malformed};

/// Which part of the envelope an element stands in: what is declared on `Header` and `Body` is in scope in one only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Within the envelope alone.
    Envelope,
    /// Within the header.
    Header,
    /// Within the body.
    Body,
}

/// The declarations in scope: those of the envelope's own elements, and those of the elements that are open below.
#[derive(Debug)]
pub(crate) struct Scope {
    fixed: Vec<(Part, Binding)>,
    part: Part,
    bindings: Vec<Binding>,
    /// Bindings before it are of elements that are open, but do not surround the place.
    floor: usize,
}

#[derive(Debug)]
struct Binding {
    prefix: super::Span,
    uri: Text,
}

/// Where the scope was, to go back to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    floor: usize,
    part: Part,
}

impl Scope {
    pub(crate) fn new() -> Scope {
        Scope {
            fixed: Vec::new(),
            part: Part::Envelope,
            bindings: Vec::new(),
            floor: 0,
        }
    }

    /// Declares what the attribute declares, if it is a declaration.
    pub(crate) fn declare(
        &mut self,
        bytes: &[u8],
        attribute: &Attribute,
        limits: &XmlLimits,
    ) -> Result<(), Fault> {
        let prefix = match (attribute.prefix().of(bytes), attribute.local()) {
            (b"xmlns", local) => local,
            (b"", local) if local.of(bytes) == b"xmlns" => super::Span {
                start: local.start,
                end: local.start,
            },
            _ => return Ok(()),
        };
        let uri = Text::of_attribute(bytes, attribute.value)?;
        if prefix.len() > 0 && uri.of(bytes).is_empty() {
            return Err(malformed(
                "a prefix is declared without a namespace",
                prefix.start,
            ));
        }
        let count = self.fixed.len() + self.bindings.len() + 1;
        if count > limits.namespaces {
            return Err(beyond(
                "xml_namespaces",
                prefix.start,
                count,
                limits.namespaces,
            ));
        }
        self.bindings.push(Binding { prefix, uri });
        Ok(())
    }

    /// What is declared since the last time belongs to `part` for good.
    pub(crate) fn fix(&mut self, part: Part) {
        let bindings = self.bindings.drain(..);
        self.fixed.extend(bindings.map(|binding| (part, binding)));
    }

    /// Is in this part from here on.
    pub(crate) fn enter(&mut self, part: Part) {
        self.part = part;
    }

    /// The namespace of a prefix, the default one of an empty prefix; none when it is not declared.
    pub(crate) fn resolve<'a>(&'a self, bytes: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
        if prefix == b"xml" {
            return Some(b"http://www.w3.org/XML/1998/namespace");
        }
        let local = self.bindings.get(self.floor..).unwrap_or_default();
        let around = self.fixed.iter().rev();
        let around = around.filter(|(part, _)| *part == self.part || *part == Part::Envelope);
        let mut all = local.iter().rev().chain(around.map(|(_, binding)| binding));
        match all.find(|binding| binding.prefix.of(bytes) == prefix) {
            Some(binding) => Some(binding.uri.of(bytes)),
            None if prefix.is_empty() => Some(b""),
            None => None,
        }
    }

    /// Every prefix that is in scope with its namespace, the innermost of each.
    pub(crate) fn all<'a>(&'a self, bytes: &'a [u8]) -> BTreeMap<&'a [u8], &'a [u8]> {
        let local = self.bindings.get(self.floor..).unwrap_or_default();
        let around = self.fixed.iter();
        let around = around.filter(|(part, _)| *part == self.part || *part == Part::Envelope);
        // From outside in: what is declared again replaces what was.
        let all = around.map(|(_, binding)| binding).chain(local);
        all.map(|binding| (binding.prefix.of(bytes), binding.uri.of(bytes)))
            .collect()
    }

    /// How many declarations there are, for [`Self::leave`].
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.bindings.len()
    }

    /// Forgets the declarations after the first `len`.
    #[inline]
    pub(crate) fn leave(&mut self, len: usize) {
        self.bindings.truncate(len);
    }

    /// Goes to an element of a part, where nothing that is open is in scope.
    pub(crate) fn jump(&mut self, part: Part) -> Mark {
        let mark = Mark {
            floor: self.floor,
            part: self.part,
        };
        self.floor = self.bindings.len();
        self.part = part;
        mark
    }

    /// Comes back from [`Self::jump`].
    pub(crate) fn back(&mut self, mark: Mark) {
        self.floor = mark.floor;
        self.part = mark.part;
    }
}
