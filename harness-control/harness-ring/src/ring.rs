//! One member of the ring, above exactly-once links: broadcast within a view, and the change from
//! view to view.
//!
//! Every loss of a member is a view change; within a view a link loses nothing. The handlers of each
//! input are in files of their own below this one. Knows no time: what waits, waits for an event.

mod accept;
mod data;
mod frames;
mod install;
mod join;
mod leave;
mod policy;
mod prepare;
mod report;
mod start;
mod submit;
mod suspicion;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::action::{Action, Blocked, Drop};
use crate::broadcast::Broadcast;
use crate::config::Config;
use crate::event::Event;
use crate::frame::{Accepted, Body, Evidence, Frame, Value};
use crate::identity::{Ballot, MemberId};
use crate::message::{Payload, Stamp};
use crate::ring_arc::RingArc;
use crate::view::{View, ViewId};
use report::Told;
use start::{Attempt, Change};

/// The state machine of one member.
///
/// `handle` takes an event; `poll_action` gives what is to be done, in order. Copies and evidence
/// are not pushed: `take_data` gives a frame of them when a link has room, so that a slow link holds
/// few large frames instead of many small ones.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Ring<P> {
    config: Config,
    me: MemberId,
    standing: Standing,
    view: View,
    /// No message is broadcast or delivered: the view is being changed.
    wedged: bool,
    broadcast: Broadcast<P>,
    /// Submitted and not broadcast.
    queue: VecDeque<P>,
    queued_bytes: usize,

    /// Whom our own detector suspects, members of the view or not.
    suspects: BTreeSet<MemberId>,
    /// Whom others suspect, by accuser.
    accusations: BTreeMap<MemberId, BTreeSet<MemberId>>,
    /// Who cannot act any more, and who was asked for.
    fenced: BTreeSet<MemberId>,
    fences_asked: BTreeSet<MemberId>,
    /// What was said in this view to those who seemed to be coordinator.
    told: BTreeMap<MemberId, Told>,

    promised: Ballot,
    accepted: Option<Accepted<P>>,
    /// The decision that made this view.
    base: Option<Arc<Value<P>>>,
    attempt: Option<Attempt>,
    /// The last change that was attempted here in this view.
    tried: Option<Change>,
    blocked: Option<Blocked>,
    /// An operator lifted the policy for the next change.
    forced: bool,

    joins: BTreeSet<MemberId>,
    leaves: BTreeSet<MemberId>,
    leaving: bool,
    /// The highest incarnation of each slot that was a member and is not.
    former: BTreeMap<u32, u32>,
    /// Joiners whose snapshot is kept.
    unsynced: BTreeSet<MemberId>,
    /// Whether this member has the state.
    loaded: bool,
    /// `Synced` waits for the end of a view change.
    sync_due: bool,

    /// Frames of the next view, and whom the decision was asked of.
    early: Vec<(MemberId, Frame<P>)>,
    pulled: BTreeSet<MemberId>,
    /// Strangers that were told that they are out.
    turned_away: BTreeSet<MemberId>,
    actions: VecDeque<Action<P>>,
}

/// Where a process stands to the ring.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Standing {
    /// It waits for the view that takes it in.
    Joining,
    /// It is in a view.
    Member,
    /// It left in order.
    Left,
    /// It was left out.
    Excluded,
}

impl<P: Payload> Ring<P> {
    /// A founder: all founders are told the same members in the same order. None if `me` is not
    /// among them, or they are too many, or one is named twice.
    pub fn founder(me: MemberId, config: Config, founders: Vec<MemberId>) -> Option<Ring<P>> {
        let distinct: BTreeSet<_> = founders.iter().map(|member| member.slot).collect();
        if distinct.len() != founders.len() || founders.len() > config.limits.members_max {
            return None;
        }
        let view = View::founding(founders);
        let rank = view.rank_of(me)?;
        let broadcast = Broadcast::new(rank, view.size(), config.mode, 0);
        Some(Ring {
            standing: Standing::Member,
            wedged: false,
            loaded: true,
            ..Ring::outside(me, config, view, broadcast)
        })
    }

    /// A process that some member was or will be asked to take in.
    pub fn joiner(me: MemberId, config: Config) -> Ring<P> {
        let view = View {
            id: ViewId {
                epoch: 0,
                ballot: Ballot::NONE,
                parent: 0,
            },
            ring: Vec::new(),
        };
        let broadcast = Broadcast::new(0, 1, config.mode, 0);
        Ring::outside(me, config, view, broadcast)
    }

    /// A joiner is wedged until its first view.
    fn outside(me: MemberId, config: Config, view: View, broadcast: Broadcast<P>) -> Ring<P> {
        Ring {
            config,
            me,
            standing: Standing::Joining,
            view,
            wedged: true,
            broadcast,
            queue: VecDeque::new(),
            queued_bytes: 0,
            suspects: BTreeSet::new(),
            accusations: BTreeMap::new(),
            fenced: BTreeSet::new(),
            fences_asked: BTreeSet::new(),
            told: BTreeMap::new(),
            promised: Ballot::NONE,
            accepted: None,
            base: None,
            attempt: None,
            tried: None,
            blocked: None,
            forced: false,
            joins: BTreeSet::new(),
            leaves: BTreeSet::new(),
            leaving: false,
            former: BTreeMap::new(),
            unsynced: BTreeSet::new(),
            loaded: false,
            sync_due: false,
            early: Vec::new(),
            pulled: BTreeSet::new(),
            turned_away: BTreeSet::new(),
            actions: VecDeque::new(),
        }
    }

    /// Takes one event.
    pub fn handle(&mut self, event: Event<P>) {
        let hindrance = self.hindrance();
        self.take(event);
        self.tell_of_blocking(hindrance);
    }

    fn take(&mut self, event: Event<P>) {
        match event {
            Event::Submit(payload) => return self.submit(payload),
            Event::Frame { from, frame } => {
                // The common case changes nothing that the rest looks at.
                let is_data = matches!(frame.body, Body::Data { .. });
                let before = (self.view.id, self.unsynced.len());
                self.frame(from, frame);
                if is_data && before == (self.view.id, self.unsynced.len()) {
                    return;
                }
            }
            Event::Suspect(member) => self.suspect(member),
            Event::Retract(member) => self.retract(member),
            Event::Fenced(member) => {
                self.fenced.insert(member);
            }
            Event::Join(member) => self.join(member),
            Event::Leave => self.leave(),
            Event::Loaded => self.state_loaded(),
            Event::Force => self.force(),
        }
        self.reconsider();
    }

    /// What is to be done next.
    pub fn poll_action(&mut self) -> Option<Action<P>> {
        self.actions.pop_front()
    }

    /// Whether something is to be done.
    pub fn has_actions(&self) -> bool {
        !self.actions.is_empty()
    }

    /// After anything that could call for a view change.
    fn reconsider(&mut self) {
        if self.standing != Standing::Member {
            return;
        }
        // A member that is alone decides at once, and may have to change the next view, too.
        loop {
            let view = self.view.id;
            self.report();
            self.consider_change();
            if self.view.id == view || self.standing != Standing::Member {
                break;
            }
        }
        self.go_if_alone();
    }

    /// This member.
    pub fn me(&self) -> MemberId {
        self.me
    }

    /// Where it stands.
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// The view it is in; a joiner's has no member.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Whether a view change has begun here and not ended.
    pub fn is_wedged(&self) -> bool {
        self.wedged
    }

    /// Why no view change is possible, if none is.
    pub fn blocked(&self) -> Option<Blocked> {
        self.blocked
    }

    /// The highest ballot this member has seen in this view.
    pub fn promised(&self) -> Ballot {
        self.promised
    }

    /// The view change that this member runs as coordinator.
    pub fn attempted(&self) -> Option<Ballot> {
        self.attempt.as_ref().map(|attempt| attempt.ballot)
    }

    /// What it has accepted in this view.
    pub fn accepted(&self) -> Option<&Accepted<P>> {
        self.accepted.as_ref()
    }

    /// The decision that made its view.
    pub fn base(&self) -> Option<&Arc<Value<P>>> {
        self.base.as_ref()
    }

    /// The Lamport clock.
    pub fn clock(&self) -> u64 {
        self.broadcast.clock()
    }

    /// The last message that was delivered, or what is before all of this view.
    pub fn last_delivered(&self) -> Stamp {
        self.broadcast.last()
    }

    /// Messages that wait to be broadcast.
    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    /// What is held here and not delivered, and who is known to hold it.
    pub fn holders(&self) -> impl Iterator<Item = (Stamp, RingArc)> + '_ {
        self.broadcast.holders()
    }

    /// What is known to be stable, and who is known to know it.
    pub fn evidence(&self) -> impl Iterator<Item = Evidence> + '_ {
        self.broadcast.knowledge().marks()
    }

    /// Whether this member would exclude another now.
    pub fn suspects(&self, member: MemberId) -> bool {
        self.suspected(member)
    }

    fn send(&mut self, to: MemberId, body: Body<P>) {
        let frame = Frame {
            view: self.view.id,
            body,
        };
        self.actions.push_back(Action::Send { to, frame });
    }

    fn dropped(&mut self, from: MemberId, reason: Drop) {
        self.actions.push_back(Action::Dropped { from, reason });
    }
}
