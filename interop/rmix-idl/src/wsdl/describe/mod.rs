//! The description of an imported interface as Rust interfaces have one, made at run time: for calls without generated Rust.

mod field;
mod types;

use rmix_abi::describe::{
    FieldDesc, InterfaceDesc, MethodDesc, MethodSoap, Schema, TypeDesc, VariantDesc, method_flags,
    style, type_kind,
};
use rmix_abi::tables::{call_flags, shape};

use self::types::Types;
use super::keys::keys;
use super::model::{Description, Field, Form, Interface, Message, Operation, Style};

impl Description {
    /// The interface as SOAP and WSDL know Rust interfaces: to be called by
    /// [`Described`](crate::described::Described) values, or to be exported.
    ///
    /// What it is made of lives for ever: describe each interface once.
    pub fn describe(&self, interface: &Interface) -> &'static InterfaceDesc {
        let types = Types::new(self);
        let methods = interface.operations.iter();
        let methods = methods.map(|operation| method(&types, interface, operation));
        let style = match interface.style {
            Style::Wrapped => style::WRAPPED,
            Style::Bare => style::BARE,
            Style::Rpc => style::RPC,
            Style::Encoded => style::ENCODED,
        };
        InterfaceDesc::leak(
            forever(&interface.name.local),
            forever(&interface.name.namespace),
            (0, 0),
            style,
            methods.collect(),
        )
    }
}

/// Text that lives for ever, as descriptions want it.
fn forever(text: &str) -> &'static str {
    if text.is_empty() {
        return "";
    }
    String::leak(text.to_owned())
}

fn method(types: &Types<'_>, interface: &Interface, operation: &Operation) -> MethodDesc {
    let arguments = types.fields(&operation.request.parts);
    let mut soap = MethodSoap::PLAIN.with_action(forever(&operation.action));
    let mut result = None;
    if let Some(name) = &operation.request.wrapper {
        soap = soap.with_request(forever(&name.local), forever(&name.namespace));
    }
    if let Some(response) = &operation.response {
        if let Some(name) = &response.wrapper {
            soap = soap.with_response(forever(&name.local), forever(&name.namespace));
        }
        result = Some(match only_result(types, interface.style, response) {
            Only::Nothing => Schema::of::<()>(),
            Only::Result(field) => {
                let namespace = forever(&field.name.namespace);
                soap = soap.with_result(forever(&field.name.local), namespace);
                types.of(field)
            }
            Only::Outputs => {
                soap = soap.with_flags(method_flags::OUTPUTS);
                outputs(types, operation, response)
            }
        });
    }
    let fault = (!operation.faults.is_empty() && operation.response.is_some())
        .then(|| faults(types, operation));
    let mut flags = 0;
    if operation.response.is_none() {
        flags |= call_flags::ONEWAY;
    }
    if fault.is_some() {
        flags |= call_flags::FAULTS;
    }
    let name = forever(&operation.name);
    MethodDesc::new(name, 0, flags, arguments, result, fault).with_soap(Box::leak(Box::new(soap)))
}

enum Only<'a> {
    Nothing,
    Result(&'a Field),
    Outputs,
}

/// Whether an answer is one plain element: what else there is to say of a value can be said of a field only.
fn only_result<'a>(types: &Types<'_>, style: Style, response: &'a Message) -> Only<'a> {
    let [only] = response.parts.as_slice() else {
        return match response.parts.is_empty() {
            true => Only::Nothing,
            false => Only::Outputs,
        };
    };
    let is_plain = types.flags(only) == 0 && only.form == Form::Element;
    let is_unqualified = style == Style::Bare || only.name.namespace.is_empty();
    match is_plain && is_unqualified {
        true => Only::Result(only),
        false => Only::Outputs,
    }
}

/// The outputs as the struct of a result.
fn outputs(types: &Types<'_>, operation: &Operation, response: &Message) -> Schema {
    let (schema, describe) = Schema::later();
    let name = forever(&format!("{} outputs", operation.name));
    let fields = types.fields(&response.parts);
    describe(TypeDesc::structure(type_kind::STRUCT, name, fields));
    schema
}

/// The declared faults as an enum.
fn faults(types: &Types<'_>, operation: &Operation) -> Schema {
    let (schema, describe) = Schema::later();
    let details = operation.faults.iter().map(|fault| &fault.detail);
    let keyed = keys(details.clone());
    let variants = details.zip(keyed).zip(0..).map(|((detail, key), index)| {
        let held = FieldDesc::new("", types.of(detail));
        let held: &'static [FieldDesc] = Box::leak(Box::new([held]));
        let xml = field::xml(detail, &key);
        VariantDesc::new(forever(&key), index, shape::NEWTYPE, held).with_xml(xml)
    });
    let variants: Vec<VariantDesc> = variants.collect();
    let name = forever(&format!("{} faults", operation.name));
    describe(TypeDesc::enumeration(name, variants.leak()));
    schema
}
