//! What travels on a copy, two ways: the ring's arcs and watermarks beside the plain sets of members
//! that they stand for, on every schedule of one view without faults.
//!
//! Both get the same messages over the same links. The ring must deliver the same at the same steps,
//! may claim no holder and no knower that the sets do not have, and may not send more.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use harness_ring::{
    Action, Body, Config, Direction, Event, Frame, Item, Mode, Ring, RingArc, Stamp,
};
use stateright::{Model, Property};

use crate::cluster::id;

/// One view, and how much is broadcast in it.
#[derive(Clone, Debug)]
pub struct Broadcasts {
    /// What every member is told.
    pub config: Config,
    /// How many messages each member submits; its length is the size of the view.
    pub submits: Vec<u8>,
}

/// Members both ways, and what is under way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Both {
    rings: Vec<Ring<u8>>,
    delivered: Vec<Vec<Stamp>>,
    plain: Vec<Plain>,
    /// By sender and receiver: what each step put there, as the ring says it and as sets.
    links: BTreeMap<(usize, usize), VecDeque<Parcel>>,
    submitted: Vec<u8>,
    /// Items sent so far, and payloads of each message.
    items: usize,
    payloads: BTreeMap<Stamp, usize>,
    /// A payload went to a member that was known to hold it, or something was dropped.
    wasted: bool,
}

/// What one step sends over one link.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Parcel {
    frames: Vec<Frame<u8>>,
    copies: Vec<Copy>,
}

/// A copy that carries sets.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Copy {
    stamp: Stamp,
    holders: BTreeSet<usize>,
    knowers: BTreeSet<usize>,
}

/// A member that keeps sets: the algorithm as it is explained, without any saving.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Plain {
    clock: u64,
    last: Option<Stamp>,
    held: BTreeMap<Stamp, Held>,
    delivered: Vec<Stamp>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Held {
    holders: BTreeSet<usize>,
    knowers: BTreeSet<usize>,
    is_delivered: bool,
}

/// What can happen next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// A member submits its next message.
    Submit(usize),
    /// The oldest parcel from one to another arrives.
    Arrive(usize, usize),
}

impl Plain {
    fn submit(&mut self, me: usize, size: usize) -> Copy {
        self.clock += 1;
        let stamp = Stamp {
            clock: self.clock,
            origin: u16::try_from(me).expect("views are small"),
        };
        let held = self.held.entry(stamp).or_default();
        held.holders.insert(me);
        let copy = Copy {
            stamp,
            holders: held.holders.clone(),
            knowers: BTreeSet::new(),
        };
        self.deliver(size);
        copy
    }

    /// Takes a copy; returns what goes on in the same direction.
    fn take(&mut self, me: usize, size: usize, copy: Copy) -> Option<Copy> {
        let stamp = copy.stamp;
        self.clock = self.clock.max(stamp.clock);
        let mut knowers = copy.knowers;
        if self.last >= Some(stamp) && !self.held.contains_key(&stamp) {
            // Delivered and forgotten: everyone holds it.
            knowers.insert(me);
            let holders = (0..size).collect();
            return (knowers.len() < size).then_some(Copy {
                stamp,
                holders,
                knowers,
            });
        }
        let held = self.held.entry(stamp).or_default();
        held.holders.extend(copy.holders);
        held.holders.insert(me);
        if held.holders.len() == size {
            held.knowers.extend(knowers);
            held.knowers.insert(me);
        }
        let onward = (held.knowers.len() < size).then(|| Copy {
            stamp,
            holders: held.holders.clone(),
            knowers: held.knowers.clone(),
        });
        self.deliver(size);
        onward
    }

    /// Who knows that all hold this message, by what is known of it and of later ones of its origin up to a clock: whoever
    /// holds a message holds all that its origin sent before.
    fn knowers_from(&self, stamp: Stamp, up_to: u64, size: usize) -> BTreeSet<usize> {
        let is_later = |other: &&Stamp| {
            other.origin == stamp.origin && (stamp.clock..=up_to).contains(&other.clock)
        };
        let mut delivered = self.delivered.iter().filter(is_later);
        if delivered.any(|later| !self.held.contains_key(later)) {
            // Forgotten: everyone knows.
            return (0..size).collect();
        }
        let later = self.held.iter().filter(|(other, _)| is_later(other));
        later
            .flat_map(|(_, held)| held.knowers.iter().copied())
            .collect()
    }

    fn deliver(&mut self, size: usize) {
        for (stamp, held) in &mut self.held {
            if held.is_delivered {
                continue;
            }
            if held.holders.len() < size {
                break;
            }
            held.is_delivered = true;
            self.last = Some(*stamp);
            self.delivered.push(*stamp);
        }
        self.held
            .retain(|_, held| !(held.is_delivered && held.knowers.len() == size));
    }
}

impl Broadcasts {
    fn size(&self) -> usize {
        self.submits.len()
    }

    /// The most items that a message may cost, and the most times its payload may be sent.
    fn most(&self) -> (usize, usize) {
        let size = self.size();
        match self.config.mode {
            Mode::Bidirectional if size > 2 => (2 * size + 1, size + 1),
            _ => (2 * (size - 1), size - 1),
        }
    }

    /// Takes what a ring wants done, and sends it beside the sets.
    fn send(&self, state: &mut Both, from: usize, copies: &[(Direction, Vec<Copy>)]) {
        let ring = &mut state.rings[from];
        while let Some(action) = ring.poll_action() {
            match action {
                Action::Deliver(delivery) => state.delivered[from].push(delivery.stamp),
                _ => state.wasted = true,
            }
        }
        let neighbours: Vec<_> = ring.neighbours().collect();
        for (direction, to) in neighbours {
            let to = to.slot as usize;
            let mut frames = Vec::new();
            while let Some((_, frame)) = state.rings[from].take_data(direction) {
                frames.push(frame);
            }
            for frame in &frames {
                self.count(state, to, frame);
            }
            let copies = copies.iter().find(|(way, _)| *way == direction);
            let copies = copies.map_or(Vec::new(), |(_, copies)| copies.clone());
            if !frames.is_empty() || !copies.is_empty() {
                let link = state.links.entry((from, to)).or_default();
                link.push_back(Parcel { frames, copies });
            }
        }
    }

    fn count(&self, state: &mut Both, to: usize, frame: &Frame<u8>) {
        let Body::Data { items, .. } = &frame.body else {
            state.wasted = true;
            return;
        };
        state.items += items.len();
        for item in items {
            if let Item::Copy {
                stamp,
                holders,
                content,
            } = item
            {
                let is_known = members(*holders, self.size()).contains(&to);
                state.wasted |= is_known && content.is_some();
                *state.payloads.entry(*stamp).or_default() += usize::from(content.is_some());
            }
        }
    }

    fn arrive(&self, state: &mut Both, from: usize, to: usize) -> Option<()> {
        let link = state.links.get_mut(&(from, to))?;
        let parcel = link.pop_front()?;
        if link.is_empty() {
            state.links.remove(&(from, to));
        }
        let size = self.size();
        let direction = if (from + 1) % size == to {
            Direction::Forward
        } else {
            Direction::Backward
        };
        let plain = &mut state.plain[to];
        let onward = parcel.copies.into_iter();
        let onward = onward
            .filter_map(|copy| plain.take(to, size, copy))
            .collect();
        for frame in parcel.frames {
            let from = id(from);
            state.rings[to].handle(Event::Frame { from, frame });
        }
        self.send(state, to, &[(direction, onward)]);
        Some(())
    }
}

/// The members of an arc.
fn members(arc: RingArc, size: usize) -> BTreeSet<usize> {
    let size = u16::try_from(size).expect("views are small");
    let ranks = (0..size).filter(|rank| arc.contains(*rank, size));
    ranks.map(usize::from).collect()
}

impl Model for Broadcasts {
    type State = Both;
    type Action = Step;

    fn init_states(&self) -> Vec<Both> {
        let founders: Vec<_> = (0..self.size()).map(id).collect();
        let ring = |me: &harness_ring::MemberId| {
            Ring::founder(*me, self.config, founders.clone()).expect("founders are named once")
        };
        vec![Both {
            rings: founders.iter().map(ring).collect(),
            delivered: vec![Vec::new(); self.size()],
            plain: vec![Plain::default(); self.size()],
            links: BTreeMap::new(),
            submitted: vec![0; self.size()],
            items: 0,
            payloads: BTreeMap::new(),
            wasted: false,
        }]
    }

    fn actions(&self, state: &Both, steps: &mut Vec<Step>) {
        steps.extend(
            state
                .links
                .keys()
                .map(|(from, to)| Step::Arrive(*from, *to)),
        );
        let left = self.submits.iter().zip(&state.submitted).enumerate();
        let left = left.filter(|(_, (planned, done))| done < planned);
        steps.extend(left.map(|(member, _)| Step::Submit(member)));
    }

    fn next_state(&self, last: &Both, step: Step) -> Option<Both> {
        let mut state = last.clone();
        match step {
            Step::Submit(member) => {
                let payload = u8::try_from(member * 16).ok()? + state.submitted[member];
                state.submitted[member] += 1;
                let copy = state.plain[member].submit(member, self.size());
                state.rings[member].handle(Event::Submit(payload));
                let both = [Direction::Forward, Direction::Backward];
                let copies = both.map(|direction| (direction, vec![copy.clone()]));
                self.send(&mut state, member, &copies);
            }
            Step::Arrive(from, to) => self.arrive(&mut state, from, to)?,
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "both deliver the same at the same steps",
                |_, state: &Both| {
                    let plain = state.plain.iter().map(|plain| &plain.delivered);
                    state.delivered.iter().eq(plain)
                },
            ),
            Property::always("arcs have the members of the sets", same_holders),
            Property::always(
                "watermarks claim nobody that the sets do not",
                no_more_knowers,
            ),
            Property::always("nothing is sent in vain", |model, state: &Both| {
                let (items_max, payloads_max) = model.most();
                let messages: usize = state.submitted.iter().copied().map(usize::from).sum();
                !state.wasted
                    && state.items <= messages * items_max
                    && state.payloads.values().all(|count| *count <= payloads_max)
            }),
            Property::always(
                "where nothing moves, all is delivered",
                |model: &Broadcasts, state: &Both| {
                    let is_quiet = state.links.is_empty() && state.submitted == model.submits;
                    !is_quiet || is_done(model, state)
                },
            ),
            Property::sometimes("all is delivered everywhere", is_done),
            Property::sometimes(
                "a message waits for a smaller one",
                |model: &Broadcasts, state: &Both| {
                    let size = model.size();
                    let mut held = state.plain.iter().flat_map(|plain| plain.held.values());
                    held.any(|held| held.holders.len() == size && !held.is_delivered)
                },
            ),
        ]
    }
}

fn same_holders(model: &Broadcasts, state: &Both) -> bool {
    let size = model.size();
    state.rings.iter().zip(&state.plain).all(|(ring, plain)| {
        ring.holders().all(|(stamp, arc)| {
            let Some(held) = plain.held.get(&stamp) else {
                return false;
            };
            let mut marks = ring.evidence();
            let is_below =
                marks.any(|mark| mark.origin == stamp.origin && mark.up_to >= stamp.clock);
            // Below a watermark the arc is not looked at any more.
            members(arc, size) == held.holders || (is_below && held.holders.len() == size)
        })
    })
}

fn no_more_knowers(model: &Broadcasts, state: &Both) -> bool {
    let size = model.size();
    state.rings.iter().zip(&state.plain).all(|(ring, plain)| {
        plain.held.keys().all(|stamp| {
            let mut marks = ring
                .evidence()
                .filter(|mark| mark.origin == stamp.origin && mark.up_to >= stamp.clock);
            marks.all(|mark| {
                let known = members(mark.known, size);
                known.is_subset(&plain.knowers_from(*stamp, mark.up_to, size))
            })
        })
    })
}

fn is_done(model: &Broadcasts, state: &Both) -> bool {
    let messages: usize = model.submits.iter().copied().map(usize::from).sum();
    let is_delivered = |log: &Vec<Stamp>| log.len() == messages;
    state.delivered.iter().all(is_delivered) && state.rings.iter().all(Ring::is_idle)
}

impl std::fmt::Display for Both {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (ring, plain) in self.rings.iter().zip(&self.plain) {
            write!(out, "    {} last {}", ring.me(), ring.last_delivered())?;
            for (stamp, holders) in ring.holders() {
                write!(out, " holds {stamp} by {holders}")?;
            }
            for mark in ring.evidence() {
                write!(
                    out,
                    " knows {}.{} by {}",
                    mark.up_to, mark.origin, mark.known
                )?;
            }
            writeln!(out, " | {plain:?}")?;
        }
        for ((from, to), link) in &self.links {
            writeln!(out, "    {from} to {to}: {link:?}")?;
        }
        Ok(())
    }
}
