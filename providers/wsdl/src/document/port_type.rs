//! The port type: what WSDL calls an interface.

use super::message::{Direction, Messages, OperationMessages};
use crate::xml::Node;

impl Messages {
    pub(super) fn port_type(&self, name: &str) -> Node {
        let operations = self.operations.iter().map(operation);
        Node::new("wsdl:portType")
            .with("name", name)
            .children(operations)
    }
}

fn operation(operation: &OperationMessages) -> Node {
    let mut node = Node::new("wsdl:operation").with("name", operation.names.name);
    if let Some(order) = parameter_order(operation) {
        node = node.with("parameterOrder", order);
    }
    let message = |kind, direction: &Direction| {
        Node::new(kind).with("message", format!("tns:{}", direction.message))
    };
    let faults = operation.faults.iter().map(|(name, message)| {
        Node::new("wsdl:fault")
            .with("name", name)
            .with("message", format!("tns:{message}"))
    });
    node.child(message("wsdl:input", &operation.input))
        .children(
            operation
                .output
                .iter()
                .map(|output| message("wsdl:output", output)),
        )
        .children(faults)
}

/// The order of arguments, then of outputs that are none; a single one of these is the result, which is left out (Basic
/// Profile R2305).
fn parameter_order(operation: &OperationMessages) -> Option<String> {
    let inputs = &operation.input.typed;
    let outputs = operation.output.iter().flat_map(|output| &output.typed);
    let mut names: Vec<&str> = inputs.iter().map(|(name, _)| name.as_str()).collect();
    let mut others = Vec::new();
    for (name, ty) in outputs {
        match inputs.iter().find(|(input, _)| input == name) {
            // One name with two types is not one parameter.
            Some((_, known)) if known != ty => return None,
            Some(_) => {}
            None => others.push(name.as_str()),
        }
    }
    if others.len() > 1 {
        names.extend(others);
    }
    (!names.is_empty()).then(|| names.join(" "))
}
