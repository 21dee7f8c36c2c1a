//! Active replication: every member applies every request, at its place in the order.

use std::collections::VecDeque;

use harness_ring::{MemberId, RequestId, Step, Transactions, Word};

use crate::Octets;
use crate::image::{self, Image, Place};
use crate::interface::Answer;
use crate::machine::{Change, Machine};
use crate::replication::{Effect, LoadError, Replication};
use crate::wire::{WireLimits, encode_word_into};

/// Transactions of the three types over a state machine.
pub struct Active<M> {
    machine: M,
    me: MemberId,
    transactions: Transactions<Octets>,
    waiting_max: usize,
    limits: WireLimits,
    place: Place,
    /// Room for the word that is being noted.
    entry: Vec<u8>,
    effects: VecDeque<Effect>,
}

impl<M: Machine> Active<M> {
    /// A replica of a ring that nobody is in yet. `waiting_max` bounds the requests without outcome of all
    /// members together, who must be told the same.
    pub fn new(machine: M, waiting_max: usize, limits: WireLimits) -> Active<M> {
        let nobody = MemberId::first(0);
        Active {
            machine,
            me: nobody,
            transactions: Transactions::new(nobody, &[], waiting_max),
            waiting_max,
            limits,
            place: Place::START,
            entry: Vec::new(),
            effects: VecDeque::new(),
        }
    }

    /// The state machine.
    pub fn machine(&self) -> &M {
        &self.machine
    }

    fn take_steps(&mut self) {
        while let Some(step) = self.transactions.poll_step() {
            match step {
                Step::Perform(request) => {
                    let result = self.machine.perform(request.id, &request.payload);
                    let result = result.map(Octets::from);
                    let id = request.id;
                    self.effects
                        .push_back(Effect::Broadcast(Word::Result { id, result }));
                }
                Step::Outcome {
                    request,
                    done,
                    results,
                } => {
                    let reply = self.machine.apply(&Change {
                        request: request.id,
                        payload: &request.payload,
                        done,
                        results: &results,
                    });
                    self.outcome(request.id, done, reply);
                }
                Step::Undo(id) => self.machine.undo(id),
                Step::Ignored(id) => self.effects.push_back(Effect::Ignored(id)),
            }
        }
    }

    /// Only its submitter waits for it.
    fn outcome(&mut self, request: RequestId, done: bool, reply: Vec<u8>) {
        if request.origin == self.me {
            let answer = Answer {
                done,
                reply,
                position: self.place.position,
            };
            self.effects.push_back(Effect::Outcome { request, answer });
        }
    }
}

impl<M: Machine> Replication for Active<M> {
    fn kind(&self) -> String {
        format!("active {}", self.machine.kind())
    }

    fn found(&mut self, me: MemberId, members: &[MemberId]) {
        self.me = me;
        self.transactions = Transactions::new(me, members, self.waiting_max);
        self.machine.view_changed(members);
    }

    fn deliver(&mut self, origin: MemberId, word: Word<Octets>) {
        let entry = encode_word_into(&word, std::mem::take(&mut self.entry));
        self.place.note(&entry);
        self.entry = entry;
        self.transactions.deliver(origin, word);
        self.take_steps();
    }

    fn view_change(&mut self, members: &[MemberId]) {
        self.place.note_view(members);
        self.transactions.view_change(members);
        self.machine.view_changed(members);
        self.take_steps();
    }

    fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    fn image(&self) -> Vec<u8> {
        image::write(&Image {
            place: self.place,
            transactions: self.transactions.image(),
            state: self.machine.snapshot(),
        })
    }

    fn load(&mut self, me: MemberId, bytes: &[u8]) -> Result<(), LoadError> {
        let image = image::read(bytes, &self.limits, self.waiting_max)?;
        let waiting = image.transactions.pending.len();
        let transactions = Transactions::from_image(me, image.transactions, self.waiting_max)
            .ok_or(LoadError::Waiting(waiting))?;
        self.machine
            .restore(&image.state)
            .map_err(LoadError::State)?;
        self.me = me;
        self.transactions = transactions;
        self.place = image.place;
        self.effects.clear();
        Ok(())
    }

    fn query(&self, question: &[u8]) -> Vec<u8> {
        self.machine.query(question)
    }

    fn position(&self) -> u64 {
        self.place.position
    }

    fn digest(&self) -> u64 {
        self.place.digest
    }
}
