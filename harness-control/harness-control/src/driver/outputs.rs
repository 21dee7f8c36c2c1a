//! What the machine, the replica and the detector want done.

use harness_ring::{
    Action, Body, Content, Delivery, MemberId, Output, Packet, Refusal, RequestId, View, Word,
};

use super::{Driver, Early, is_noise};
use crate::Octets;
use crate::detector::Verdict;
use crate::error::SubmitError;
use crate::event::{Ended, Event};
use crate::interface::{Entry, Refused};
use crate::replication::Effect;
use crate::shared::{Phase, Shared};
use crate::transfer::Snapshot;
use crate::wire::decode_word;

impl Driver {
    pub(super) fn output(&mut self, output: Output<Octets>) {
        match output {
            Output::Packet { to, packet } => {
                // Without a connection it is lost, and sent again on the next.
                let open = self.links.get(&to).and_then(|link| link.open.as_ref());
                match open {
                    Some(open) => {
                        let joiners = self.introductions(&packet);
                        open.packet(packet, joiners);
                    }
                    None => self.link(to),
                }
            }
            Output::Connect(to) => self.link(to),
            Output::Slow(member) => {
                self.shared.count("slow members");
                self.suspicion(member, "slow");
            }
            Output::Broken(member) => {
                self.input(super::Input::Misbehaved { from: member });
            }
            Output::Action(action) => self.action(action),
        }
    }

    /// Who joins by what a packet brings, as far as that is known here: its ring knows ids only.
    fn introductions(&self, packet: &Packet<Octets>) -> Vec<Entry> {
        let joiners = joiners_of(packet);
        if joiners.is_empty() {
            return Vec::new();
        }
        let directory = self.shared.directory();
        let known = joiners.iter();
        known
            .filter_map(|joiner| directory.introduction(*joiner))
            .collect()
    }

    fn action(&mut self, action: Action<Octets>) {
        if !is_noise(&action) {
            tracing::trace!(target: "harness::ring", ?action);
        }
        match action {
            // Members send packets.
            Action::Send { .. } => {}
            Action::Deliver(delivery) => self.delivery(delivery),
            Action::ViewChange {
                view,
                joined,
                left,
                excluded,
            } => self.view_change(view, joined, left, excluded),
            Action::TakeSnapshot { view, joiners } => {
                if self.loaded {
                    let snapshot = Snapshot::new(self.replica.image());
                    let key = Shared::snapshot_key(&view);
                    self.shared.snapshots().insert(key, snapshot);
                    self.snapshots.push((view, joiners.into_iter().collect()));
                }
            }
            Action::ReleaseSnapshot { joiner } => self.release(joiner),
            Action::LoadSnapshot { view, sources } => self.fetch(view, sources),
            Action::Fence(member) => self.fence(member),
            Action::Blocked(Some(why)) => {
                self.shared.count("blocked");
                self.is_blocked = true;
                tracing::warn!(target: "harness", %why, "blocked: no view change is possible, and nothing will be delivered");
                self.emit(Event::Blocked(why));
            }
            Action::Blocked(None) => self.unblocked(),
            Action::Left => self.ended = Some(Ended::Left),
            Action::Excluded(why) => {
                self.shared.count("exclusions");
                tracing::warn!(target: "harness", ?why, "the others went on without this member");
                self.emit(Event::Excluded(why));
                if self.shared.config.rejoin {
                    self.come_back(self.me);
                } else {
                    self.ended = Some(Ended::Excluded);
                }
            }
            Action::Refused(refusal) => self.refusal(refusal),
            Action::Dropped { from, reason } => {
                self.shared.count(dropped(reason));
                tracing::debug!(target: "harness::ring", from = self.shared.called(from), ?reason, "a frame was ignored");
            }
        }
    }

    /// What was said to be blocked goes on.
    fn unblocked(&mut self) {
        if std::mem::take(&mut self.is_blocked) {
            self.shared.count("unblocked");
            tracing::info!(target: "harness", "not blocked any more: the ring goes on");
            self.emit(Event::Unblocked);
        }
    }

    pub(super) fn delivery(&mut self, delivery: Delivery<Octets>) {
        if !self.loaded {
            self.early.push_back(Early::Delivery(delivery));
            let early_max = self.shared.config.control.early_max;
            if self.early.len() > early_max {
                tracing::warn!(target: "harness", early_max, "too much was delivered before the state came: starting over");
                self.come_back(self.me);
            }
            return;
        }
        let Content::Batch(batch) = delivery.content else {
            return;
        };
        self.shared.count("batches delivered");
        let mut words = 0;
        for bytes in batch.iter() {
            words += u64::from(self.word(delivery.origin, bytes, delivery.flushed));
        }
        self.shared.count_many("words delivered", words);
        while let Some(word) = self.unsent.pop_front() {
            self.tell(harness_ring::Event::Submit(word));
        }
    }

    /// A word that is none, or a request in another's name, was broadcast by a member that does not work; all ignore it
    /// alike. Whether it is one.
    fn word(&mut self, origin: MemberId, bytes: &Octets, flushed: bool) -> bool {
        match decode_word(bytes, &self.shared.config.wire) {
            Ok(Word::Request(request)) if request.id.origin != origin => {
                self.shared.count("words of others");
                return false;
            }
            Ok(word) => self.replica.deliver(origin, word),
            Err(malformed) => {
                self.shared.count("words malformed");
                tracing::warn!(target: "harness", origin = self.shared.called(origin), %malformed, "a message was ignored");
                return false;
            }
        }
        self.emit(Event::Delivered {
            position: self.replica.position(),
            digest: self.replica.digest(),
            origin,
            word: bytes.clone(),
            flushed,
        });
        while let Some(effect) = self.replica.poll_effect() {
            self.effect(effect);
        }
        true
    }

    fn view_change(
        &mut self,
        view: View,
        joined: Vec<MemberId>,
        left: Vec<MemberId>,
        excluded: Vec<MemberId>,
    ) {
        self.shared.count("views");
        let shared = &self.shared;
        tracing::info!(
            target: "harness",
            view = %view.id,
            members = shared.all_called(&view.ring),
            joined = shared.all_called(&joined),
            left = shared.all_called(&left),
            lost = shared.all_called(&excluded),
            "view"
        );
        self.follow(&view);
        if self.loaded {
            self.replica.view_change(&view.ring);
            let event = self.view_event(&view, joined, left, excluded);
            return self.emit(event);
        }
        let event = self.view_event(&view, joined, left, excluded);
        let is_first = self.joining.take().map(|task| task.abort()).is_some();
        self.early.push_back(Early::View {
            members: view.ring,
            is_first,
            event: Box::new(event),
        });
    }

    pub(super) fn view_event(
        &self,
        view: &View,
        joined: Vec<MemberId>,
        left: Vec<MemberId>,
        excluded: Vec<MemberId>,
    ) -> Event {
        let directory = self.shared.directory();
        let named = |members: &[MemberId]| {
            let named = members
                .iter()
                .map(|member| (*member, directory.name(*member)));
            named.collect()
        };
        Event::View {
            position: self.replica.position(),
            digest: self.replica.digest(),
            epoch: view.id.epoch,
            view: view.id.fingerprint(),
            members: named(&view.ring),
            joined: named(&joined),
            left: named(&left),
            excluded: named(&excluded),
        }
    }

    fn release(&mut self, joiner: MemberId) {
        for (view, joiners) in &mut self.snapshots {
            joiners.remove(&joiner);
            if joiners.is_empty() {
                let key = Shared::snapshot_key(view);
                self.shared.snapshots().remove(&key);
            }
        }
        self.snapshots.retain(|(_, joiners)| !joiners.is_empty());
    }

    pub(super) fn fetched(&mut self, image: Result<Octets, String>) {
        let image = match image {
            Ok(image) => image,
            Err(why) => {
                // Without the state it is of no use, and must not be waited for.
                tracing::warn!(target: "harness", why, "the state cannot be had: starting over");
                return self.come_back(self.me);
            }
        };
        if let Err(error) = self.replica.load(self.me, &image) {
            tracing::error!(target: "harness", %error, "the state cannot be loaded");
            self.shared
                .phase
                .send_replace(Phase::Failed(None, error.to_string()));
            self.ended = Some(Ended::NotTaken);
            return;
        }
        self.loaded = true;
        self.shared.count("states loaded");
        let (position, digest) = (self.replica.position(), self.replica.digest());
        let bytes = image.len() as u64;
        tracing::info!(target: "harness", position, bytes, "state loaded");
        self.emit(Event::Loaded {
            position,
            digest,
            bytes,
        });
        while let Some(early) = self.early.pop_front() {
            match early {
                Early::Delivery(delivery) => self.delivery(delivery),
                Early::View {
                    members,
                    is_first,
                    mut event,
                } => {
                    if !is_first {
                        self.replica.view_change(&members);
                    }
                    if let Event::View {
                        position, digest, ..
                    } = &mut *event
                    {
                        *position = self.replica.position();
                        *digest = self.replica.digest();
                    }
                    self.emit(*event);
                }
            }
        }
        self.tell(harness_ring::Event::Loaded);
        if self.member.ring().blocked().is_none() {
            // It was blocked until the others went on without it.
            self.unblocked();
        }
        self.shared.phase.send_replace(Phase::Member);
    }

    fn refusal(&mut self, refusal: Refusal<Octets>) {
        match refusal {
            Refusal::Busy(word) | Refusal::NotMember(word) => self.not_submitted(word),
            Refusal::JoinOutdated(joiner) => {
                let refused = Refused::Outdated(self.known_incarnation(joiner));
                self.refused_joins.push((joiner, refused));
            }
            Refusal::JoinsFull(joiner) => {
                let text = "as many wait to join as may".to_owned();
                self.refused_joins.push((joiner, Refused::Busy(text)));
            }
        }
    }

    /// A request is refused to its submitter; a result must go out, so it waits.
    fn not_submitted(&mut self, word: Octets) {
        match decode_word(&word, &self.shared.config.wire) {
            Ok(Word::Request(request)) => {
                if let Some(reply) = self.waiting.remove(&request.id.number) {
                    let _ = reply.send(Err(SubmitError::Busy));
                }
            }
            _ => self.unsent.push_back(word),
        }
    }

    pub(super) fn effect(&mut self, effect: Effect) {
        match effect {
            Effect::Broadcast(word) => self.broadcast(&word),
            Effect::Outcome { request, answer } => {
                if let Some(reply) = self.waiting.remove(&request.number) {
                    let _ = reply.send(Ok(answer.clone()));
                    self.told = true;
                }
                let number = request.number;
                self.emit(Event::Outcome { number, answer });
            }
            Effect::Ignored(request) => {
                self.shared.count("words ignored");
                self.without_outcome(request, SubmitError::Busy);
            }
            Effect::Interrupted(request) => {
                self.shared.count("requests interrupted");
                self.without_outcome(request, SubmitError::Interrupted);
            }
        }
    }

    fn without_outcome(&mut self, request: RequestId, why: SubmitError) {
        if request.origin == self.me
            && let Some(reply) = self.waiting.remove(&request.number)
        {
            let _ = reply.send(Err(why));
        }
    }

    pub(super) fn verdict(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Beat(member) => {
                let open = self.links.get(&member).and_then(|link| link.open.as_ref());
                if let Some(open) = open {
                    open.beat();
                }
            }
            Verdict::Probe { about, helpers } => self.probe(about, helpers),
            Verdict::Suspect(member) => {
                self.shared.count("suspicions");
                self.suspicion(member, "silent");
                self.tell(harness_ring::Event::Suspect(member));
            }
            Verdict::Retract(member) => {
                self.shared.count("retractions");
                self.suspected.remove(&member);
                tracing::info!(target: "harness", member = self.shared.called(member), "heard again");
                let name = self.shared.directory().name(member);
                self.emit(Event::Retracted { member, name });
                self.tell(harness_ring::Event::Retract(member));
            }
        }
    }

    fn suspicion(&mut self, member: MemberId, reason: &'static str) {
        self.suspected.insert(member);
        tracing::warn!(target: "harness", member = self.shared.called(member), reason, "suspected");
        let name = self.shared.directory().name(member);
        self.emit(Event::Suspected {
            member,
            name,
            reason,
        });
    }
}

fn joiners_of(packet: &Packet<Octets>) -> Vec<MemberId> {
    let Packet::Frame { frame, .. } = packet else {
        return Vec::new();
    };
    let (values, joining): (Vec<_>, &[MemberId]) = match &frame.body {
        Body::Join(joining) => (Vec::new(), joining),
        Body::Install(value) => (vec![value], &[]),
        Body::Accept(token) => {
            let base = token.base.iter();
            (base.chain([&token.value]).collect(), &[])
        }
        Body::Prepare(token) => {
            let accepted = token.accepted.iter().map(|accepted| &accepted.value);
            (token.base.iter().chain(accepted).collect(), &[])
        }
        _ => return Vec::new(),
    };
    let joiners = values.iter().flat_map(|value| &value.joiners);
    joiners.chain(joining).copied().collect()
}

fn dropped(reason: harness_ring::Drop) -> &'static str {
    use harness_ring::Drop;
    match reason {
        Drop::OldView => "frames dropped: old view",
        Drop::ForeignView => "frames dropped: foreign view",
        Drop::Stranger => "frames dropped: stranger",
        Drop::Hearsay => "frames dropped: hearsay",
        Drop::Wedged => "frames dropped: wedged",
        Drop::NotNeighbour => "frames dropped: not a neighbour",
        Drop::Nonsense => "frames dropped: nonsense",
        Drop::NotMember => "frames dropped: not a member",
    }
}
