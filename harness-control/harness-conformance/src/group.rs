//! A group of members that a test plays with. Judges only whether their logs are one.

use harness_control::{
    Active, Answer, Asked, ControlLimits, Ended, Event, Events, Membership, Order, Replication,
    Standby, StandbyLimits, Status, SubmitError, wire::WireLimits,
};

use crate::fixture::{Fixture, Started};
use crate::journal::{Journal, first_difference};
use crate::lines::{Deeds, Lines, Signed};

/// Members of one group, and the logs of those that are gone.
pub struct Group<F: Fixture> {
    fixture: F,
    way: Way,
    /// By name: started, and neither ended nor dropped.
    seats: Vec<Seat<F::Order>>,
    gone: Vec<(String, Journal)>,
}

/// How the group replicates.
#[derive(Clone)]
enum Way {
    Active,
    Standby(Deeds),
}

/// A member, and what it told so far.
pub struct Seat<O> {
    name: String,
    order: O,
    events: Events,
    journal: Journal,
    lost: Lost,
    _process: Box<dyn std::any::Any + Send>,
}

/// Who went, as one member saw it.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Lost {
    pub(crate) left: usize,
    pub(crate) excluded: usize,
}

impl<F: Fixture> Group<F> {
    /// A group whose members all apply the requests.
    pub(crate) async fn active(fixture: F, names: &[&str]) -> Group<F> {
        Group::new(fixture, Way::Active, names).await
    }

    /// A group whose primary runs the requests, and what was run.
    pub(crate) async fn standby(fixture: F, names: &[&str]) -> (Group<F>, Deeds) {
        let deeds = Deeds::default();
        let group = Group::new(fixture, Way::Standby(deeds.clone()), names).await;
        (group, deeds)
    }

    /// Starts one after the other, and waits until all see all.
    async fn new(fixture: F, way: Way, names: &[&str]) -> Group<F> {
        let mut group = Group {
            fixture,
            way,
            seats: Vec::new(),
            gone: Vec::new(),
        };
        for name in names {
            group.start(name).await;
        }
        group.wait_for_view_of_all().await;
        group
    }

    /// Starts another one, and waits until it takes part.
    pub(crate) async fn start(&mut self, name: &str) {
        let replica = self.replica(name);
        let contacts: Vec<_> = self.seats.iter().map(|seat| seat.name.as_str()).collect();
        let started = self.fixture.start(name, &contacts, replica).await;
        let Started { order, process } = started.unwrap_or_else(|error| panic!("{name}: {error}"));
        let events = order.events();
        if let Err(error) = order.ready().await {
            panic!("{name} takes no part: {error}: {error:?}");
        }
        self.seats.push(Seat {
            name: name.to_owned(),
            order,
            events,
            journal: Journal::default(),
            lost: Lost::default(),
            _process: process,
        });
    }

    fn replica(&self, name: &str) -> Box<dyn Replication> {
        let wire = WireLimits::default();
        match &self.way {
            Way::Active => {
                let waiting_max = ControlLimits::default().waiting_max;
                Box::new(Active::new(Lines::default(), waiting_max, wire))
            }
            Way::Standby(deeds) => {
                let signed = Signed::new(name, deeds);
                Box::new(Standby::new(signed, StandbyLimits::default(), wire))
            }
        }
    }

    /// Waits until everybody who was started is in everybody's view.
    pub(crate) async fn wait_for_view_of_all(&mut self) {
        let count = self.seats.len();
        for seat in &mut self.seats {
            seat.wait_for_members(count).await;
        }
    }

    /// A member by its name.
    pub(crate) fn seat(&mut self, name: &str) -> &mut Seat<F::Order> {
        let found = self.seats.iter_mut().find(|seat| seat.name == name);
        found.expect("a member of this name was started")
    }

    pub(crate) fn all(&self) -> &[Seat<F::Order>] {
        &self.seats
    }

    /// Ends one as a crash of its process does; the others see it go.
    pub(crate) async fn crash(&mut self, name: &str) {
        self.drop_seat(name).await;
        self.wait_for_view_of_all().await;
    }

    /// The same, without waiting for anybody.
    pub(crate) async fn drop_seat(&mut self, name: &str) {
        let mut seat = self.take(name);
        let status = seat.order.status().await;
        if let Some(status) = status {
            seat.follow(status.position).await;
        }
        self.gone.push((seat.name, seat.journal));
    }

    /// Takes one out, which nobody waits for any more; what it told is not looked at.
    pub(crate) fn take(&mut self, name: &str) -> Seat<F::Order> {
        let index = self.seats.iter().position(|seat| seat.name == name);
        let index = index.expect("a member of this name was started");
        self.seats.remove(index)
    }

    /// Lets one leave in order; the others see it go.
    pub(crate) async fn leave(&mut self, name: &str) -> Ended {
        let mut seat = self.take(name);
        let ended = seat.order.leave().await;
        while let Ok(Some(event)) = seat.events.next().await {
            seat.journal.take(&event);
            if matches!(event, Event::Ended(_)) {
                break;
            }
        }
        self.gone.push((seat.name, seat.journal));
        self.wait_for_view_of_all().await;
        ended
    }

    /// Waits until all are as far as the farthest, and compares all logs, those of the gone included.
    pub(crate) async fn have_one_log(&mut self) -> Journal {
        let mut last = 0;
        for seat in &self.seats {
            last = last.max(seat.status().await.position);
        }
        for seat in &mut self.seats {
            seat.follow(last).await;
        }
        let here = self.seats.iter().map(|seat| (&seat.name, &seat.journal));
        let gone = self.gone.iter().map(|(name, journal)| (name, journal));
        let all: Vec<_> = here.chain(gone).collect();
        for (index, (name, journal)) in all.iter().enumerate() {
            for (other_name, other) in all.iter().skip(index + 1) {
                if let Some(difference) = first_difference(journal, other) {
                    panic!("the logs of {name} and {other_name} differ: {difference}");
                }
            }
        }
        let (_, longest) = all
            .iter()
            .max_by_key(|(_, journal)| (journal.position(), journal.entries.len()))
            .expect("somebody was started");
        (*longest).clone()
    }

    /// The states, at one position, which must be equal.
    pub(crate) async fn state(&mut self) -> String {
        self.have_one_log().await;
        let mut states = Vec::new();
        for seat in &self.seats {
            let state = seat.order.query(Vec::new()).await;
            states.push(String::from_utf8(state.expect("it has the state")).expect("text"));
        }
        let first = states.first().cloned().expect("somebody is there");
        for (seat, state) in self.seats.iter().zip(&states) {
            assert_eq!(*state, first, "the state of {}", seat.name);
        }
        first
    }
}

impl<O: Order + Membership> Seat<O> {
    /// Submits, and waits for the outcome.
    pub(crate) async fn try_submit(&self, text: &str) -> Result<Answer, SubmitError> {
        self.ask(text, &[], None).await
    }

    /// A request that names performers.
    pub(crate) async fn ask(
        &self,
        text: &str,
        performers: &[&str],
        quorum: Option<u32>,
    ) -> Result<Answer, SubmitError> {
        let asked = Asked {
            payload: text.as_bytes().to_vec(),
            performers: performers.iter().map(|name| (*name).to_owned()).collect(),
            quorum,
            domain: 0,
        };
        self.order.submit(asked).await
    }

    /// Submits what is done, and returns the reply.
    pub(crate) async fn submit(&self, text: &str) -> String {
        let answer = self.try_submit(text).await;
        let answer = answer.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(answer.done, "{text}");
        String::from_utf8(answer.reply).expect("text")
    }

    pub(crate) async fn status(&self) -> Status {
        self.order.status().await.expect("it has not ended")
    }

    /// The next event, in the journal too.
    pub(crate) async fn next(&mut self) -> Event {
        let event = self.events.next().await.expect("not lagged");
        let event = event.expect("it has not ended");
        self.journal.take(&event);
        if let Event::View { left, excluded, .. } = &event {
            self.lost.left += left.len();
            self.lost.excluded += excluded.len();
        }
        event
    }

    /// Whom this member saw go.
    pub(crate) fn lost(&self) -> Lost {
        self.lost
    }

    /// Waits until the task of this member does not answer.
    pub(crate) async fn wait_until_dead(&self) {
        while self.order.status().await.is_some() {
            tokio::task::yield_now().await;
        }
    }

    async fn follow(&mut self, position: u64) {
        while self.journal.position() < position {
            self.next().await;
        }
    }

    pub(crate) async fn wait_for_members(&mut self, count: usize) {
        while self.status().await.members.len() != count {
            self.next().await;
        }
    }

    pub(crate) fn order(&self) -> &O {
        &self.order
    }
}
