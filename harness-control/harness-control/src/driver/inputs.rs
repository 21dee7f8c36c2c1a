//! What each input means for the machine, the detector and those who wait.

use harness_ring::{Blocked, Input as RingInput, MemberId, Word};
use tokio::sync::oneshot;

use super::{Driver, Input};
use crate::Octets;
use crate::error::SubmitError;
use crate::event::Ended;
use crate::interface::{Answer, Greeting, Refused};
use crate::link::Open;
use crate::shared::Phase;

impl Driver {
    pub(super) fn input(&mut self, input: Input) {
        if input.life().is_some_and(|of| of != self.shared.life()) {
            // Of an earlier life of this process.
            return self.shared.count("late inputs");
        }
        match input {
            Input::Enroll { greeting, reply } => self.enroll(*greeting, reply),
            Input::Submit { request, reply } => self.submit(request, reply),
            Input::Query { question, reply } => {
                let answer = self.loaded.then(|| self.replica.query(&question));
                let _ = reply.send(answer);
            }
            Input::Status(reply) => {
                let _ = reply.send(self.status());
            }
            Input::Leave => {
                self.leaving = true;
                self.tell(harness_ring::Event::Leave);
            }
            Input::Force { reply } => {
                let _ = reply.send(self.force());
            }
            Input::Fenced(member) => self.tell(harness_ring::Event::Fenced(member)),
            Input::Misbehaved { from } => self.cut_off(from),
            other => self.news(other),
        }
    }

    /// Goes on with whoever is left, where that means something.
    fn force(&mut self) -> Result<(), Refused> {
        let ring = self.member.ring();
        if !matches!(ring.blocked(), Some(Blocked::NoQuorum | Blocked::Unfenced)) {
            let text = "the ring is not blocked for want of members: there is nothing to force";
            return Err(Refused::NotNow(text.to_owned()));
        }
        let coordinator = ring.coordinator();
        if coordinator != self.me {
            let name = self.shared.directory().name(coordinator);
            return Err(Refused::NotNow(format!(
                "{name} would change the view: force it there, or here when {name} is suspected, too"
            )));
        }
        tracing::warn!(target: "harness", "told to go on with whoever is left, whatever the policy says");
        self.tell(harness_ring::Event::Force);
        Ok(())
    }

    /// What links and tasks of this life tell.
    fn news(&mut self, input: Input) {
        let now = self.now();
        match input {
            Input::Packet { from, .. } | Input::Beat { from, .. } if !self.expects(from) => {
                self.stranger(from);
            }
            Input::Packet { from, packet, .. } => {
                self.detector.heard(from, now);
                self.ring(RingInput::Packet { from, packet });
            }
            Input::Beat { from, .. } => self.detector.heard(from, now),
            Input::LinkUp { peer, open, .. } => self.link_up(peer, open),
            Input::LinkDown { peer, number, .. } => self.link_down(peer, number),
            Input::Unreached { peer, is_gone, .. } if is_gone => {
                self.detector.unreachable(peer, now);
            }
            Input::Probed {
                about, reachable, ..
            } => self.detector.answered(about, reachable, now),
            Input::Outdated { known, .. } => self.come_back(MemberId {
                slot: self.me.slot,
                incarnation: known,
            }),
            Input::NotTaken { refused, last, .. } => {
                if self.shared.life() > 0 {
                    // Nobody waits for the first view any more, who would be told.
                    tracing::error!(target: "harness", asked = last, "given up coming back");
                }
                self.ended = Some(Ended::NotTaken);
                self.shared.phase.send_replace(Phase::Failed(refused, last));
            }
            Input::Fetched { image, .. } => self.fetched(image),
            // A peer that was not reached may still be there.
            _ => {}
        }
    }

    fn link_up(&mut self, peer: MemberId, open: Open) {
        tracing::debug!(target: "harness::link", peer = self.shared.called(peer), over = open.over, "link up");
        if let Some(link) = self.links.get_mut(&peer) {
            link.open = Some(open);
            self.ring(RingInput::LinkUp(peer));
        }
    }

    fn ring(&mut self, input: RingInput<Octets>) {
        let now = self.now();
        self.member.handle(input, now);
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
        tracing::warn!(target: "harness", peer = self.shared.called(from), "it sends what no member sends: cut off");
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
        let joins_max = self.shared.config.limits.joins_max;
        let before = self.shared.directory().entry(joiner.slot);
        self.shared.directory().learn(greeting.from, &limits);
        self.refused_joins.clear();
        self.tell(harness_ring::Event::Join(joiner));
        self.carry_out();
        let refused = self.refused_joins.pop().map(|(_, refused)| refused);
        match refused {
            // A founder alone has it in its view by now.
            None if !self.member.ring().view().contains(joiner) => {
                self.shared.directory().joins(joiner, joins_max);
            }
            None => {}
            Some(_) => self.shared.directory().restore(joiner.slot, before),
        }
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
            self.replica.refuses(&request).map(SubmitError::Unsupported)
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
