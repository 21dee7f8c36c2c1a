//! A whole member: the ring above one session with each other member, driven by packets, connections
//! and time.
//!
//! Connects nothing and decides nothing about who is alive: the driver says when a connection is up
//! or down, and its failure detector whom to suspect. Only a member that is connected and takes
//! nothing any more is suspected here, as slow.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use crate::action::Action;
use crate::config::{Config, LinkLimits};
use crate::event::Event;
use crate::frame::{Body, Frame, Item};
use crate::identity::MemberId;
use crate::message::{Content, Payload};
use crate::ring::Ring;
use crate::session::{Packet, Session};

/// One input of a member.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Input<P> {
    /// Something that is not about links.
    Event(Event<P>),
    /// A connection to another member is open; it replaces any before.
    LinkUp(MemberId),
    /// The connection broke; what was sent may be lost.
    LinkDown(MemberId),
    /// A packet came over a connection.
    Packet {
        /// From whom.
        from: MemberId,
        /// What.
        packet: Packet<P>,
    },
}

/// One output of a member.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Output<P> {
    /// Send this over the connection with a member; lost if there is none.
    Packet {
        /// To whom.
        to: MemberId,
        /// What.
        packet: Packet<P>,
    },
    /// A connection to this member is wanted; asked for once until it is up.
    Connect(MemberId),
    /// Something for the application or the driver; never `Action::Send`.
    Action(Action<P>),
    /// This member takes nothing any more and is suspected.
    Slow(MemberId),
    /// It breaks the rules of sessions; the connection should be closed.
    Broken(MemberId),
}

/// The state machine that a process drives.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Member<P> {
    ring: Ring<P>,
    links: LinkLimits,
    sessions: BTreeMap<MemberId, Session<P>>,
    /// Whom the driver's detector suspects.
    suspects: BTreeSet<MemberId>,
    /// Who takes nothing any more.
    slow: BTreeSet<MemberId>,
    /// To whom a connection was asked for.
    connecting: BTreeSet<MemberId>,
    /// What the application broadcasts, until it is asked what is to be done: what came together goes together.
    submitted: Vec<P>,
    outputs: VecDeque<Output<P>>,
}

impl<P: Payload> Member<P> {
    /// A founder, as `Ring::founder`.
    pub fn founder(
        me: MemberId,
        config: Config,
        links: LinkLimits,
        founders: Vec<MemberId>,
    ) -> Option<Member<P>> {
        Ring::founder(me, config, founders).map(|ring| Member::new(ring, links))
    }

    /// A joiner, as `Ring::joiner`.
    pub fn joiner(me: MemberId, config: Config, links: LinkLimits) -> Member<P> {
        Member::new(Ring::joiner(me, config), links)
    }

    fn new(ring: Ring<P>, links: LinkLimits) -> Member<P> {
        Member {
            ring,
            links,
            sessions: BTreeMap::new(),
            suspects: BTreeSet::new(),
            slow: BTreeSet::new(),
            connecting: BTreeSet::new(),
            submitted: Vec::new(),
            outputs: VecDeque::new(),
        }
    }

    /// Takes one input. Time never runs backwards.
    ///
    /// Messages and copies of them leave when `poll_action` is called: a driver that gives all inputs of
    /// one wake-up first has them packed into few frames.
    pub fn handle(&mut self, input: Input<P>, now: Duration) {
        match &input {
            Input::LinkUp(peer) | Input::LinkDown(peer) | Input::Packet { from: peer, .. }
                if self.is_over(*peer) =>
            {
                return;
            }
            _ => {}
        }
        match input {
            // Changes nothing before it is looked at.
            Input::Event(Event::Submit(message)) => return self.submitted.push(message),
            Input::Event(event) => self.event(event),
            Input::LinkUp(peer) => {
                self.connecting.remove(&peer);
                let hello = self.session(peer).connected();
                self.output(peer, hello);
            }
            Input::LinkDown(peer) => {
                self.session(peer).disconnected();
                if self.session(peer).kept() > 0 {
                    self.connect(peer);
                }
            }
            Input::Packet { from, packet } => self.packet(from, packet, now),
        }
        self.pass_on();
        self.watch(now);
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Duration) {
        for (peer, session) in &mut self.sessions {
            if let Some(packet) = session.tick(now) {
                self.outputs.push_back(Output::Packet { to: *peer, packet });
            }
        }
        self.watch(now);
        self.pass_on();
    }

    /// Whether something is to be done before copies of messages leave: a driver may take what comes of it, and have
    /// that leave with them.
    pub fn has_actions(&self) -> bool {
        !self.outputs.is_empty()
    }

    /// What is to be done next.
    pub fn poll_action(&mut self) -> Option<Output<P>> {
        if self.outputs.is_empty() {
            self.submit();
            self.pass_on();
            self.pump();
        }
        self.outputs.pop_front()
    }

    /// When `tick` is wanted.
    pub fn next_wake(&mut self, now: Duration) -> Option<Duration> {
        let links = self.links;
        let slow = &self.slow;
        let view = self.ring.view();
        let wakes = self.sessions.iter_mut().filter_map(|(peer, session)| {
            let full = session.full_since(now, &links);
            // Only a member of the view is watched: whoever is out cannot be suspected any more.
            let full = full.filter(|_| view.contains(*peer) && !slow.contains(peer));
            let slow_at = full.map(|since| since.saturating_add(links.slow_after));
            [session.next_wake(), slow_at].into_iter().flatten().min()
        });
        wakes.min()
    }

    /// The ring above the sessions.
    pub fn ring(&self) -> &Ring<P> {
        &self.ring
    }

    /// The sessions, by the other end.
    pub fn sessions(&self) -> impl Iterator<Item = (MemberId, &Session<P>)> {
        self.sessions.iter().map(|(peer, session)| (*peer, session))
    }

    /// The session with one member, if there is one.
    pub fn session_with(&self, peer: MemberId) -> Option<&Session<P>> {
        self.sessions.get(&peer)
    }

    /// Two reasons to suspect a member are kept apart, so that the end of one leaves the other.
    fn event(&mut self, event: Event<P>) {
        // It came behind what was submitted.
        self.submit();
        match event {
            Event::Suspect(member) => {
                self.suspects.insert(member);
            }
            Event::Retract(member) => {
                self.suspects.remove(&member);
                if self.slow.contains(&member) {
                    return;
                }
            }
            _ => {}
        }
        self.ring.handle(event);
    }

    /// Gives the ring what the application broadcasts.
    fn submit(&mut self) {
        if !self.submitted.is_empty() {
            self.ring.submit_all(&mut self.submitted);
        }
    }

    fn packet(&mut self, from: MemberId, packet: Packet<P>, now: Duration) {
        let links = self.links;
        let mut replies = Vec::new();
        let frame = self
            .session(from)
            .receive(packet, now, &links, &mut replies);
        for reply in replies {
            self.output(from, reply);
        }
        match frame {
            Ok(Some(frame)) => {
                let frame = Arc::unwrap_or_clone(frame);
                self.ring.handle(Event::Frame { from, frame });
            }
            Ok(None) => {}
            Err(_) => self.outputs.push_back(Output::Broken(from)),
        }
    }

    /// Moves what changes views from the ring to the sessions, and all that is not to be sent to the driver.
    fn pass_on(&mut self) {
        while let Some(action) = self.ring.poll_action() {
            match action {
                Action::Send { to, frame } => self.send(to, frame),
                other => self.outputs.push_back(Output::Action(other)),
            }
        }
    }

    /// Moves frames of data to the sessions, while there is room.
    fn pump(&mut self) {
        let links = self.links;
        let neighbours: Vec<_> = self.ring.neighbours().collect();
        for (direction, to) in neighbours {
            while self.ring.waiting(direction) > 0
                && self.session(to).has_room(&links)
                && let Some((to, frame)) = self.ring.take_data(direction)
            {
                self.send(to, frame);
            }
        }
    }

    fn send(&mut self, to: MemberId, frame: Frame<P>) {
        assert!(to != self.ring.me(), "nobody sends to itself");
        if self.is_over(to) {
            return;
        }
        let bytes = payload_bytes(&frame);
        if let Some(packet) = self.session(to).send(frame, bytes) {
            self.output(to, packet);
        } else if !self.session(to).is_connected() {
            self.connect(to);
        }
    }

    fn connect(&mut self, to: MemberId) {
        if self.connecting.insert(to) {
            self.outputs.push_back(Output::Connect(to));
        }
    }

    /// Suspects members that take nothing, and takes it back when they go on.
    fn watch(&mut self, now: Duration) {
        let links = self.links;
        let mut any = !self.slow.is_empty();
        for session in self.sessions.values_mut() {
            any |= session.full_since(now, &links).is_some();
        }
        if !any {
            return;
        }
        let members = self.ring.view().ring.clone();
        for peer in members {
            let Some(session) = self.sessions.get_mut(&peer) else {
                continue;
            };
            let since = session.full_since(now, &links);
            let is_slow = since.is_some_and(|since| now >= since.saturating_add(links.slow_after));
            if is_slow && self.slow.insert(peer) {
                self.outputs.push_back(Output::Slow(peer));
                self.ring.handle(Event::Suspect(peer));
            } else if since.is_none() && self.slow.remove(&peer) && !self.suspects.contains(&peer) {
                self.ring.handle(Event::Retract(peer));
            }
        }
        self.pass_on();
    }

    /// Whether a later incarnation of this process has been seen: what comes from it comes late.
    fn is_over(&self, peer: MemberId) -> bool {
        let last = MemberId {
            incarnation: u32::MAX,
            ..peer
        };
        let later = (Bound::Excluded(peer), Bound::Included(last));
        peer != last && self.sessions.range(later).next().is_some()
    }

    /// The session with a member. One with an earlier incarnation is over.
    fn session(&mut self, peer: MemberId) -> &mut Session<P> {
        if !self.sessions.contains_key(&peer) {
            self.sessions.retain(|other, _| other.slot != peer.slot);
        }
        self.sessions.entry(peer).or_default()
    }

    fn output(&mut self, to: MemberId, packet: Packet<P>) {
        self.outputs.push_back(Output::Packet { to, packet });
    }
}

/// The bytes of the messages that a frame of data carries.
fn payload_bytes<P: Payload>(frame: &Frame<P>) -> usize {
    let Body::Data { items, .. } = &frame.body else {
        return 0;
    };
    let batches = items.iter().filter_map(|item| match item {
        Item::Copy {
            content: Some(Content::Batch(batch)),
            ..
        } => Some(batch),
        _ => None,
    });
    batches.flat_map(|batch| batch.iter()).map(P::bytes).sum()
}
