//! Looking for bytes again and again before sleeping, where there is a core for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rmix_shm_sys::Reader;
use rmix_shm_sys::spin::Spin;

/// Looks between two readings of the clock.
const LOOKS: u32 = 32;

/// Who may look, of all links of a provider.
#[derive(Debug)]
pub(crate) struct Lookers {
    /// A second core is there.
    enabled: bool,
    /// One of the host's own threads is looking: another would take the time of tasks from it.
    task: AtomicBool,
}

impl Lookers {
    pub(crate) fn new() -> Lookers {
        let cores = std::thread::available_parallelism();
        Lookers {
            enabled: cores.is_ok_and(|cores| cores.get() > 1),
            task: AtomicBool::new(false),
        }
    }

    pub(crate) fn spin(&self) -> Spin {
        Spin::new(self.enabled)
    }

    /// Looks from a thread that runs tasks, of which one looks at a time.
    pub(crate) fn look_as_task(&self, spin: &mut Spin, reader: &Reader) -> bool {
        if self.task.swap(true, Ordering::Acquire) {
            return false;
        }
        let found = look(spin, reader);
        self.task.store(false, Ordering::Release);
        found
    }
}

/// Looks as long as it has paid lately; whether there is something.
pub(crate) fn look(spin: &mut Spin, reader: &Reader) -> bool {
    let budget_ns = spin.budget_ns();
    if budget_ns == 0 {
        return false;
    }
    let begun = Instant::now();
    loop {
        for _ in 0..LOOKS {
            if reader.has_news() {
                spin.succeeded(nanoseconds(begun));
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

fn nanoseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
