//! The seam between the common order and what is replicated on it.

use std::fmt;

use harness_ring::{MemberId, Request, RequestId, Word};

use crate::Octets;
use crate::interface::Answer;
use crate::machine::RestoreError;
use crate::wire::Malformed;

/// A replica: a function of the words and views it is told. Active replication is one, active and standby
/// another; both run on any order that tells all members the same.
pub trait Replication: Send + 'static {
    /// Name and version of what is replicated, and how.
    fn kind(&self) -> String;

    /// Starts as one of the founders.
    fn found(&mut self, me: MemberId, members: &[MemberId]);

    /// Why a request can have no outcome under this replication, if it cannot: asked before it is broadcast.
    fn refuses(&self, request: &Request<Octets>) -> Option<&'static str> {
        let _ = request;
        None
    }

    /// Takes a delivered word.
    fn deliver(&mut self, origin: MemberId, word: Word<Octets>);

    /// Takes a view change in its place among the words.
    fn view_change(&mut self, members: &[MemberId]);

    /// What is to be done next.
    fn poll_effect(&mut self) -> Option<Effect>;

    /// All that a joiner needs.
    fn image(&self) -> Vec<u8>;

    /// Starts as a joiner, from an image.
    ///
    /// # Errors
    /// The bytes are no image; the replica is as it was, or empty.
    fn load(&mut self, me: MemberId, image: &[u8]) -> Result<(), LoadError>;

    /// Answers a question from the state as it is here.
    fn query(&self, question: &[u8]) -> Vec<u8>;

    /// How many words and views were taken since the ring was founded.
    fn position(&self) -> u64;

    /// A digest of them.
    fn digest(&self) -> u64;
}

/// What a replica wants done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Broadcast this.
    Broadcast(Word<Octets>),
    /// A request has its outcome.
    Outcome {
        /// Which.
        request: RequestId,
        /// What came of it.
        answer: Answer,
    },
    /// A request will have no outcome: it was repeated, or too many wait.
    Ignored(RequestId),
    /// A request may have been run by a member that is gone, and is not run again.
    Interrupted(RequestId),
}

/// Why an image was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LoadError {
    /// It breaks a rule of the wire.
    Malformed(Malformed),
    /// More requests wait in it than may.
    Waiting(usize),
    /// The state machine refused its part.
    State(RestoreError),
}

impl fmt::Display for LoadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Malformed(_) => write!(out, "the image is malformed"),
            LoadError::Waiting(found) => {
                write!(out, "{found} requests wait in the image, more than may")
            }
            LoadError::State(_) => write!(out, "the image has a state of another kind"),
        }
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            LoadError::Malformed(malformed) => Some(malformed),
            LoadError::Waiting(_) => None,
            LoadError::State(refused) => Some(refused),
        }
    }
}

impl From<Malformed> for LoadError {
    fn from(malformed: Malformed) -> LoadError {
        LoadError::Malformed(malformed)
    }
}
