//! One operation's names.

use std::borrow::Cow;

use rmix_abi::describe::{
    FieldDesc, InterfaceDesc, MethodDesc, TypeDesc, field_flags, method_flags, style, type_kind,
};

use rmix_wsdl::names::{Message, QName, or};

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
        let is_bare = interface.style == style::BARE;
        let names = rmix_wsdl::names::Operation::of(interface, method);
        let soap = method.soap().map_or(0, |soap| soap.flags);
        let several = soap & method_flags::OUTPUTS != 0;
        let outputs = match method.result() {
            Some(result) if several => struct_fields(interface, method, result)?,
            _ => &[],
        };
        if is_bare {
            one_part(interface, method, &names.request, "arguments")?;
        }
        // One-way operations have no answer; a caller that waits for none of another's does not look at it.
        let mut response = ElementName::NONE;
        if let Some(names) = &names.response {
            if is_bare {
                one_part(interface, method, names, "outputs")?;
            }
            response = ElementName::planned(&names.element);
        }
        let mut planned = Operation {
            method,
            style: interface.style,
            namespace,
            request: ElementName::planned(&names.request.element),
            response,
            outputs,
            several,
            result: match is_bare {
                true => response,
                false => ElementName::of(rmix_wsdl::names::result(method)),
            },
            namespaces: Namespaces::default(),
        };
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
    ElementName::of(rmix_wsdl::names::header(field, interface))
}

impl ElementName {
    /// That of what is not there.
    const NONE: ElementName = ElementName {
        namespace: "",
        local: "",
    };

    /// Of a namespace and a local name.
    fn of((namespace, local): (&'static str, &'static str)) -> ElementName {
        ElementName { namespace, local }
    }

    /// The same name. One that was put together is, like the descriptions that it comes from, there for ever: made once for
    /// each operation of each interface that is planned.
    fn planned(name: &QName) -> ElementName {
        let forever = |text: &Cow<'static, str>| match text {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => &*text.clone().leak(),
        };
        ElementName {
            namespace: forever(&name.namespace),
            local: forever(&name.local),
        }
    }
}

fn one_part(
    interface: &InterfaceDesc,
    method: &MethodDesc,
    message: &Message,
    what: &'static str,
) -> Result<(), PlanError> {
    if message.parts.len() <= 1 {
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
