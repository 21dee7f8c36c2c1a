//! A connection and the object that it calls: what its calls have in common is found out once for all that one poll of its
//! task brings, and kept no longer. While a call runs, the pairing is with it, so that calls within a call find none.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;

use rmix_abi::host::Inbound;

use crate::caller::{Caller, Seat};
use crate::dispatch::{Object, Running};
use crate::incoming::Served;
use crate::reactor::Services;
use crate::run;
use crate::turns::{Job, Order, Turn};

thread_local! {
    static VISIT: RefCell<Visit> = const { RefCell::new(Visit::None) };
}

/// A poll of a provider's task.
enum Visit {
    /// None is under way on this thread.
    None,
    /// What the last call of it was about.
    Of(Option<Pairing>),
}

/// A connection and the object that it calls.
pub(crate) struct Pairing {
    services: Arc<Services>,
    connection: u64,
    object: u64,
    /// Which state of the table the object was found in.
    changes: u64,
    /// The object runs a call, as far as anybody can tell who waits for the last one.
    running: Running,
    seat: Seat,
    /// The turn of the connection's one-way calls, between two of them.
    turn: Option<Turn>,
}

impl Pairing {
    /// What the last call was about, when this one is about the same.
    pub(crate) fn resumed(
        services: &Services,
        call: &Inbound<'_>,
        changes: u64,
    ) -> Option<Pairing> {
        let known = VISIT.with_borrow_mut(|visit| match visit {
            Visit::Of(known) => known.take(),
            Visit::None => None,
        });
        // What does not fit is dropped here, outside the borrow.
        let mut known = known.filter(|known| {
            let same = (known.connection, known.object) == (call.connection, call.object);
            same && known.changes == changes && std::ptr::eq(&*known.services, services)
        })?;
        if !known.seat.is(call.peer, call.claim) {
            known.seat = Caller::recent(call.connection, call.peer, call.claim).seat();
        }
        Some(known)
    }

    pub(crate) fn new(
        services: &Arc<Services>,
        call: &Inbound<'_>,
        changes: u64,
        running: Running,
    ) -> Pairing {
        Pairing {
            services: services.clone(),
            connection: call.connection,
            object: call.object,
            changes,
            running,
            seat: Caller::recent(call.connection, call.peer, call.claim).seat(),
            turn: None,
        }
    }

    /// The call has ended: for the next one of this visit.
    pub(crate) fn keep(self) {
        let unkept = VISIT.with_borrow_mut(|visit| match visit {
            Visit::Of(place) => place.replace(self),
            Visit::None => Some(self),
        });
        drop(unkept);
    }

    /// The turn of the connection's one-way calls, when it was kept and nobody waits for it.
    pub(crate) fn take_turn(&mut self) -> Option<Turn> {
        let turn = self.turn.take()?;
        if turn.is_waited_for() {
            run::pass_on(&self.services, turn);
            return None;
        }
        Some(turn)
    }

    pub(crate) fn object(&self) -> &Object {
        self.running.object()
    }

    /// The object, and where its next call runs.
    pub(crate) fn parts(&mut self) -> (&Object, Site<'_>) {
        let site = Site {
            services: &self.services,
            running: &self.running,
            seat: &mut self.seat,
            turn: &mut self.turn,
        };
        (self.running.object(), site)
    }
}

/// Where a call runs.
pub(crate) struct Site<'a> {
    pub(crate) services: &'a Arc<Services>,
    pub(crate) running: &'a Running,
    pub(crate) seat: &'a mut Seat,
    turn: &'a mut Option<Turn>,
}

impl Site<'_> {
    /// The call has ended in place: others may run. The turn of the connection's one-way calls is kept for the next one
    /// unless somebody waits for it.
    pub(crate) fn ended(self, order: Order) -> Served {
        if let Order::Now(turn) = order {
            if self.running.object().is_serial() || turn.is_waited_for() {
                run::pass_on(self.services, turn);
            } else {
                *self.turn = Some(turn);
            }
        }
        Served::IN_PLACE
    }

    /// The call goes on as a task.
    pub(crate) fn spawn(self, job: Job, order: Order) -> Served {
        let turn = match order {
            Order::Now(turn) => Some(turn),
            _ => None,
        };
        run::spawn(self.services, job, turn);
        Served::LATER
    }
}

impl Drop for Pairing {
    fn drop(&mut self) {
        let Some(mut turn) = self.turn.take() else {
            return;
        };
        // Another thread may have put a call behind it. Not run here: a call may not run where nothing is expected to.
        if let Some(job) = turn.next() {
            run::spawn(&self.services, job, Some(turn));
        }
    }
}

/// A provider's task; each poll of it is a visit.
pub(crate) async fn visiting<F: Future>(task: F) -> F::Output {
    let mut task = pin!(task);
    poll_fn(|cx| visit(|| task.as_mut().poll(cx))).await
}

fn visit<R>(body: impl FnOnce() -> R) -> R {
    /// A method may poll tasks as well: the visit around it goes on afterwards.
    struct Restore(Visit);
    impl Drop for Restore {
        fn drop(&mut self) {
            let around = std::mem::replace(&mut self.0, Visit::None);
            let over = VISIT.replace(around);
            drop(over);
        }
    }
    let _restore = Restore(VISIT.replace(Visit::Of(None)));
    body()
}
