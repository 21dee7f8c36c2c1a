//! What a member offers to others and to its users, as a remote interface.
//!
//! Frames travel by one-way calls; greeting, joining, probing and state transfer wait for their answer.

use serde::{Deserialize, Serialize};

use crate::status::Status;

/// Who calls, and what it takes for granted.
#[derive(rmix::Data, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// Of the calls between members: [`crate::PROTOCOL`].
    pub protocol: u32,
    /// The name of the ring.
    pub ring: String,
    /// The state that is replicated, with its version.
    pub machine: String,
    /// Mode and policy of the ring, which all members must share.
    pub rules: String,
    /// A random number of the process, so that two that were given one name are told apart.
    pub process: u64,
    /// The caller.
    pub from: Entry,
}

/// A member, and where it is.
#[derive(rmix::Data, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its slot, which follows from its name.
    pub slot: u32,
    /// Its incarnation.
    pub incarnation: u32,
    /// Its name.
    pub name: String,
    /// Where it listens, in its order of preference.
    pub endpoints: Vec<String>,
}

/// The answer to a greeting.
#[derive(rmix::Data, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// Stands for the caller on this connection.
    pub token: u64,
    /// Who answers.
    pub who: Entry,
    /// Whom it knows.
    pub known: Vec<Entry>,
}

/// Why a call was not taken.
#[derive(rmix::Data, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Protocol, ring, state or rules differ.
    Different(String),
    /// Another process has this name.
    Taken(String),
    /// A later incarnation than this is needed.
    Outdated(u32),
    /// The called process is not in the ring.
    NotMember(String),
    /// A limit is reached; later it may work.
    Busy(String),
    /// A limit is broken; it will not work later.
    Limit(String),
    /// Nobody knows whether the request was done.
    Unknown(String),
    /// What was asked for is not there.
    Absent(String),
    /// The caller may not do this from where it is.
    Forbidden(String),
    /// It makes no sense here or now.
    NotNow(String),
}

impl std::fmt::Display for Refused {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refused::Different(why)
            | Refused::Taken(why)
            | Refused::NotMember(why)
            | Refused::Busy(why)
            | Refused::Limit(why)
            | Refused::Unknown(why)
            | Refused::Absent(why)
            | Refused::Forbidden(why)
            | Refused::NotNow(why) => out.write_str(why),
            Refused::Outdated(known) => write!(out, "incarnation {known} or a later one was there"),
        }
    }
}

impl std::error::Error for Refused {}

/// A request to change the state.
#[derive(rmix::Data, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What the state machine is told.
    pub payload: Vec<u8>,
    /// The names of the members that change local state; empty when none does.
    pub performers: Vec<String>,
    /// How many of them must succeed; none: all.
    pub quorum: Option<u32>,
    /// Whose order the outcome keeps.
    pub domain: u32,
}

/// The outcome of a request.
#[derive(rmix::Data, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it counts as done.
    pub done: bool,
    /// What the state machine says.
    pub reply: Vec<u8>,
    /// The place in the common log at which it was settled.
    pub position: u64,
}

/// A part of a state.
#[derive(rmix::Data, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The length of the whole.
    pub total: u64,
    /// The digest of the whole.
    pub digest: u64,
    /// What stands at the offset that was asked for.
    pub part: Vec<u8>,
}

/// A member of a ring, as others and its users call it.
#[rmix::remote(namespace = "urn:rmix:harness")]
pub trait Seat {
    /// The first call of a connection between members.
    async fn greet(&self, greeting: Greeting) -> Result<Welcome, Refused>;

    /// Waits until the connection is not wanted any more, and says why. Its failure tells the caller that
    /// the connection broke.
    async fn attend(&self, token: u64) -> String;

    /// Brings a packet of the session.
    #[rmix(oneway)]
    async fn carry(&self, token: u64, packet: Vec<u8>);

    /// Says who joins, before the packet that has them: a view has ids only.
    #[rmix(oneway)]
    async fn introduce(&self, token: u64, joiners: Vec<Entry>);

    /// Says that the caller lives.
    #[rmix(oneway)]
    async fn beat(&self, token: u64);

    /// Answers at once: with its own id.
    #[rmix(idempotent)]
    async fn ping(&self) -> Entry;

    /// Whether this member reaches another.
    #[rmix(idempotent)]
    async fn probe(&self, slot: u32, incarnation: u32) -> bool;

    /// Asks to be taken into the ring; the caller is in when it gets its first view.
    async fn enroll(&self, greeting: Greeting) -> Result<Welcome, Refused>;

    /// Whom this member knows.
    #[rmix(idempotent)]
    async fn directory(&self) -> Vec<Entry>;

    /// A part of the state at the start of a view.
    #[rmix(idempotent)]
    async fn state(&self, epoch: u64, view: u64, offset: u64) -> Result<Chunk, Refused>;

    /// Changes the state, and waits for the outcome.
    async fn submit(&self, asked: Asked) -> Result<Answer, Refused>;

    /// Asks the replica of this member, which may be behind others.
    #[rmix(idempotent)]
    async fn query(&self, question: Vec<u8>) -> Result<Vec<u8>, Refused>;

    /// Waits until the replica of this member is past a position, at most some seconds; returns where it is.
    #[rmix(idempotent)]
    async fn past(&self, position: u64) -> u64;

    /// What this member knows of the ring.
    #[rmix(idempotent)]
    async fn status(&self) -> Result<Status, Refused>;

    /// Makes this member leave in order; returns when it has begun to. Callers of other hosts are refused, unless the
    /// member lets them.
    async fn leave(&self) -> Result<(), Refused>;

    /// Lets whoever is left go on, whatever the policy says; refused where the ring is not blocked, or another member would
    /// change the view. Callers of other hosts are refused, unless the member lets them.
    async fn force_view(&self) -> Result<(), Refused>;
}
