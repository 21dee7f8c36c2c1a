//! The waker of a thread that blocks in the mini-reactor: one per thread, reused by every call. Another thread's wake
//! costs a system call only when this thread really sleeps.

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Wake;
use std::thread::Thread;

use rustix::event::{EventfdFlags, eventfd};

const AWAKE: u32 = 0;
const NOTIFIED: u32 = 1;
const PARKED: u32 = 2;
const POLLING: u32 = 3;

/// How a thread is about to sleep.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sleep {
    /// In `thread::park`.
    Park,
    /// In poll(2), with the event descriptor among the descriptors.
    Poll,
}

/// State of one thread: awake, notified, parked, or in poll(2).
pub(super) struct ThreadWaker {
    state: AtomicU32,
    thread: Thread,
    /// Made on the first poll(2); `None` inside when the process is out of descriptors.
    event: OnceLock<Option<OwnedFd>>,
}

impl ThreadWaker {
    pub(super) fn of_this_thread() -> Arc<ThreadWaker> {
        Arc::new(ThreadWaker {
            state: AtomicU32::new(AWAKE),
            thread: std::thread::current(),
            event: OnceLock::new(),
        })
    }

    /// The descriptor that becomes readable when another thread wakes this one in poll(2).
    pub(super) fn event(&self) -> Option<&OwnedFd> {
        let make = || eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC).ok();
        self.event.get_or_init(make).as_ref()
    }

    /// Announces that the thread will sleep; false when it was woken since it last slept.
    pub(super) fn fall_asleep(&self, how: Sleep) -> bool {
        let asleep = match how {
            Sleep::Park => PARKED,
            Sleep::Poll => POLLING,
        };
        let slept = self
            .state
            .compare_exchange(AWAKE, asleep, Ordering::AcqRel, Ordering::Acquire);
        if slept.is_err() {
            self.state.store(AWAKE, Ordering::Release);
        }
        slept.is_ok()
    }

    /// The thread runs again.
    pub(super) fn wake_up(&self) {
        self.state.swap(AWAKE, Ordering::AcqRel);
    }

    /// Makes the next attempt to sleep fail; for wakes that someone further in has used up.
    pub(super) fn notify(&self) {
        self.state.store(NOTIFIED, Ordering::Release);
    }

    /// Whether the thread is still to sleep: false once it was woken.
    pub(super) fn still_parked(&self) -> bool {
        self.state.load(Ordering::Acquire) == PARKED
    }

    /// Empties the event descriptor.
    pub(super) fn drain(&self) {
        if let Some(Some(event)) = self.event.get() {
            // Fails only when there is nothing to drain.
            let _ = rustix::io::read(event, &mut [0; 8]);
        }
    }

    fn wake_thread(&self) {
        match self.state.swap(NOTIFIED, Ordering::AcqRel) {
            PARKED => self.thread.unpark(),
            POLLING => {
                if let Some(Some(event)) = self.event.get() {
                    // Fails only when the counter is full, and then the descriptor is readable already.
                    let _ = rustix::io::write(event, &1_u64.to_ne_bytes());
                }
            }
            _ => {}
        }
    }
}

impl Wake for ThreadWaker {
    fn wake(self: Arc<Self>) {
        self.wake_thread();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_thread();
    }
}
