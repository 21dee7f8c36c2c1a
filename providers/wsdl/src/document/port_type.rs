//! The port type: what WSDL calls an interface.

use rmix_abi::describe::{InterfaceDesc, MethodDesc};

use super::message::{Direction, Messages, OperationMessages};
use crate::names::{FAULT_ACTION, request_action, response_action};
use crate::xml::Node;

impl Messages {
    /// The port type; with `addressing` it says the actions of messages.
    pub(super) fn port_type(&self, interface: &InterfaceDesc, addressing: bool) -> Node {
        let interface_of = addressing.then_some(interface);
        let operations = self.operations.iter();
        Node::new("wsdl:portType")
            .with("name", interface.name())
            .children(operations.map(|one| operation(one, interface_of)))
    }
}

fn operation(operation: &OperationMessages, interface: Option<&InterfaceDesc>) -> Node {
    let mut node = Node::new("wsdl:operation").with("name", operation.names.name);
    if let Some(order) = parameter_order(operation) {
        node = node.with("parameterOrder", order);
    }
    let name = operation.names.name;
    let described = interface.and_then(|interface| {
        let method = interface.methods().iter().find(|one| one.name() == name)?;
        Some((interface, method))
    });
    let acted = |node: Node, action: fn(&InterfaceDesc, &MethodDesc) -> String| match described {
        Some((interface, method)) => node.with("wsam:Action", action(interface, method)),
        None => node,
    };
    let message = |kind, direction: &Direction| {
        Node::new(kind).with("message", format!("tns:{}", direction.message))
    };
    let faults = operation.faults.iter().map(|(name, message)| {
        let fault = Node::new("wsdl:fault")
            .with("name", name)
            .with("message", format!("tns:{message}"));
        acted(fault, |_, _| FAULT_ACTION.to_owned())
    });
    let output = operation.output.iter();
    let output = output.map(|output| acted(message("wsdl:output", output), response_action));
    node.child(acted(
        message("wsdl:input", &operation.input),
        request_action,
    ))
    .children(output)
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
