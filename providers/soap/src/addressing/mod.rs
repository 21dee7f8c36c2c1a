//! WS-Addressing 1.0 (W3C 2006: core, SOAP binding, metadata) and the submission of 2004/08: whom a message is for, which
//! one it answers, and references to services. Answers go back on the connection that the request came on, or nowhere: no
//! address that a peer writes is ever connected to.
//!
//! Knows no connection and no clock; message ids come in as numbers.

mod check;
mod fault;
mod parameters;
mod properties;
pub(crate) mod reference;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use check::{Expected, Way, check_answer, check_request};
pub(crate) use fault::Violation;
pub(crate) use parameters::Parameters;
pub(crate) use properties::Properties;
pub(crate) use write::{MessageId, RequestHeaders};

/// A version of WS-Addressing. Complete on purpose: nothing else was ever spoken widely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    /// The recommendation, 1.0.
    W3c,
    /// The submission of August 2004, which older peers speak.
    Submission,
}

impl Edition {
    pub(crate) const ALL: [Edition; 2] = [Edition::W3c, Edition::Submission];

    /// The namespace of its headers.
    pub(crate) const fn namespace(self) -> &'static str {
        match self {
            Edition::W3c => "http://www.w3.org/2005/08/addressing",
            Edition::Submission => "http://schemas.xmlsoap.org/ws/2004/08/addressing",
        }
    }

    /// The address of whoever waits for the answer on the same connection.
    pub(crate) const fn anonymous(self) -> &'static str {
        match self {
            Edition::W3c => "http://www.w3.org/2005/08/addressing/anonymous",
            Edition::Submission => {
                "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
            }
        }
    }

    /// The address of nobody: what is sent there is dropped. The submission has none.
    pub(crate) const fn none(self) -> Option<&'static str> {
        match self {
            Edition::W3c => Some("http://www.w3.org/2005/08/addressing/none"),
            Edition::Submission => None,
        }
    }
}

/// What an end does about addressing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addressing {
    /// Nothing (`addressing=off`, the default): headers are passed over, and refused when they must be understood.
    Off,
    /// A client writes headers; a listener reads them where they are, and answers with its own (`addressing=on`; of a
    /// client also `2004`).
    On(Edition),
    /// As `On`; and what comes without them is refused (`addressing=required`).
    Required(Edition),
}

impl Addressing {
    /// The edition that a client speaks; none when it is off.
    pub(crate) fn edition(self) -> Option<Edition> {
        match self {
            Addressing::Off => None,
            Addressing::On(edition) | Addressing::Required(edition) => Some(edition),
        }
    }
}

/// Where services of Microsoft's frameworks that speak no addressing say `Action` and `To` all the same.
const MICROSOFT_NONE: &str = "http://schemas.microsoft.com/ws/2005/05/addressing/none";

/// Whether this is the namespace of an edition.
pub(crate) fn is_addressing(namespace: &str) -> bool {
    Edition::ALL
        .into_iter()
        .any(|edition| edition.namespace() == namespace)
}

/// Whether a header block of an answer only describes the answer, so that whoever reads it has nothing to do.
pub(crate) fn describes_answer(namespace: &str, local: &str) -> bool {
    (is_addressing(namespace) || namespace == MICROSOFT_NONE)
        && ["Action", "To", "MessageID", "RelatesTo", "From"].contains(&local)
}

/// Whether a header block of a request says what the request says without it.
pub(crate) fn is_said_beside_addressing(namespace: &str, local: &str) -> bool {
    namespace == MICROSOFT_NONE && ["Action", "To"].contains(&local)
}

/// Longest address, action or message id that is read, in bytes.
pub(crate) const URI_BYTES_MAX: usize = 4096;
