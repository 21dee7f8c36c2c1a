//! Looking for bytes again and again before sleeping, where there is a core for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rmix_shm_sys::Reader;
use rmix_shm_sys::spin::Spin;

/// Looks between two readings of the clock.
const LOOKS: u32 = 32;

/// How long a task looks before others get their turn, in nanoseconds.
const SLICE_NS: u64 = 4_000;

/// Who may look, of all links of a provider.
#[derive(Debug)]
pub(crate) struct Lookers {
    /// A second core is there.
    enabled: bool,
    /// A task is looking: another would only take time from it.
    task: Arc<AtomicBool>,
}

/// A task's look, which goes on over several polls; ends when dropped.
#[derive(Debug)]
pub(crate) struct Look {
    begun: Instant,
    budget_ns: u64,
    task: Arc<AtomicBool>,
}

impl Drop for Look {
    fn drop(&mut self) {
        self.task.store(false, Ordering::Release);
    }
}

/// What a slice of a look has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Looked {
    Found,
    NothingYet,
    Nothing,
}

impl Lookers {
    pub(crate) fn new() -> Lookers {
        Lookers {
            enabled: has_second_core(),
            task: Arc::default(),
        }
    }

    pub(crate) fn spin(&self) -> Spin {
        Spin::new(self.enabled)
    }

    /// Begins a look of a task, of which one looks at a time.
    pub(crate) fn begin(&self, spin: &mut Spin) -> Option<Look> {
        let budget_ns = spin.budget_ns();
        if budget_ns == 0 || self.task.swap(true, Ordering::Acquire) {
            return None;
        }
        Some(Look {
            begun: Instant::now(),
            budget_ns,
            task: self.task.clone(),
        })
    }
}

impl Look {
    /// Looks for a slice of its time.
    pub(crate) fn go_on(&self, reader: &Reader) -> Looked {
        let begun = nanoseconds(self.begun);
        loop {
            for _ in 0..LOOKS {
                if reader.has_news() {
                    return Looked::Found;
                }
                std::hint::spin_loop();
            }
            let now = nanoseconds(self.begun);
            if now >= self.budget_ns {
                return Looked::Nothing;
            }
            if now >= begun + SLICE_NS {
                return Looked::NothingYet;
            }
        }
    }
}

/// Looks on a caller's own thread, as long as it has paid lately; whether there is something.
pub(crate) fn look(spin: &mut Spin, reader: &Reader) -> bool {
    let budget_ns = spin.budget_ns();
    if budget_ns == 0 {
        return false;
    }
    let begun = Instant::now();
    loop {
        for _ in 0..LOOKS {
            if reader.has_news() {
                spin.succeeded();
                return true;
            }
            std::hint::spin_loop();
        }
        if nanoseconds(begun) >= budget_ns {
            spin.failed();
            return false;
        }
    }
}

/// Whether this host has a second core. That this process may not use it says nothing: the peer may be there, and where it
/// is not, looking stops by itself.
fn has_second_core() -> bool {
    let online = std::fs::read_to_string("/sys/devices/system/cpu/online");
    match online {
        Ok(list) => list.contains(['-', ',']),
        Err(_) => std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1),
    }
}

fn nanoseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
