//! The names that SOAP, WSDL and XML Schema give what an interface carries: one set of rules for what is written on the
//! wire and for the description of it.
//!
//! | what | local name | namespace |
//! |---|---|---|
//! | request, wrapped, rpc and encoded | `request`, else the operation | `request_namespace`, else the interface's |
//! | response, wrapped, rpc and encoded | `response`, else the operation and `Response` | `response_namespace`, else the interface's |
//! | argument, output, field | its name | its own, else none |
//! | result | `result`, else `return` | `result_namespace`, else none |
//! | outputs | the fields of the result stand where the result would | as fields |
//! | request, bare | `request`, else the argument | `request_namespace`, else the argument's, else the interface's |
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

mod action;
mod operation;
mod qname;
mod same;
mod types;

use rmix_abi::describe::{FieldDesc, style};

pub use action::{FAULT_ACTION, request_action, response_action};
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

/// Whether calls are written as SOAP 1.1, section 7 has it: in an element named after the operation, by parts.
pub const fn is_rpc(style: u32) -> bool {
    matches!(style, style::RPC | style::ENCODED)
}

/// Name of a field by its position; parts of tuples have no name of their own.
pub fn field(index: usize, field: &FieldDesc) -> QName {
    match field.name() {
        "" => QName::new("", format!("{ITEM}{index}")),
        name => QName::new(field.xml().namespace(), name),
    }
}

/// Name of the items of a sequence, where `item` is what its facets say.
pub const fn item(item: &'static str) -> &'static str {
    if item.is_empty() { ITEM } else { item }
}

/// The first, unless it is empty.
pub(crate) const fn or<'a>(first: &'a str, second: &'a str) -> &'a str {
    if first.is_empty() { second } else { first }
}
