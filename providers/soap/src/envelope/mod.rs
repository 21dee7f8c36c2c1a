//! The envelope: read up to the body's child before anything is called, and begun and ended around values.

mod error;
mod header;
mod read;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use error::shortened;
pub use error::{EnvelopeError, EnvelopeErrorKind};
pub use header::HeaderBlock;
pub use read::{Body, Envelope};
pub(crate) use write::begin_envelope;
pub use write::{Outgoing, begin_fault, begin_request, begin_response, finish};

/// A version of SOAP. Complete on purpose: there is no third.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// SOAP 1.1.
    Soap11,
    /// SOAP 1.2.
    Soap12,
}

impl Version {
    /// The envelope's namespace.
    pub const fn namespace(self) -> &'static str {
        match self {
            Version::Soap11 => "http://schemas.xmlsoap.org/soap/envelope/",
            Version::Soap12 => "http://www.w3.org/2003/05/soap-envelope",
        }
    }

    /// The version of this envelope namespace.
    pub fn of_namespace(namespace: &str) -> Option<Version> {
        [Version::Soap11, Version::Soap12]
            .into_iter()
            .find(|version| version.namespace() == namespace)
    }

    /// The namespace of the encoding that goes with it.
    pub const fn encoding(self) -> &'static str {
        match self {
            Version::Soap11 => crate::names::ENCODING_1_1,
            Version::Soap12 => crate::names::ENCODING_1_2,
        }
    }

    /// The media type of its messages.
    pub const fn media_type(self) -> &'static str {
        match self {
            Version::Soap11 => "text/xml",
            Version::Soap12 => "application/soap+xml",
        }
    }
}
