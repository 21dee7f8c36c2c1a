//! The names that SOAP, WSDL and XML Schema give what an interface carries: one set of rules for what is written on the
//! wire and for the description of it.
//!
//! | what | name |
//! |---|---|
//! | namespace | the interface's; `urn:` and its name where none is given |
//! | wrapper of a request | `request`, or the operation's name; in `request_namespace`, or the interface's |
//! | wrapper of a response | `response`, or the request's name with `Response`; in `response_namespace`, or the interface's |
//! | argument | its name; in its namespace, or none |
//! | result | `result`, or `return`; in `result_namespace`, or none |
//! | outputs | the names and namespaces of the fields of the result |
//! | element that stands alone: the body's child of the style bare, a header block, a fault's detail | as above, but in the interface's namespace where none is given |
//! | fault | one for each variant of the fault's enum, named as the variant; a fault that is a struct has the name of its type, any other is called `fault` |
//! | field, variant that is no fault | its name; in its namespace, or none |
//! | part of a tuple | `item` and its position from 0, unless it has a name |
//! | items of a sequence that stands in one element | what `wrapped` says, else `item`; in the namespace of the element around them |
//! | type | its name, with a number where it is taken by another; in its namespace, or the interface's ([`TypeNames`]) |
//!
//! In the styles rpc and encoded WSDL can say none but the operation's name and the default of the response (Basic Profile
//! R2729), and parts have no namespace (R2735).

mod operation;
mod qname;
mod same;
mod types;

use std::borrow::Cow;

use rmix_abi::describe::{FieldDesc, InterfaceDesc, style};

pub use operation::{Fault, Message, Operation, Part};
pub use qname::QName;
pub use same::same;
pub use types::{TypeNames, extended, is_derived, is_enumeration, own_fields};

/// Name of a result's element where none is given.
pub const RESULT: &str = "return";
/// Name of items where none is given.
pub const ITEM: &str = "item";
/// What follows the request's name in the name of a response.
pub const RESPONSE: &str = "Response";
/// Name of the element of a fault whose type has none.
pub const FAULT: &str = "fault";

/// The namespace of an interface.
pub fn namespace(interface: &InterfaceDesc) -> Cow<'static, str> {
    match interface.namespace() {
        "" => Cow::Owned(format!("urn:{}", interface.name())),
        given => Cow::Borrowed(given),
    }
}

/// Whether calls are written as SOAP 1.1, section 7 has it: in an element named after the operation, by parts.
pub const fn is_rpc(style: u32) -> bool {
    matches!(style, style::RPC | style::ENCODED)
}

/// Name of a field by its position; parts of tuples have no name of their own.
pub fn field(index: usize, field: &FieldDesc) -> Cow<'static, str> {
    match field.name() {
        "" => Cow::Owned(format!("{ITEM}{index}")),
        name => Cow::Borrowed(name),
    }
}

/// Name of the items of a sequence, where `item` is what its facets say.
pub const fn item(item: &'static str) -> &'static str {
    if item.is_empty() { ITEM } else { item }
}
