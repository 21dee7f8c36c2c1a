//! One process: its member, what it delivered, its replica of the state, and the snapshots it keeps.

use std::collections::{BTreeMap, VecDeque};

use harness_ring::{
    Delivery, LockChange, LockWord, Locks, Member, MemberId, OrderDomain, Payload, RequestId,
    Stamp, Step, Transactions, View, ViewId,
};

/// What the ring carries here; each is submitted once in a run.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Word {
    /// A message.
    Plain(u64),
    /// A request to change the state, or one member's result; numbered, as two can be equal.
    Transaction(u64, harness_ring::Word<u64>),
    /// The origin wants this lock; numbered.
    Lock(u64, u8),
    /// The origin gives this lock back; numbered.
    Unlock(u64, u8),
}

impl Payload for Word {
    fn bytes(&self) -> usize {
        16
    }
}

/// What a process saw, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Entry {
    /// A message was delivered.
    Message {
        /// Where it was broadcast.
        view: ViewId,
        /// Its number there.
        stamp: Stamp,
        /// Who broadcast it.
        origin: MemberId,
        /// Its words; none for a joiner's word that it has the state.
        words: Vec<Word>,
        /// Whether the flush delivered it.
        flushed: bool,
    },
    /// A view was installed.
    View(View),
}

/// A replica: where it is in the common log, and a digest of all it was told.
#[derive(Clone, Debug)]
pub struct Replica {
    /// Entries applied, counted from the start of the ring.
    pub position: usize,
    /// The view that the last of them was in.
    pub view: ViewId,
    /// Digest of them, and of the outcomes of transactions.
    pub digest: u64,
    /// The transactions among them.
    pub transactions: Transactions<u64>,
    /// Outcomes so far.
    pub outcomes: u64,
    /// Requests without outcome, by domain in the order of delivery.
    pub requested: BTreeMap<OrderDomain, VecDeque<RequestId>>,
    /// The first outcome that was not the next of its domain.
    pub misplaced: Option<RequestId>,
    /// What this member has to answer.
    pub to_perform: Vec<RequestId>,
    /// The locks among them.
    pub locks: Locks<u8>,
    /// What this member was granted.
    pub to_unlock: Vec<u8>,
}

impl Replica {
    /// The state of a ring that was just founded.
    pub fn new(me: MemberId, founders: &[MemberId]) -> Replica {
        Replica {
            position: 0,
            view: View::founding(founders.to_vec()).id,
            digest: 0,
            transactions: Transactions::new(me, founders, WAITING_MAX),
            outcomes: 0,
            requested: BTreeMap::new(),
            misplaced: None,
            to_perform: Vec::new(),
            locks: Locks::new(WAITING_MAX),
            to_unlock: Vec::new(),
        }
    }

    /// The same for a joiner.
    pub fn for_member(&self, me: MemberId) -> Replica {
        Replica {
            transactions: self.transactions.for_member(me),
            to_perform: Vec::new(),
            to_unlock: Vec::new(),
            ..self.clone()
        }
    }

    /// Applies an entry.
    pub fn apply(&mut self, me: MemberId, entry: &Entry) {
        self.position += 1;
        match entry {
            Entry::Message {
                stamp,
                words,
                origin,
                ..
            } => {
                self.digest(&format!("{stamp} {words:?}"));
                for word in words {
                    self.word(*origin, word);
                }
            }
            Entry::View(view) => {
                self.view = view.id;
                self.digest(&view.to_string());
                self.transactions.view_change(&view.ring);
                self.locks.view_change(&view.ring);
            }
        }
        self.transactions_settle();
        self.locks_settle(me);
    }

    fn word(&mut self, origin: MemberId, word: &Word) {
        match word {
            Word::Plain(_) => {}
            Word::Transaction(_, word) => {
                if let harness_ring::Word::Request(request) = word {
                    let domain = self.requested.entry(request.domain).or_default();
                    domain.push_back(request.id);
                }
                self.transactions.deliver(origin, word.clone());
            }
            Word::Lock(_, key) => self.locks.deliver(origin, LockWord::Lock(*key)),
            Word::Unlock(_, key) => self.locks.deliver(origin, LockWord::Unlock(*key)),
        }
    }

    fn transactions_settle(&mut self) {
        while let Some(step) = self.transactions.poll_step() {
            match &step {
                Step::Perform(request) => self.to_perform.push(request.id),
                Step::Outcome { request, .. } => {
                    self.outcomes += 1;
                    self.digest(&format!("{step:?}"));
                    let domain = self.requested.get_mut(&request.domain);
                    if domain.and_then(VecDeque::pop_front) != Some(request.id) {
                        self.misplaced.get_or_insert(request.id);
                    }
                }
                Step::Undo(_) | Step::Ignored(_) => {}
            }
        }
    }

    fn locks_settle(&mut self, me: MemberId) {
        while let Some(change) = self.locks.poll_change() {
            self.digest(&format!("{change:?}"));
            if let LockChange::Granted { key, owner } = change
                && owner == me
            {
                self.to_unlock.push(key);
            }
        }
    }

    fn digest(&mut self, text: &str) {
        for byte in text.bytes() {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }
}

/// What a process has to submit again, because others wait for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owed {
    /// Its result of a request.
    Result(RequestId),
    /// A lock that it gives back.
    Unlock(u8),
}

/// A process, from its start to its crash.
#[derive(Debug)]
pub struct Process {
    /// Its id.
    pub id: MemberId,
    /// The state machine.
    pub member: Member<Word>,
    /// Whether it has not crashed.
    pub alive: bool,
    /// What it saw.
    pub log: Vec<Entry>,
    /// Where its log starts in the common one: a joiner's with the view that took it in.
    pub log_start: usize,
    /// The state; none until a joiner has loaded it.
    pub replica: Option<Replica>,
    /// Entries that wait for the state.
    pub waiting: Vec<Entry>,
    /// States at the start of views, for joiners.
    pub snapshots: BTreeMap<ViewId, (Replica, Vec<MemberId>)>,
    /// The view whose snapshot it has to load, and from whom.
    pub loads: Option<(ViewId, Vec<MemberId>)>,
    /// What it submitted.
    pub submitted: Vec<Word>,
    /// When it is to be woken.
    pub wake_at: Option<u64>,
    /// Since when a view change has been under way here.
    pub wedged_since: Option<u64>,
    /// What it submitted and the ring refused.
    pub refused: Vec<Word>,
    /// What of it others wait for.
    pub owed: Vec<Owed>,
}

impl Process {
    /// A process with nothing seen.
    pub fn new(id: MemberId, member: Member<Word>) -> Process {
        Process {
            id,
            member,
            alive: true,
            log: Vec::new(),
            log_start: 0,
            replica: None,
            waiting: Vec::new(),
            snapshots: BTreeMap::new(),
            loads: None,
            submitted: Vec::new(),
            wake_at: None,
            wedged_since: None,
            refused: Vec::new(),
            owed: Vec::new(),
        }
    }

    /// Notes an entry and applies it, now or when the state is loaded.
    pub fn saw(&mut self, entry: Entry) {
        match &mut self.replica {
            Some(replica) => replica.apply(self.id, &entry),
            // Its first view is in the state that it loads.
            None if self.log.is_empty() => {}
            None => self.waiting.push(entry.clone()),
        }
        self.log.push(entry);
    }

    /// Takes the state of the start of its first view.
    pub fn load(&mut self, snapshot: Replica) {
        let mut replica = snapshot.for_member(self.id);
        for entry in self.waiting.drain(..) {
            replica.apply(self.id, &entry);
        }
        self.replica = Some(replica);
    }

    /// Whether it is alive and in a view.
    pub fn is_member(&self) -> bool {
        self.alive && self.member.ring().standing() == harness_ring::Standing::Member
    }
}

/// A delivery as an entry.
pub fn message(delivery: Delivery<Word>) -> Entry {
    let words = match &delivery.content {
        harness_ring::Content::Batch(batch) => batch.to_vec(),
        harness_ring::Content::Synced => Vec::new(),
    };
    Entry::Message {
        view: delivery.view,
        stamp: delivery.stamp,
        origin: delivery.origin,
        words,
        flushed: delivery.flushed,
    }
}

/// More than any run requests.
const WAITING_MAX: usize = 10_000;
