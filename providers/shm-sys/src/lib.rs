//! Memory that two processes share, behind a safe surface.
//!
//! Each end of a link makes one [`Segment`]: sealed memory that it alone may write, with a queue of bytes to its peer and
//! the words that tell how far it has written, how far it has read, and whether it sleeps. The peer maps it read-only
//! ([`Peer`]). [`join`] makes of the two a [`Writer`], a [`Reader`] and an [`Alarm`]. The layout is drawn in [`layout`];
//! the order of the operations is in [`queue`], apart from any memory, so that a model checker can run it.
//!
//! Whatever is read from the peer's segment is copied once, then checked, then used: no reference into its bytes is ever
//! handed out, and no index of it is believed. A peer that breaks the rules makes an operation fail with [`Broken`].
//!
//! What an interpreter can run of the tests is run by `cargo +nightly miri test -p rmix-shm-sys --lib`.
//!
//! Knows no socket, no reactor, no message and no protocol.

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

mod alarm;
pub mod layout;
mod mapping;
pub mod queue;
mod reader;
mod segment;
pub mod spin;
mod writer;

pub use alarm::Alarm;
pub use queue::Broken;
pub use reader::Reader;
pub use segment::{Peer, Refused, Segment};
pub use writer::Writer;

use std::sync::Arc;

/// The two ends of the queues between this process and its peer, and what wakes this process's own reader.
pub fn join(own: Segment, peer: Peer) -> (Writer, Reader, Alarm) {
    let own = Arc::new(own);
    let peer = Arc::new(peer);
    let writer = Writer::new(own.clone(), peer.clone());
    let reader = Reader::new(own.clone(), peer.clone());
    (writer, reader, Alarm::new(own, peer))
}

#[cfg(test)]
mod tests;
