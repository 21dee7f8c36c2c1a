//! What a description is to say besides the interface.

use std::fmt;

/// Endpoints, and where schemas are.
#[derive(Clone, Default)]
pub struct Options<'a> {
    pub(crate) soap_1_1: Vec<String>,
    pub(crate) soap_1_2: Vec<String>,
    pub(crate) addressing: bool,
    pub(crate) location: Option<&'a dyn Fn(usize) -> String>,
}

impl<'a> Options<'a> {
    /// No endpoint, and schemas within the description. Without an endpoint there is a binding for SOAP 1.1, and no service.
    pub fn new() -> Options<'a> {
        Options::default()
    }

    /// Adds an endpoint that speaks SOAP 1.1: `http://host:port/path`.
    #[must_use]
    pub fn soap_1_1(mut self, address: impl Into<String>) -> Options<'a> {
        self.soap_1_1.push(address.into());
        self
    }

    /// Adds an endpoint that speaks SOAP 1.2.
    #[must_use]
    pub fn soap_1_2(mut self, address: impl Into<String>) -> Options<'a> {
        self.soap_1_2.push(address.into());
        self
    }

    /// Says that WS-Addressing is spoken, and the action of every message.
    #[must_use]
    pub fn addressing(mut self) -> Options<'a> {
        self.addressing = true;
        self
    }

    /// Makes schemas documents of their own: `location` says where the one of a number is, from 0.
    #[must_use]
    pub fn separate_schemas(mut self, location: &'a dyn Fn(usize) -> String) -> Options<'a> {
        self.location = Some(location);
        self
    }
}

impl fmt::Debug for Options<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Options")
            .field("soap_1_1", &self.soap_1_1)
            .field("soap_1_2", &self.soap_1_2)
            .field("addressing", &self.addressing)
            .field("separate_schemas", &self.location.is_some())
            .finish()
    }
}

/// A description.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Documents {
    /// The WSDL.
    pub wsdl: String,
    /// Schemas that are documents of their own, by their numbers.
    pub schemas: Vec<String>,
}
