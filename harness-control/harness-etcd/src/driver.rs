//! The task of a member: takes the log in order, tells its replica, and carries out what that wants.
//!
//! A member has lives, each with an id and a lease of its own. In one it looks what is there, comes in, reads the log
//! from behind the state that it loaded, and takes part from the change on that says that it came. It ends with the
//! change that says that it went.

mod changes;
mod life;
mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use harness_control::wire::encode_word;
use harness_control::{
    Answer, Asked, Effect, Ended, Event, Octets, Refused, Replication, Status, SubmitError,
};
use harness_ring::{Agreement, MemberId, Request, RequestId, Word};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::config::EtcdConfig;
use crate::enter::NotIn;
use crate::speaker::Said;
use crate::store::in_full;
use crate::view::Members;
use life::{End, Entered, Life};

/// What others tell a member's task.
pub(crate) enum Command {
    Submit {
        asked: Asked,
        reply: oneshot::Sender<Result<Answer, SubmitError>>,
    },
    Query {
        question: Vec<u8>,
        reply: oneshot::Sender<Option<Vec<u8>>>,
    },
    Status(oneshot::Sender<Status>),
    Leave,
}

/// How far a member is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    Outside,
    Member,
    /// Refused for good, or not in time; and how the last attempt failed.
    Failed(Option<Refused>, String),
    Ended(Ended),
}

/// What a member's task and its handle share.
pub(crate) struct Shared {
    pub(crate) config: EtcdConfig,
    pub(crate) events: broadcast::Sender<Event>,
    pub(crate) phase: watch::Sender<Phase>,
    /// Whether the member is told to end as it is.
    pub(crate) ends: watch::Sender<bool>,
}

impl Shared {
    /// Waits until it is.
    pub(crate) async fn told_to_end(&self) {
        let mut ends = self.ends.subscribe();
        // The sender is here, so there is nothing else to wait for.
        let _ = ends.wait_for(|ends| *ends).await;
    }
}

/// What an attempt to come in came to.
enum Attempt {
    In(Box<Entered>),
    Failed(NotIn),
    TimeIsUp,
    /// Told to leave before.
    Leave,
}

/// The task's own state.
pub(crate) struct Driver {
    shared: Arc<Shared>,
    replica: Box<dyn Replication>,
    commands: mpsc::Receiver<Command>,
    /// None while this process is outside.
    life: Option<Life>,
    me: MemberId,
    members: Members,
    /// The last revision that the replica was told.
    applied: i64,
    /// Own requests without outcome.
    waiting: BTreeMap<u64, oneshot::Sender<Result<Answer, SubmitError>>>,
    next_request: u64,
    /// The last own request that came back in the order.
    ordered: u64,
    /// Who said that they leave, and are still there.
    leaving: BTreeSet<MemberId>,
    /// Whether this one was told to leave.
    is_leaving: bool,
    /// Why etcd is not heard, while it is not.
    silence: Option<String>,
    counts: BTreeMap<&'static str, u64>,
}

impl Driver {
    pub(crate) fn new(
        shared: Arc<Shared>,
        replica: Box<dyn Replication>,
        commands: mpsc::Receiver<Command>,
    ) -> Driver {
        let slot = harness_control::slot_of(&shared.config.name);
        Driver {
            shared,
            replica,
            commands,
            life: None,
            me: MemberId::first(slot),
            members: Members::default(),
            applied: 0,
            waiting: BTreeMap::new(),
            next_request: 1,
            ordered: 0,
            leaving: BTreeSet::new(),
            is_leaving: false,
            silence: None,
            counts: BTreeMap::new(),
        }
    }

    /// Lives until the member leaves, or must not come back.
    pub(crate) async fn run(mut self) {
        let ended = loop {
            match self.begin().await {
                Ok(true) => {}
                Ok(false) => break Ended::Left,
                Err((refused, last)) => {
                    tracing::error!(target: "harness", last, "not taken in");
                    self.shared.phase.send_replace(Phase::Failed(refused, last));
                    break Ended::NotTaken;
                }
            }
            let end = self.live().await;
            self.close(&end);
            match end {
                End::Left => break Ended::Left,
                End::Shutdown => break Ended::Shutdown,
                End::Lost | End::Behind if self.is_leaving => break Ended::Left,
                End::Lost | End::Behind if !self.shared.config.rejoin => break Ended::Excluded,
                End::Lost | End::Behind => drop(self.shared.phase.send_replace(Phase::Outside)),
            }
        };
        self.life = None;
        self.refuse_the_rest();
        tracing::info!(target: "harness", name = self.shared.config.name, ?ended, "ended");
        self.emit(Event::Ended(ended));
        self.shared.phase.send_modify(|phase| {
            if !matches!(phase, Phase::Failed(..)) {
                *phase = Phase::Ended(ended);
            }
        });
    }

    /// What was asked for and not looked at was not done.
    fn refuse_the_rest(&mut self) {
        self.commands.close();
        while let Ok(command) = self.commands.try_recv() {
            if let Command::Submit { reply, .. } = command {
                let _ = reply.send(Err(SubmitError::NotMember));
            }
        }
    }

    /// Comes in, in the time there is for it. False: told to leave before.
    async fn begin(&mut self) -> Result<bool, (Option<Refused>, String)> {
        let until = Instant::now() + self.shared.config.join_within;
        let mut last = "etcd was not asked".to_owned();
        let mut attempt = 0;
        loop {
            match self.enter(until, &last).await {
                Attempt::In(entered) => {
                    self.start(*entered);
                    return Ok(true);
                }
                Attempt::Leave => return Ok(false),
                Attempt::TimeIsUp => return Err((None, last)),
                Attempt::Failed(NotIn::Never(refused)) => {
                    let last = refused.to_string();
                    return Err((Some(refused), last));
                }
                Attempt::Failed(NotIn::Later(why)) => {
                    tracing::debug!(target: "harness::etcd", why, "not in yet");
                    last = why;
                }
            }
            tokio::time::sleep(self.shared.config.pause(attempt)).await;
            attempt += 1;
        }
    }

    /// One attempt to come in, while those who ask are told that this process is outside.
    async fn enter(&mut self, until: Instant, last: &str) -> Attempt {
        let entering = life::enter(&self.shared.config, &mut self.replica);
        tokio::pin!(entering);
        loop {
            tokio::select! {
                entered = &mut entering => return match entered {
                    Ok(entered) => Attempt::In(Box::new(entered)),
                    Err(why) => Attempt::Failed(why),
                },
                () = tokio::time::sleep_until(until) => return Attempt::TimeIsUp,
                () = self.shared.told_to_end() => return Attempt::Leave,
                command = self.commands.recv() => match command {
                    None | Some(Command::Leave) => return Attempt::Leave,
                    Some(Command::Status(reply)) => {
                        let status = report::outside(&self.shared.config, self.me, last, &self.counts);
                        let _ = reply.send(status);
                    }
                    Some(Command::Submit { reply, .. }) => {
                        let _ = reply.send(Err(SubmitError::NotMember));
                    }
                    Some(Command::Query { reply, .. }) => {
                        let _ = reply.send(None);
                    }
                },
            }
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Submit { asked, reply } => match self.request(asked) {
                Ok(request) => self.submit(request, reply),
                Err(refused) => {
                    let _ = reply.send(Err(refused));
                }
            },
            Command::Query { question, reply } => {
                let answer = self.is_member().then(|| self.replica.query(&question));
                let _ = reply.send(answer);
            }
            Command::Status(reply) => {
                let _ = reply.send(self.status());
            }
            Command::Leave => {
                self.is_leaving = true;
                self.say(Said::Leave);
            }
        }
    }

    /// What is asked for, with the ids of those that it names.
    fn request(&self, asked: Asked) -> Result<Request<Octets>, SubmitError> {
        let (bytes, max) = (asked.payload.len(), self.shared.config.payload_bytes_max);
        if bytes > max {
            return Err(SubmitError::TooLarge { bytes, max });
        }
        if !self.is_member() || self.is_leaving {
            return Err(SubmitError::NotMember);
        }
        if self.waiting.len() >= self.shared.config.waiting_max {
            return Err(SubmitError::Busy);
        }
        let find = |name: &String| {
            let found = self.members.named(name);
            found.ok_or_else(|| SubmitError::NoSuchMember(name.clone()))
        };
        let wanted = asked
            .quorum
            .map(|wanted| usize::try_from(wanted).unwrap_or(usize::MAX));
        let request = Request {
            id: RequestId {
                origin: self.me,
                number: self.next_request,
            },
            members: asked
                .performers
                .iter()
                .map(find)
                .collect::<Result<_, _>>()?,
            payload: asked.payload.into(),
            agreement: wanted.map_or(Agreement::AllOf, Agreement::Quorum),
            domain: asked.domain,
        };
        match self.replica.refuses(&request) {
            Some(why) => Err(SubmitError::Unsupported(why)),
            None => Ok(request),
        }
    }

    fn submit(
        &mut self,
        request: Request<Octets>,
        reply: oneshot::Sender<Result<Answer, SubmitError>>,
    ) {
        self.next_request += 1;
        self.waiting.insert(request.id.number, reply);
        self.say(Said::Word(encode_word(&Word::Request(request))));
    }

    /// Has it written to the log; in vain when this member is not there any more, which the log will tell.
    fn say(&self, said: Said) {
        if let Some(life) = &self.life {
            let _ = life.say.send(said);
        }
    }

    fn carry_out(&mut self) {
        while let Some(effect) = self.replica.poll_effect() {
            match effect {
                Effect::Broadcast(word) => self.say(Said::Word(encode_word(&word))),
                Effect::Outcome { request, answer } => {
                    let number = request.number;
                    if let Some(reply) = self.waiting.remove(&number) {
                        let _ = reply.send(Ok(answer.clone()));
                    }
                    self.emit(Event::Outcome { number, answer });
                }
                Effect::Ignored(request) => {
                    self.count("words ignored");
                    self.without_outcome(request, SubmitError::Busy);
                }
                Effect::Interrupted(request) => {
                    self.count("requests interrupted");
                    self.without_outcome(request, SubmitError::Interrupted);
                }
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

    /// The end of a life: every request of its own is answered with what is known of it.
    fn close(&mut self, end: &End) {
        let life = self.life.take();
        for (number, reply) in std::mem::take(&mut self.waiting) {
            let why = match end {
                _ if number <= self.ordered => SubmitError::Ordered,
                // The log says that this member went: whatever it had not taken before, it will not take.
                End::Lost | End::Left => SubmitError::NotMember,
                End::Behind | End::Shutdown => SubmitError::Unknown,
            };
            let _ = reply.send(Err(why));
        }
        let Some(life) = life else { return };
        // Its name is free at once, not only when the lease has run out.
        if matches!(end, End::Behind | End::Left) {
            let (store, lease) = (life.store.clone(), life.lease);
            tokio::spawn(async move {
                if let Err(error) = store.revoke(lease).await {
                    tracing::debug!(target: "harness::etcd", error = in_full(&error), "a lease was not given back");
                }
            });
        }
    }

    fn is_member(&self) -> bool {
        self.members.contains(self.me) && self.life.is_some()
    }

    fn emit(&self, event: Event) {
        // Nobody has to listen.
        let _ = self.shared.events.send(event);
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }
}
