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
//! | `addressing=off` (default), `on`, `required`, `2004` | WS-Addressing 1.0: requests say `To`, `Action`, `MessageID` and `ReplyTo`, and an answer that says `RelatesTo` must mean its request; `required` has the peer understand it, and answer with it; `2004` is the submission of August 2004 |
//! | `parameters=XML` | reference parameters, percent-encoded: header blocks of every request; needs `addressing`. References that are read have them: at most 16, within the 4,096 bytes of an endpoint |
//! | `security=off` (default), `text`, `digest` | a user name token of WS-Security, with the password or its digest |
//! | `user=NAME`, `password_file=PATH` | who this end is, and the file whose first line is the password; both are needed with `security` |
//! | `timestamp=on` (default), `off`; `expires=300` | whether requests have a timestamp, and the seconds until it expires (1 to 86,400) |
//! | `ca`, `cert`, `key` | PEM files for `soap+https`: who is believed (default: the system's authorities), and who this end is |
//!
//! | option of a listener | |
//! |---|---|
//! | `schemas=inline` (default), `separate` | where the description has its schemas; separate ones are at `?xsd=N` |
//! | `addressing=off` (default), `on`, `required` | WS-Addressing, of either edition: headers are checked where they are, and answered with; `required` refuses requests without. The description says actions |
//! | `security=off` (default), `username`, `digest` | requests need a user name token, `digest` one with a digest |
//! | `users_file=PATH` | who is let in: `name:password` in each line; needed with `security` |
//! | `timestamp=optional` (default), `required` | whether requests need a timestamp; one that is there is checked |
//! | `freshness=300` | seconds that a request may be old (1 to 86,400), and that nonces are kept |
//! | `nonces=100000` | nonces that are kept (1 to 10,000,000); when they are all fresh, requests are refused |
//! | `gzip=on` (default), `off` | whether longer answers are compressed for peers that take it |
//! | `cert`, `key`, `client_ca` | PEM files for `soap+https`: who this end is, and by whom clients must be certified |
//!
//! | option of either | |
//! |---|---|
//! | `mtom=BYTES` | octets of at least so many bytes travel beside the envelope (MTOM); without it none do; they are read always |
//! | `header_bytes`, `header_fields`, `header_timeout`, `gzip_ratio`, `body_rate`, `body_grace` | limits of HTTP: see [`http::HttpLimits`] |
//! | `xml_depth`, `xml_attributes`, `xml_namespaces`, `xml_name_bytes`, `xml_text_bytes`, `xml_elements`, `xml_reference_bytes`, `soap_headers` | limits of XML: see [`xml::XmlLimits`] |
//! | `mime_parts`, `mime_header_bytes` | limits of messages of several parts: see [`mime::MimeLimits`] |
//! | `skew=300` | seconds that the clocks of two ends may be apart (0 to 86,400); needs `security` |
//! | `cleartext=refused` (default), `allowed` | whether a password as text may go without TLS; needs `security` |
//!
//! With WS-Addressing an answer goes back on the connection of its request, or nowhere where `ReplyTo` says nobody; any
//! other address is refused, and none is ever connected to. A user that has shown a password is the claim of the call,
//! `verified:wsse user=NAME`, which `rmix::caller()` tells. Endpoints never have passwords in them, and an exported one
//! shows none of the options of security. `rmix::Remote` is a reference as a value: an `EndpointReference`, whose
//! reference parameters are echoed by calls on it.
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
//! | `addressing`, `security` | headers of WS-Addressing and WS-Security: pure |
//! | `refusal` | requests that are refused before anything is called |
//! | `edge` | the time of day, and chance |
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
