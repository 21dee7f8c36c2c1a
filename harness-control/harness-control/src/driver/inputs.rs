//! What each input means for the machine, the detector and those who wait.

use harness_ring::{Input as RingInput, MemberId, Word};
use tokio::sync::oneshot;

use super::{Driver, Input};
use crate::Octets;
use crate::error::SubmitError;
use crate::interface::{Answer, Greeting, Refused};
use crate::shared::Phase;

impl Driver {
    pub(super) fn input(&mut self, input: Input) {
        let life = self.shared.life();
        match input {
            Input::Packet {
                from,
                life: of,
                packet,
            } if of == life => {
                self.heard(from);
                self.ring(RingInput::Packet { from, packet });
            }
            Input::Beat { from, life: of } if of == life => self.heard(from),
            Input::LinkUp {
                peer,
                life: of,
                open,
            } if of == life => {
                tracing::debug!(target: "harness::link", %peer, over = open.over, "link up");
                if let Some(link) = self.links.get_mut(&peer) {
                    link.open = Some(open);
                    self.ring(RingInput::LinkUp(peer));
                }
            }
            Input::LinkDown {
                peer,
                number,
                life: of,
            } if of == life => {
                self.link_down(peer, number);
            }
            Input::Unreached {
                peer,
                is_gone,
                life: of,
            } if of == life => {
                if is_gone {
                    let now = self.now();
                    self.detector.unreachable(peer, now);
                }
            }
            Input::Probed {
                about,
                reachable,
                life: of,
            } if of == life => {
                let now = self.now();
                self.detector.answered(about, reachable, now);
            }
            Input::Enroll { greeting, reply } => self.enroll(greeting, reply),
            Input::Outdated { known, life: of } if of == life => {
                self.come_back(MemberId {
                    slot: self.me.slot,
                    incarnation: known,
                });
            }
            Input::NotTaken {
                refused,
                last,
                life: of,
            } if of == life => {
                self.ended = Some(crate::event::Ended::NotTaken);
                self.shared.phase.send_replace(Phase::Failed(refused, last));
            }
            Input::Fetched { image, life: of } if of == life => self.fetched(image),
            Input::Fenced(member) => self.tell(harness_ring::Event::Fenced(member)),
            Input::Misbehaved { from } => self.cut_off(from),
            Input::Submit { request, reply } => self.submit(request, reply),
            Input::Query { question, reply } => {
                let answer = self.loaded.then(|| self.replica.query(&question));
                let _ = reply.send(answer);
            }
            Input::Status(reply) => {
                let _ = reply.send(self.status());
            }
            Input::Leave => self.tell(harness_ring::Event::Leave),
            Input::Force => {
                tracing::warn!(target: "harness", "told to go on with whoever is left, whatever the policy says");
                self.tell(harness_ring::Event::Force);
            }
            // Of an earlier life of this process.
            Input::Packet { .. }
            | Input::Beat { .. }
            | Input::LinkUp { .. }
            | Input::LinkDown { .. }
            | Input::Unreached { .. }
            | Input::Probed { .. }
            | Input::Outdated { .. }
            | Input::NotTaken { .. }
            | Input::Fetched { .. } => self.shared.count("late inputs"),
        }
    }

    fn ring(&mut self, input: RingInput<Octets>) {
        let now = self.now();
        self.member.handle(input, now);
    }

    fn heard(&mut self, from: MemberId) {
        let now = self.now();
        self.detector.heard(from, now);
    }

    fn link_down(&mut self, peer: MemberId, number: u64) {
        let Some(link) = self.links.get_mut(&peer) else {
            return;
        };
        if link.open.take_if(|open| open.number == number).is_some() {
            self.shared.count("links broken");
            self.ring(RingInput::LinkDown(peer));
        }
    }

    /// Its packets are not taken any more, and its session starts anew if it comes back.
    fn cut_off(&mut self, from: MemberId) {
        tracing::warn!(target: "harness", peer = %from, "it sends what no member sends: cut off");
        self.shared.count("members cut off");
        self.shared
            .guests()
            .dismiss(from.slot, "what it sent breaks the protocol");
        let open = self.links.get_mut(&from).and_then(|link| link.open.take());
        if open.is_some() {
            self.links.remove(&from);
            self.ring(RingInput::LinkDown(from));
            self.link(from);
        }
    }

    /// The ring refuses what it knows better; the answer is there when its outputs are.
    fn enroll(&mut self, greeting: Greeting, reply: oneshot::Sender<Result<(), Refused>>) {
        if !self.is_member() {
            let text = "this process is not in a ring itself";
            let _ = reply.send(Err(Refused::NotMember(text.to_owned())));
            return;
        }
        let joiner = MemberId {
            slot: greeting.from.slot,
            incarnation: greeting.from.incarnation,
        };
        let name = greeting.from.name.clone();
        let taken = self
            .shared
            .directory()
            .name_in(joiner.slot)
            .map(str::to_owned);
        if let Some(taken) = taken.filter(|taken| *taken != name) {
            let text =
                format!("{name:?} stands for the same slot as {taken:?}: choose another name");
            let _ = reply.send(Err(Refused::Taken(text)));
            return;
        }
        if self.is_there(joiner) {
            let text = format!("a process named {name:?} is a member, and is there");
            let _ = reply.send(Err(Refused::Busy(text)));
            return;
        }
        let limits = self.shared.config.control;
        self.shared.directory().learn(greeting.from, &limits);
        self.refused_joins.clear();
        self.tell(harness_ring::Event::Join(joiner));
        self.carry_out();
        let refused = self.refused_joins.pop().map(|(_, refused)| refused);
        let _ = reply.send(refused.map_or(Ok(()), Err));
    }

    /// Whether an earlier incarnation is linked to: its process has not ended.
    fn is_there(&self, joiner: MemberId) -> bool {
        self.links
            .iter()
            .any(|(peer, link)| peer.slot == joiner.slot && *peer != joiner && link.open.is_some())
    }

    fn submit(
        &mut self,
        mut request: harness_ring::Request<Octets>,
        reply: oneshot::Sender<Result<Answer, SubmitError>>,
    ) {
        let limits = &self.shared.config.control;
        let (bytes, max) = (request.payload.len(), limits.payload_bytes_max);
        let refused = if bytes > max {
            Some(SubmitError::TooLarge { bytes, max })
        } else if !self.is_member() {
            Some(SubmitError::NotMember)
        } else if self.waiting.len() >= limits.waiting_max {
            Some(SubmitError::Busy)
        } else {
            None
        };
        if let Some(refused) = refused {
            let _ = reply.send(Err(refused));
            return;
        }
        request.id = harness_ring::RequestId {
            origin: self.me,
            number: self.next_request,
        };
        self.waiting.insert(self.next_request, reply);
        self.next_request += 1;
        self.broadcast(&Word::Request(request));
    }
}
