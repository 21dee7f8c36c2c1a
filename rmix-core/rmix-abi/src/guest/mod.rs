//! The provider's side: safe traits that become tables, and safe handles on what the host lends.
//!
//! A provider implements [`Provider`], [`Link`] and [`Listener`], and a codec as [`Encode`] and [`Decode`]; the kit
//! `rmix-provider` does most of it for stream protocols. Nothing here knows a protocol.

mod codec;
mod decode;
mod encode;
mod future;
mod host;
mod link;
mod panic;
mod provider;
mod respond;
mod spare;

pub use codec::{Prims, PrimsMut, Taken};
pub use decode::{AnyValue, Decode, DecodeHooks, StructHead, VariantHead, dec_table};
pub use encode::{Encode, EncodeHooks, enc_table};
pub use future::BoxFuture;
pub use host::{Host, Io, RegisteredFd, Timer};
pub use link::{Begin, Link, Listener, OutgoingReply};
pub use provider::{Open, Provider, entry};
pub use respond::{CallFacts, InboundCall, Respond};
pub use spare::fill_spare;
