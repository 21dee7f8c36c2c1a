//! Processes that behave as one: drives the control ring over one-way calls, and replicates a state
//! machine on its order.
//!
//! [`Control::join`] founds a ring or joins one; requests given to [`Control::submit`] are applied by
//! every member in the same order, and a crash of any of them loses nothing that one delivered. A link
//! between two members is an ordinary remote reference with several endpoints, so members on one host
//! may use shared memory or Unix sockets and others TCP.
//!
//! Decides nothing about members, order or agreement: `harness-ring` does. Names no provider. Whoever
//! reaches an endpoint of a member may submit, and may make it leave: bind to loopback, Unix sockets or a
//! network that is trusted.
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

mod active;
mod administration;
mod check;
mod config;
mod control;
mod detector;
mod directory;
mod driver;
mod error;
mod event;
mod executor;
mod guests;
mod image;
mod interface;
mod joining;
mod lifeguard;
mod link;
mod machine;
mod replication;
mod ring_order;
mod seat;
mod shared;
mod standby;
mod status;
mod transfer;
pub mod wire;

pub use active::Active;
pub use config::{ControlConfig, ControlLimits, Fence, Timing};
pub use control::Control;
pub use detector::{Detector, Verdict};
pub use directory::{is_name, slot_of};
pub use error::{ControlError, SubmitError};
pub use event::{Ended, Event, Events, Lagged};
pub use executor::{Executed, Executor};
pub use image::digest_of;
pub use interface::{Answer, Asked, Chunk, Entry, Greeting, Refused, Seat, SeatStub, Welcome};
pub use lifeguard::Lifeguard;
pub use machine::{Change, Machine, RestoreError};
pub use replication::{Effect, LoadError, Replication};
pub use ring_order::{Membership, Order, RingOrder};
pub use standby::{Standby, StandbyLimits};
pub use status::{LinkStatus, MemberStatus, Status};

/// Whether what failed may have been done.
pub use rmix::Delivery;

/// Bytes that are shared, not copied: what the ring carries.
pub type Octets = std::sync::Arc<[u8]>;

/// Of the calls between members; raised when what they mean changes.
pub const PROTOCOL: u32 = 1;
