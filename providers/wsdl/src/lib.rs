//! WSDL 1.1 and XML Schema of Rust interfaces, and the names that SOAP gives what they carry.
//!
//! Absences: no input or output, no clock, no wire bytes of calls; knows neither providers nor the façade.

#![forbid(unsafe_code)]
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

mod document;
mod error;
pub mod names;
mod options;
mod schema;
mod xml;

pub use document::wsdl;
pub use error::Error;
pub use options::{Documents, Options};
pub use schema::DEPTH_MAX;
