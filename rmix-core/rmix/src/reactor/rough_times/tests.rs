//! Far deadlines are woken for before they come, once, and cost nothing when they are given up.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Context;

use rmix_engine::Limits;
use tokio::runtime::Handle;

use super::*;
use crate::reactor::timer::within_time;
use crate::reactor::{IoChoice, TimedOut, within};

fn services() -> Arc<Services> {
    Services::new(IoChoice::Lent(Handle::current()), &Limits::default())
}

/// Counts what it is woken.
#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Bell {
    fn rang(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn only_near_deadlines_are_woken_for_and_once() {
    let services = services();
    let times = &services.rough_times;
    let (near, far) = (Arc::new(Bell::default()), Arc::new(Bell::default()));
    let waker = Waker::from(near.clone());
    let soon = times.wait(&services.this, Instant::now() + FAR - TICK / 2, &waker);
    let late = times.wait(
        &services.this,
        Instant::now() + FAR * 10,
        &Waker::from(far.clone()),
    );
    assert!(soon.waits(&waker));
    times.tick(&services.this);
    times.tick(&services.this);
    assert_eq!((near.rang(), far.rang()), (1, 0));
    assert!(!soon.waits(&waker), "to be waited for more precisely");
    assert!(late.waits(&Waker::from(far)));
}

#[tokio::test]
async fn a_deadline_that_was_given_up_is_not_woken_for_and_its_place_is_used_again() {
    let services = services();
    let times = &services.rough_times;
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(bell.clone());
    let at = Instant::now();
    drop(times.wait(&services.this, at, &waker));
    let again = times.wait(&services.this, at, &waker);
    drop(again);
    {
        let state = times.lock();
        assert_eq!((state.entries.len(), state.free.len()), (1, 1));
    }
    times.tick(&services.this);
    assert_eq!(bell.rang(), 0);
    assert_eq!(Arc::strong_count(&bell), 2, "no waker is kept");
    let state = times.lock();
    let memory = (state.entries.capacity(), state.free.capacity());
    assert_eq!(memory, (0, 0), "no memory is kept");
    assert!(state.stage == Stage::Idle, "nothing is left to look for");
}

#[tokio::test]
async fn who_waits_is_woken_when_there_is_no_runtime_any_more() {
    let services = services();
    let bell = Arc::new(Bell::default());
    let at = Instant::now() + FAR * 10;
    let times = &services.rough_times;
    let waiting = times.wait(&services.this, at, &Waker::from(bell.clone()));
    services.stop(Duration::ZERO);
    std::thread::scope(|scope| {
        // A thread without a runtime of its own.
        scope.spawn(|| times.tick(&services.this));
    });
    assert_eq!(bell.rang(), 1);
    drop(waiting);
}

#[tokio::test]
async fn a_far_deadline_ends_a_future_that_never_does_and_not_before() {
    let services = services();
    let at = Instant::now() + FAR + TICK / 100;
    let waited = within(&services, at, std::future::pending::<()>()).await;
    assert_eq!(waited, Err(TimedOut));
    assert!(Instant::now() >= at);
}

#[tokio::test]
async fn a_deadline_that_has_come_near_since_it_was_reckoned_is_not_entered() {
    let services = services();
    let at = Instant::now() + FAR - TICK / 2;
    let never = std::future::pending::<()>();
    let mut waiting = pin!(within_time(&services, at, FAR, never));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(waiting.as_mut().poll(&mut cx).is_pending());
    assert!(services.rough_times.lock().entries.is_empty());
}

/// Panics when it is woken.
struct Bomb;

impl Wake for Bomb {
    fn wake(self: Arc<Self>) {
        panic!("on purpose");
    }
}

#[tokio::test]
async fn a_waker_that_panics_does_not_end_the_looks() {
    let services = services();
    let times = &services.rough_times;
    let now = Instant::now();
    let _bomb = times.wait(&services.this, now, &Waker::from(Arc::new(Bomb)));
    let ticked = catch_unwind(AssertUnwindSafe(|| times.tick(&services.this)));
    assert!(ticked.is_err(), "it was woken");
    assert!(times.lock().stage == Stage::Ticking);
}

/// Counts its ends that come while the list is held.
struct Careful {
    services: Weak<Services>,
    held: Arc<AtomicUsize>,
}

impl Wake for Careful {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Careful {
    fn drop(&mut self) {
        let services = self.services.upgrade().unwrap();
        let held = services.rough_times.state.try_lock().is_err();
        self.held.fetch_add(usize::from(held), Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_waker_that_is_replaced_is_not_dropped_while_the_list_is_held() {
    let services = services();
    let held = Arc::new(AtomicUsize::new(0));
    let careful = Arc::new(Careful {
        services: services.this.clone(),
        held: held.clone(),
    });
    let dropped = Arc::downgrade(&careful);
    let at = Instant::now() + FAR * 10;
    let times = &services.rough_times;
    let waiting = times.wait(&services.this, at, &Waker::from(careful));
    let bell = Arc::new(Bell::default());
    assert!(waiting.waits(&Waker::from(bell.clone())));
    assert!(dropped.upgrade().is_none(), "it was replaced");
    assert_eq!(held.load(Ordering::SeqCst), 0);
    drop(times.lock().take(|_| true));
    assert!(!waiting.waits(&Waker::from(bell)));
}
