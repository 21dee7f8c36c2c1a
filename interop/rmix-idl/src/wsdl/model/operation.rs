//! Interfaces, operations and their messages.

use crate::place::Place;
use crate::wsdl::name::QName;

use super::types::{Documentation, Field};

/// Version of SOAP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SoapVersion {
    /// SOAP 1.1.
    Soap11,
    /// SOAP 1.2.
    Soap12,
}

/// How arguments and results stand in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Style {
    /// Document/literal: within an element named as the operation.
    Wrapped,
    /// Document/literal: the one part is the body's element.
    Bare,
    /// RPC/literal: within an element named as the operation, parts without a namespace.
    Rpc,
    /// RPC/encoded, by the encoding of SOAP.
    Encoded,
}

/// A port type, or those of its operations that are of one style.
#[derive(Debug)]
#[non_exhaustive]
pub struct Interface {
    /// Name of the port type.
    pub name: QName,
    /// What the files say of it.
    pub documentation: Documentation,
    /// How arguments and results stand in a body.
    pub style: Style,
    /// Its operations.
    pub operations: Vec<Operation>,
    /// Where it is defined.
    pub place: Place,
}

impl Interface {
    /// The first operation of a name.
    pub fn find_operation(&self, name: &str) -> Option<&Operation> {
        let mut operations = self.operations.iter();
        operations.find(|operation| operation.name == name)
    }
}

/// An operation.
#[derive(Debug)]
#[non_exhaustive]
pub struct Operation {
    /// Its name; several have the same where it is overloaded.
    pub name: String,
    /// What the files say of it.
    pub documentation: Documentation,
    /// `SOAPAction`, or `action` of SOAP 1.2; where no binding says one, the request's of WS-Addressing. May be empty.
    pub action: String,
    /// What is sent.
    pub request: Message,
    /// What is answered; nothing for one-way operations.
    pub response: Option<Message>,
    /// The faults that are declared.
    pub faults: Vec<Fault>,
    /// Where it is defined.
    pub place: Place,
}

/// A message.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Message {
    /// The element around the parts; none when the style is bare.
    pub wrapper: Option<QName>,
    /// Parts of the body and header blocks, in this order.
    pub parts: Vec<Field>,
    /// Sentences on what of the wrapper's content is not carried over.
    pub notes: Vec<String>,
}

/// A declared fault.
#[derive(Debug)]
#[non_exhaustive]
pub struct Fault {
    /// Its name in the port type.
    pub name: String,
    /// The element within the fault's detail.
    pub detail: Field,
    /// What the files say of it.
    pub documentation: Documentation,
}

/// A service.
#[derive(Debug)]
#[non_exhaustive]
pub struct Service {
    /// Its name.
    pub name: QName,
    /// What the files say of it.
    pub documentation: Documentation,
    /// Its ports of SOAP.
    pub ports: Vec<Port>,
}

/// A port of a service: an endpoint.
#[derive(Debug)]
#[non_exhaustive]
pub struct Port {
    /// Its name.
    pub name: String,
    /// What the files say of it.
    pub documentation: Documentation,
    /// Name of the port type behind it.
    pub interface: QName,
    /// Version of SOAP that it speaks.
    pub version: SoapVersion,
    /// Address, as it is written.
    pub address: String,
}

impl Port {
    /// The endpoint of the provider `soap` that calls it; nothing when its address is not one of HTTP, or has a query: in
    /// an endpoint these are options, which a file of somebody else does not give.
    pub fn endpoint(&self) -> Option<String> {
        let schemes = ["http://", "https://"];
        if !schemes
            .iter()
            .any(|scheme| self.address.starts_with(scheme))
            || self.address.contains('?')
        {
            return None;
        }
        Some(match self.version {
            SoapVersion::Soap11 => format!("soap+{}", self.address),
            SoapVersion::Soap12 => format!("soap+{}?version=1.2", self.address),
        })
    }
}
