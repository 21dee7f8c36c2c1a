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
        Lookers {
            enabled: has_second_core(),
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
