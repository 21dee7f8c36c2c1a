//! Deadlines and calls given up: what the caller is told, and that the link goes on.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use rmix::{Cause, Delivery, Error, Interface as _};

use crate::interface::ConformanceStub;
use crate::rig::{Rig, asynchronously, limits, limits_with};

const SHORT: Duration = Duration::from_millis(50);

fn hurried(stub: &ConformanceStub) -> ConformanceStub {
    ConformanceStub::from_stub(stub.stub().with_timeout(SHORT))
}

fn check_late(error: &Error) {
    assert_eq!(error.cause(), Cause::Timeout, "{error}");
    assert_eq!(error.delivery(), Delivery::MaybeExecuted, "{error}");
    assert!(error.message().contains("pass"), "{error}");
}

/// All three ways of waiting; the late replies are dropped.
pub fn deadline_ends_a_call_and_not_its_link(rig: &Rig) {
    let pair = rig.pair();
    let stub = &pair.stub;
    assert_eq!(stub.blocking().add(0, 0).unwrap(), 0);
    check_late(&hurried(stub).blocking().pass(1).unwrap_err());
    check_late(&asynchronously(async { hurried(stub).pass(1).await }).unwrap_err());
    let mut started = hurried(stub).start().pass(1);
    let outcome = started.wait(Duration::from_secs(60));
    check_late(&outcome.expect("the deadline ends the waiting").unwrap_err());
    // The three late replies come before the next one.
    stub.blocking().open(1).unwrap();
    for round in 0..10 {
        assert_eq!(stub.blocking().add(round, 1).unwrap(), round + 1);
    }
}

/// The call never left.
pub fn deadline_before_a_call_is_sent_says_not_sent(rig: &Rig) {
    let crowded = limits_with(|limits| limits.outstanding_calls = 1);
    let pair = rig.pair_with(limits(), crowded);
    let held = pair.stub.start().pass(1);
    let before = hurried(&pair.stub).blocking().add(1, 1).unwrap_err();
    assert_eq!(before.cause(), Cause::Timeout);
    assert_eq!(before.delivery(), Delivery::NotSent);
    drop(held);
    assert_eq!(pair.stub.blocking().add(1, 1).unwrap(), 2);
    assert_eq!(pair.stub.blocking().additions().unwrap(), 1);
}

/// By its handle, and by dropping its future.
pub fn call_that_is_given_up_leaves_the_link_usable(rig: &Rig) {
    let pair = rig.pair();
    let stub = &pair.stub;
    let started = stub.start().pass(1);
    stub.blocking().arrived(1, 1).unwrap();
    assert_eq!(started.cancel(), Delivery::MaybeExecuted);
    asynchronously(async {
        let mut dropped = pin!(Some(stub.pass(1)));
        poll_fn(|cx| {
            let call = dropped.as_mut().as_pin_mut().expect("it is there");
            assert!(call.poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        dropped.set(None);
        assert_eq!(stub.add(1, 2).await.unwrap(), 3);
    });
    stub.blocking().open(1).unwrap();
    for round in 0..10 {
        assert_eq!(stub.blocking().add(round, 1).unwrap(), round + 1);
    }
}

/// Given up before they are answered, calls take no place of later ones.
pub fn calls_given_up_free_their_places(rig: &Rig) {
    let crowded = limits_with(|limits| limits.outstanding_calls = 2);
    let pair = rig.pair_with(limits(), crowded);
    for _ in 0..20 {
        let held = pair.stub.start().pass(1);
        drop(held);
    }
    assert_eq!(pair.stub.blocking().add(1, 1).unwrap(), 2);
}
