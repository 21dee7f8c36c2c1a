//! Bindings of a port type to SOAP 1.1 and 1.2, and the service with their ports.

use rmix_abi::describe::{InterfaceDesc, style};

use super::message::{Direction, Messages, OperationMessages, style_name};
use crate::names;
use crate::options::Options;
use crate::xml::Node;

/// A version of SOAP, and who speaks it.
pub(super) struct Version<'a> {
    is_1_2: bool,
    addresses: &'a [String],
}

/// The HTTP of SOAP (WSDL 1.1, 3.3); SOAP 1.2 has no name of its own for it in WSDL 1.1.
const TRANSPORT: &str = "http://schemas.xmlsoap.org/soap/http";

impl<'a> Version<'a> {
    /// The versions to describe.
    pub(super) fn of(options: &'a Options<'_>) -> Vec<Version<'a>> {
        let all = [(false, &options.soap_1_1), (true, &options.soap_1_2)];
        let none = all.iter().all(|(_, addresses)| addresses.is_empty());
        let wanted =
            |(is_1_2, addresses): &(bool, &Vec<String>)| !addresses.is_empty() || (none && !is_1_2);
        let version = |(is_1_2, addresses): (bool, &'a Vec<String>)| Version { is_1_2, addresses };
        all.into_iter().filter(wanted).map(version).collect()
    }

    fn ending(&self) -> &'static str {
        if self.is_1_2 { "12" } else { "" }
    }

    /// An element of this version's extension of WSDL.
    fn node(&self, in_1_1: &'static str, in_1_2: &'static str) -> Node {
        Node::new(if self.is_1_2 { in_1_2 } else { in_1_1 })
    }

    pub(super) fn binding(&self, interface: &InterfaceDesc, messages: &Messages) -> Node {
        let name = interface.name();
        let kind = self
            .node("soap:binding", "soap12:binding")
            .with("style", style_name(interface.style))
            .with("transport", TRANSPORT);
        let operations = messages.operations.iter();
        Node::new("wsdl:binding")
            .with("name", format!("{name}Binding{}", self.ending()))
            .with("type", format!("tns:{name}"))
            .child(kind)
            .children(operations.map(|operation| self.operation(interface.style, operation)))
    }

    fn operation(&self, style: u32, operation: &OperationMessages) -> Node {
        let names = &operation.names;
        let action = self
            .node("soap:operation", "soap12:operation")
            .with("soapAction", names.action);
        let input = self.direction("wsdl:input", style, &names.request, &operation.input);
        let output = names.response.iter().zip(&operation.output);
        let output = output.map(|(names, one)| self.direction("wsdl:output", style, names, one));
        let faults = operation.faults.iter().map(|(name, _)| {
            let fault = self
                .node("soap:fault", "soap12:fault")
                .with("name", name)
                .with("use", "literal");
            Node::new("wsdl:fault").with("name", name).child(fault)
        });
        Node::new("wsdl:operation")
            .with("name", names.name)
            .child(action)
            .child(input)
            .children(output)
            .children(faults)
    }

    fn direction(
        &self,
        kind: &'static str,
        style: u32,
        names: &names::Message,
        direction: &Direction,
    ) -> Node {
        let mut body = self.used(self.node("soap:body", "soap12:body"), style);
        if let Some(wrapper) = names.wrapper.as_ref().filter(|_| names::is_rpc(style)) {
            body = body.with("namespace", wrapper.namespace.as_ref());
        }
        let headers = direction.headers.iter();
        let headers =
            headers.flat_map(|(message, parts)| parts.iter().map(move |part| (message, part)));
        let headers = headers.map(|(message, part)| {
            self.node("soap:header", "soap12:header")
                .with("message", format!("tns:{message}"))
                .with("part", part)
                .with("use", "literal")
        });
        Node::new(kind).child(body).children(headers)
    }

    /// Says that content is as its schema has it, or encoded.
    fn used(&self, node: Node, style: u32) -> Node {
        if style != style::ENCODED {
            return node.with("use", "literal");
        }
        let encoding = if self.is_1_2 {
            names::ENCODING_1_2
        } else {
            names::ENCODING_1_1
        };
        node.with("use", "encoded").with("encodingStyle", encoding)
    }

    fn ports(&self, name: &str) -> impl Iterator<Item = Node> {
        let addresses = self.addresses.iter().enumerate();
        addresses.map(move |(index, address)| {
            let number = match index {
                0 => String::new(),
                _ => format!("_{}", index + 1),
            };
            let address = self
                .node("soap:address", "soap12:address")
                .with("location", address);
            Node::new("wsdl:port")
                .with("name", format!("{name}Port{}{number}", self.ending()))
                .with("binding", format!("tns:{name}Binding{}", self.ending()))
                .child(address)
        })
    }
}

/// The service with all ports, if there are any.
pub(super) fn service(name: &str, versions: &[Version<'_>]) -> Option<Node> {
    let mut ports = versions
        .iter()
        .flat_map(|version| version.ports(name))
        .peekable();
    ports.peek()?;
    Some(
        Node::new("wsdl:service")
            .with("name", format!("{name}Service"))
            .children(ports),
    )
}
