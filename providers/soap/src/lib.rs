//! SOAP 1.1 and 1.2 over HTTP: the provider `soap`.
//!
//! | module | subject |
//! |---|---|
//! | [`names`] | what elements are called: the rules, and the plan of an interface that follows from them |
//! | [`xml`] | tokens, namespaces, text, numbers, limits |
//! | [`codec`] | values to and from XML, by the interface's description |
//! | [`envelope`] | reading an envelope up to its body; beginning and ending one |
//! | [`fault`] | faults of both versions |
//! | [`mime`] | several parts in one message (MTOM) |
//!
//! These modules know no socket and no HTTP.

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
pub mod fault;
pub mod mime;
pub mod names;
pub mod xml;
