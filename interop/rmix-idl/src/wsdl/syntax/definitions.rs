//! A WSDL 1.1 file as it is written.

use std::sync::Arc;

use crate::place::Place;
use crate::wsdl::model::SoapVersion;
use crate::wsdl::name::QName;

use super::schema::{Reference, Schema};

#[derive(Debug, Default)]
pub(crate) struct Definitions {
    pub(crate) namespace: Arc<str>,
    pub(crate) references: Vec<Reference>,
    pub(crate) schemas: Vec<Schema>,
    pub(crate) messages: Vec<Message>,
    pub(crate) port_types: Vec<PortType>,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) services: Vec<Service>,
}

#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) place: Place,
    pub(crate) name: QName,
    pub(crate) parts: Vec<Part>,
}

#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) place: Place,
    pub(crate) documentation: String,
    pub(crate) name: String,
    pub(crate) content: PartContent,
}

#[derive(Debug)]
pub(crate) enum PartContent {
    Element(QName),
    Type(QName),
}

#[derive(Debug)]
pub(crate) struct PortType {
    pub(crate) place: Place,
    pub(crate) documentation: String,
    pub(crate) name: QName,
    pub(crate) operations: Vec<Operation>,
}

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) place: Place,
    pub(crate) documentation: String,
    pub(crate) name: String,
    pub(crate) input: Option<MessageUse>,
    pub(crate) output: Option<MessageUse>,
    /// Whether the output stands before the input: the server calls the client.
    pub(crate) output_is_first: bool,
    pub(crate) faults: Vec<MessageUse>,
}

#[derive(Debug)]
pub(crate) struct MessageUse {
    pub(crate) place: Place,
    pub(crate) documentation: String,
    pub(crate) name: Option<String>,
    /// What WS-Addressing calls it; may be empty.
    pub(crate) action: String,
    pub(crate) message: QName,
}

#[derive(Debug)]
pub(crate) struct Binding {
    pub(crate) place: Place,
    pub(crate) name: QName,
    pub(crate) port_type: QName,
    /// Nothing when it is no binding of SOAP.
    pub(crate) soap: Option<SoapBinding>,
    pub(crate) operations: Vec<BindingOperation>,
}

#[derive(Debug)]
pub(crate) struct SoapBinding {
    pub(crate) version: SoapVersion,
    pub(crate) is_rpc: bool,
}

#[derive(Debug)]
pub(crate) struct BindingOperation {
    pub(crate) name: String,
    pub(crate) action: String,
    pub(crate) is_rpc: Option<bool>,
    pub(crate) input: BindingMessage,
    pub(crate) output: BindingMessage,
}

#[derive(Debug, Default)]
pub(crate) struct BindingMessage {
    pub(crate) name: Option<String>,
    pub(crate) body: Body,
    pub(crate) headers: Vec<Header>,
    /// Where it is said that a part is sent beside the envelope.
    pub(crate) attachment: Option<Place>,
}

#[derive(Debug, Default)]
pub(crate) struct Body {
    /// Names of the parts that stand in the body, where they are told.
    pub(crate) parts: Option<Vec<String>>,
    pub(crate) is_encoded: bool,
    pub(crate) namespace: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) place: Place,
    pub(crate) message: QName,
    pub(crate) part: String,
}

#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) documentation: String,
    pub(crate) name: QName,
    pub(crate) ports: Vec<Port>,
}

#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) documentation: String,
    pub(crate) name: String,
    pub(crate) binding: QName,
    pub(crate) address: Option<String>,
}
