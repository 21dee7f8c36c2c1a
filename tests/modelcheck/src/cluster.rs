//! A ring of a few members as a model: every order of submits, frames, crashes, suspicions, joins and
//! leaves, within budgets.
//!
//! A crash can come at any point. Frames of the dead that are under way may still arrive, or stay
//! under way for ever; frames to the dead vanish. A true suspicion needs a crash before it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use harness_ring::{Body, Config, Event, Frame, MemberId, Standing};
use stateright::{Model, Property};

use crate::force::{Fate, Force};
use crate::node::{Entry, Node};
use crate::properties;

/// What a run may do, and how often.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// What every member is told.
    pub config: Config,
    /// How many found the ring.
    pub founders: usize,
    /// How many more may join.
    pub joiners: usize,
    /// How many messages each process submits; none for those not named.
    pub submits: Vec<u8>,
    /// How many may crash.
    pub crashes: u8,
    /// How often someone alive may be suspected.
    pub false_suspicions: u8,
    /// How often such a suspicion may be taken back.
    pub retractions: u8,
    /// How many may leave.
    pub leaves: u8,
    /// How often an operator may force a view where that counts. Where it does not, it may be tried at any time.
    pub forces: u8,
    /// How many frames a link takes before data waits; all it gets, if none.
    pub link_frames_max: Option<usize>,
    /// Whether each message is a request to all founders, which answer it; without joiners.
    pub requests: bool,
    /// The search ends where a ballot's round is above this.
    pub rounds_max: u64,
}

/// All processes, and what is under way between them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct State {
    /// By slot.
    pub nodes: Vec<Arc<Node>>,
    /// By sender and receiver, oldest first.
    pub links: BTreeMap<(usize, usize), VecDeque<Arc<Frame<u8>>>>,
    /// Who suspects whom without reason: (who, whom).
    pub false_suspicions: BTreeSet<(usize, usize)>,
    /// Who has been told by its detector that someone crashed: (who, whom).
    pub true_suspicions: BTreeSet<(usize, usize)>,
    submitted: Vec<u8>,
    asked: BTreeSet<usize>,
    left: Budget,
}

/// What is left of the budgets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Budget {
    crashes: u8,
    false_suspicions: u8,
    retractions: u8,
    leaves: u8,
    forces: u8,
}

/// What can happen next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Move {
    /// A process submits its next message.
    Submit(usize),
    /// The oldest frame from one to another arrives.
    Arrive(usize, usize),
    /// A process crashes.
    Crash(usize),
    /// One suspects another.
    Suspect(usize, usize),
    /// One takes back that it suspects another.
    Retract(usize, usize),
    /// A process asks a member to be taken in.
    Join(usize, usize),
    /// A member wants to leave.
    Leave(usize),
    /// An operator forces a view at a member.
    Force(usize),
}

impl Cluster {
    /// Without faults and without messages.
    pub fn new(config: Config, founders: usize) -> Cluster {
        Cluster {
            config,
            founders,
            joiners: 0,
            submits: Vec::new(),
            crashes: 0,
            false_suspicions: 0,
            retractions: 0,
            leaves: 0,
            forces: 0,
            link_frames_max: None,
            requests: false,
            rounds_max: 4,
        }
    }

    fn size(&self) -> usize {
        self.founders + self.joiners
    }

    fn apply(&self, state: &mut State, slot: usize, event: Event<u8>) {
        let node = Arc::make_mut(&mut state.nodes[slot]);
        let frames = node.step(event);
        if node.ring.standing() == Standing::Left {
            // Its process ends, and detectors notice.
            node.alive = false;
            state.links.retain(|(_, to), _| *to != slot);
        }
        self.transmit(state, slot, frames);
        self.transmit_data(state, slot);
    }

    fn transmit(&self, state: &mut State, from: usize, frames: Vec<(MemberId, Frame<u8>)>) {
        for (to, frame) in frames {
            let to = to.slot as usize;
            if state.nodes[to].alive {
                let link = state.links.entry((from, to)).or_default();
                link.push_back(Arc::new(frame));
            }
        }
    }

    /// Sends what waits at a process, as far as its links have room.
    fn transmit_data(&self, state: &mut State, from: usize) {
        let Some(frames_max) = self.link_frames_max else {
            if !state.nodes[from].ring.is_idle() {
                let frames = Arc::make_mut(&mut state.nodes[from]).take_data();
                self.transmit(state, from, frames);
            }
            return;
        };
        let neighbours: Vec<_> = state.nodes[from].ring.neighbours().collect();
        for (direction, to) in neighbours {
            let key = (from, to.slot as usize);
            while state.links.get(&key).map_or(0, VecDeque::len) < frames_max
                && state.nodes[from].ring.waiting(direction) > 0
                && let Some(frame) = Arc::make_mut(&mut state.nodes[from])
                    .ring
                    .take_data(direction)
            {
                if !state.nodes[key.1].alive {
                    break;
                }
                self.transmit(state, from, vec![frame]);
            }
        }
    }

    fn arrive(&self, state: &mut State, from: usize, to: usize) -> Option<()> {
        let link = state.links.get_mut(&(from, to))?;
        let frame = link.pop_front()?;
        if link.is_empty() {
            state.links.remove(&(from, to));
        }
        let event = Event::Frame {
            from: id(from),
            frame: Arc::unwrap_or_clone(frame),
        };
        self.apply(state, to, event);
        if self.link_frames_max.is_some() && state.nodes[from].alive {
            self.transmit_data(state, from);
        }
        Some(())
    }

    fn suspect(&self, state: &mut State, who: usize, whom: usize) -> Option<()> {
        if state.nodes[whom].alive {
            state.left.false_suspicions = state.left.false_suspicions.checked_sub(1)?;
            state.false_suspicions.insert((who, whom));
        } else {
            state.true_suspicions.insert((who, whom));
            state.false_suspicions.remove(&(who, whom));
        }
        self.apply(state, who, Event::Suspect(id(whom)));
        Some(())
    }

    /// An operator's force. No state follows one that does not count and changes nothing.
    fn force(&self, state: &mut State, slot: usize) -> Option<()> {
        let node = Arc::make_mut(&mut state.nodes[slot]);
        if Force::would_count(&node.ring) {
            state.left.forces -= 1;
            node.force.count(node.ring.view().id);
        } else if node.force.fate == Fate::Counts || Force::changes_nothing(&node.ring) {
            return None;
        } else {
            node.force.is_lawless = true;
        }
        self.apply(state, slot, Event::Force);
        Some(())
    }

    fn suspicions(&self, state: &State, who: usize, moves: &mut Vec<Move>) {
        let member = &state.nodes[who];
        for whom in (0..self.size()).filter(|whom| *whom != who) {
            let other = &state.nodes[whom];
            let is_new = !state.true_suspicions.contains(&(who, whom))
                && !state.false_suspicions.contains(&(who, whom));
            if !other.alive {
                // A joiner is watched before its view names anyone.
                let matters = member.ring.view().contains(id(whom))
                    || member.ring.standing() == Standing::Joining
                    || whom >= self.founders;
                if matters && !state.true_suspicions.contains(&(who, whom)) {
                    moves.push(Move::Suspect(who, whom));
                }
            } else if is_new
                && state.left.false_suspicions > 0
                && member.ring.view().contains(id(whom))
            {
                moves.push(Move::Suspect(who, whom));
            }
            let is_false = state.false_suspicions.contains(&(who, whom));
            if is_false && state.left.retractions > 0 {
                moves.push(Move::Retract(who, whom));
            }
        }
    }
}

/// The member of a slot.
pub fn id(slot: usize) -> MemberId {
    MemberId::first(u32::try_from(slot).expect("models are small"))
}

impl Model for Cluster {
    type State = State;
    type Action = Move;

    fn init_states(&self) -> Vec<State> {
        let founders: Vec<_> = (0..self.founders).map(id).collect();
        let founding = founders
            .iter()
            .map(|me| Node::founder(*me, self.config, &founders, self.requests));
        let joining = (self.founders..self.size()).map(|slot| Node::joiner(id(slot), self.config));
        vec![State {
            nodes: founding.chain(joining).map(Arc::new).collect(),
            links: BTreeMap::new(),
            false_suspicions: BTreeSet::new(),
            true_suspicions: BTreeSet::new(),
            submitted: vec![0; self.size()],
            asked: BTreeSet::new(),
            left: Budget {
                crashes: self.crashes,
                false_suspicions: self.false_suspicions,
                retractions: self.retractions,
                leaves: self.leaves,
                forces: self.forces,
            },
        }]
    }

    fn actions(&self, state: &State, moves: &mut Vec<Move>) {
        let arrivals = state.links.keys();
        moves.extend(
            arrivals
                .filter(|(_, to)| state.nodes[*to].alive)
                .map(|(from, to)| Move::Arrive(*from, *to)),
        );
        for (slot, node) in state.nodes.iter().enumerate() {
            if !node.takes_part() {
                continue;
            }
            let planned = self.submits.get(slot).copied().unwrap_or(0);
            if node.is_member() && state.submitted[slot] < planned {
                moves.push(Move::Submit(slot));
            }
            if state.left.crashes > 0 {
                moves.push(Move::Crash(slot));
            }
            if node.is_member() && state.left.leaves > 0 {
                moves.push(Move::Leave(slot));
            }
            if node.is_member() && state.left.forces > 0 {
                moves.push(Move::Force(slot));
            }
            self.suspicions(state, slot, moves);
            if slot >= self.founders && !state.asked.contains(&slot) {
                let contacts = state.nodes.iter().enumerate();
                moves.extend(
                    contacts
                        .filter(|(contact, node)| node.is_member() && *contact < self.founders)
                        .map(|(contact, _)| Move::Join(slot, contact)),
                );
            }
        }
    }

    fn next_state(&self, last: &State, action: Move) -> Option<State> {
        let mut state = last.clone();
        match action {
            Move::Submit(slot) => {
                let payload = u8::try_from(slot * 16).ok()? + state.submitted[slot];
                state.submitted[slot] += 1;
                self.apply(&mut state, slot, Event::Submit(payload));
            }
            Move::Arrive(from, to) => self.arrive(&mut state, from, to)?,
            Move::Crash(slot) => {
                state.left.crashes -= 1;
                Arc::make_mut(&mut state.nodes[slot]).alive = false;
                state.links.retain(|(_, to), _| *to != slot);
            }
            Move::Suspect(who, whom) => self.suspect(&mut state, who, whom)?,
            Move::Retract(who, whom) => {
                state.left.retractions -= 1;
                state.false_suspicions.remove(&(who, whom));
                self.apply(&mut state, who, Event::Retract(id(whom)));
            }
            Move::Join(slot, contact) => {
                state.asked.insert(slot);
                self.apply(&mut state, contact, Event::Join(id(slot)));
            }
            Move::Leave(slot) => {
                state.left.leaves -= 1;
                self.apply(&mut state, slot, Event::Leave);
            }
            Move::Force(slot) => self.force(&mut state, slot)?,
        }
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }

    fn within_boundary(&self, state: &State) -> bool {
        let mut rounds = state.nodes.iter().map(|node| node.ring.promised().round);
        rounds.all(|round| round <= self.rounds_max)
    }
}

impl State {
    /// How many messages each process has submitted.
    pub fn submitted(&self) -> &[u8] {
        &self.submitted
    }

    /// Who asked to be taken in.
    pub fn asked(&self) -> &BTreeSet<usize> {
        &self.asked
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for node in &self.nodes {
            let ring = &node.ring;
            write!(out, "    {} {:?}", ring.me(), ring.standing())?;
            write!(out, "{}", if node.alive { "" } else { " dead" })?;
            write!(out, "{}", if ring.is_wedged() { " wedged" } else { "" })?;
            write!(
                out,
                " view {} promised {} log",
                ring.view(),
                ring.promised()
            )?;
            for entry in &node.log {
                match entry {
                    Entry::Message { stamp, payload, .. } => write!(out, " {payload}({stamp})")?,
                    Entry::View { view, .. } => write!(out, " [{view}]")?,
                }
            }
            for (stamp, holders) in ring.holders() {
                write!(out, " holds {stamp} by {holders}")?;
            }
            let members = (0..self.nodes.len()).map(id);
            let suspected: Vec<_> = members.filter(|member| ring.suspects(*member)).collect();
            for member in suspected {
                write!(out, " suspects {member}")?;
            }
            writeln!(out)?;
        }
        for ((from, to), link) in &self.links {
            write!(out, "    {from} to {to}:")?;
            for frame in link {
                write!(out, " {}", named(&frame.body))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

fn named(body: &Body<u8>) -> String {
    match body {
        Body::Data { items, .. } => format!("Data {items:?}"),
        Body::Prepare(token) => format!("Prepare {}", token.ballot),
        Body::Accept(token) => format!("Accept {}", token.ballot),
        Body::Install(value) => format!("Install {}", value.view),
        other => format!("{other:?}"),
    }
}
