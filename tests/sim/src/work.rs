//! What members are given to do: messages, requests with results, locks that are taken and given back.

use harness_ring::{Agreement, Event, Failure, MemberId, Request, RequestId};

use crate::process::{Process, Word};
use crate::world::World;

impl World {
    pub(crate) fn submit(&mut self) {
        let members: Vec<_> = self.members();
        if members.is_empty() {
            return;
        }
        let id = members[self.random.index(members.len())];
        let number = self.next_word;
        self.next_word += 1;
        let word = if self.random.chance(self.options.locks_percent) {
            self.statistics.count("locks wanted");
            Word::Lock(
                number,
                u8::try_from(self.random.between(0, 3)).expect("few"),
            )
        } else if self.random.chance(self.options.requests_percent) {
            self.statistics.count("requests");
            Word::Transaction(
                number,
                harness_ring::Word::Request(self.request(id, number)),
            )
        } else {
            Word::Plain(number)
        };
        self.submit_word(id, word);
    }

    fn submit_word(&mut self, id: MemberId, word: Word) {
        let process = self.processes.get_mut(&id).expect("it submits");
        process.submitted.push(word.clone());
        self.statistics.count("submits");
        self.event(id, Event::Submit(word));
    }

    /// Gives back a lock that this member was granted.
    pub(crate) fn unlock(&mut self, id: MemberId, key: u8) {
        let is_there = self.processes.get(&id).is_some_and(Process::is_member);
        if is_there {
            let number = self.next_word;
            self.next_word += 1;
            self.statistics.count("locks given back");
            self.submit_word(id, Word::Unlock(number, key));
        }
    }

    /// A transaction of any type, over members that may be gone when it is delivered.
    fn request(&mut self, origin: MemberId, number: u64) -> Request<u64> {
        let view = self.processes[&origin].member.ring().view().ring.clone();
        let percent = self.random.between(0, 60);
        let members = view
            .into_iter()
            .filter(|_| self.random.chance(percent))
            .collect();
        let agreements = [Agreement::AllOf, Agreement::AnyOf, Agreement::Quorum(2)];
        Request {
            id: RequestId { origin, number },
            payload: number,
            members,
            agreement: agreements[self.random.index(agreements.len())],
            domain: u32::from(self.random.chance(50)),
        }
    }

    /// Answers a request that this member was asked for.
    pub(crate) fn perform(&mut self, id: MemberId, request: RequestId) {
        let is_there = self.processes.get(&id).is_some_and(Process::is_member);
        if is_there {
            let result = if self.random.chance(80) {
                Ok(u64::from(id.slot))
            } else {
                Err(Failure::Failed)
            };
            let word = harness_ring::Word::Result {
                id: request,
                result,
            };
            let number = self.next_word;
            self.next_word += 1;
            self.submit_word(id, Word::Transaction(number, word));
        }
    }
}
