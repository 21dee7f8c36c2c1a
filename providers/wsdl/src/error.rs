//! Why an interface has no WSDL.

use crate::names::QName;

/// What WSDL, XML Schema or the Basic Profile cannot say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The interface has no namespace.
    #[error("`{interface}` has no namespace: give it `#[rmix::remote(namespace = \"urn:…\")]`")]
    NoNamespace {
        /// Name of the interface.
        interface: String,
    },
    /// Something that cannot be described.
    #[error("`{path}` is {what}: {instead}")]
    Unsupported {
        /// The way from the interface to it: `Station.latest.place`.
        path: String,
        /// What stands there.
        what: &'static str,
        /// What to write instead.
        instead: &'static str,
    },
    /// A name that XML does not allow.
    #[error("`{path}` is called `{name}`, which is no name in XML: rename it on the wire")]
    NotAName {
        /// The way from the interface to it.
        path: String,
        /// The name.
        name: String,
    },
    /// Two operations of one name (Basic Profile R2304).
    #[error("`{interface}` has two operations called `{name}`")]
    SameOperation {
        /// Name of the interface.
        interface: String,
        /// The name.
        name: String,
    },
    /// Two operations that a request cannot tell apart (Basic Profile R2710).
    #[error(
        "requests of `{first}` and `{second}` look alike, both are {element}: give one another `request`"
    )]
    SameRequest {
        /// The earlier operation.
        first: String,
        /// The later one.
        second: String,
        /// What stands in the body of both.
        element: String,
    },
    /// One element with two contents.
    #[error("`{path}` is the element {name}, which has other content elsewhere in the interface")]
    SameElement {
        /// The way from the interface to the later use.
        path: String,
        /// The element, or attribute.
        name: QName,
    },
    /// Types without names within each other.
    #[error("`{path}` lies more than {limit} types without a name deep")]
    TooDeep {
        /// The way from the interface to it.
        path: String,
        /// The limit, [`crate::DEPTH_MAX`].
        limit: usize,
    },
    /// A character that stands in no XML document.
    #[error("{text:?} has a character that XML does not allow")]
    Character {
        /// The text.
        text: String,
    },
}
