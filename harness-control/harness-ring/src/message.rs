//! What is broadcast: numbered batches of an application's messages.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use crate::view::Rank;

/// What an application broadcasts. The ring looks only at its size.
pub trait Payload: Clone + Eq + Hash + Debug {
    /// How many bytes it counts for in the limits.
    fn bytes(&self) -> usize;
}

impl Payload for u8 {
    fn bytes(&self) -> usize {
        1
    }
}

impl Payload for u64 {
    fn bytes(&self) -> usize {
        8
    }
}

impl Payload for Arc<[u8]> {
    fn bytes(&self) -> usize {
        self.len()
    }
}

/// The number of a message within its view. Messages are delivered in the order of their stamps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Stamp {
    /// The Lamport clock of its origin.
    pub clock: u64,
    /// The rank of its origin, which orders equal clocks.
    pub origin: Rank,
}

impl Stamp {
    /// Above every stamp with this clock and below every one with a larger.
    pub fn end_of(clock: u64) -> Stamp {
        Stamp {
            clock,
            origin: Rank::MAX,
        }
    }
}

impl std::fmt::Display for Stamp {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{}", self.clock, self.origin)
    }
}

/// The unit of broadcast. Cloning shares it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Content<P> {
    /// Messages of the application, in the order of their submission.
    Batch(Arc<[P]>),
    /// The origin, a joiner, has loaded the state it joined with.
    Synced,
}

/// A message with its number, as a flush lists them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Numbered<P> {
    /// Its place in the order of the view it was broadcast in.
    pub stamp: Stamp,
    /// What it says.
    pub content: Content<P>,
}
