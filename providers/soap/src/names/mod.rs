//! The plan of an interface: what its operations' elements are called, by the rules of [`rmix_wsdl::names`], the prefix of
//! each namespace, and which operation a body calls.
//!
//! A bare operation with more than one body argument or output has no body element for each; it is refused when the
//! interface is planned.

mod interface;
mod namespaces;
mod operation;

pub use interface::{Interface, PlanError, Plans};
pub(crate) use namespaces::Namespaces;
pub(crate) use operation::header_name;
pub use operation::{ElementName, Operation};
pub use rmix_wsdl::names::{ENCODING_1_1, ENCODING_1_2, XSD};
pub(crate) use rmix_wsdl::names::{FAULT, MEMBERS, is_derived, is_enumeration, or, type_namespace};

/// Namespace of `xsi:type` and `xsi:nil`.
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// Namespace of `xop:Include`.
pub const XOP: &str = "http://www.w3.org/2004/08/xop/include";
