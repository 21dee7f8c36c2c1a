//! Calls that run one after the other: those of a serial object, and the one-way calls of a connection. A call takes a
//! place when it comes in, before anything of it is decoded; the first has its turn, which passes to the next however
//! the call ends.
//!
//! It deliberately runs nothing itself.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rmix_engine::{Push, SerialQueue};

use crate::dispatch::guarded;

/// A call that was decoded and not yet finished.
pub(crate) type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A queue of calls.
#[derive(Clone)]
pub(crate) struct Serial(Arc<Mutex<SerialQueue<Job>>>);

impl Serial {
    pub(crate) fn new(waiting_max: usize) -> Serial {
        Serial(Arc::new(Mutex::new(SerialQueue::new(waiting_max))))
    }

    /// A place in the queue; `None` when as many calls wait as may.
    pub(crate) fn admit(&self) -> Option<Place> {
        let admitted = self.lock().admit();
        admitted.then(|| Place(Some(self.clone())))
    }

    /// A place for a call that something else bounds.
    pub(crate) fn admit_always(&self) -> Place {
        self.lock().admit_always();
        Place(Some(self.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, SerialQueue<Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in a queue; dropped, it is given back.
pub(crate) struct Place(Option<Serial>);

impl Place {
    /// Takes the turn, when nothing runs; else the place is kept.
    pub(crate) fn start(mut self) -> Result<Turn, Place> {
        let started = self.0.as_ref().is_some_and(|serial| serial.lock().start());
        match started {
            true => Ok(Turn(self.0.take())),
            false => Err(self),
        }
    }

    /// Puts the call in: it comes back with its turn when nothing runs.
    pub(crate) fn put(mut self, job: Job) -> Option<(Job, Turn)> {
        let serial = self.0.take()?;
        let pushed = serial.lock().push(job);
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
        let next = serial.lock().finished()?;
        self.0 = Some(serial);
        Some(next)
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
