//! SOAP 1.1 and 1.2 over HTTP: the provider `soap`.
//!
//! | module | subject |
//! |---|---|
//! | `provider`, `options` | opening links and listeners; what an endpoint says |
//! | `link` | calls that are made |
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

pub mod codec;
pub mod envelope;
mod exported;
pub mod fault;
pub mod http;
mod link;
mod media;
pub mod mime;
pub mod names;
mod options;
pub mod plugin;
mod provider;
mod respond;
mod service;
mod wsdl;
pub mod xml;

pub use exported::Exported;
pub use link::SoapLink;
pub use provider::SoapProvider;
