//! MessagePack-RPC over shared memory, between processes of one host: the provider `shm`.
//!
//! `shm:NAME` is a name of letters, digits, `.`, `_` and `-`; options follow a question mark:
//!
//! | option | meaning |
//! |---|---|
//! | `folder=PATH` | where the rendezvous socket `NAME` is; else `$XDG_RUNTIME_DIR/rmix`, or `/tmp/rmix-UID` |
//! | `queue=BYTES` | of this end's outgoing queue: a power of two from 4096 to 64 MiB; else 1 MiB |
//! | `users=UID,…` | whom to trust beside this user, by number |
//! | `host=BOOT-ID` | where it is exported, added to what an export says; elsewhere another endpoint is chosen |
//! | `structs=map`, `structs=array` | as with `msgpack` |
//!
//! Two processes meet at a Unix socket in a folder that only its user may change. Each checks whose process the other
//! is, and sends the descriptor of a sealed segment: memory that it alone can write, and that cannot shrink. In it are its
//! queue of bytes to the other and the words that say how far it is; `rmix-shm-sys` has the drawing. Bytes pass without a
//! system call while both run. Who finds nothing looks again for a while, if that has paid before; then it says that it
//! sleeps, and is woken: a synchronous caller by the futex of the other's position, everyone else by a byte through the
//! socket. The socket also tells at once when the other process has died. A second pair of sockets rings for room in a
//! full queue, so that messages longer than the queue stream through it.
//!
//! A peer that breaks these rules costs its own link only. Nothing outlives the two processes but the socket's file,
//! and that only when its listener was killed: the next one in the folder removes it.
//!
//! Messages and session are in `rmix-msgpack-rpc`, which describes itself; a fixed-width format would save nothing that
//! can be measured beside a wake-up.

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

mod address;
mod channel;
mod doorbell;
mod folder;
mod greeting;
mod host;
mod look;
pub mod plugin;
mod provider;
mod watch;

pub use provider::ShmProvider;

/// The provider's name, in its entry and in the log.
const NAME: &str = "shm";
