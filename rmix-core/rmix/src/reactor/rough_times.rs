//! Deadlines of calls: many, far away, and nearly all given up before they come, because the call is answered. A timer of
//! tokio's for each costs more than all else that waiting for an answer does. Here a deadline is an entry in a list that is
//! looked through once a second: who waits is woken when it is near, and sets a timer of tokio's then.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

use super::Services;

/// From so far on a deadline may stand here.
pub(super) const FAR: Duration = Duration::from_secs(2);
/// So often the list is looked through. An entry is woken for when less than [`FAR`] is left, so nothing comes late that
/// was entered with more than this left.
const TICK: Duration = Duration::from_secs(1);

/// The far deadlines of one runtime.
#[derive(Default)]
pub(super) struct RoughTimes {
    /// Guards the list; held for moments, and for a look through it.
    state: Mutex<State>,
    ticker: OnceLock<Waker>,
}

#[derive(Default)]
struct State {
    entries: Vec<Option<Entry>>,
    free: Vec<usize>,
    stage: Stage,
}

/// A deadline, until its owner takes it out.
struct Entry {
    at: Instant,
    /// None once it was woken.
    waker: Option<Waker>,
}

/// Whether the list is being looked through.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Stage {
    #[default]
    Idle,
    /// The next look is being asked for.
    Asking,
    Ticking,
    /// The runtime ended while it was asked.
    Ended,
}

/// A deadline's place in the list; taken out when dropped.
pub(super) struct RoughTime<'a> {
    times: &'a RoughTimes,
    index: usize,
}

impl RoughTimes {
    /// Enters a far deadline: `waker` is woken some time before, or when the runtime ends.
    pub(super) fn wait(
        &self,
        services: &Weak<Services>,
        at: Instant,
        waker: &Waker,
    ) -> RoughTime<'_> {
        let entry = Entry {
            at,
            waker: Some(waker.clone()),
        };
        let (index, starts) = {
            let mut state = self.lock();
            let index = match state.free.pop() {
                Some(index) => index,
                None => {
                    state.entries.push(None);
                    state.entries.len() - 1
                }
            };
            if let Some(place) = state.entries.get_mut(index) {
                *place = Some(entry);
            }
            let starts = state.stage == Stage::Idle;
            if starts {
                state.stage = Stage::Asking;
            }
            (index, starts)
        };
        if starts {
            self.ask(services);
        }
        RoughTime { times: self, index }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for the next look. Without a runtime there is none: who waits is woken.
    fn ask(&self, services: &Weak<Services>) {
        let ticker = self.ticker.get_or_init(|| {
            Waker::from(Arc::new(Ticker {
                services: services.clone(),
            }))
        });
        let asked = services.upgrade().and_then(|services| {
            let handle = services.handle().ok()?;
            let next = Instant::now() + TICK;
            services.far_timers.wait(&handle, next, ticker).ok()
        });
        let woken = {
            let mut state = self.lock();
            match (asked, state.stage) {
                (Some(_), Stage::Asking) => {
                    state.stage = Stage::Ticking;
                    return;
                }
                _ => {
                    state.stage = Stage::Idle;
                    state.take(|_| true)
                }
            }
        };
        woken.into_iter().for_each(Waker::wake);
    }

    fn tick(&self, services: &Weak<Services>) {
        let now = Instant::now();
        let (due, goes_on) = {
            let mut state = self.lock();
            if state.stage == Stage::Asking {
                // Whoever asks finds it, and wakes all.
                state.stage = Stage::Ended;
                return;
            }
            let due = state.take(|at| at.saturating_duration_since(now) < FAR);
            let goes_on = state.free.len() < state.entries.len();
            state.stage = match goes_on {
                true => Stage::Asking,
                false => {
                    // What a burst needed is not kept for ever.
                    state.entries = Vec::new();
                    state.free = Vec::new();
                    Stage::Idle
                }
            };
            (due, goes_on)
        };
        // First: wakers may be anybody's code, and one that panics is not to end all looks.
        if goes_on {
            self.ask(services);
        }
        due.into_iter().for_each(Waker::wake);
    }
}

impl State {
    /// Whom the entry at `index` wakes, unless it was woken.
    fn waker(&mut self, index: usize) -> Option<&mut Waker> {
        let entry = self.entries.get_mut(index).and_then(Option::as_mut)?;
        entry.waker.as_mut()
    }

    /// Whom to wake, of those whose deadline is so.
    fn take(&mut self, is_due: impl Fn(Instant) -> bool) -> Vec<Waker> {
        let entries = self.entries.iter_mut().flatten();
        entries
            .filter(|entry| is_due(entry.at))
            .filter_map(|entry| entry.waker.take())
            .collect()
    }
}

impl RoughTime<'_> {
    /// Whether `waker` will be woken; false when it is time to wait more precisely.
    pub(super) fn waits(&self, waker: &Waker) -> bool {
        match self.times.lock().waker(self.index) {
            None => return false,
            Some(known) if known.will_wake(waker) => return true,
            Some(_) => {}
        }
        // Wakers may be anybody's code: neither this is cloned nor the other dropped while the list is held.
        let mut other = waker.clone();
        let mut state = self.times.lock();
        let known = state.waker(self.index);
        let waits = known.map(|known| std::mem::swap(known, &mut other));
        drop(state);
        waits.is_some()
    }
}

impl Drop for RoughTime<'_> {
    fn drop(&mut self) {
        let entry = {
            let mut state = self.times.lock();
            state.free.push(self.index);
            state.entries.get_mut(self.index).and_then(Option::take)
        };
        // Wakers may be anybody's code.
        drop(entry);
    }
}

/// Has the list looked through when it is woken.
struct Ticker {
    services: Weak<Services>,
}

impl Wake for Ticker {
    fn wake(self: Arc<Self>) {
        if let Some(services) = self.services.upgrade() {
            services.rough_times.tick(&self.services);
        }
    }
}

#[cfg(test)]
mod tests;
