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

/// Names that make serde's shapes mean more: values of the protocol's own (the façade's `Value`), and what RFC 4506 has
/// besides (its `List`, `Opaque` and unions).
pub mod magic {
    /// Content is `serialize_bytes` of eight bytes (extension type, little-endian) and the extension's octets.
    pub const EXT: &str = "$rmix::Ext";
    /// Content is `serialize_bytes` of text that may not be UTF-8.
    pub const RAW_STR: &str = "$rmix::RawStr";
    /// First octet of what a self-describing decoder hands to `visit_newtype_struct` as bytes: an extension follows.
    pub const TAG_EXT: u8 = 1;
    /// First octet: text that is not UTF-8 follows.
    pub const TAG_RAW_STR: u8 = 2;
    /// A newtype around a sequence; where values are RFC 4506's, a linked list.
    pub const LIST: &str = "$rmix::List";
    /// A newtype around `serialize_bytes`, read as a tuple struct of as many octets as there are; where values are RFC
    /// 4506's, octets without a length.
    pub const OPAQUE: &str = "$rmix::Opaque";
    /// Key of a struct variant's field; where the variant's index stands on the wire, the field is left out, being that
    /// index.
    pub const DISCRIMINANT: &str = "$discriminant";
}
