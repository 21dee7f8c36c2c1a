//! A name within a namespace.

use std::borrow::Cow;
use std::fmt;

/// A namespace, empty for none, and a name in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QName {
    /// URI of the namespace, empty for none.
    pub namespace: Cow<'static, str>,
    /// Name without a prefix.
    pub local: Cow<'static, str>,
}

impl QName {
    /// A name in a namespace.
    pub fn new(
        namespace: impl Into<Cow<'static, str>>,
        local: impl Into<Cow<'static, str>>,
    ) -> QName {
        QName {
            namespace: namespace.into(),
            local: local.into(),
        }
    }

    /// Takes a namespace where it has none.
    pub(super) fn qualify(&mut self, namespace: &'static str) {
        if self.is_unqualified() {
            self.namespace = Cow::Borrowed(namespace);
        }
    }

    /// Takes what is given, if anything is.
    pub(super) fn prefer(&mut self, namespace: &'static str, local: &'static str) {
        if !namespace.is_empty() {
            self.namespace = Cow::Borrowed(namespace);
        }
        if !local.is_empty() {
            self.local = Cow::Borrowed(local);
        }
    }

    /// Whether it has no namespace.
    pub fn is_unqualified(&self) -> bool {
        self.namespace.is_empty()
    }
}

/// As `{namespace}name`.
impl fmt::Display for QName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_unqualified() {
            return out.write_str(&self.local);
        }
        write!(out, "{{{}}}{}", self.namespace, self.local)
    }
}
