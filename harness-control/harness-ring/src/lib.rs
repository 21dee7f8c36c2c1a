//! The control ring as pure state machines: link sessions, broadcast in total order, view changes,
//! and what agrees on top of them.
//!
//! Knows nothing of calls, wire formats, sockets, threads, clocks or random sources, and imports no
//! other crate: time comes in as an argument, and equal inputs give equal outputs. The model checker,
//! the simulator and real processes run this same code.
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

mod action;
mod broadcast;
mod config;
mod event;
mod frame;
mod identity;
mod knowledge;
mod lock;
mod member;
mod message;
mod outbox;
mod ring;
mod ring_arc;
mod session;
mod transaction;
mod view;

pub use action::{Action, Blocked, Delivery, Drop, Exclusion, Refusal};
pub use config::{Config, Limits, LinkLimits, Mode, Policy};
pub use event::Event;
pub use frame::{Accept, Accepted, Body, Direction, Evidence, Frame, Item, Prepare, Value};
pub use identity::{Ballot, MemberId};
pub use lock::{LockChange, LockWord, Locks};
pub use member::{Input, Member, Output};
pub use message::{Content, Numbered, Payload, Stamp};
pub use ring::{Ring, Standing};
pub use ring_arc::RingArc;
pub use session::{Packet, Session, UnsentAcknowledged};
pub use transaction::{
    Agreement, Failure, OrderDomain, Request, RequestId, Step, Transactions, TransactionsImage,
    Unsettled, Word,
};
pub use view::{Rank, View, ViewId};
