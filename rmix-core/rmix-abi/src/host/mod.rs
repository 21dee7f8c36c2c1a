//! The host's side: tables as safe Rust. The loader, links and calls, inbound calls, the host's own table from a safe
//! trait, and serde over the codec tables. Knows no protocol, no runtime and no reactor: those come in through
//! [`HostServices`].

pub mod codec;
mod de;
mod error;
mod future;
mod inbound;
mod link;
mod loader;
mod prims;
mod ser;
mod services;

pub use error::CodecError;
pub use future::ForeignFuture;
pub use inbound::{Arguments, Inbound, Method, ReplyTo};
pub use link::{Began, Call, Encoding, Link, Listener, ReplyValue};
pub use loader::{LoadError, PluginEntry, StartedProvider};
pub use services::{HostServices, IoOutcome, LentFd, host_table};

/// Names of newtype structs that cross as values of the protocol's own; see the façade's `Value`.
pub mod magic {
    /// Content is `serialize_bytes` of eight bytes (extension type, little-endian) and the extension's octets.
    pub const EXT: &str = "$rmix::Ext";
    /// Content is `serialize_bytes` of text that may not be UTF-8.
    pub const RAW_STR: &str = "$rmix::RawStr";
    /// First octet of what a self-describing decoder hands to `visit_newtype_struct` as bytes: an extension follows.
    pub const TAG_EXT: u8 = 1;
    /// First octet: text that is not UTF-8 follows.
    pub const TAG_RAW_STR: u8 = 2;
}
