//! WSDL 1.1 with XML Schema: read into a [`Description`], and written as Rust.
//!
//! ```
//! let text = r#"<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:x="http://www.w3.org/2001/XMLSchema"
//!     xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:add" targetNamespace="urn:add">
//!   <message name="in"><part name="a" type="x:int"/><part name="b" type="x:int"/></message>
//!   <message name="out"><part name="sum" type="x:int"/></message>
//!   <portType name="Adder"><operation name="Add"><input message="t:in"/><output message="t:out"/></operation></portType>
//!   <binding name="b" type="t:Adder">
//!     <s:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
//!     <operation name="Add"><s:operation soapAction="urn:add/Add"/>
//!       <input><s:body use="literal" namespace="urn:add"/></input>
//!       <output><s:body use="literal" namespace="urn:add"/></output></operation>
//!   </binding>
//! </definitions>"#;
//! let import = rmix_idl::wsdl::Import::text("add.wsdl", text);
//! let adder = import.description()?;
//! let operation = adder.find_interface("Adder").and_then(|it| it.find_operation("Add")).expect("it is there");
//! assert_eq!(operation.request.parts[1].name.local.as_ref(), "b");
//! assert!(import.rust()?.contains("async fn add(&self, a: i32, b: i32) -> i32;"));
//! # Ok::<(), rmix_idl::IdlError>(())
//! ```
//!
//! # What is read
//!
//! | of WSDL 1.1 and XML Schema 1.0 | here |
//! |---|---|
//! | `wsdl:import`, `xsd:import`, `xsd:include` | files in the folder of the first file and in those given with [`Import::folder`]; nothing is fetched, remote locations are given with [`Import::schema_location`] |
//! | document/literal with an element named as the operation, in all operations of an interface | wrapped: the element's content is the arguments |
//! | other document/literal; rpc/literal; rpc/encoded | `soap(style = "bare")`; `"rpc"`; `"encoded"` |
//! | SOAP 1.1 and 1.2 bindings of a port type | one trait |
//! | `soap:header`, faults by element or by type, one-way operations, overloads | read |
//! | `sequence`, `all` | fields; those of an optional group are optional |
//! | `choice` of elements; groups that repeat | an enum whose variant's element stands in the parent |
//! | `choice` of groups | optional fields, with a sentence |
//! | types that extend others; substitution groups | an enum by `xsi:type`; an enum by element |
//! | types that restrict others | structs of their own, which do not stand for the other |
//! | `any`, `anyAttribute`, `anyType`'s elements, mixed text | left out, with a sentence |
//! | enumerations; other facets of simple types | enums; documentation |
//! | `integer` and its kin; `gYear` and its kin, `QName`; unions | 64 bits; `String`; `String` |
//! | `soapenc:Array` with `wsdl:arrayType` of one dimension | `Vec` |
//! | `redefine`, notifications and solicit-response, attachments | refused |
//! | document type declarations | refused |
//!
//! A WSDL gives the types that its operations reach, a lone schema all of its types ([`Import::all_types`]).

#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)
)]

mod describe;
mod generate;
mod import;
mod keys;
mod limits;
mod load;
pub mod model;
mod name;
mod read;
mod resolve;
mod source;
mod syntax;
mod xml;

pub use generate::Generate;
pub use import::Import;
pub use limits::Limits;
pub use model::Description;
pub use name::QName;
pub use source::{Fetch, is_url};
