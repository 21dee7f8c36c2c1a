//! The task of a member: gives the state machine its inputs and the time, and carries out what it wants.
//!
//! Waits for nothing but inputs and timers, and shares the machine with nobody. What each input and
//! output means is in the files below this one.

mod inputs;
#[cfg(test)]
mod limits;
mod outputs;
mod peers;
mod report;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use harness_ring::{Action, Member, MemberId, Packet, Request, Standing, ViewId, Word};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::Octets;
use crate::detector::Detector;
use crate::error::SubmitError;
use crate::event::{Ended, Event};
use crate::interface::{Answer, Greeting, Refused};
use crate::link::{Link, Open};
use crate::replication::Replication;
use crate::shared::{Phase, Shared};
use crate::status::Status;

/// What other tasks tell a member's task.
pub(crate) enum Input {
    /// A packet came from a member.
    Packet {
        from: MemberId,
        life: u64,
        packet: Packet<Octets>,
    },
    /// A heartbeat came.
    Beat { from: MemberId, life: u64 },
    /// A link has a connection.
    LinkUp {
        peer: MemberId,
        life: u64,
        open: Open,
    },
    /// A connection broke.
    LinkDown {
        peer: MemberId,
        number: u64,
        life: u64,
    },
    /// An attempt to connect failed; perhaps because the peer's process has ended.
    Unreached {
        peer: MemberId,
        is_gone: bool,
        life: u64,
    },
    /// A helper says whether it reaches a member.
    Probed {
        about: MemberId,
        reachable: Option<bool>,
        life: u64,
    },
    /// A process asks to be taken in.
    Enroll {
        greeting: Box<Greeting>,
        reply: oneshot::Sender<Result<(), Refused>>,
    },
    /// This process was told that its incarnation is not above one that was there.
    Outdated { known: u32, life: u64 },
    /// This process is not taken into any ring.
    NotTaken {
        refused: Option<(String, Refused)>,
        last: String,
        life: u64,
    },
    /// The state was fetched, or cannot be.
    Fetched {
        image: Result<Octets, String>,
        life: u64,
    },
    /// A member cannot act any more.
    Fenced(MemberId),
    /// Somebody sends what no member sends.
    Misbehaved { from: MemberId },
    /// A request; its id is given here.
    Submit {
        request: Request<Octets>,
        reply: oneshot::Sender<Result<Answer, SubmitError>>,
    },
    /// A question to the replica.
    Query {
        question: Vec<u8>,
        reply: oneshot::Sender<Option<Vec<u8>>>,
    },
    /// What is there to see.
    Status(oneshot::Sender<Status>),
    /// Leave in order.
    Leave,
    /// Whoever is left goes on.
    Force {
        reply: oneshot::Sender<Result<(), Refused>>,
    },
}

impl Input {
    /// The life of this process that it belongs to, if to one.
    fn life(&self) -> Option<u64> {
        match self {
            Input::Packet { life, .. }
            | Input::Beat { life, .. }
            | Input::LinkUp { life, .. }
            | Input::LinkDown { life, .. }
            | Input::Unreached { life, .. }
            | Input::Probed { life, .. }
            | Input::Outdated { life, .. }
            | Input::NotTaken { life, .. }
            | Input::Fetched { life, .. } => Some(*life),
            _ => None,
        }
    }
}

/// The task's own state.
pub(crate) struct Driver {
    shared: Arc<Shared>,
    replica: Box<dyn Replication>,
    detector: Box<dyn Detector>,
    member: Member<Octets>,
    me: MemberId,
    started: Instant,
    /// Since then: the time of all that is done in one wake-up.
    clock: Duration,
    /// Whether an outcome was told: who waited for it may submit the next request.
    told: bool,
    links: BTreeMap<MemberId, Link>,
    suspected: BTreeSet<MemberId>,
    /// Told to leave: it does not come back when the others go on without it.
    leaving: bool,
    /// Whether the application was told so, and not told that it has ended.
    is_blocked: bool,
    /// Whether the replica has the state.
    loaded: bool,
    /// What was delivered before the state was there.
    early: VecDeque<Early>,
    /// Own requests without outcome.
    waiting: BTreeMap<u64, oneshot::Sender<Result<Answer, SubmitError>>>,
    next_request: u64,
    /// Results of this member that the ring had no room for.
    unsent: VecDeque<Octets>,
    /// Joiners of each snapshot.
    snapshots: Vec<(ViewId, BTreeSet<MemberId>)>,
    /// Asks members to be taken in, while this one is outside.
    joining: Option<tokio::task::JoinHandle<()>>,
    /// How a request to join was refused, within one input.
    refused_joins: Vec<(MemberId, Refused)>,
    ended: Option<Ended>,
}

/// An entry of the log that waits for the state.
enum Early {
    Delivery(harness_ring::Delivery<Octets>),
    View {
        members: Vec<MemberId>,
        /// The first view of a joiner is in the state that it loads.
        is_first: bool,
        event: Box<Event>,
    },
}

impl Driver {
    /// A founder, alone; or a joiner.
    pub(crate) fn new(
        shared: Arc<Shared>,
        replica: Box<dyn Replication>,
        detector: Box<dyn Detector>,
        me: MemberId,
    ) -> Driver {
        let founds = shared.config.join.is_empty();
        let mut driver = Driver {
            member: peers::joiner(&shared, me),
            shared,
            replica,
            detector,
            me,
            started: Instant::now(),
            clock: Duration::ZERO,
            told: false,
            links: BTreeMap::new(),
            suspected: BTreeSet::new(),
            leaving: false,
            is_blocked: false,
            loaded: false,
            early: VecDeque::new(),
            waiting: BTreeMap::new(),
            next_request: 1,
            unsent: VecDeque::new(),
            snapshots: Vec::new(),
            joining: None,
            refused_joins: Vec::new(),
            ended: None,
        };
        if founds {
            driver.found();
        } else {
            driver.ask_to_join();
        }
        driver
    }

    /// Runs until the member has ended.
    pub(crate) async fn run(mut self, mut inputs: mpsc::Receiver<Input>) {
        let mut taken = Vec::with_capacity(INPUTS_AT_ONCE);
        while self.ended.is_none() {
            let wake = self.next_wake();
            tokio::select! {
                biased;
                count = inputs.recv_many(&mut taken, INPUTS_AT_ONCE) => if count == 0 {
                    self.ended = Some(Ended::Shutdown);
                },
                () = tokio::time::sleep_until(wake) => {}
            }
            // What came at the same time is judged before the time itself.
            self.clock = self.started.elapsed();
            taken.drain(..).for_each(|input| self.take(input));
            self.deliver();
            if std::mem::take(&mut self.told) {
                // What is submitted because of an outcome leaves with the evidence that brought it.
                tokio::task::yield_now().await;
                for _ in 0..INPUTS_AT_ONCE {
                    let Ok(input) = inputs.try_recv() else { break };
                    self.take(input);
                }
            }
            self.carry_out();
            self.tick();
        }
        // What was asked for and not looked at was not done.
        inputs.close();
        while let Ok(input) = inputs.try_recv() {
            if let Input::Submit { reply, .. } = input {
                let _ = reply.send(Err(SubmitError::NotMember));
            }
        }
        self.end().await;
    }

    /// What comes often is carried out once for all inputs of a wake-up, so that what is sent is packed into few
    /// frames.
    fn take(&mut self, input: Input) {
        let comes_often = matches!(
            input,
            Input::Packet { .. } | Input::Beat { .. } | Input::Submit { .. }
        );
        if comes_often {
            return self.input(input);
        }
        self.carry_out();
        self.input(input);
        self.carry_out();
    }

    fn tick(&mut self) {
        // What was done may have taken its time.
        self.clock = self.started.elapsed();
        let now = self.now();
        self.member.tick(now);
        self.carry_out();
        self.detector.tick(now);
        self.carry_out();
    }

    fn next_wake(&mut self) -> Instant {
        let now = self.now();
        let wakes = [self.member.next_wake(now), self.detector.next_wake()];
        let next = wakes.into_iter().flatten().min();
        self.started + next.unwrap_or(now + IDLE)
    }

    fn now(&self) -> Duration {
        self.clock
    }

    /// Carries out what is there; nothing is sent that waits in the ring.
    fn deliver(&mut self) {
        while self.member.has_actions() {
            if let Some(output) = self.member.poll_action() {
                self.output(output);
            }
        }
    }

    /// Carries out all that is wanted, and all that is wanted because of it.
    fn carry_out(&mut self) {
        loop {
            if let Some(output) = self.member.poll_action() {
                self.output(output);
            } else if let Some(effect) = self.replica.poll_effect() {
                self.effect(effect);
            } else if let Some(verdict) = self.detector.poll_verdict() {
                self.verdict(verdict);
            } else {
                break;
            }
        }
        if let Some(accepted) = self.member.ring().accepted() {
            // Joiners may speak as soon as someone else has installed it.
            self.shared.directory().agreed(&accepted.value.joiners);
        }
        self.shared.position.send_if_modified(|position| {
            let now = self.replica.position();
            std::mem::replace(position, now) != now
        });
    }

    /// The first view, which nobody has to agree to.
    fn found(&mut self) {
        if let Some(member) = peers::founder(&self.shared, self.me) {
            self.member = member;
        }
        self.replica.found(self.me, &[self.me]);
        self.shared.view(&[self.me]);
        self.loaded = true;
        let view = self.member.ring().view().clone();
        tracing::info!(target: "harness", name = self.shared.config.name, id = %self.me, "founded a new ring: alone in it, nobody was asked");
        let event = self.view_event(&view, vec![self.me], Vec::new(), Vec::new());
        self.emit(event);
        self.shared.phase.send_replace(Phase::Member);
    }

    fn emit(&self, event: Event) {
        // Nobody has to listen.
        let _ = self.shared.events.send(event);
    }

    fn is_member(&self) -> bool {
        self.member.ring().standing() == Standing::Member
    }

    /// Gives the machine something to do, now.
    fn tell(&mut self, event: harness_ring::Event<Octets>) {
        let now = self.now();
        self.member.handle(harness_ring::Input::Event(event), now);
    }

    /// Broadcasts a word of this member's own.
    fn broadcast(&mut self, word: &Word<Octets>) {
        let word = Octets::from(crate::wire::encode_word(word));
        self.tell(harness_ring::Event::Submit(word));
    }

    async fn end(mut self) {
        let ended = self.ended.unwrap_or(Ended::Shutdown);
        for (_, reply) in std::mem::take(&mut self.waiting) {
            let _ = reply.send(Err(SubmitError::Unknown));
        }
        if let Some(joining) = self.joining.take() {
            joining.abort();
        }
        // What was handed on last still leaves.
        let links = std::mem::take(&mut self.links).into_values();
        let finishing: Vec<_> = links.filter_map(Link::finish).collect();
        for task in finishing {
            let mut task = task;
            if tokio::time::timeout(FINISH_WITHIN, &mut task)
                .await
                .is_err()
            {
                task.abort();
            }
        }
        self.shared.guests().dismiss_all("the member has ended");
        tracing::info!(target: "harness", name = self.shared.config.name, ?ended, "ended");
        self.emit(Event::Ended(ended));
        self.shared.phase.send_modify(|phase| {
            if !matches!(phase, Phase::Failed(..)) {
                *phase = Phase::Ended(ended);
            }
        });
    }
}

/// Whether an action only says what happened on the wire.
fn is_noise(action: &Action<Octets>) -> bool {
    matches!(action, Action::Dropped { .. })
}

/// So many inputs are taken between two looks at the clock.
const INPUTS_AT_ONCE: usize = 256;
/// Without anything to do, the clock is looked at this often.
const IDLE: Duration = Duration::from_secs(1);
const FINISH_WITHIN: Duration = Duration::from_secs(2);
