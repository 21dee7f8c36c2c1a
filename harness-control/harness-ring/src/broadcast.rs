//! Broadcast inside one view: holder evidence on the copy, total order, stability.
//!
//! A message is stable here when this member knows that every member of the view holds it. It is
//! delivered when it is stable and every smaller message that is known is delivered. Nobody counts
//! receipts, and the origin has no special part after it has sent the first copies. The same code
//! serves rings that send one way and both ways.

use std::collections::BTreeMap;

use crate::config::Mode;
use crate::frame::{Direction, Evidence, Item};
use crate::knowledge::Knowledge;
use crate::message::{Content, Numbered, Stamp};
use crate::outbox::Outbox;
use crate::ring_arc::RingArc;
use crate::view::Rank;

/// The state of one member in one view. A new view starts with a new one.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Broadcast<P> {
    rank: Rank,
    size: Rank,
    mode: Mode,
    clock: u64,
    /// The last delivered message, or the floor of the view.
    last: Stamp,
    /// Held and not delivered.
    pending: BTreeMap<Stamp, Pending<P>>,
    /// How many of them are own.
    own: usize,
    knowledge: Knowledge,
    forward: Outbox<P>,
    backward: Outbox<P>,
}

/// A message that is held here.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Pending<P> {
    content: Content<P>,
    /// Who holds it, as far as is known here.
    holders: RingArc,
}

/// Why an item of a data frame was ignored: no member that keeps the rules sends it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Nonsense;

impl<P: Clone> Broadcast<P> {
    /// Nothing broadcast yet. `floor` is below every number of this view.
    pub(crate) fn new(rank: Rank, size: Rank, mode: Mode, floor: u64) -> Broadcast<P> {
        assert!(rank < size, "a member has a rank in its view");
        Broadcast {
            rank,
            size,
            mode,
            clock: floor,
            last: Stamp::end_of(floor),
            pending: BTreeMap::new(),
            own: 0,
            knowledge: Knowledge::default(),
            forward: Outbox::new(),
            backward: Outbox::new(),
        }
    }

    /// Numbers a message and sends its first copies.
    pub(crate) fn submit(&mut self, content: Content<P>) -> Stamp {
        self.clock += 1;
        let stamp = Stamp {
            clock: self.clock,
            origin: self.rank,
        };
        assert!(stamp > self.last, "a new number is above all delivered");
        let holders = RingArc::single(self.rank);
        for direction in self.directions() {
            self.outbox(direction).push(Item::Copy {
                stamp,
                holders,
                content: Some(content.clone()),
            });
        }
        self.own += 1;
        self.pending.insert(stamp, Pending { content, holders });
        stamp
    }

    /// Takes an item from the neighbour that sends in this direction.
    pub(crate) fn receive(&mut self, direction: Direction, item: Item<P>) -> Result<(), Nonsense> {
        match item {
            Item::Copy {
                stamp,
                holders,
                content,
            } => self.receive_copy(direction, stamp, holders, content),
            Item::Evidence(evidence) => self.receive_evidence(direction, evidence),
        }
    }

    fn receive_copy(
        &mut self,
        direction: Direction,
        stamp: Stamp,
        holders: RingArc,
        content: Option<Content<P>>,
    ) -> Result<(), Nonsense> {
        if stamp.origin >= self.size || !holders.is_within(self.size) {
            return Err(Nonsense);
        }
        self.clock = self.clock.max(stamp.clock);
        let here = RingArc::single(self.rank);
        if stamp <= self.last {
            // A slow copy of what is delivered, which everyone holds.
            self.stable(direction, stamp.origin, stamp.clock, here);
            return Ok(());
        }
        let size = self.size;
        let holders = holders.join(here, size);
        let (holders, content) = match self.pending.get_mut(&stamp) {
            Some(held) => {
                held.holders = held.holders.join(holders, size);
                (held.holders, held.content.clone())
            }
            None => {
                let content = content.ok_or(Nonsense)?;
                let held = Pending {
                    content: content.clone(),
                    holders,
                };
                self.pending.insert(stamp, held);
                (holders, content)
            }
        };
        if holders.is_all(size) {
            self.stable(direction, stamp.origin, stamp.clock, here);
            return Ok(());
        }
        let is_held_there = holders.contains(self.neighbour(direction), size);
        self.outbox(direction).push(Item::Copy {
            stamp,
            holders,
            content: (!is_held_there).then_some(content),
        });
        Ok(())
    }

    fn receive_evidence(
        &mut self,
        direction: Direction,
        evidence: Evidence,
    ) -> Result<(), Nonsense> {
        if evidence.origin >= self.size || !evidence.known.is_within(self.size) {
            return Err(Nonsense);
        }
        let here = RingArc::single(self.rank);
        let known = evidence.known.join(here, self.size);
        self.stable(direction, evidence.origin, evidence.up_to, known);
        Ok(())
    }

    /// Notes that everything of an origin up to a clock is stable, and tells the next member unless
    /// it is known to know.
    fn stable(&mut self, direction: Direction, origin: Rank, up_to: u64, known: RingArc) {
        let evidence = Evidence {
            origin,
            up_to,
            known,
        };
        let size = self.size;
        let evidence = self.knowledge.learn(evidence, size);
        let next = self.neighbour(direction);
        if !evidence.known.contains(next, size) {
            self.outbox(direction).push_evidence(evidence, size);
        }
    }

    /// The next message in order, when it is stable.
    pub(crate) fn deliver(&mut self) -> Option<Numbered<P>> {
        let first = self.pending.first_entry()?;
        let stamp = *first.key();
        let is_stable = first.get().holders.is_all(self.size)
            || self.knowledge.stable_up_to(stamp.origin) >= stamp.clock;
        if !is_stable {
            return None;
        }
        let content = first.remove().content;
        self.own -= usize::from(stamp.origin == self.rank);
        assert!(stamp > self.last, "deliveries follow the order of numbers");
        self.last = stamp;
        Some(Numbered { stamp, content })
    }

    /// What is held and not delivered, in order.
    pub(crate) fn unstable(&self) -> impl Iterator<Item = (Stamp, &Content<P>)> {
        self.pending
            .iter()
            .map(|(stamp, pending)| (*stamp, &pending.content))
    }

    /// Who is known to hold each undelivered message.
    pub(crate) fn holders(&self) -> impl Iterator<Item = (Stamp, RingArc)> + '_ {
        self.pending
            .iter()
            .map(|(stamp, pending)| (*stamp, pending.holders))
    }

    pub(crate) fn knowledge(&self) -> &Knowledge {
        &self.knowledge
    }

    pub(crate) fn clock(&self) -> u64 {
        self.clock
    }

    pub(crate) fn last(&self) -> Stamp {
        self.last
    }

    /// Own messages that are not delivered.
    pub(crate) fn own(&self) -> usize {
        self.own
    }

    /// The ways in which this ring sends.
    pub(crate) fn directions(&self) -> impl Iterator<Item = Direction> + use<P> {
        let both = self.mode == Mode::Bidirectional && self.size > 2;
        let forward = (self.size > 1).then_some(Direction::Forward);
        forward
            .into_iter()
            .chain(both.then_some(Direction::Backward))
    }

    /// Items for the neighbour in this direction.
    pub(crate) fn take(&mut self, direction: Direction, items_max: usize) -> Vec<Item<P>> {
        self.outbox(direction).take(items_max)
    }

    /// How many items wait for the neighbour in this direction.
    pub(crate) fn waiting(&self, direction: Direction) -> usize {
        match direction {
            Direction::Forward => self.forward.len(),
            Direction::Backward => self.backward.len(),
        }
    }

    /// Whether nothing waits for a neighbour.
    pub(crate) fn is_idle(&self) -> bool {
        self.forward.is_empty() && self.backward.is_empty()
    }

    /// The rank of the next member in this direction.
    pub(crate) fn neighbour(&self, direction: Direction) -> Rank {
        let step = match direction {
            Direction::Forward => 1,
            Direction::Backward => self.size - 1,
        };
        let rank = (u32::from(self.rank) + u32::from(step)) % u32::from(self.size);
        Rank::try_from(rank).unwrap_or(0)
    }

    fn outbox(&mut self, direction: Direction) -> &mut Outbox<P> {
        match direction {
            Direction::Forward => &mut self.forward,
            Direction::Backward => &mut self.backward,
        }
    }
}
