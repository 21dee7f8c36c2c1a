//! State-change transactions on top of the total order: every member comes to the same outcome of
//! each request, and outcomes come in the order of the requests.
//!
//! A request names the members that change local state: none (type I, done when delivered), one (type
//! II) or several (type III). Each of them broadcasts its result as an ordinary message; a view change
//! decides for those who left. The outcome is a function of what was delivered, so all agree without
//! a commit protocol. Knows nothing of views but who is in one, and starts no work itself.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::identity::MemberId;

/// Names a request: unique in the life of the ring.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RequestId {
    /// Who asked.
    pub origin: MemberId,
    /// Counted by it.
    pub number: u64,
}

/// Requests of one domain have their outcomes in order; those of different domains do not wait for
/// each other.
pub type OrderDomain = u32;

/// What is broadcast.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Word<P> {
    /// A request to change the state.
    Request(Request<P>),
    /// What one of the asked members came to. Only its origin may say so.
    Result {
        /// The request.
        id: RequestId,
        /// The local change worked, with this value, or failed.
        result: Result<P, Failure>,
    },
}

/// A request to change the state.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Request<P> {
    /// Its name.
    pub id: RequestId,
    /// What is to be done.
    pub payload: P,
    /// Who changes local state; empty for type I.
    pub members: BTreeSet<MemberId>,
    /// When it counts as done.
    pub agreement: Agreement,
    /// Whose order its outcome keeps.
    pub domain: OrderDomain,
}

/// When a request counts as done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Agreement {
    /// Every asked member must succeed; otherwise those who did undo.
    AllOf,
    /// One is enough.
    AnyOf,
    /// So many are enough.
    Quorum(usize),
}

/// Why a member has no value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Failure {
    /// The local change failed.
    Failed,
    /// The member was not in the ring any more.
    Gone,
}

/// What is to be done.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Step<P> {
    /// Change local state here, then broadcast `Word::Result`.
    Perform(Request<P>),
    /// The outcome of a request, the same at every member.
    Outcome {
        /// The request.
        request: Request<P>,
        /// Whether it counts as done.
        done: bool,
        /// What each asked member came to.
        results: BTreeMap<MemberId, Result<P, Failure>>,
    },
    /// Take back the local change of a request that was not done.
    Undo(RequestId),
    /// A word was ignored: it repeats a request, is of nobody in the view, answers none, or too many wait.
    Ignored(RequestId),
}

/// All that replicas of the transactions share: what a joiner loads.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TransactionsImage<P> {
    /// Who is in the view.
    pub members: BTreeSet<MemberId>,
    /// Requests without outcome, by domain in the order of delivery, with the results so far.
    pub pending: Vec<Unsettled<P>>,
    /// The last request of each origin that is in the view.
    pub last: BTreeMap<MemberId, u64>,
}

/// The transactions of one member.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Transactions<P> {
    me: MemberId,
    /// Who is in the view.
    members: BTreeSet<MemberId>,
    /// Delivered and without outcome, by domain in the order of delivery.
    pending: BTreeMap<OrderDomain, VecDeque<Unsettled<P>>>,
    waiting: usize,
    waiting_max: usize,
    /// The last request of each origin: a request that is submitted again is not done again. Only of the view: nothing
    /// of who is out is taken any more, and who comes back is another incarnation.
    last: BTreeMap<MemberId, u64>,
    steps: VecDeque<Step<P>>,
}

/// A request without outcome.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Unsettled<P> {
    /// What was requested.
    pub request: Request<P>,
    /// What the asked members came to so far.
    pub results: BTreeMap<MemberId, Result<P, Failure>>,
}

impl<P: Clone> Transactions<P> {
    /// Nothing requested yet. `waiting_max` bounds the requests without outcome: all members must be
    /// told the same.
    pub fn new(me: MemberId, members: &[MemberId], waiting_max: usize) -> Transactions<P> {
        Transactions {
            me,
            members: members.iter().copied().collect(),
            pending: BTreeMap::new(),
            waiting: 0,
            waiting_max,
            last: BTreeMap::new(),
            steps: VecDeque::new(),
        }
    }

    /// The same for another member, which goes on from here: part of the state that joiners load.
    #[must_use]
    pub fn for_member(&self, me: MemberId) -> Transactions<P> {
        Transactions {
            me,
            steps: VecDeque::new(),
            ..self.clone()
        }
    }

    /// What a joiner loads.
    pub fn image(&self) -> TransactionsImage<P> {
        TransactionsImage {
            members: self.members.clone(),
            pending: self.pending.values().flatten().cloned().collect(),
            last: self.last.clone(),
        }
    }

    /// The transactions of a joiner that goes on from an image. None if more wait than may.
    pub fn from_image(
        me: MemberId,
        image: TransactionsImage<P>,
        waiting_max: usize,
    ) -> Option<Transactions<P>> {
        let waiting = image.pending.len();
        if waiting > waiting_max {
            return None;
        }
        let mut pending = BTreeMap::<_, VecDeque<_>>::new();
        for unsettled in image.pending {
            let domain = pending.entry(unsettled.request.domain).or_default();
            domain.push_back(unsettled);
        }
        Some(Transactions {
            me,
            members: image.members,
            pending,
            waiting,
            waiting_max,
            last: image.last,
            steps: VecDeque::new(),
        })
    }

    /// Takes a delivered word.
    pub fn deliver(&mut self, origin: MemberId, word: Word<P>) {
        match word {
            Word::Request(request) => self.request(request),
            Word::Result { id, result } => self.result(origin, id, result),
        }
        self.settle();
    }

    /// Takes a view change, in its place among the deliveries.
    pub fn view_change(&mut self, members: &[MemberId]) {
        self.members = members.iter().copied().collect();
        let members = &self.members;
        self.last.retain(|origin, _| members.contains(origin));
        for pending in self.pending.values_mut().flatten() {
            for member in pending.request.members.difference(&self.members) {
                pending.results.entry(*member).or_insert(Err(Failure::Gone));
            }
        }
        self.settle();
    }

    /// What is to be done next.
    pub fn poll_step(&mut self) -> Option<Step<P>> {
        self.steps.pop_front()
    }

    /// Requests without outcome.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    fn request(&mut self, request: Request<P>) {
        let last = self.last.get(&request.id.origin);
        let is_repeated = last.is_some_and(|last| *last >= request.id.number);
        let is_out = !self.members.contains(&request.id.origin);
        if is_repeated || is_out || self.waiting >= self.waiting_max {
            return self.steps.push_back(Step::Ignored(request.id));
        }
        self.last.insert(request.id.origin, request.id.number);
        if request.members.contains(&self.me) {
            self.steps.push_back(Step::Perform(request.clone()));
        }
        if request.members.is_empty() && !self.pending.contains_key(&request.domain) {
            // Nobody is asked and nothing is before it: the common case has its outcome at once.
            let results = BTreeMap::new();
            let done = request.agreement.is_met(&results);
            return self.steps.push_back(Step::Outcome {
                request,
                done,
                results,
            });
        }
        // Who is gone already will not answer.
        let gone = request.members.difference(&self.members);
        let results = gone.map(|member| (*member, Err(Failure::Gone))).collect();
        let domain = self.pending.entry(request.domain).or_default();
        domain.push_back(Unsettled { request, results });
        self.waiting += 1;
    }

    /// The first result of a member counts: a later one was sent before its sender knew the outcome.
    fn result(&mut self, origin: MemberId, id: RequestId, result: Result<P, Failure>) {
        let mut all = self.pending.values_mut().flatten();
        let pending = all
            .find(|pending| pending.request.id == id && pending.request.members.contains(&origin));
        match pending {
            Some(pending) => {
                pending.results.entry(origin).or_insert(result);
            }
            None => self.steps.push_back(Step::Ignored(id)),
        }
    }

    /// Gives every outcome that is fixed and whose predecessors in the domain have theirs.
    fn settle(&mut self) {
        for domain in self.pending.values_mut() {
            while let Some(first) = domain.front() {
                if first.results.len() < first.request.members.len() {
                    break;
                }
                let Some(Unsettled { request, results }) = domain.pop_front() else {
                    break;
                };
                self.waiting -= 1;
                let done = request.agreement.is_met(&results);
                if !done && results.get(&self.me).is_some_and(Result::is_ok) {
                    self.steps.push_back(Step::Undo(request.id));
                }
                self.steps.push_back(Step::Outcome {
                    request,
                    done,
                    results,
                });
            }
        }
        self.pending.retain(|_, domain| !domain.is_empty());
        let counted: usize = self.pending.values().map(VecDeque::len).sum();
        assert!(counted == self.waiting, "what waits is counted");
    }
}

impl Agreement {
    /// A request that changes no local state is done when it is delivered.
    fn is_met<P>(self, results: &BTreeMap<MemberId, Result<P, Failure>>) -> bool {
        let succeeded = results.values().filter(|result| result.is_ok()).count();
        let asked = results.len();
        match self {
            Agreement::AllOf => succeeded == asked,
            Agreement::AnyOf => asked == 0 || succeeded > 0,
            Agreement::Quorum(wanted) => asked == 0 || succeeded >= wanted,
        }
    }
}
