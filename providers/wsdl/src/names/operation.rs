//! Names of what one operation sends: wrappers, parts, header blocks, faults.

use std::borrow::Cow;

use rmix_abi::describe::{
    FieldDesc, FieldXml, InterfaceDesc, MethodDesc, MethodSoap, TypeDesc, VariantDesc, field_flags,
    method_flags, style, type_kind,
};
use rmix_abi::tables::call_flags;

use super::qname::QName;
use super::{FAULT, RESPONSE, field, or};

/// The names of one operation.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Operation {
    /// Its own.
    pub name: &'static str,
    /// SOAPAction, empty for none.
    pub action: &'static str,
    /// What it takes.
    pub request: Message,
    /// What it gives; absent when it is one-way.
    pub response: Option<Message>,
    /// What it may fail with, by the variants of the fault's enum.
    pub faults: Vec<Fault>,
}

/// What travels in one direction.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Message {
    /// The body's child: the wrapper; in the style bare the part, or without one what the wrapper would be.
    pub element: QName,
    /// Element around the parts; absent in the style bare.
    pub wrapper: Option<QName>,
    /// What the body holds, in order.
    pub parts: Vec<Part>,
    /// Header blocks, in order.
    pub headers: Vec<Part>,
}

/// An argument, a result or an output.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Part {
    /// Its element, or attribute.
    pub name: QName,
    /// Position of the argument or output; 0 of a result.
    pub index: usize,
    /// Its type.
    pub ty: &'static TypeDesc,
    /// How it is written. The namespace that counts is the name's.
    pub xml: &'static FieldXml,
}

/// A declared fault.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Fault {
    /// The detail's element.
    pub element: QName,
    /// The variant that it is; absent when the fault's type is no enum.
    pub variant: Option<&'static VariantDesc>,
    /// Type of the fault, or its enum.
    pub ty: &'static TypeDesc,
}

impl Operation {
    /// The names of an operation of an interface.
    pub fn of(interface: &InterfaceDesc, method: &MethodDesc) -> Operation {
        let soap = method.soap().unwrap_or(&MethodSoap::PLAIN);
        let names = Names {
            namespace: interface.namespace(),
            is_bare: interface.style == style::BARE,
            soap,
        };
        let request = names.request(method);
        let response = names.response(method);
        let oneway = method.flags & call_flags::ONEWAY != 0;
        Operation {
            name: method.name(),
            action: soap.action(),
            request,
            response: (!oneway).then_some(response),
            faults: names.faults(method),
        }
    }
}

struct Names<'a> {
    namespace: &'static str,
    is_bare: bool,
    soap: &'a MethodSoap,
}

impl Names<'_> {
    fn request(&self, method: &MethodDesc) -> Message {
        let (name, namespace) = (self.soap.request(), self.soap.request_namespace());
        let wrapper = QName::new(or(namespace, self.namespace), or(name, method.name()));
        let mut message = self.message(wrapper, fields(method.arguments()));
        for part in message.parts.iter_mut().filter(|_| self.is_bare) {
            part.name.prefer(namespace, name);
            part.name.qualify(self.namespace);
        }
        message.stand_for_itself()
    }

    fn response(&self, method: &MethodDesc) -> Message {
        let responds = || match self.soap.response() {
            "" => Cow::Owned(format!("{}{RESPONSE}", method.name())),
            given => Cow::Borrowed(given),
        };
        let namespace = or(self.soap.response_namespace(), self.namespace);
        let wrapper = QName::new(namespace, responds());
        let mut message = self.message(wrapper, self.results(method));
        for part in message.parts.iter_mut().filter(|_| self.is_bare) {
            let is_output = self.soap.flags & method_flags::OUTPUTS != 0;
            if !is_output && self.soap.result().is_empty() {
                part.name.local = responds();
            }
            part.name
                .qualify(or(self.soap.result_namespace(), namespace));
        }
        message.stand_for_itself()
    }

    fn message(&self, wrapper: QName, parts: Vec<Part>) -> Message {
        let is_header = |part: &Part| part.xml.has(field_flags::HEADER);
        let (mut headers, parts): (Vec<_>, Vec<_>) = parts.into_iter().partition(is_header);
        for part in &mut headers {
            part.name.qualify(self.namespace);
        }
        Message {
            wrapper: (!self.is_bare).then(|| wrapper.clone()),
            element: wrapper,
            parts,
            headers,
        }
    }

    fn results(&self, method: &MethodDesc) -> Vec<Part> {
        let Some(ty) = method.result() else {
            return Vec::new();
        };
        if self.soap.flags & method_flags::OUTPUTS != 0 {
            return fields(ty.fields());
        }
        if ty.kind == type_kind::UNIT {
            return Vec::new();
        }
        let (namespace, name) = super::result(method);
        vec![Part {
            name: QName::new(namespace, name),
            index: 0,
            ty,
            xml: &FieldXml::PLAIN,
        }]
    }

    fn faults(&self, method: &MethodDesc) -> Vec<Fault> {
        let Some(ty) = method.fault() else {
            return Vec::new();
        };
        let fault = |namespace, name, variant| Fault {
            element: QName::new(or(namespace, self.namespace), name),
            variant,
            ty,
        };
        if ty.kind != type_kind::ENUM {
            return vec![fault("", or(ty.name(), FAULT), None)];
        }
        let one = |variant: &'static VariantDesc| {
            fault(variant.xml().namespace(), variant.xml_name(), Some(variant))
        };
        ty.variants().iter().map(one).collect()
    }
}

impl Message {
    /// Without a wrapper the only part is the body's child.
    fn stand_for_itself(mut self) -> Message {
        if let (None, Some(part)) = (&self.wrapper, self.parts.first()) {
            self.element = part.name.clone();
        }
        self
    }
}

fn fields(fields: &'static [FieldDesc]) -> Vec<Part> {
    let fields = fields.iter().enumerate();
    let part = |(index, one): (usize, &'static FieldDesc)| Part {
        name: field(index, one),
        index,
        ty: one.ty(),
        xml: one.xml(),
    };
    fields.map(part).collect()
}
