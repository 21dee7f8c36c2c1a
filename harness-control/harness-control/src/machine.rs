//! The state machine that is replicated: what an application writes.

use std::collections::BTreeMap;
use std::fmt;

use harness_ring::{Failure, MemberId, RequestId};

use crate::Octets;

/// A state that is the same at every member, because all apply the same changes in the same order.
///
/// `apply` and `view_changed` must be functions of the state and their arguments alone: no clock, no
/// random number, no iteration in an order that differs. All calls are made on the member's own task and
/// hold up its heartbeats: they take milliseconds, not seconds.
pub trait Machine: Send + 'static {
    /// Name and version of the state: members with another one are refused.
    fn kind(&self) -> String;

    /// Applies a change, and returns what its submitter is told.
    fn apply(&mut self, change: &Change<'_>) -> Vec<u8>;

    /// The members are others from here on. Those of a ring's first view are told before any change.
    fn view_changed(&mut self, members: &[MemberId]) {
        let _ = members;
    }

    /// Answers a question without changing anything.
    fn query(&self, question: &[u8]) -> Vec<u8> {
        let _ = question;
        Vec::new()
    }

    /// Changes local state for a request that names this member, and returns its result. A request can
    /// come again under another id when its submitter did not learn the outcome.
    ///
    /// # Errors
    /// The local change is not possible.
    fn perform(&mut self, request: RequestId, payload: &[u8]) -> Result<Vec<u8>, Failure> {
        let _ = (request, payload);
        Err(Failure::Failed)
    }

    /// Takes back what `perform` did for a request that does not count as done.
    fn undo(&mut self, request: RequestId) {
        let _ = request;
    }

    /// The whole state, for a joiner.
    fn snapshot(&self) -> Vec<u8>;

    /// Takes the state of another member in place of its own.
    ///
    /// # Errors
    /// The bytes are no state of this machine.
    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError>;
}

/// A change in its place of the common order.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Its name.
    pub request: RequestId,
    /// What its submitter asked for.
    pub payload: &'a [u8],
    /// Whether enough of the members that it names succeeded; true when it names none.
    pub done: bool,
    /// What each of them came to.
    pub results: &'a BTreeMap<MemberId, Result<Octets, Failure>>,
}

/// Bytes that are no state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RestoreError(pub String);

impl fmt::Display for RestoreError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the state cannot be taken: {}", self.0)
    }
}

impl std::error::Error for RestoreError {}
