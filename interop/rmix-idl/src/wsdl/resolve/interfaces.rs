//! Port types with their bindings as interfaces.

use std::collections::BTreeMap;

use super::bindings::Lookup;
use super::index::undefined;
use super::messages::Ends;
use super::types::Resolver;
use crate::error::IdlError;
use crate::wsdl::load::Loaded;
use crate::wsdl::model::{Interface, Operation, Style, shared};
use crate::wsdl::name::QName;
use crate::wsdl::syntax::definitions::{
    Binding, BindingOperation, Operation as Declared, PartContent, PortType,
};

impl<'a> Resolver<'a> {
    /// All port types that SOAP can call. Where no file has a binding, these are all of them.
    pub(super) fn interfaces(&mut self, loaded: &'a Loaded) -> Result<Vec<Interface>, IdlError> {
        let bindings = || loaded.definitions.iter().flat_map(|it| &it.bindings);
        let mut order = Vec::new();
        let mut by_port_type: BTreeMap<&QName, Vec<&Binding>> = BTreeMap::new();
        for binding in bindings().filter(|it| it.soap.is_some()) {
            let Some(&port_type) = self.index.port_types.get(&binding.port_type) else {
                let what = "the port type";
                return Err(undefined(&binding.port_type, what, &binding.place));
            };
            let same = by_port_type.entry(&port_type.name).or_default();
            if same.is_empty() {
                order.push(port_type);
            }
            same.push(binding);
        }
        let mut interfaces = Vec::new();
        for port_type in order {
            let same = by_port_type.remove(&port_type.name).unwrap_or_default();
            interfaces.extend(self.interface(port_type, &same)?);
        }
        if let Some(binding) = bindings().next() {
            if !bindings().any(|it| it.soap.is_some()) {
                return Err(IdlError::Unsupported {
                    place: binding.place.clone(),
                    what: "a file whose bindings are all of other protocols".to_owned(),
                    instead: "one binding of SOAP 1.1 or 1.2 is needed".to_owned(),
                });
            }
            return Ok(interfaces);
        }
        for port_type in loaded.definitions.iter().flat_map(|it| &it.port_types) {
            interfaces.extend(self.interface(port_type, &[])?);
        }
        Ok(interfaces)
    }

    /// A port type as one interface for each style of message that it has.
    fn interface(
        &mut self,
        port_type: &'a PortType,
        bindings: &[&'a Binding],
    ) -> Result<Vec<Interface>, IdlError> {
        let mut document = Vec::new();
        let mut rpc = Vec::new();
        let mut encoded = Vec::new();
        let mut lookup = Lookup::of(bindings);
        for declared in &port_type.operations {
            self.count_operation(declared)?;
            let bound = lookup.bound(declared);
            let is_rpc = match bound.first() {
                Some((binding, operation)) => operation
                    .and_then(|it| it.is_rpc)
                    .unwrap_or_else(|| binding.soap.as_ref().is_some_and(|it| it.is_rpc)),
                None => self.has_types(declared),
            };
            let first = bound.first().and_then(|(_, operation)| *operation);
            let is_encoded =
                first.is_some_and(|it| it.input.body.is_encoded || it.output.body.is_encoded);
            match (is_rpc, is_encoded) {
                (true, true) => encoded.push((declared, bound)),
                (true, false) => rpc.push((declared, bound)),
                (false, false) => document.push((declared, bound)),
                (false, true) => {
                    return Err(IdlError::Unsupported {
                        place: declared.place.clone(),
                        what: "the style document with the use encoded".to_owned(),
                        instead: "documents are literal, and encoded messages rpc".to_owned(),
                    });
                }
            }
        }
        let is_wrapped =
            self.are_wrapped(document.iter().map(|(it, bound)| (*it, first_of(bound))))?;
        let document_style = if is_wrapped {
            Style::Wrapped
        } else {
            Style::Bare
        };
        let mut interfaces = Vec::new();
        for (style, operations) in [
            (document_style, document),
            (Style::Rpc, rpc),
            (Style::Encoded, encoded),
        ] {
            if operations.is_empty() {
                continue;
            }
            let mut all = Vec::new();
            for (declared, bound) in operations {
                all.push(self.operation(port_type, style, declared, &bound)?);
            }
            interfaces.push(Interface {
                name: port_type.name.clone(),
                documentation: shared(&port_type.documentation),
                style,
                operations: all,
                place: port_type.place.clone(),
            });
        }
        Ok(interfaces)
    }

    fn operation(
        &mut self,
        port_type: &'a PortType,
        style: Style,
        declared: &'a Declared,
        bound: &[(&'a Binding, Option<&'a BindingOperation>)],
    ) -> Result<Operation, IdlError> {
        let Some(input) = &declared.input else {
            return Err(backwards(declared));
        };
        let actions = bound.iter().filter_map(|(_, operation)| *operation);
        let mut actions = actions.map(|it| it.action.as_str());
        let action = actions
            .find(|action| !action.is_empty())
            .unwrap_or(&input.action);
        if declared.output_is_first {
            return Err(backwards(declared));
        }
        let ends = Ends {
            declared,
            bound: first_of(bound),
            style,
            namespace: &port_type.name.namespace,
        };
        let request = self.request(&ends, input)?;
        let output = declared.output.as_ref();
        let response = output.map(|output| self.response(&ends, output));
        Ok(Operation {
            name: declared.name.clone(),
            documentation: shared(&declared.documentation),
            action: action.to_owned(),
            request,
            response: response.transpose()?,
            faults: self.faults(declared)?,
            place: declared.place.clone(),
        })
    }

    fn count_operation(&mut self, declared: &Declared) -> Result<(), IdlError> {
        if self.operations >= self.limits.operations_max {
            let max = self.limits.operations_max;
            return Err(IdlError::limit(&declared.place, "operations_max", max));
        }
        self.operations += 1;
        Ok(())
    }

    /// Whether the parts of an operation have types, not elements.
    fn has_types(&self, declared: &Declared) -> bool {
        let uses = declared.input.iter().chain(&declared.output);
        let mut messages = uses.filter_map(|it| self.index.messages.get(&it.message));
        messages.any(|message| {
            let mut parts = message.parts.iter();
            parts.any(|part| matches!(part.content, PartContent::Type(_)))
        })
    }
}

fn first_of<'a>(
    bound: &[(&'a Binding, Option<&'a BindingOperation>)],
) -> Option<&'a BindingOperation> {
    bound.first().and_then(|(_, operation)| *operation)
}

fn backwards(declared: &Declared) -> IdlError {
    IdlError::Unsupported {
        place: declared.place.clone(),
        what: format!("the operation `{}`, which the server begins", declared.name),
        instead: "operations begin with an input; let the client offer a service of its own"
            .to_owned(),
    }
}
