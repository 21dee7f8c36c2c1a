//! A connection and the object that it calls: what its calls have in common is found out once for all that one poll of its
//! task brings, and kept no longer. While a call runs, the pairing is with it, so that calls within a call find none.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rmix_abi::host::Inbound;

use crate::caller::{Caller, Seat};
use crate::dispatch::{Object, Running};
use crate::incoming::Served;
use crate::reactor::Services;
use crate::run;
use crate::turns::{Job, Order, Turn};

thread_local! {
    static VISIT: Visit = const {
        Visit {
            is_under_way: Cell::new(false),
            last: RefCell::new(None),
        }
    };
}

/// A poll of a provider's task on this thread.
struct Visit {
    is_under_way: Cell<bool>,
    /// What the last call of it was about; nothing while a call runs.
    last: RefCell<Option<Pairing>>,
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
    /// Where the last method was found in the table of the object's.
    place: Cell<usize>,
}

impl Pairing {
    /// What the last call was about, when this one is about the same.
    #[inline]
    pub(crate) fn resumed(
        services: &Services,
        call: &Inbound<'_>,
        changes: u64,
    ) -> Option<Pairing> {
        let resumed = VISIT.with(|visit| {
            let mut last = visit.last.borrow_mut();
            match &*last {
                Some(known) if known.fits(services, call, changes) => last.take(),
                _ => None,
            }
        });
        if resumed.is_none() {
            // Another object's turn and count end before this one's method runs.
            Pairing::keep(None);
        }
        resumed
    }

    fn fits(&self, services: &Services, call: &Inbound<'_>, changes: u64) -> bool {
        let same = (self.connection, self.object) == (call.connection, call.object);
        same && self.changes == changes
            && std::ptr::eq(&*self.services, services)
            && self.seat.is(call.peer, call.claim)
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
            place: Cell::new(0),
        }
    }

    /// The call has ended: for the next one of this visit.
    #[inline]
    pub(crate) fn keep(mut pairing: Option<Pairing>) {
        VISIT.with(|visit| {
            if visit.is_under_way.get() {
                std::mem::swap(&mut *visit.last.borrow_mut(), &mut pairing);
            }
        });
        // What was there before, if anything, ends outside the borrow.
        Pairing::end(pairing);
    }

    /// With it may go an object that was taken away, which is user code.
    #[inline]
    fn end(pairing: Option<Pairing>) {
        if let Some(pairing) = pairing
            && let Err(panic) = run::guarded(|| drop(pairing))
        {
            run::log_panic(&panic);
        }
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

    /// Where the last method was found in the table of the object's.
    pub(crate) fn place(&self) -> &Cell<usize> {
        &self.place
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
pub(crate) struct Visiting<F>(pub(crate) F);

impl<F: Future + Unpin> Future for Visiting<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        /// A method may poll tasks as well: the visit around it goes on afterwards.
        struct End(bool);
        impl Drop for End {
            fn drop(&mut self) {
                Pairing::end(VISIT.with(|visit| {
                    visit.is_under_way.set(self.0);
                    visit.last.take()
                }));
            }
        }
        let _end = End(VISIT.with(|visit| visit.is_under_way.replace(true)));
        Pin::new(&mut self.0).poll(cx)
    }
}
