//! Time on either reactor: a timer that can be polled in a synchronous call and in a task, and futures with a deadline.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::time::Sleep;

use super::rough_times::{self, RoughTime};
use super::{Services, TimedOut, sync_reactor};

/// A timer; each poll may name another time.
pub(crate) struct Timer {
    services: Arc<Services>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Timer {
    pub(crate) fn new(services: Arc<Services>) -> Timer {
        Timer {
            services,
            sleep: None,
        }
    }

    pub(super) fn services(&self) -> &Services {
        &self.services
    }

    /// Waits for nothing until it is polled again.
    pub(super) fn rest(&mut self) {
        self.sleep = None;
    }

    /// Ready when `at` has come.
    pub(crate) fn poll(&mut self, at: Instant, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(polled) = sync_reactor::poll_until(at, cx) {
            return polled;
        }
        let tokio_at = tokio::time::Instant::from_std(at);
        if let Some(sleep) = &mut self.sleep {
            if sleep.deadline() != tokio_at {
                sleep.as_mut().reset(tokio_at);
            }
            return sleep.as_mut().poll(cx);
        }
        if at <= Instant::now() {
            return Poll::Ready(());
        }
        let Ok(handle) = self.services.handle() else {
            // Without a runtime nothing can wait: the time counts as come.
            return Poll::Ready(());
        };
        let _entered = handle.enter();
        let sleep = self
            .sleep
            .insert(Box::pin(tokio::time::sleep_until(tokio_at)));
        sleep.as_mut().poll(cx)
    }
}

/// The time in so long; one that no clock can show is as good as a year from now.
pub(crate) fn after(timeout: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(timeout)
        .unwrap_or_else(|| now + Duration::from_secs(365 * 24 * 60 * 60))
}

/// Runs `future` until `at`. Nothing is allocated.
pub(crate) async fn within<F: Future>(
    services: &Arc<Services>,
    at: Instant,
    future: F,
) -> Result<F::Output, TimedOut> {
    let left = at.saturating_duration_since(Instant::now());
    within_time(services, at, left, future).await
}

/// As [`within`], when the time that is left is known.
pub(crate) async fn within_time<F: Future>(
    services: &Arc<Services>,
    at: Instant,
    left: Duration,
    future: F,
) -> Result<F::Output, TimedOut> {
    let mut future = pin!(future);
    let mut is_far = left >= rough_times::FAR;
    let mut rough: Option<RoughTime<'_>> = None;
    let mut sleep = pin!(None::<Sleep>);
    poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Ok(output));
        }
        if let Some(polled) = sync_reactor::poll_until(at, cx) {
            return polled.map(|()| Err(TimedOut));
        }
        if is_far {
            is_far = match &rough {
                Some(rough) => rough.waits(cx.waker()),
                // Time may have passed since it was reckoned what is left.
                None if at.saturating_duration_since(Instant::now()) < rough_times::FAR => false,
                None => {
                    let times = &services.rough_times;
                    rough = Some(times.wait(&services.this, at, cx.waker()));
                    true
                }
            };
            if is_far {
                return Poll::Pending;
            }
            rough = None;
        }
        if sleep.as_ref().as_pin_ref().is_none() {
            let Ok(handle) = services.handle() else {
                return Poll::Ready(Err(TimedOut));
            };
            let _entered = handle.enter();
            let at = tokio::time::Instant::from_std(at);
            sleep.set(Some(tokio::time::sleep_until(at)));
        }
        match sleep.as_mut().as_pin_mut() {
            Some(sleep) => sleep.poll(cx).map(|()| Err(TimedOut)),
            None => Poll::Pending,
        }
    })
    .await
}
