//! The state machine of active/standby replication: one member runs requests, all take what that changed.

use harness_ring::{MemberId, RequestId};

use crate::machine::RestoreError;

/// A state that only its primary changes: it runs the requests, and the others take what it changed.
///
/// Unlike [`crate::Machine::apply`], `execute` may read the clock, draw random numbers, take its time and ask other
/// programs: it runs at one member only, one request after the other. All else is a function of the state and its
/// arguments alone, the same at every member. Calls are made on the member's own task and hold up its heartbeats.
pub trait Executor: Send + 'static {
    /// Name and version of the state: members with another one are refused.
    fn kind(&self) -> String;

    /// Runs a request, at the primary alone. Changes nothing here: what it returns is put into the common order, and
    /// `update` makes the change at all members, this one included, before the next request is run.
    fn execute(&self, request: RequestId, payload: &[u8]) -> Executed;

    /// Whether a request that may have been run by a primary that was lost is run again by the next. If not, its
    /// submitter is told that it may or may not have been done.
    fn is_idempotent(&self, payload: &[u8]) -> bool {
        let _ = payload;
        false
    }

    /// Takes what a request changed.
    ///
    /// # Errors
    /// The bytes are no update. The state is as it was; all members refuse alike, and the submitter is told that the
    /// request is not done.
    fn update(&mut self, update: &[u8]) -> Result<(), RestoreError>;

    /// The members are others from here on, the primary first.
    fn view_changed(&mut self, members: &[MemberId]) {
        let _ = members;
    }

    /// Answers a question without changing anything.
    fn query(&self, question: &[u8]) -> Vec<u8> {
        let _ = question;
        Vec::new()
    }

    /// The whole state, for a joiner.
    fn snapshot(&self) -> Vec<u8>;

    /// Takes the state of another member in place of its own.
    ///
    /// # Errors
    /// The bytes are no state of this kind.
    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError>;
}

/// What came of a request at the primary.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Executed {
    /// For the submitter.
    pub reply: Vec<u8>,
    /// For `update`, at every member; none when the state stays as it is.
    pub update: Option<Vec<u8>>,
}
