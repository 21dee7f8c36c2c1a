//! A start tag: its name, attributes, place, and the prefixes that its values may use.

use std::sync::Arc;

use crate::error::IdlError;
use crate::place::Place;
use crate::wsdl::name::{QName, XML};

/// A start tag.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    pub(crate) name: QName,
    pub(crate) place: Place,
    pub(super) attributes: Vec<(QName, String)>,
    pub(super) scope: Arc<Scope>,
}

/// Prefixes declared on an element, within those of its parent.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) declared: Vec<(String, Arc<str>)>,
    pub(super) parent: Option<Arc<Scope>>,
    /// How many prefixes are declared here and around.
    pub(super) count: usize,
}

impl Scope {
    /// The namespace of a prefix, which is empty for the default one.
    pub(super) fn find(&self, prefix: &str) -> Option<Arc<str>> {
        let mut scope = Some(self);
        while let Some(inner) = scope {
            let declared = inner.declared.iter().rev();
            if let Some((_, namespace)) = declared.clone().find(|(name, _)| name == prefix) {
                return Some(Arc::clone(namespace));
            }
            scope = inner.parent.as_deref();
        }
        match prefix {
            "" => Some(Arc::from("")),
            "xml" => Some(Arc::from(XML)),
            _ => None,
        }
    }
}

impl Element {
    /// An attribute without a namespace.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attribute_in("", name)
    }

    /// An attribute of a namespace.
    pub(crate) fn attribute_in(&self, namespace: &str, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|(known, _)| known.is(namespace, name));
        found.map(|(_, value)| value.as_str())
    }

    /// An attribute without spaces around, which must be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, IdlError> {
        match self.attribute(name).map(str::trim) {
            Some(value) if !value.is_empty() => Ok(value),
            _ => Err(IdlError::malformed(
                &self.place,
                format!(
                    "the element `{}` needs the attribute `{name}`",
                    self.name.local
                ),
            )),
        }
    }

    /// An attribute whose value is a name with a prefix.
    pub(crate) fn qname(&self, name: &str) -> Result<Option<QName>, IdlError> {
        self.attribute(name)
            .map(|value| self.resolve(value))
            .transpose()
    }

    /// A name with a prefix, by the prefixes in scope.
    pub(crate) fn resolve(&self, value: &str) -> Result<QName, IdlError> {
        let value = value.trim();
        let (prefix, local) = value.split_once(':').unwrap_or(("", value));
        if local.is_empty() || local.contains(':') {
            return Err(IdlError::malformed(
                &self.place,
                format!("`{value}` is no name with a prefix"),
            ));
        }
        match self.scope.find(prefix) {
            Some(namespace) => Ok(QName::new(namespace, local)),
            None => Err(IdlError::malformed(
                &self.place,
                format!("the prefix `{prefix}` of `{value}` is not declared"),
            )),
        }
    }

    /// An attribute that is true or false.
    pub(crate) fn boolean(&self, name: &str) -> Result<bool, IdlError> {
        match self.attribute(name).map(str::trim) {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(other) => Err(IdlError::malformed(
                &self.place,
                format!("`{name}` is true or false, not `{other}`"),
            )),
        }
    }
}
