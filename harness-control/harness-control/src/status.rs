//! What a member tells of itself and of the ring, for people and programs that watch.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One member's picture of the ring.
#[derive(rmix::Data, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its name.
    pub name: String,
    /// Its id, as logs show it.
    pub id: String,
    /// `joining`, `loading`, `member`, `left` or `excluded`.
    pub standing: String,
    /// Why no view change is possible, if none is.
    pub blocked: Option<String>,
    /// The number of its view.
    pub epoch: u64,
    /// The fingerprint of its view and all before it.
    pub view: u64,
    /// Whether its view is being changed.
    pub changing: bool,
    /// Mode and policy.
    pub rules: String,
    /// The members of its view, in ring order.
    pub members: Vec<MemberStatus>,
    /// Entries of the common log that its replica has applied.
    pub position: u64,
    /// Digest of them: equal at members at the same position.
    pub digest: u64,
    /// Its own requests without outcome.
    pub waiting: u64,
    /// Messages that wait to be broadcast.
    pub queued: u64,
    /// Messages that it holds and has not delivered.
    pub unstable: u64,
    /// How slow it finds itself: 0 to 8; widens its time-outs.
    pub slowness: u32,
    /// What happened how often since the process started.
    pub counts: BTreeMap<String, u64>,
}

/// One member of a view, as another sees it.
#[derive(rmix::Data, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct MemberStatus {
    /// Its name; its id where the name is not known.
    pub name: String,
    /// Its id.
    pub id: String,
    /// Where it listens.
    pub endpoints: Vec<String>,
    /// Whether it is suspected.
    pub suspected: bool,
    /// The link to it; none to oneself.
    pub link: Option<LinkStatus>,
}

/// A link to another member.
#[derive(rmix::Data, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct LinkStatus {
    /// Whether a connection is open.
    pub up: bool,
    /// The peer and the provider, as the link describes itself.
    pub over: String,
    /// Frames given to send and not acknowledged.
    pub unacknowledged: u64,
    /// Frames sent on this session.
    pub sent: u64,
    /// Frames received on it.
    pub received: u64,
}
