//! A replica on top of one process of a model: every message is a request to all founders, and each
//! answers it by a message of its own.

use std::collections::BTreeMap;

use harness_ring::{
    Agreement, Failure, MemberId, Request, RequestId, Step, Transactions, View, Word,
};

/// The transactions of one process, and the outcomes so far.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Replica {
    transactions: Transactions<u8>,
    founders: Vec<MemberId>,
    outcomes: Vec<Outcome>,
}

/// What a request came to.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Outcome {
    /// Which.
    pub request: RequestId,
    /// Whether it counts as done.
    pub done: bool,
    /// What each founder came to.
    pub results: BTreeMap<MemberId, Result<u8, Failure>>,
}

impl Replica {
    /// Nothing requested.
    pub fn new(me: MemberId, founders: &[MemberId]) -> Replica {
        Replica {
            transactions: Transactions::new(me, founders, usize::MAX),
            founders: founders.to_vec(),
            outcomes: Vec::new(),
        }
    }

    /// Takes a delivered message; returns the answers that this process now submits.
    pub fn deliver(&mut self, me: MemberId, origin: MemberId, payload: u8) -> Vec<u8> {
        let word = match request_of(payload) {
            Some(id) => Word::Result {
                id,
                result: Ok(payload),
            },
            None => Word::Request(self.request(origin, payload)),
        };
        self.transactions.deliver(origin, word);
        self.settle(me)
    }

    /// Takes a view change.
    pub fn view_change(&mut self, me: MemberId, view: &View) -> Vec<u8> {
        self.transactions.view_change(&view.ring);
        self.settle(me)
    }

    /// Outcomes, oldest first.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// Requests without outcome.
    pub fn waiting(&self) -> usize {
        self.transactions.waiting()
    }

    fn request(&self, origin: MemberId, payload: u8) -> Request<u8> {
        Request {
            id: RequestId {
                origin,
                number: u64::from(payload % 16) + 1,
            },
            payload,
            members: self.founders.iter().copied().collect(),
            agreement: Agreement::AllOf,
            domain: 0,
        }
    }

    fn settle(&mut self, me: MemberId) -> Vec<u8> {
        let mut answers = Vec::new();
        while let Some(step) = self.transactions.poll_step() {
            match step {
                Step::Perform(request) => answers.push(answer(me, request.id)),
                Step::Outcome {
                    request,
                    done,
                    results,
                } => self.outcomes.push(Outcome {
                    request: request.id,
                    done,
                    results,
                }),
                Step::Undo(_) | Step::Ignored(_) => {}
            }
        }
        answers
    }
}

/// Above requests and below what joiners say: the performer, the requester and its count.
fn answer(me: MemberId, request: RequestId) -> u8 {
    let small = |value: u64| u8::try_from(value).expect("models are small");
    let performer = small(u64::from(me.slot));
    let requester = small(u64::from(request.origin.slot));
    ANSWERS + performer * 16 + requester * 4 + small(request.number - 1)
}

/// The request that a payload answers, if it is an answer.
pub fn request_of(payload: u8) -> Option<RequestId> {
    let code = payload.checked_sub(ANSWERS)?;
    Some(RequestId {
        origin: MemberId::first(u32::from(code % 16 / 4)),
        number: u64::from(code % 4) + 1,
    })
}

/// Four processes submit at most three requests each.
const ANSWERS: u8 = 64;
