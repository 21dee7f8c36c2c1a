//! Names of what one operation sends: wrappers, parts, header blocks, faults.

use std::borrow::Cow;

use rmix_abi::describe::{
    FieldDesc, FieldXml, InterfaceDesc, MethodDesc, MethodSoap, TypeDesc, VariantDesc, field_flags,
    method_flags, style, type_kind,
};
use rmix_abi::tables::call_flags;

use super::qname::QName;
use super::{FAULT, RESPONSE, RESULT, field, namespace};

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
            namespace: namespace(interface),
            style: interface.style,
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
    namespace: Cow<'static, str>,
    style: u32,
    soap: &'a MethodSoap,
}

impl Names<'_> {
    fn request(&self, method: &MethodDesc) -> Message {
        let wrapper = QName {
            namespace: self.or_interface(self.soap.request_namespace()),
            local: Cow::Borrowed(self.request_name(method)),
        };
        self.message(wrapper, self.fields(method.arguments()))
    }

    fn response(&self, method: &MethodDesc) -> Message {
        let local = match self.soap.response() {
            "" => Cow::Owned(format!("{}{RESPONSE}", self.request_name(method))),
            given => Cow::Borrowed(given),
        };
        let wrapper = QName {
            namespace: self.or_interface(self.soap.response_namespace()),
            local,
        };
        self.message(wrapper, self.results(method))
    }

    fn request_name(&self, method: &MethodDesc) -> &'static str {
        match self.soap.request() {
            "" => method.name(),
            given => given,
        }
    }

    fn message(&self, wrapper: QName, parts: Vec<Part>) -> Message {
        let is_header = |part: &Part| part.xml.has(field_flags::HEADER);
        let (mut headers, mut parts): (Vec<_>, Vec<_>) = parts.into_iter().partition(is_header);
        let is_bare = self.style == style::BARE;
        let alone = if is_bare { &mut parts[..] } else { &mut [] };
        for part in headers.iter_mut().chain(alone) {
            if part.name.is_unqualified() {
                part.name.namespace = self.namespace.clone();
            }
        }
        Message {
            wrapper: (!is_bare).then_some(wrapper),
            parts,
            headers,
        }
    }

    fn fields(&self, fields: &'static [FieldDesc]) -> Vec<Part> {
        let fields = fields.iter().enumerate();
        let part = |(index, one): (usize, &'static FieldDesc)| Part {
            name: QName {
                namespace: Cow::Borrowed(one.xml().namespace()),
                local: field(index, one),
            },
            index,
            ty: one.ty(),
            xml: one.xml(),
        };
        fields.map(part).collect()
    }

    fn results(&self, method: &MethodDesc) -> Vec<Part> {
        let Some(ty) = method.result() else {
            return Vec::new();
        };
        if self.soap.flags & method_flags::OUTPUTS != 0 {
            return self.fields(ty.fields());
        }
        if ty.kind == type_kind::UNIT {
            return Vec::new();
        }
        let local = match self.soap.result() {
            "" => RESULT,
            given => given,
        };
        vec![Part {
            name: QName::new(self.soap.result_namespace(), local),
            index: 0,
            ty,
            xml: &FieldXml::PLAIN,
        }]
    }

    fn faults(&self, method: &MethodDesc) -> Vec<Fault> {
        let Some(ty) = method.fault() else {
            return Vec::new();
        };
        if ty.kind != type_kind::ENUM {
            let local = match ty.name() {
                "" => FAULT,
                name => name,
            };
            return vec![Fault {
                element: QName::new(self.or_interface(ty.xml().namespace()), local),
                variant: None,
                ty,
            }];
        }
        let fault = |variant: &'static VariantDesc| Fault {
            element: QName::new(self.or_interface(variant.xml().namespace()), variant.name()),
            variant: Some(variant),
            ty,
        };
        ty.variants().iter().map(fault).collect()
    }

    fn or_interface(&self, namespace: &'static str) -> Cow<'static, str> {
        match namespace {
            "" => self.namespace.clone(),
            given => Cow::Borrowed(given),
        }
    }
}
