//! Waking, time and nesting of the mini-reactor; descriptors are tested through links.

use std::future::{pending, poll_fn};
use std::sync::Mutex;

use super::*;

const SOON: Duration = Duration::from_millis(20);

/// A future that is ready after another thread has said so.
fn told_by_a_thread() -> impl Future<Output = u32> {
    let told = Arc::new(Mutex::new((false, None::<Waker>)));
    let teller = told.clone();
    std::thread::spawn(move || {
        loop {
            let mut told = teller.lock().unwrap();
            if let Some(waker) = told.1.take() {
                told.0 = true;
                return waker.wake();
            }
            drop(told);
            std::thread::yield_now();
        }
    });
    poll_fn(move |cx| {
        let mut told = told.lock().unwrap();
        if told.0 {
            return Poll::Ready(7);
        }
        told.1 = Some(cx.waker().clone());
        Poll::Pending
    })
}

#[test]
fn another_thread_wakes_it() {
    for _ in 0..200 {
        assert_eq!(block_on(told_by_a_thread()), 7);
    }
}

#[test]
fn a_deadline_ends_it() {
    let started = Instant::now();
    assert_eq!(
        block_on_until(pending::<()>(), started + SOON),
        Err(TimedOut)
    );
    assert!(started.elapsed() >= SOON);
}

#[test]
fn a_timer_is_waited_for() {
    let at = Instant::now() + SOON;
    block_on(poll_fn(|cx| poll_until(at, cx).expect("inside block_on")));
    assert!(Instant::now() >= at);
}

#[test]
fn outside_nothing_is_waited_for_here() {
    let cx = Context::from_waker(Waker::noop());
    assert_eq!(poll_until(Instant::now(), &cx), None);
    assert!(!may_block_here());
    let inside = block_on(poll_fn(|_| {
        Poll::Ready((may_block_here(), dispatching(may_block_here)))
    }));
    assert_eq!(inside, (true, false));
    assert!(poll_once(|cx| pin!(pending::<()>()).poll(cx)).is_pending());
    assert!(poll_until(Instant::now(), &cx).is_none());
}

#[test]
fn a_wake_during_a_nested_wait_is_not_lost() {
    let outer = told_by_a_thread();
    let mut outer = pin!(outer);
    let mut nested = 0;
    let value = block_on(poll_fn(|cx| {
        let polled = outer.as_mut().poll(cx);
        if polled.is_pending() && nested < 5 {
            nested += 1;
            // Whatever wakes this thread meanwhile is meant for the level outside.
            assert_eq!(block_on(told_by_a_thread()), 7);
        }
        polled
    }));
    assert_eq!(value, 7);
}
