//! One operation's names.

use rmix_abi::describe::{
    FieldDesc, InterfaceDesc, MethodDesc, TypeDesc, field_flags, method_flags, style, type_kind,
};

use super::Namespaces;
use super::interface::PlanError;

/// An element's name. Complete on purpose: XML has nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ElementName {
    /// Namespace, empty for none.
    pub namespace: &'static str,
    /// Local name.
    pub local: &'static str,
}

/// An operation as SOAP carries it.
#[derive(Debug)]
pub struct Operation {
    pub(crate) method: &'static MethodDesc,
    pub(crate) style: u32,
    /// The interface's namespace.
    pub(crate) namespace: &'static str,
    /// The request's body element.
    pub(crate) request: ElementName,
    /// The response's body element.
    pub(crate) response: ElementName,
    /// The response's parts: fields of the result, or the result.
    pub(crate) outputs: &'static [FieldDesc],
    /// Whether the result is a struct whose fields are the outputs.
    pub(crate) several: bool,
    /// The result, which stands in the response; of a bare operation, it is the response.
    pub(crate) result: ElementName,
    /// Namespaces of requests, responses and faults.
    pub(crate) namespaces: Namespaces,
}

impl Operation {
    pub(super) fn plan(
        interface: &'static InterfaceDesc,
        method: &'static MethodDesc,
    ) -> Result<Operation, PlanError> {
        let namespace = interface.namespace();
        let (bare, several) = (
            interface.style == style::BARE,
            method
                .soap()
                .is_some_and(|soap| soap.flags & method_flags::OUTPUTS != 0),
        );
        let outputs = match method.result() {
            Some(result) if several => struct_fields(interface, method, result)?,
            _ => &[],
        };
        if bare {
            one_part(interface, method, method.arguments(), "arguments")?;
            one_part(interface, method, outputs, "outputs")?;
        }
        let mut planned = Operation {
            method,
            style: interface.style,
            namespace,
            request: request(interface, method),
            response: response(interface, method, outputs),
            outputs,
            several,
            result: result(method),
            namespaces: Namespaces::default(),
        };
        if bare {
            planned.result = planned.response;
        }
        planned.collect();
        Ok(planned)
    }

    fn collect(&mut self) {
        let mut all = Namespaces::new(self.style == style::ENCODED);
        for own in [self.request, self.response, self.result] {
            all.add(own.namespace);
        }
        let arguments = self.method.arguments();
        for field in arguments.iter().chain(self.outputs) {
            all.add_field(field, self.namespace);
            if field.xml().has(field_flags::HEADER) {
                all.add(header_name(field, self.namespace).namespace);
            }
        }
        for ty in [self.method.result(), self.method.fault()]
            .into_iter()
            .flatten()
        {
            all.add_type(ty, self.namespace);
        }
        if let Some(fault) = self.method.fault() {
            for variant in fault.variants() {
                all.add(or(variant.xml().namespace(), self.namespace));
            }
            all.add(self.namespace);
        }
        if self.style == style::ENCODED {
            all.add(self.namespace);
            all.instance = true;
        }
        self.namespaces = all;
    }

    /// The operation's description.
    pub fn method(&self) -> &'static MethodDesc {
        self.method
    }

    /// SOAPAction, perhaps empty.
    pub fn action(&self) -> &'static str {
        self.method.soap().map_or("", |soap| soap.action())
    }

    /// The request's body element.
    pub fn request(&self) -> ElementName {
        self.request
    }

    /// The response's body element.
    pub fn response(&self) -> ElementName {
        self.response
    }

    /// Whether arguments are the body's child, not in it.
    pub(crate) fn is_bare(&self) -> bool {
        self.style == style::BARE
    }

    /// Whether values carry their types.
    pub(crate) fn is_encoded(&self) -> bool {
        self.style == style::ENCODED
    }

    /// Header blocks that are arguments (of a request) or outputs.
    pub(crate) fn headers(&self, of_request: bool) -> impl Iterator<Item = (usize, ElementName)> {
        let fields = if of_request {
            self.method.arguments()
        } else {
            self.outputs
        };
        let namespace = self.namespace;
        fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.xml().has(field_flags::HEADER))
            .map(move |(place, field)| (place, header_name(field, namespace)))
    }
}

/// The name of a header block.
pub(crate) fn header_name(field: &FieldDesc, interface: &'static str) -> ElementName {
    ElementName {
        namespace: or(field.xml().namespace(), interface),
        local: field.name(),
    }
}

fn request(interface: &InterfaceDesc, method: &MethodDesc) -> ElementName {
    let (name, namespace) = method
        .soap()
        .map_or(("", ""), |soap| (soap.request(), soap.request_namespace()));
    let argument = body_part(method.arguments()).filter(|_| interface.style == style::BARE);
    ElementName {
        namespace: or(
            namespace,
            or(
                argument.map_or("", |field| field.xml().namespace()),
                interface.namespace(),
            ),
        ),
        local: or(
            name,
            or(argument.map_or("", FieldDesc::name), method.name()),
        ),
    }
}

fn response(
    interface: &InterfaceDesc,
    method: &MethodDesc,
    outputs: &'static [FieldDesc],
) -> ElementName {
    let soap = method.soap();
    let (mut name, mut namespace) = soap.map_or(("", ""), |soap| {
        (soap.response(), soap.response_namespace())
    });
    if interface.style == style::BARE {
        let output = body_part(outputs);
        let own = soap.map_or(("", ""), |soap| (soap.result(), soap.result_namespace()));
        name = or(output.map_or("", FieldDesc::name), or(own.0, name));
        namespace = or(
            output.map_or("", |field| field.xml().namespace()),
            or(own.1, namespace),
        );
    }
    ElementName {
        namespace: or(namespace, interface.namespace()),
        local: if name.is_empty() {
            respond(method.name())
        } else {
            name
        },
    }
}

/// The name with `Response`: made once for each operation of each interface that is planned, and, like descriptions,
/// there for ever.
fn respond(name: &str) -> &'static str {
    format!("{name}Response").leak()
}

fn result(method: &MethodDesc) -> ElementName {
    let (name, namespace) = method
        .soap()
        .map_or(("", ""), |soap| (soap.result(), soap.result_namespace()));
    ElementName {
        namespace,
        local: or(name, "return"),
    }
}

/// The first of these that is no header block.
fn body_part(fields: &'static [FieldDesc]) -> Option<&'static FieldDesc> {
    fields
        .iter()
        .find(|field| !field.xml().has(field_flags::HEADER))
}

fn one_part(
    interface: &InterfaceDesc,
    method: &MethodDesc,
    fields: &[FieldDesc],
    what: &'static str,
) -> Result<(), PlanError> {
    let parts = fields
        .iter()
        .filter(|field| !field.xml().has(field_flags::HEADER));
    if parts.count() <= 1 {
        return Ok(());
    }
    Err(PlanError::SeveralParts {
        interface: interface.name(),
        method: method.name(),
        what,
    })
}

fn struct_fields(
    interface: &InterfaceDesc,
    method: &MethodDesc,
    result: &'static TypeDesc,
) -> Result<&'static [FieldDesc], PlanError> {
    if result.kind == type_kind::STRUCT {
        return Ok(result.fields());
    }
    Err(PlanError::OutputsOfNoStruct {
        interface: interface.name(),
        method: method.name(),
    })
}

/// The first, unless it is empty.
pub(crate) fn or<'a>(first: &'a str, second: &'a str) -> &'a str {
    if first.is_empty() { second } else { first }
}
