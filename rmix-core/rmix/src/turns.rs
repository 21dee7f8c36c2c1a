//! Calls that run one after the other: those of a serial object, and the one-way calls of a connection. A call takes its
//! turn when it comes in, before anything of it is decoded, or else a place behind those that have come before; the turn
//! passes to the next however a call ends.
//!
//! It deliberately runs nothing itself.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rmix_engine::{Push, SerialQueue};

use crate::run::guarded;

/// A call that was decoded and not yet finished.
pub(crate) type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// When a call runs.
pub(crate) enum Order {
    /// Beside all others.
    Beside,
    /// Now, and others after it.
    Now(Turn),
    /// After others.
    After(Place),
}

/// A queue of calls.
#[derive(Clone)]
pub(crate) struct Serial(Arc<Queue>);

struct Queue {
    calls: Mutex<SerialQueue<Job>>,
    /// Set with the first call that waits, cleared with the last: whoever has the turn asks this, and locks seldom.
    waited_for: AtomicBool,
}

impl Serial {
    pub(crate) fn new(waiting_max: usize) -> Serial {
        Serial(Arc::new(Queue {
            calls: Mutex::new(SerialQueue::new(waiting_max)),
            waited_for: AtomicBool::new(false),
        }))
    }

    /// The turn, when nothing runs, or a place in the queue; `None` when as many calls wait as may.
    pub(crate) fn admit(&self) -> Option<Order> {
        let mut calls = self.lock();
        calls.admit().then(|| self.begin(&mut calls))
    }

    /// As [`Serial::admit`], for a call that something else bounds.
    pub(crate) fn admit_always(&self) -> Order {
        let mut calls = self.lock();
        calls.admit_always();
        self.begin(&mut calls)
    }

    fn begin(&self, calls: &mut SerialQueue<Job>) -> Order {
        match calls.start() {
            true => Order::Now(Turn(Some(self.clone()))),
            false => Order::After(Place(Some(self.clone()))),
        }
    }

    fn lock(&self) -> MutexGuard<'_, SerialQueue<Job>> {
        self.0.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in a queue; dropped, it is given back.
pub(crate) struct Place(Option<Serial>);

impl Place {
    /// Puts the call in: it comes back with its turn when nothing runs any more.
    pub(crate) fn put(mut self, job: Job) -> Option<(Job, Turn)> {
        let serial = self.0.take()?;
        let pushed = {
            let mut calls = serial.lock();
            let pushed = calls.push(job);
            let waits = matches!(pushed, Push::Queued);
            if waits {
                serial.0.waited_for.store(true, Ordering::Release);
            }
            pushed
        };
        match pushed {
            Push::Start(job) => Some((job, Turn(Some(serial)))),
            Push::Queued => None,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(serial) = self.0.take() {
            serial.lock().withdraw();
        }
    }
}

/// The right of one call at a time to run.
pub(crate) struct Turn(Option<Serial>);

impl Turn {
    /// The call that had the turn has ended: the next one, or `None`, and the turn is over.
    pub(crate) fn next(&mut self) -> Option<Job> {
        let serial = self.0.take()?;
        let next = {
            let mut calls = serial.lock();
            let next = calls.finished();
            let waited_for = calls.waiting() > 0;
            serial.0.waited_for.store(waited_for, Ordering::Relaxed);
            next
        }?;
        self.0 = Some(serial);
        Some(next)
    }

    /// Whether a call was seen to wait. One that comes at this moment on another thread may be missed.
    pub(crate) fn is_waited_for(&self) -> bool {
        let serial = self.0.as_ref();
        serial.is_some_and(|serial| serial.0.waited_for.load(Ordering::Acquire))
    }
}

impl Drop for Turn {
    /// Nothing to do after the last call. Where a call was dropped half-way, with the tokio runtime it ran on, the
    /// others cannot run either: dropped, they are answered.
    fn drop(&mut self) {
        while let Some(job) = self.next() {
            if let Err(panic) = guarded(|| drop(job)) {
                tracing::error!(target: "rmix::dispatch", %panic, "dropping a call panicked");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(serial: &Serial) -> Order {
        serial.admit().expect("there is room")
    }

    #[test]
    fn a_turn_is_waited_for_from_the_first_call_behind_it_to_the_last() {
        let serial = Serial::new(2);
        let (Order::Now(mut turn), Order::After(first), Order::After(second)) =
            (admitted(&serial), admitted(&serial), admitted(&serial))
        else {
            panic!("one runs at a time");
        };
        assert!(!turn.is_waited_for(), "none of them is there yet");
        for place in [first, second] {
            assert!(place.put(Box::pin(async {})).is_none());
            assert!(turn.is_waited_for());
        }
        assert!(turn.next().is_some());
        assert!(turn.is_waited_for());
        assert!(turn.next().is_some());
        assert!(!turn.is_waited_for());
        assert!(turn.next().is_none());
        assert!(matches!(admitted(&serial), Order::Now(_)));
    }
}
