//! What the tasks of one member share: configuration, who is where, who may call, and the way into the
//! member's own task.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use harness_ring::{MemberId, Request, ViewId};
use rmix::{Endpoint, ObjectId, Reference, Runtime};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::Octets;
use crate::config::ControlConfig;
use crate::directory::Directory;
use crate::driver::Input;
use crate::error::SubmitError;
use crate::event::{Ended, Event};
use crate::guests::Guests;
use crate::interface::{Answer, Entry, Greeting, Refused, SeatStub};
use crate::status::Status;
use crate::transfer::Snapshot;

/// Shared by the tasks of one member.
pub(crate) struct Shared {
    pub(crate) config: ControlConfig,
    pub(crate) runtime: Runtime,
    /// Tells this process from another that was given the same name.
    pub(crate) process: u64,
    /// What is replicated.
    pub(crate) kind: String,
    pub(crate) inputs: mpsc::Sender<Input>,
    pub(crate) events: broadcast::Sender<Event>,
    /// Applied entries of the log.
    pub(crate) position: watch::Sender<u64>,
    pub(crate) phase: watch::Sender<Phase>,
    /// Each guards itself only, and no lock is taken under another.
    directory: Mutex<Directory>,
    guests: Mutex<Guests>,
    snapshots: Mutex<BTreeMap<(u64, u64), Snapshot>>,
    counts: Mutex<BTreeMap<&'static str, u64>>,
    myself: Mutex<Myself>,
    /// Raised whenever this process comes back as a new incarnation: what belongs to the one before is late.
    life: AtomicU64,
}

/// Who this process is now.
#[derive(Clone, Default)]
pub(crate) struct Myself {
    pub(crate) slot: u32,
    pub(crate) incarnation: u32,
    /// Where others are told that it is.
    pub(crate) endpoints: Vec<String>,
    /// Where it is bound.
    pub(crate) listens: Vec<String>,
}

/// How far a member is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// Not in a view, or without the state.
    Outside,
    /// In a view, with the state.
    Member,
    /// It was refused or not taken in.
    Failed(Option<(String, Refused)>, String),
    /// It is over.
    Ended(Ended),
}

/// A new member's channels, for the task that drives it.
pub(crate) struct Ends {
    pub(crate) inputs: mpsc::Receiver<Input>,
    pub(crate) first_events: broadcast::Receiver<Event>,
}

impl Shared {
    pub(crate) fn new(
        config: ControlConfig,
        runtime: Runtime,
        kind: String,
        me: MemberId,
    ) -> (Arc<Shared>, Ends) {
        let (inputs, taken) = mpsc::channel(config.control.inputs_max);
        let (events, first_events) = broadcast::channel(config.control.events_max);
        let shared = Shared {
            config,
            runtime,
            process: random(),
            kind,
            inputs,
            events,
            position: watch::Sender::new(0),
            phase: watch::Sender::new(Phase::Outside),
            directory: Mutex::default(),
            guests: Mutex::default(),
            snapshots: Mutex::default(),
            counts: Mutex::default(),
            myself: Mutex::new(Myself {
                slot: me.slot,
                incarnation: me.incarnation,
                endpoints: Vec::new(),
                listens: Vec::new(),
            }),
            life: AtomicU64::new(0),
        };
        let ends = Ends {
            inputs: taken,
            first_events,
        };
        (Arc::new(shared), ends)
    }

    pub(crate) fn directory(&self) -> MutexGuard<'_, Directory> {
        lock(&self.directory)
    }

    /// A member for people: its name, where it is known, and its id.
    pub(crate) fn called(&self, member: MemberId) -> String {
        let directory = self.directory();
        match directory.name_in(member.slot) {
            Some(name) => format!("{name} ({member})"),
            None => member.to_string(),
        }
    }

    /// Several of them.
    pub(crate) fn all_called(&self, members: &[MemberId]) -> String {
        let called = members.iter().map(|member| self.called(*member));
        called.collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn guests(&self) -> MutexGuard<'_, Guests> {
        lock(&self.guests)
    }

    pub(crate) fn snapshots(&self) -> MutexGuard<'_, BTreeMap<(u64, u64), Snapshot>> {
        lock(&self.snapshots)
    }

    /// The view has these members: who speaks for others is not let in any more.
    pub(crate) fn view(&self, members: &[MemberId]) {
        self.directory().view(members, &self.config.control);
        self.guests().view(members);
    }

    pub(crate) fn myself(&self) -> Myself {
        lock(&self.myself).clone()
    }

    pub(crate) fn listens_on(&self, listens: Vec<String>) {
        let mut myself = lock(&self.myself);
        myself.endpoints = match self.config.advertise.as_slice() {
            [] => listens.clone(),
            advertise => advertise.to_vec(),
        };
        myself.listens = listens;
    }

    pub(crate) fn life(&self) -> u64 {
        self.life.load(Ordering::Acquire)
    }

    /// This process is another member from here on.
    pub(crate) fn becomes(&self, me: MemberId) {
        lock(&self.myself).incarnation = me.incarnation;
        self.life.fetch_add(1, Ordering::AcqRel);
        self.directory().outside();
        self.guests()
            .dismiss_all("the member comes back as a new incarnation");
    }

    /// Counts something for the status.
    pub(crate) fn count(&self, what: &'static str) {
        self.count_many(what, 1);
    }

    /// Counts something that happened so often.
    pub(crate) fn count_many(&self, what: &'static str, times: u64) {
        *lock(&self.counts).entry(what).or_default() += times;
    }

    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        let counts = lock(&self.counts);
        let counts = counts.iter();
        counts
            .map(|(what, count)| ((*what).to_owned(), *count))
            .collect()
    }

    /// Who this is, for others.
    pub(crate) fn entry(&self) -> Entry {
        let Myself {
            slot,
            incarnation,
            endpoints,
            ..
        } = self.myself();
        Entry {
            slot,
            incarnation,
            name: self.config.name.clone(),
            endpoints,
        }
    }

    pub(crate) fn greeting(&self) -> Greeting {
        Greeting {
            protocol: crate::PROTOCOL,
            ring: self.config.ring.clone(),
            machine: self.kind.clone(),
            rules: self.config.rules(),
            process: self.process,
            from: self.entry(),
        }
    }

    /// Binds to a member by where it listens: what the reference offers, the runtime selects.
    pub(crate) async fn bind(&self, endpoints: &[String]) -> Result<SeatStub, rmix::Error> {
        let timeout = self.config.timing.greet_within;
        let parsed: Vec<_> = endpoints
            .iter()
            .filter_map(|text| Endpoint::parse(text).ok())
            .collect();
        // What cannot be parsed is left for `bind` to complain of.
        let reference = Reference::new("", ObjectId::DEFAULT, parsed).ok();
        match reference.filter(|reference| !reference.endpoints().is_empty()) {
            Some(reference) => self.runtime.bind(reference).timeout(timeout).await,
            None => {
                let text = endpoints.first().cloned().unwrap_or_default();
                self.runtime.bind(text).timeout(timeout).await
            }
        }
    }

    /// Gives an input to the member's task, when there is room; false if it has ended.
    pub(crate) async fn input(&self, input: Input) -> bool {
        self.inputs.send(input).await.is_ok()
    }

    /// Submits, and waits for the outcome.
    pub(crate) async fn submit(&self, request: Request<Octets>) -> Result<Answer, SubmitError> {
        let (reply, answer) = oneshot::channel();
        if !self.input(Input::Submit { request, reply }).await {
            return Err(SubmitError::NotMember);
        }
        answer.await.unwrap_or(Err(SubmitError::Unknown))
    }

    pub(crate) async fn force_view(&self) -> Result<(), Refused> {
        let (reply, outcome) = oneshot::channel();
        self.input(Input::Force { reply }).await;
        let left = || Refused::NotMember("this process has left".to_owned());
        outcome.await.unwrap_or_else(|_| Err(left()))
    }

    pub(crate) async fn status(&self) -> Option<Status> {
        let (reply, status) = oneshot::channel();
        self.input(Input::Status(reply)).await;
        status.await.ok()
    }

    /// What to call a snapshot by.
    pub(crate) fn snapshot_key(view: &ViewId) -> (u64, u64) {
        (view.epoch, view.fingerprint())
    }
}

/// A number that nobody guesses. Without a source of them a counter of this process stands in, which is enough to
/// tell its own connections apart.
pub(crate) fn random() -> u64 {
    static COUNTER: AtomicU64 = AtomicU64::new(1);
    getrandom::u64().unwrap_or_else(|_| COUNTER.fetch_add(1, Ordering::Relaxed))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::*;

    fn shared(change: impl FnOnce(&mut ControlConfig)) -> (Arc<Shared>, Ends) {
        let mut config = ControlConfig::new("A", vec!["shm:a".to_owned()]);
        change(&mut config);
        let runtime = Runtime::builder().build().expect("it needs no provider");
        Shared::new(config, runtime, String::new(), MemberId::first(1))
    }

    #[test]
    fn as_many_inputs_are_kept_as_the_limit_says_and_the_next_waits() {
        let (shared, mut ends) = shared(|config| config.control.inputs_max = 2);
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..2 {
            let mut given = std::pin::pin!(shared.input(Input::Leave));
            assert!(given.as_mut().poll(&mut context).is_ready(), "at the limit");
        }
        let mut next = std::pin::pin!(shared.input(Input::Leave));
        assert!(next.as_mut().poll(&mut context).is_pending(), "beyond it");
        assert!(ends.inputs.try_recv().is_ok());
        assert!(next.as_mut().poll(&mut context).is_ready(), "there is room");
    }

    #[test]
    fn a_place_for_an_event_costs_what_the_limit_says() {
        // The event itself; the channel has some 24 bytes beside it.
        assert!(size_of::<Event>() <= 128, "{}", size_of::<Event>());
    }

    #[tokio::test]
    async fn a_reader_may_be_as_many_events_behind_as_the_limit_says() {
        let (shared, ends) = shared(|config| config.control.events_max = 4);
        let mut events = crate::event::Events(ends.first_events);
        let say = |count: usize| {
            for _ in 0..count {
                let said = shared.events.send(Event::Unblocked);
                assert!(said.is_ok(), "there is a reader");
            }
        };
        say(4);
        for _ in 0..4 {
            assert_eq!(
                events.next().await,
                Ok(Some(Event::Unblocked)),
                "at the limit"
            );
        }
        say(5);
        assert_eq!(
            events.next().await,
            Err(crate::event::Lagged(1)),
            "beyond it"
        );
        assert_eq!(
            events.next().await,
            Ok(Some(Event::Unblocked)),
            "it goes on"
        );
    }
}
