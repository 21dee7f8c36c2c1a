//! Rules of WS-Addressing that a request breaks, and the faults that say so (SOAP binding, 6.4).

use super::Edition;
use crate::envelope::{EnvelopeError, shortened};
use crate::names::ElementName;
use crate::xml::escape;

/// What is wrong with the addressing of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Violation {
    /// A header that has to be there is not.
    Missing(&'static str),
    /// A header, or the address in it, is there more than once.
    Repeated(&'static str),
    /// What stands in a header is not a URI.
    NoUri(&'static str),
    /// A header is longer than may be.
    TooLong {
        /// The header.
        name: &'static str,
        /// Its length.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// A reference has no address.
    NoAddress(&'static str),
    /// An answer is wanted elsewhere than on the connection of the request.
    Elsewhere(&'static str),
    /// The action is not the one that HTTP says.
    ActionMismatch,
    /// The action is not the one of the operation that the body calls.
    ActionNotSupported {
        /// What it is.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// The call is for an object that is not, or no longer, the one here.
    OtherObject,
    /// A header breaks a rule of XML, or a limit.
    Malformed(EnvelopeError),
}

impl Violation {
    /// What it is called, outermost first.
    pub(crate) fn subcodes(&self, edition: Edition) -> Vec<ElementName> {
        let invalid = "InvalidAddressingHeader";
        let (outer, inner) = match self {
            Violation::Missing(_) => ("MessageAddressingHeaderRequired", None),
            Violation::Repeated(_) => (invalid, Some("InvalidCardinality")),
            Violation::NoUri(_) | Violation::TooLong { .. } => (invalid, Some("InvalidAddress")),
            Violation::NoAddress(_) => (invalid, Some("MissingAddressInEPR")),
            Violation::Elsewhere(_) => (invalid, Some("OnlyAnonymousAddressSupported")),
            Violation::ActionMismatch => (invalid, Some("ActionMismatch")),
            Violation::ActionNotSupported { .. } => ("ActionNotSupported", None),
            Violation::OtherObject => ("DestinationUnreachable", None),
            Violation::Malformed(_) => (invalid, None),
        };
        let name = |local| ElementName {
            namespace: edition.namespace(),
            local,
        };
        match edition {
            Edition::W3c => [Some(outer), inner]
                .into_iter()
                .flatten()
                .map(name)
                .collect(),
            // It has fewer names.
            Edition::Submission => vec![name(match outer {
                "MessageAddressingHeaderRequired" => "MessageInformationHeaderRequired",
                "InvalidAddressingHeader" => "InvalidMessageInformationHeader",
                other => other,
            })],
        }
    }

    /// One sentence for the caller.
    pub(crate) fn reason(&self) -> String {
        shortened(match self {
            Violation::Missing(name) => format!("a wsa:{name} is required, and there is none"),
            Violation::Repeated(name) => {
                format!("there is one wsa:{name} with one address at most, and here are more")
            }
            Violation::NoUri(name) => format!("the text of wsa:{name} is no URI"),
            Violation::TooLong {
                name,
                bytes,
                bytes_max,
            } => format!("the URI of wsa:{name} has {bytes} bytes, limit {bytes_max}"),
            Violation::NoAddress(name) => format!("the reference in wsa:{name} has no wsa:Address"),
            Violation::Elsewhere(name) => format!(
                "wsa:{name} is answered on the connection of the request only: its address can be the anonymous one, or \
                 the one for nobody"
            ),
            Violation::ActionMismatch => {
                "the action that HTTP says is not the one of wsa:Action".to_owned()
            }
            Violation::ActionNotSupported { found, expected } => format!(
                "the action {found:?} is not that of the operation which the body calls, {expected:?}"
            ),
            Violation::OtherObject => {
                "the object that the reference was to is not exported here any more".to_owned()
            }
            Violation::Malformed(error) => error.message.clone(),
        })
    }

    /// Its detail, written already; empty for none. The submission shows none.
    pub(crate) fn detail(&self, edition: Edition) -> Vec<u8> {
        let namespace = edition.namespace();
        let text = match (self, edition) {
            (_, Edition::Submission) => return Vec::new(),
            (
                Violation::Missing(name)
                | Violation::Repeated(name)
                | Violation::NoUri(name)
                | Violation::TooLong { name, .. }
                | Violation::NoAddress(name)
                | Violation::Elsewhere(name),
                _,
            ) => format!(
                "<wsa:ProblemHeaderQName xmlns:wsa=\"{namespace}\">wsa:{name}</wsa:ProblemHeaderQName>"
            ),
            (Violation::ActionNotSupported { found, .. }, _) => {
                let mut escaped = Vec::new();
                if escape(found.as_bytes(), &mut escaped).is_err() {
                    return Vec::new();
                }
                let found = String::from_utf8_lossy(&escaped).into_owned();
                format!(
                    "<wsa:ProblemAction xmlns:wsa=\"{namespace}\"><wsa:Action>{found}</wsa:Action></wsa:ProblemAction>"
                )
            }
            (Violation::ActionMismatch, _) => format!(
                "<wsa:ProblemHeaderQName xmlns:wsa=\"{namespace}\">wsa:Action</wsa:ProblemHeaderQName>"
            ),
            (Violation::OtherObject | Violation::Malformed(_), _) => return Vec::new(),
        };
        text.into_bytes()
    }
}
