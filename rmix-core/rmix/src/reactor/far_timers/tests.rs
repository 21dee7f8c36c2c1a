//! Far times ring in order, once, and not when nobody waits.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;
use std::time::Duration;

use tokio::sync::Notify;

use super::*;

/// Counts what it is woken.
#[derive(Default)]
struct Bell {
    rang: AtomicUsize,
    notify: Notify,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rang.fetch_add(1, Ordering::SeqCst);
        self.notify.notify_one();
    }
}

fn bell() -> (Arc<Bell>, Waker) {
    let bell = Arc::new(Bell::default());
    (bell.clone(), bell.into())
}

fn rang(bell: &Bell) -> usize {
    bell.rang.load(Ordering::SeqCst)
}

fn soon(ms: u64) -> Instant {
    Instant::now() + Duration::from_millis(ms)
}

#[tokio::test]
async fn times_ring_when_they_have_come_and_the_earlier_one_first() {
    let timers = Arc::new(FarTimers::default());
    let handle = Handle::current();
    let ((late, late_waker), (early, early_waker)) = (bell(), bell());
    let late_at = soon(40);
    timers.wait(&handle, late_at, &late_waker).unwrap();
    let early_at = soon(10);
    timers.wait(&handle, early_at, &early_waker).unwrap();
    early.notify.notified().await;
    assert!(Instant::now() >= early_at);
    late.notify.notified().await;
    assert!(Instant::now() >= late_at);
    assert_eq!((rang(&early), rang(&late)), (1, 1));
    // The task has ended, and begins anew for the next.
    let (next, waker) = bell();
    timers.wait(&handle, soon(1), &waker).unwrap();
    next.notify.notified().await;
}

#[tokio::test]
async fn a_cancelled_time_does_not_ring() {
    let timers = Arc::new(FarTimers::default());
    let handle = Handle::current();
    let ((cancelled, cancelled_waker), (kept, kept_waker)) = (bell(), bell());
    let at = soon(5);
    let appointment = timers.wait(&handle, at, &cancelled_waker).unwrap();
    timers.wait(&handle, at, &kept_waker).unwrap();
    timers.cancel(appointment);
    kept.notify.notified().await;
    assert_eq!(rang(&cancelled), 0);
}

#[test]
fn who_waits_is_woken_when_the_runtime_ends() {
    let timers = Arc::new(FarTimers::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (bell, waker) = bell();
    let far = soon(3_600_000);
    timers.wait(runtime.handle(), far, &waker).unwrap();
    assert_eq!(rang(&bell), 0);
    drop(runtime);
    assert_eq!(rang(&bell), 1);
    assert!(timers.lock().clock.is_none());
}

#[test]
fn a_runtime_that_has_ended_wakes_at_once_or_says_so() {
    let timers = Arc::new(FarTimers::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let handle = runtime.handle().clone();
    drop(runtime);
    let (bell, waker) = bell();
    let waits = timers.wait(&handle, soon(3_600_000), &waker);
    assert!(waits.is_err() || rang(&bell) == 1);
    assert!(timers.lock().clock.is_none());
}
