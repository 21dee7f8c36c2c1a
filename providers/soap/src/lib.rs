//! SOAP 1.1 and 1.2 over HTTP: the provider `soap`.
//!
//! Endpoints are `soap+http://HOST:PORT/PATH` and `soap+https://…`; of a client the port may be left out (80, 443). Objects of
//! one host and port share a listener and differ by their paths. An exported object answers both versions of SOAP, and
//! `GET PATH?wsdl` with its description.
//!
//! | option of a client | |
//! |---|---|
//! | `version=1.1` (default), `1.2` | the version of SOAP that calls are made in |
//! | `connections=32` | connections of one link for calls that wait for an answer |
//! | `gzip=off` (default), `on` | whether answers may be compressed |
//! | `ca`, `cert`, `key` | PEM files for `soap+https`: who is believed (default: the system's authorities), and who this end is |
//!
//! | option of a listener | |
//! |---|---|
//! | `schemas=inline` (default), `separate` | where the description has its schemas; separate ones are at `?xsd=N` |
//! | `gzip=on` (default), `off` | whether longer answers are compressed for peers that take it |
//! | `cert`, `key`, `client_ca` | PEM files for `soap+https`: who this end is, and by whom clients must be certified |
//!
//! | option of either | |
//! |---|---|
//! | `mtom=BYTES` | octets of at least so many bytes travel beside the envelope (MTOM); without it none do; they are read always |
//! | `header_bytes`, `header_fields`, `header_timeout`, `gzip_ratio`, `body_rate`, `body_grace` | limits of HTTP: see [`http::HttpLimits`] |
//! | `xml_depth`, `xml_attributes`, `xml_namespaces`, `xml_name_bytes`, `xml_text_bytes`, `xml_elements`, `xml_reference_bytes`, `soap_headers` | limits of XML: see [`xml::XmlLimits`] |
//! | `mime_parts`, `mime_header_bytes` | limits of messages of several parts: see [`mime::MimeLimits`] |
//!
//! How a Rust interface becomes XML is said by `#[rmix(…)]`: see `rmix::remote` and `rmix::Data`, and [`names`] for what
//! follows without a word.
//!
//! | module | subject |
//! |---|---|
//! | `provider`, `options` | opening links and listeners; what an endpoint says |
//! | `link`, `calls` | calls that are made; those on their way, and who drives them |
//! | `exported`, `service`, `respond`, `wsdl` | objects on ports; from a request to its object, and back; descriptions |
//! | `media` | media types |
//! | [`names`] | what elements are called: the rules, and the plan of an interface that follows from them |
//! | [`xml`] | tokens, namespaces, text, numbers, limits |
//! | [`codec`] | values to and from XML, by the interface's description |
//! | [`envelope`] | reading an envelope up to its body; beginning and ending one |
//! | [`fault`] | faults of both versions |
//! | [`mime`] | several parts in one message (MTOM) |
//! | [`http`] | HTTP/1.1, with opaque bodies |

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable
    )
)]

mod addressing;
mod calls;
pub mod codec;
mod edge;
pub mod envelope;
mod exported;
pub mod fault;
pub mod http;
mod link;
pub mod media;
pub mod mime;
pub mod names;
pub mod options;
pub mod plugin;
mod provider;
mod refusal;
mod respond;
mod security;
mod service;
mod wsdl;
pub mod xml;

pub use exported::Exported;
pub use link::SoapLink;
pub use provider::SoapProvider;
