//! What elements are called: the rules, and the plan of an interface that follows from them. A WSDL writer must agree.
//!
//! | what | local name | namespace |
//! |---|---|---|
//! | request, wrapped | the facet `request`, else the operation | `request_namespace`, else the interface's |
//! | response, wrapped | the facet `response`, else the operation + `Response` | `response_namespace`, else the interface's |
//! | request and response, rpc and encoded | as wrapped | as wrapped |
//! | argument, field | its wire name | its own facet, else none |
//! | result | the facet `result`, else `return` | `result_namespace`, else none |
//! | with `outputs` | each field of the result's struct stands where the result would | as fields |
//! | request, bare | the facet `request`, else the argument (without one: the operation) | `request_namespace`, else the argument's, else the interface's |
//! | response, bare | the facet `result`, else `response`, else the operation + `Response` | `result_namespace`, else `response_namespace`, else the interface's |
//! | header block | the argument's or field's wire name | its own facet, else the interface's |
//! | declared fault | the variant; without an enum the type, or `fault` | the variant's facet, else the interface's |
//! | variant in a choice or enum with content | the variant | the variant's facet, else none |
//! | item of a sequence in one element | the facet's `item` | that of the element around it |
//! | value in a tuple, by place from 0 | `item0`, `item1`, … | none |
//! | type (`xsi:type`) | the type's name | its own facet, else the interface's |
//!
//! A bare operation with `outputs` or more than one body argument has no body element for each; it is refused when the
//! interface is planned.

mod interface;
mod namespaces;
mod operation;

pub use interface::{Interface, PlanError, Plans};
pub(crate) use namespaces::{Namespaces, type_namespace};
pub use operation::{ElementName, Operation};
pub(crate) use operation::{header_name, or};

/// Namespace of `xsi:type` and `xsi:nil`.
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// Namespace of the built-in types.
pub const XSD: &str = "http://www.w3.org/2001/XMLSchema";
/// Namespace of the encoding of SOAP 1.1 (section 5).
pub const ENCODING_1_1: &str = "http://schemas.xmlsoap.org/soap/encoding/";
/// Namespace of the encoding of SOAP 1.2.
pub const ENCODING_1_2: &str = "http://www.w3.org/2003/05/soap-encoding";
/// Namespace of `xop:Include`.
pub const XOP: &str = "http://www.w3.org/2004/08/xop/include";

/// Name of the element of a fault whose type has none.
pub(crate) const FAULT: &str = "fault";
/// Local names of tuple members.
pub(crate) const MEMBERS: [&str; 12] = [
    "item0", "item1", "item2", "item3", "item4", "item5", "item6", "item7", "item8", "item9",
    "item10", "item11",
];
