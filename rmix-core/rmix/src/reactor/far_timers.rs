//! Times that are far away, such as when an idle connection is closed: all on one timer of the kernel's (timerfd), which
//! stands while nothing happens. A timer of tokio's would have the kernel set and cancel one around every wait for input,
//! which is a tenth of what a server spends on a small call.
//!
//! A task of the tokio runtime waits for that timer; it ends when it rings and nobody waits any more.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Instant;

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::runtime::Handle;

/// A time that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Appointment {
    pub(super) at: Instant,
    /// Tells apart those at the same time.
    number: u64,
}

/// All far times of one runtime. Guards them; held for moments, and while the kernel's timer is set.
#[derive(Default)]
pub(super) struct FarTimers(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: BTreeMap<Appointment, Waker>,
    last_number: u64,
    /// While the task runs.
    clock: Option<Clock>,
}

/// The kernel's timer.
struct Clock {
    timer: Arc<OwnedFd>,
    rings_at: Instant,
}

impl FarTimers {
    /// Wakes `waker` when `at` has come, or before, when the runtime ends.
    ///
    /// # Errors
    /// The kernel has no timer, or the runtime cannot wait for it.
    pub(super) fn wait(
        self: &Arc<Self>,
        handle: &Handle,
        at: Instant,
        waker: &Waker,
    ) -> io::Result<Appointment> {
        let mut state = self.lock();
        let mut started = None;
        match &mut state.clock {
            Some(clock) if clock.rings_at <= at => {}
            Some(clock) => {
                set(&clock.timer, at)?;
                clock.rings_at = at;
            }
            None => {
                let task = self.task(handle, at)?;
                let timer = task.ringing.get_ref().clone();
                state.clock = Some(Clock {
                    timer,
                    rings_at: at,
                });
                started = Some(task);
            }
        }
        state.last_number += 1;
        let number = state.last_number;
        let appointment = Appointment { at, number };
        state.waiting.insert(appointment, waker.clone());
        drop(state);
        if let Some(task) = started {
            // A runtime that has ended drops it at once, which wakes who waits.
            drop(handle.spawn(task.run()));
        }
        Ok(appointment)
    }

    /// Nobody waits for that any more.
    pub(super) fn cancel(&self, appointment: Appointment) {
        let waker = self.lock().waiting.remove(&appointment);
        drop(waker);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The task, not running yet, with its timer set.
    fn task(self: &Arc<Self>, handle: &Handle, at: Instant) -> io::Result<Task> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = Arc::new(timerfd_create(TimerfdClockId::Monotonic, flags)?);
        set(&timer, at)?;
        let _entered = handle.enter();
        #[expect(
            deprecated,
            reason = "the successor is unsafe; the task that owns this keeps the descriptor open"
        )]
        let ringing = AsyncFd::with_interest(timer, Interest::READABLE)?;
        Ok(Task {
            timers: self.clone(),
            ringing,
        })
    }

    /// Takes out who is to be woken now; true when the task goes on for others.
    fn due(&self, now: Instant) -> (Vec<Waker>, bool) {
        let mut state = self.lock();
        let later = state.waiting.split_off(&Appointment {
            at: now,
            number: u64::MAX,
        });
        let mut due = std::mem::replace(&mut state.waiting, later);
        let next = state.waiting.keys().next().map(|next| next.at);
        let goes_on = match (next, &mut state.clock) {
            (Some(next), Some(clock)) => {
                clock.rings_at = next;
                set(&clock.timer, next).is_ok()
            }
            _ => false,
        };
        if !goes_on {
            // Where the kernel failed, who waits is to look elsewhere.
            state.clock = None;
            due.append(&mut state.waiting);
        }
        (due.into_values().collect(), goes_on)
    }

    /// The task has ended with its runtime: who waits is to look elsewhere.
    fn abandon(&self, timer: &Arc<OwnedFd>) {
        let waiting = {
            let mut state = self.lock();
            let known = state.clock.as_ref();
            if !known.is_some_and(|known| Arc::ptr_eq(&known.timer, timer)) {
                return;
            }
            state.clock = None;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_values().for_each(Waker::wake);
    }
}

/// Has the timer ring at `at`; at once when that has passed.
fn set(timer: &OwnedFd, at: Instant) -> io::Result<()> {
    let left = at.saturating_duration_since(Instant::now());
    // Zero would stop it.
    let left = left.max(std::time::Duration::from_nanos(1));
    let value = Itimerspec {
        it_interval: Timespec::default(),
        it_value: Timespec::try_from(left).map_err(io::Error::other)?,
    };
    timerfd_settime(timer, TimerfdTimerFlags::empty(), &value)?;
    Ok(())
}

/// Wakes who is due whenever the timer rings.
struct Task {
    timers: Arc<FarTimers>,
    ringing: AsyncFd<Arc<OwnedFd>>,
}

impl Task {
    async fn run(self) {
        loop {
            let Ok(mut ready) = self.ringing.readable().await else {
                return;
            };
            // How often it rang. Nothing when it was set anew meanwhile.
            let mut times = [0; 8];
            let rang = rustix::io::read(self.ringing.get_ref(), &mut times);
            ready.clear_ready();
            if rang.is_err() {
                continue;
            }
            let (due, goes_on) = self.timers.due(Instant::now());
            due.into_iter().for_each(Waker::wake);
            if !goes_on {
                return;
            }
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.timers.abandon(self.ringing.get_ref());
    }
}

#[cfg(test)]
mod tests;
