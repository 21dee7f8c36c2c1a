//! What a member tells its application as it happens.

use harness_ring::{Blocked, Exclusion, MemberId};
use tokio::sync::broadcast;

use crate::Octets;
use crate::interface::Answer;

/// Something that happened, in the order of the common log where that has a place for it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The membership changed.
    View {
        /// The place in the log.
        position: u64,
        /// Digest of the log up to here: equal at every member.
        digest: u64,
        /// The number of the view.
        epoch: u64,
        /// Its fingerprint, which stands for all before it.
        view: u64,
        /// The members, in ring order, with their names where they are known.
        members: Vec<(MemberId, String)>,
        /// Who is new.
        joined: Vec<(MemberId, String)>,
        /// Who left in order.
        left: Vec<(MemberId, String)>,
        /// Who was left out.
        excluded: Vec<(MemberId, String)>,
    },
    /// A message was delivered.
    Delivered {
        /// The place in the log.
        position: u64,
        /// Digest of the log up to here: equal at every member.
        digest: u64,
        /// Who broadcast it.
        origin: MemberId,
        /// The encoded word: a request or a result.
        word: Octets,
        /// Whether it was delivered by the flush at the end of its view.
        flushed: bool,
    },
    /// A request of this member has its outcome.
    Outcome {
        /// Counted by this member.
        number: u64,
        /// What came of it.
        answer: Answer,
    },
    /// The state was loaded: the log starts behind this position.
    Loaded {
        /// Where.
        position: u64,
        /// Digest of the log up to there.
        digest: u64,
        /// Bytes of the image.
        bytes: u64,
    },
    /// A member is suspected here.
    Suspected {
        /// Who.
        member: MemberId,
        /// Its name; its id where the name is not known.
        name: String,
        /// `silent`, or `slow`: it took nothing for `LinkLimits::slow_after`.
        reason: &'static str,
    },
    /// The suspicion was taken back.
    Retracted {
        /// Whose.
        member: MemberId,
        /// Its name; its id where the name is not known.
        name: String,
    },
    /// No view change is possible, and nothing will be delivered.
    Blocked(Blocked),
    /// That has ended, and once for each time that it began: enough members are heard of again, there is a new view, or
    /// this member has come back after the others went on without it.
    Unblocked,
    /// The others went on without this member.
    Excluded(Exclusion),
    /// The member has ended; nothing follows.
    Ended(Ended),
}

/// Why a member ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// It left in order.
    Left,
    /// It was left out, and was not to come back.
    Excluded,
    /// It was left out, and could not come back.
    NotTaken,
    /// It was shut down.
    Shutdown,
    /// This process failed: its state machine or its task panicked. What waited is unknown; the log has the text.
    Failed,
}

/// A reader of events from the time on that it was made; the first of a member has them from its start. What it has not
/// read is held for it, up to `ControlLimits::events_max`, until it is dropped.
#[derive(Debug)]
pub struct Events(pub(crate) broadcast::Receiver<Event>);

/// A reader was too slow: so many events are lost to it. The next call goes on behind them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lagged(pub u64);

impl std::fmt::Display for Lagged {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} events were missed", self.0)
    }
}

impl std::error::Error for Lagged {}

impl From<broadcast::Receiver<Event>> for Events {
    /// For another order than the ring.
    fn from(events: broadcast::Receiver<Event>) -> Events {
        Events(events)
    }
}

impl Events {
    /// The next event; none once the member has ended.
    ///
    /// # Errors
    /// This reader was more than `ControlLimits::events_max` behind.
    pub async fn next(&mut self) -> Result<Option<Event>, Lagged> {
        match self.0.recv().await {
            Ok(event) => Ok(Some(event)),
            Err(broadcast::error::RecvError::Closed) => Ok(None),
            Err(broadcast::error::RecvError::Lagged(missed)) => Err(Lagged(missed)),
        }
    }
}
