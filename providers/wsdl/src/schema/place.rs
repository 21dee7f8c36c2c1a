//! Where in an interface something stands: for messages, and for what its surroundings decide.

use std::borrow::Cow;

use crate::error::Error;
use crate::names::QName;
use crate::xml::is_name;

/// Most types without a name within each other. Only types described at run time can be deeper, or endless.
pub const DEPTH_MAX: usize = 64;

/// A place in an interface.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// `Station.latest.place`.
    path: String,
    /// Namespace of the schema that it is written in.
    pub(crate) scope: Cow<'static, str>,
    depth: usize,
}

impl Place {
    pub(crate) fn new(path: impl Into<String>, scope: impl Into<Cow<'static, str>>) -> Place {
        Place {
            path: path.into(),
            scope: scope.into(),
            depth: 0,
        }
    }

    pub(crate) fn path(&self) -> String {
        self.path.clone()
    }

    /// The place of something with a name in it.
    pub(crate) fn within(&self, name: &str) -> Result<Place, Error> {
        let place = Place {
            path: format!("{}.{name}", self.path),
            scope: self.scope.clone(),
            depth: self.depth + 1,
        };
        if place.depth > DEPTH_MAX {
            return Err(Error::TooDeep {
                path: self.path(),
                limit: DEPTH_MAX,
            });
        }
        if !is_name(name) {
            return Err(Error::NotAName {
                path: place.path,
                name: name.to_owned(),
            });
        }
        Ok(place)
    }

    /// The same, written in the schema of an element's namespace when it has one.
    pub(crate) fn in_schema(mut self, element: &QName) -> Place {
        if !element.is_unqualified() {
            self.scope = element.namespace.clone();
        }
        self
    }

    pub(crate) fn unsupported(&self, what: &'static str, instead: &'static str) -> Error {
        Error::Unsupported {
            path: self.path(),
            what,
            instead,
        }
    }
}
