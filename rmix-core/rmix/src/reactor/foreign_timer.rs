//! A timer that a provider holds: what is far away waits on the kernel's standing timer, the rest on tokio's.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::far_timers::Appointment;
use super::{Services, Timer, sync_reactor};

/// A timer that a provider holds; each poll may name another time.
pub(crate) struct ForeignTimer {
    near: Timer,
    far: Option<Appointment>,
}

/// From so far on it pays not to have tokio wait: providers' limits of time are longer, and set once in many messages.
const FAR: Duration = Duration::from_secs(1);

impl ForeignTimer {
    pub(super) fn new(services: Arc<Services>) -> ForeignTimer {
        ForeignTimer {
            near: Timer::new(services),
            far: None,
        }
    }

    /// Ready when `deadline_ns` of the runtime's clock has come.
    pub(super) fn poll(&mut self, deadline_ns: u64, cx: &mut Context<'_>) -> Poll<()> {
        let at = self.near.services().instant(deadline_ns);
        if let Some(polled) = sync_reactor::poll_until(at, cx) {
            return polled;
        }
        self.cancel();
        if at.saturating_duration_since(Instant::now()) >= FAR {
            let services = self.near.services();
            let handle = services.handle();
            let far = &services.far_timers;
            let waits = handle.map(|handle| far.wait(&handle, at, cx.waker()));
            if let Ok(Ok(appointment)) = waits {
                self.far = Some(appointment);
                self.near.rest();
                return Poll::Pending;
            }
        }
        self.near.poll(at, cx)
    }

    fn cancel(&mut self) {
        if let Some(appointment) = self.far.take() {
            self.near.services().far_timers.cancel(appointment);
        }
    }
}

impl Drop for ForeignTimer {
    fn drop(&mut self) {
        self.cancel();
    }
}
