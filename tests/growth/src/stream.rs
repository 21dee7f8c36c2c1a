//! What passes between a server and the kernels below it: numbered outcomes down, requests and
//! acknowledgements up.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use harness_ring::{MemberId, Payload, ViewId};

/// A process of the cluster.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ProcessId {
    /// A member of the ring.
    Server(MemberId),
    /// A kernel in the tree of a server.
    Kernel(u32),
}

impl ProcessId {
    /// The kernel of a place.
    pub fn kernel(place: usize) -> ProcessId {
        ProcessId::Kernel(u32::try_from(place).expect("clusters are small"))
    }
}

/// A request of one process. It is broadcast again where its server may have died with it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ask {
    /// Who asks.
    pub asker: u32,
    /// One more than that of the asker's request before.
    pub number: u64,
}

impl Payload for Ask {
    fn bytes(&self) -> usize {
        12
    }
}

/// What an entry of the common sequence says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum What {
    /// A request was carried out.
    Request(Ask),
    /// The servers are others now.
    View(ViewId),
}

/// An entry of the common sequence.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Outcome {
    /// Its place, counted from 1.
    pub position: u64,
    /// What happened.
    pub what: What,
}

/// A place in the common sequence, and a digest of all before it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Mark {
    /// The last entry.
    pub position: u64,
    /// Of it and all before.
    pub digest: u64,
}

impl Mark {
    /// Goes on by one entry.
    pub fn advance(&mut self, outcome: &Outcome) {
        assert_eq!(outcome.position, self.position + 1, "none is left out");
        let mut hasher = DefaultHasher::new();
        (self.digest, outcome).hash(&mut hasher);
        *self = Mark {
            position: outcome.position,
            digest: hasher.finish(),
        };
    }
}

/// The state, for a kernel that is too far behind for single outcomes.
#[derive(Clone, Debug)]
pub struct Image {
    /// Where it was taken.
    pub mark: Mark,
    /// The last request of each asker that is in it.
    pub requested: BTreeMap<u32, u64>,
}

/// What goes down a tree. Each says who the server at its top is.
#[derive(Clone, Debug)]
pub struct Down {
    /// The server at the top.
    pub home: MemberId,
    /// What is new.
    pub news: News,
}

/// What is new for a kernel.
#[derive(Clone, Debug)]
pub enum News {
    /// The next outcomes; none, where there is only a new server.
    Outcomes(Arc<[Outcome]>),
    /// The state instead of them.
    Image(Arc<Image>),
}

/// What a kernel says to its parent, or to its server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Up {
    /// Please carry this out (to the server).
    Request(Ask),
    /// All of this subtree have delivered so far (to the parent).
    Acknowledge(u64),
    /// Its server is gone: please take this subtree (to a server).
    Attach {
        /// What its top has delivered.
        position: u64,
        /// What all of it have.
        acknowledged: u64,
    },
}
