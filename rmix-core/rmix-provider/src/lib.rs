//! Safe kit for provider authors.
//!
//! A stream protocol is a [`Protocol`]: how a message is cut off a byte stream ([`Framer`]), what its header looks like,
//! what kind of message it is. Everything else is here, once for all providers: matching replies to calls
//! ([`calls`]), one caller reading for all (leader and followers), gathering what many callers send into one write
//! ([`outbox`]), bounded queues, time limits of accepted connections, streams on the reactor that the host lends
//! ([`stream`]), connecting and accepting ([`connect`], [`listen`]), and the exported entry ([`export_provider!`]).
//!
//! Knows no protocol and no user type; owns no thread, no runtime and no timer.

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

mod background;
pub mod calls;
mod channel;
pub mod connect;
pub mod endpoint;
pub mod failure;
mod link;
pub mod listen;
pub mod outbox;
mod plugin;
mod protocol;
mod respond;
mod serving;
pub mod stream;

pub use link::{EndReason, LinkOptions, MuxLink};
pub use outbox::Outgoing;
pub use protocol::{Framer, Incoming, MethodName, Origin, Protocol, ReplyKind, Request, Violation};

pub use rmix_abi::{self as abi, guest, tables};
