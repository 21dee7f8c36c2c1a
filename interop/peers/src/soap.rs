//! The peers of SOAP: foreign servers and clients of one contract, and of two older styles.
//!
//! # The contract
//!
//! `soap/contract.wsdl` with its schemas describes what every server does (document/literal wrapped,
//! SOAP 1.1 and 1.2): strings, doubles with INF and NaN, a structure with nil and absent elements, a
//! declared fault, a recursive structure, bytes, types told apart by `xsi:type`, decimals and dates,
//! attributes, lists, choices, header blocks, a one-way operation and several outputs. `soap/rpc.wsdl`
//! is rpc/literal, `soap/encoded.wsdl` rpc/encoded with arrays and shared references.
//!
//! Each client program runs *cases* ([`cases`]): calls with given arguments, whose answer it
//! prints as one line. [`Target`] says where; [`Service::lines`] what lines are right. A case a library
//! cannot do is listed by [`SoapClient::cannot`] with the reason, and its client does not have it.
//!
//! ```no_run
//! use rmix_peers::soap::{Service, SoapClient, SoapVersion, Target, Zeep};
//!
//! let zeep = Zeep::prepare(std::path::Path::new("target/tmp/soap-zeep")).unwrap();
//! let target = Target::at("http://127.0.0.1:8080/contract", SoapVersion::V11, "zeep");
//! let cases = zeep.able(Service::Contract);
//! let lines = zeep.run(Service::Contract, &target, &cases).unwrap();
//! assert_eq!(lines, Service::Contract.lines("zeep", &cases));
//! ```
//!
//! | peer | server | client |
//! |---|---|---|
//! | JAX-WS RI on a JDK | [`JaxWs::start_server`]: the contract by both versions, rpc/literal | of wsimport |
//! | gSOAP, in C | [`Gsoap::start_server`]: each service by a program of its own | of wsdl2h and soapcpp2 |
//! | PHP | [`PhpSoap::start_server`]: everything | SoapClient |
//! | zeep, in Python | | dynamic, from the WSDL |
//! | soap, in Node | [`NodeSoap::start_server`]: the contract by SOAP 1.1 | dynamic, from the WSDL |
//! | SOAP::Lite, in Perl | [`SoapLite::start_server`]: rpc/encoded | without a WSDL |
//!
//! [`JavaStation`] is the weather station in Java, on the same library.
//!
//! [`JaxWs::described_by`] and [`Gsoap::described_by`] make their clients of another description of the
//! contract; `accept` only asks what their tools make of one.
//!
//! [`SoapClient::run_with`] has the clients of JAX-WS and zeep add [`Headers`] of WS-Addressing and WS-Security;
//! JAX-WS serves rpc/literal with either required.
//!
//! What is known of the peers themselves:
//! - JAX-WS opens its port before its endpoints serve: the server says READY behind both. wsimport's
//!   `package-info.java` says that elements are qualified; a compiler that is not told of it leaves
//!   every field of an answer empty without a word.
//! - gSOAP compiles the WSDL in and makes every operation twice of two bindings: that of SOAP 1.2 is
//!   cut out, and either version spoken all the same. Its client is strict ([`Gsoap`] of the contract
//!   and rpc/literal): what it does not expect is an error. It sends `mustUnderstand` with the session.
//! - PHP's server takes text in one piece only: CDATA beside text is a fault. It serves one request
//!   after the other, as gSOAP does. By SOAP 1.2 it names the result of rpc in an element before it, and
//!   its client writes references with the `#` of SOAP 1.1.
//! - zeep writes `inf` and `nan`, and reads an empty string in a structure as none.
//! - The package soap of Node qualifies what it should not and the other way round; the programs say
//!   where they help it.
//!
//! [`validate`] lets xmllint judge a document by schemas; [`post`] sends an envelope written by hand.

mod cases;
mod client;
mod gsoap;
mod java_station;
mod jaxws;
mod node;
mod php;
mod post;
mod recipe;
mod server;
mod soap_lite;
mod xmllint;
mod zeep;

pub use cases::{Service, cases, contract_file};
pub use client::{Headers, SoapClient, SoapVersion, Target};
pub use gsoap::Gsoap;
pub use java_station::{JavaStation, JavaStationClient};
pub use jaxws::JaxWs;
pub use node::NodeSoap;
pub use php::PhpSoap;
pub use post::{Answer, post};
pub use server::SoapServer;
pub use soap_lite::SoapLite;
pub use xmllint::validate;
pub use zeep::Zeep;
