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

pub mod calls;
pub mod connect;
mod driver;
pub mod endpoint;
pub mod failure;
mod link;
pub mod listen;
pub mod outbox;
mod protocol;
mod respond;
pub mod stream;

pub use link::{EndReason, LinkOptions, MuxLink};
pub use protocol::{Framer, Incoming, Protocol, ReplyKind, Request, Violation};

pub use rmix_abi::{self as abi, guest, tables};

/// Exports a provider: `export_provider!(rmix_provider_v1_example, ExampleProvider);` in a file `plugin.rs` of the crate.
///
/// The symbol's name ends in the provider's name, so that two providers linked into one program do not clash. The
/// static is also what a program without `dlopen` registers.
#[macro_export]
macro_rules! export_provider {
    ($symbol:ident, $provider:ty) => {
        /// The provider's entry: what its shared object exports, and what a static build registers.
        #[unsafe(no_mangle)]
        #[allow(non_upper_case_globals, reason = "the loader looks for this name")]
        pub static $symbol: $crate::tables::ProviderEntry = $crate::guest::entry::<$provider>();

        #[cfg(panic = "abort")]
        compile_error!("a provider must unwind: panics are caught at the boundary");
    };
}
