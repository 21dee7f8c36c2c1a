//! The names that SOAP, WSDL and XML Schema give what an interface carries: one set of rules for what is written on the
//! wire and for the description of it.
//!
//! | what | local name | namespace |
//! |---|---|---|
//! | request, wrapped, rpc and encoded | `request`, else the operation | `request_namespace`, else the interface's |
//! | response, wrapped, rpc and encoded | `response`, else the operation and `Response` | `response_namespace`, else the interface's |
//! | argument, output, field | the facet `name`, else its name | its own, else none |
//! | result | `result`, else `return` | `result_namespace`, else none |
//! | outputs | the fields of the result stand where the result would | as fields |
//! | request, bare | `request`, else the argument, else (without one) the operation | `request_namespace`, else the argument's, else the interface's |
//! | response, bare | the output, else `result`, else `response`, else the operation and `Response` | that of the output, else `result_namespace`, else `response_namespace`, else the interface's |
//! | header block | the argument or output | its own, else the interface's |
//! | fault | the variant; without an enum the type, or `fault` | the variant's, else the interface's |
//! | variant that is no fault | its name | its own, else none |
//! | part of a tuple | `item` and its position from 0 | none |
//! | items of a sequence in one element | what `wrapped` says, else `item` | that of the element around them |
//! | type | its name, with a number where it is another's ([`TypeNames`]) | its own, else the interface's |
//!
//! In the styles rpc and encoded WSDL can say none but the operation's name and the default of the response (Basic Profile
//! R2729), and parts have no namespace (R2735).

mod operation;
mod qname;
mod same;
mod types;

use std::borrow::Cow;

use rmix_abi::describe::{FieldDesc, MethodDesc, TypeDesc, style};

pub use operation::{Fault, Message, Operation, Part};
pub use qname::QName;
pub use same::same;
pub use types::{TypeNames, extended, is_derived, is_enumeration, own_fields};

/// Name of a result's element where none is given.
pub const RESULT: &str = "return";
/// Name of items where none is given.
pub const ITEM: &str = "item";
/// What follows the operation's name in the name of a response.
pub const RESPONSE: &str = "Response";
/// Name of the element of a fault whose type has none.
pub const FAULT: &str = "fault";
/// Names of the parts of tuples, by position, as far as they are there for ever; [`member`] has the others.
pub const MEMBERS: [&str; 12] = [
    "item0", "item1", "item2", "item3", "item4", "item5", "item6", "item7", "item8", "item9",
    "item10", "item11",
];

/// Namespace of the built-in types of XML Schema.
pub const XSD: &str = "http://www.w3.org/2001/XMLSchema";
/// Namespace of the encoding of SOAP 1.1 (section 5).
pub const ENCODING_1_1: &str = "http://schemas.xmlsoap.org/soap/encoding/";
/// Namespace of the encoding of SOAP 1.2.
pub const ENCODING_1_2: &str = "http://www.w3.org/2003/05/soap-encoding";

/// Whether calls are written as SOAP 1.1, section 7 has it: in an element named after the operation, by parts.
pub const fn is_rpc(style: u32) -> bool {
    matches!(style, style::RPC | style::ENCODED)
}

/// Name of a field by its position; parts of tuples have no name of their own.
pub fn field(index: usize, field: &FieldDesc) -> QName {
    match field.xml_name() {
        "" => QName::new("", member(index)),
        name => QName::new(field.xml().namespace(), name),
    }
}

/// Name of a part of a tuple by its position.
pub fn member(index: usize) -> Cow<'static, str> {
    match MEMBERS.get(index) {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(format!("{ITEM}{index}")),
    }
}

/// Namespace and name of the header block that an argument or output is, in an interface of this namespace.
pub fn header(field: &FieldDesc, interface: &'static str) -> (&'static str, &'static str) {
    (or(field.xml().namespace(), interface), field.xml_name())
}

/// Namespace and name of a result's element.
pub fn result(method: &MethodDesc) -> (&'static str, &'static str) {
    let soap = method.soap();
    let own = soap.map_or(("", ""), |soap| (soap.result_namespace(), soap.result()));
    (own.0, or(own.1, RESULT))
}

/// Namespace of a type, in an interface of this namespace.
pub fn type_namespace(ty: &TypeDesc, interface: &'static str) -> &'static str {
    or(ty.xml().namespace(), interface)
}

/// Name of the items of a sequence, where `item` is what its facets say.
pub const fn item(item: &'static str) -> &'static str {
    if item.is_empty() { ITEM } else { item }
}

/// The first, unless it is empty.
pub const fn or<'a>(first: &'a str, second: &'a str) -> &'a str {
    if first.is_empty() { second } else { first }
}
