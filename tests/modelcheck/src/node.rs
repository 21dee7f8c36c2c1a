//! One process of a model: the real state machine, what it delivered, and whether it is alive.

use harness_ring::{
    Action, Config, Content, Drop, Event, Frame, MemberId, Ring, Stamp, Standing, View, ViewId,
};

use crate::agreement::Replica;
use crate::force::Force;

/// What a process saw, in order.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Entry {
    /// A message was delivered.
    Message {
        /// Where it was broadcast.
        view: ViewId,
        /// Its number there.
        stamp: Stamp,
        /// Its place among the payloads of that number: what waits together travels together.
        place: usize,
        /// What it says; each is submitted once.
        payload: u8,
    },
    /// A view was installed.
    View {
        /// Which.
        view: ViewId,
        /// Whether it is the first of this process, so that its log starts here.
        is_first: bool,
    },
}

/// A process.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Node {
    /// Its state machine.
    pub ring: Ring<u8>,
    /// Whether it has not crashed.
    pub alive: bool,
    /// What it saw.
    pub log: Vec<Entry>,
    /// The state on top of it, where messages are requests.
    pub replica: Option<Replica>,
    /// Whether it ignored a frame that no member sends who keeps the rules.
    pub is_misled: bool,
    /// What its operator did.
    pub force: Force,
}

impl Node {
    /// A founder.
    pub fn founder(me: MemberId, config: Config, founders: &[MemberId], has_replica: bool) -> Node {
        let ring = Ring::founder(me, config, founders.to_vec()).expect("a founder is named once");
        let view = ring.view().id;
        Node {
            ring,
            alive: true,
            log: vec![Entry::View {
                view,
                is_first: false,
            }],
            replica: has_replica.then(|| Replica::new(me, founders)),
            is_misled: false,
            force: Force::new(config.policy),
        }
    }

    /// A process that wants to join.
    pub fn joiner(me: MemberId, config: Config) -> Node {
        Node {
            ring: Ring::joiner(me, config),
            alive: true,
            log: Vec::new(),
            replica: None,
            is_misled: false,
            force: Force::new(config.policy),
        }
    }

    /// Whether it is alive and in a ring, or on the way into one.
    pub fn takes_part(&self) -> bool {
        self.alive && matches!(self.ring.standing(), Standing::Member | Standing::Joining)
    }

    /// Whether it is alive and in a view.
    pub fn is_member(&self) -> bool {
        self.alive && self.ring.standing() == Standing::Member
    }

    /// Whether this message is in the log.
    pub fn has_delivered(&self, wanted_view: ViewId, wanted: Stamp) -> bool {
        self.log.iter().any(|entry| {
            matches!(entry, Entry::Message { view, stamp, .. }
                if *view == wanted_view && *stamp == wanted)
        })
    }

    /// Handles an event and all that follows from it here; returns what is to be sent.
    pub fn step(&mut self, event: Event<u8>) -> Vec<(MemberId, Frame<u8>)> {
        let mut frames = Vec::new();
        let attempted = self.ring.attempted();
        let mut view = self.ring.view().clone();
        self.ring.handle(event);
        while let Some(action) = self.ring.poll_action() {
            self.carry_out(action, &mut view, &mut frames);
        }
        self.force.after(&self.ring, attempted);
        frames
    }

    /// Frames of copies and evidence that wait.
    pub fn take_data(&mut self) -> Vec<(MemberId, Frame<u8>)> {
        let directions: Vec<_> = self.ring.neighbours().map(|(way, _)| way).collect();
        let mut frames = Vec::new();
        for direction in directions {
            while let Some(frame) = self.ring.take_data(direction) {
                frames.push(frame);
            }
        }
        frames
    }

    /// `last` is the view that it was in before the action.
    fn carry_out(
        &mut self,
        action: Action<u8>,
        last: &mut View,
        frames: &mut Vec<(MemberId, Frame<u8>)>,
    ) {
        match action {
            Action::Send { to, frame } => frames.push((to, frame)),
            Action::Deliver(delivery) => {
                let synced =
                    [SYNCED + u8::try_from(delivery.origin.slot).expect("models are small")];
                let payloads = match &delivery.content {
                    Content::Batch(batch) => &batch[..],
                    Content::Synced => &synced,
                };
                let entry = |(place, payload): (usize, &u8)| Entry::Message {
                    view: delivery.view,
                    stamp: delivery.stamp,
                    place,
                    payload: *payload,
                };
                self.log.extend(payloads.iter().enumerate().map(entry));
                let me = self.ring.me();
                if let Some(replica) = &mut self.replica {
                    let answers = payloads
                        .iter()
                        .flat_map(|payload| replica.deliver(me, delivery.origin, *payload));
                    for answer in answers.collect::<Vec<_>>() {
                        self.ring.handle(Event::Submit(answer));
                    }
                }
            }
            Action::ViewChange { view, left, .. } => {
                self.force.view_change(self.ring.me(), last, &view, &left);
                *last = view.clone();
                let is_first = self.log.is_empty();
                self.log.push(Entry::View {
                    view: view.id,
                    is_first,
                });
                let me = self.ring.me();
                let replica = self.replica.as_mut();
                let answers = replica.map(|replica| replica.view_change(me, &view));
                for answer in answers.unwrap_or_default() {
                    self.ring.handle(Event::Submit(answer));
                }
            }
            Action::Dropped { reason, .. } => {
                let is_wrong =
                    matches!(reason, Drop::Nonsense | Drop::NotNeighbour | Drop::Stranger);
                self.is_misled |= is_wrong;
            }
            // The state is loaded at once: that it takes time changes no order.
            Action::LoadSnapshot { .. } => self.ring.handle(Event::Loaded),
            Action::Fence(member) => self.ring.handle(Event::Fenced(member)),
            _ => {}
        }
    }
}

/// A joiner's word that it has the state is logged as this and its slot.
pub const SYNCED: u8 = 240;
