//! Actions of messages (WS-Addressing 1.0, metadata, 4.4): what is not said follows from names.

use rmix_abi::describe::{InterfaceDesc, MethodDesc};
use rmix_abi::tables::call_flags;

/// The action of the operation's requests: the described one, or namespace, interface and operation with `Request` (a one-way
/// operation alone).
pub fn request_action(interface: &InterfaceDesc, method: &MethodDesc) -> String {
    let said = method.soap().map_or("", |soap| soap.action());
    if !said.is_empty() {
        return said.to_owned();
    }
    let ending = match method.flags & call_flags::ONEWAY {
        0 => "Request",
        _ => "",
    };
    of_names(interface, method, ending)
}

/// The action of the operation's answers: namespace, interface and operation with `Response`.
pub fn response_action(interface: &InterfaceDesc, method: &MethodDesc) -> String {
    of_names(interface, method, "Response")
}

/// The action of all faults.
pub const FAULT_ACTION: &str = "http://www.w3.org/2005/08/addressing/soap/fault";

fn of_names(interface: &InterfaceDesc, method: &MethodDesc, ending: &str) -> String {
    let (namespace, name) = (interface.namespace(), interface.name());
    let between = match namespace.starts_with("urn:") {
        true => ":",
        false => "/",
    };
    let first = match namespace.ends_with(between) {
        true => "",
        false => between,
    };
    format!("{namespace}{first}{name}{between}{}{ending}", method.name())
}
