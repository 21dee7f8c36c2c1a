//! Opening links: who holds up whom, and which time limits hold. The provider's `?connect=` says how it connects.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use rmix::{Cause, Delivery, Error, ErrorKind, Exported, Limits, Runtime};

use crate::provider::{MEM, close_connections, hold, release};
use crate::station::{StationSkeleton, StationStub, runtime};

const MINUTE: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_millis(30);

fn export(rmix: &Runtime, endpoint: &str) -> Exported {
    let (skeleton, _, _) = StationSkeleton::new();
    rmix.export_blocking(skeleton, [endpoint]).unwrap()
}

/// A stub whose link is known to be closed, so that the next call opens it anew.
fn unlinked(rmix: &Runtime, exported: &Exported, endpoint: &str) -> StationStub {
    let stub: StationStub = rmix.bind(exported).blocking().unwrap();
    close_connections(endpoint, true);
    stub
}

#[test]
fn a_started_call_that_nobody_polls_does_not_hold_up_others() {
    let rmix = runtime();
    let endpoint = "mem://opening-start?connect=late";
    let exported = export(&rmix, endpoint);
    let stub = unlinked(&rmix, &exported, endpoint);
    let mut held = stub.start_hold(1);
    assert_eq!(stub.add_blocking(1, 1).unwrap(), 2);
    assert!(held.try_take().is_none());
}

#[test]
fn a_started_call_that_was_waited_for_in_vain_does_not_hold_up_others() {
    let rmix = runtime();
    let endpoint = "mem://opening-wait?connect=late";
    let exported = export(&rmix, endpoint);
    let stub = unlinked(&rmix, &exported, endpoint);
    let mut held = stub.start_hold(1);
    assert!(held.wait(Duration::ZERO).is_none());
    assert_eq!(stub.add_blocking(1, 1).unwrap(), 2);
}

#[test]
fn an_asynchronous_call_that_is_polled_once_does_not_hold_up_others() {
    let rmix = runtime();
    let endpoint = "mem://opening-poll?connect=late";
    let exported = export(&rmix, endpoint);
    let stub = unlinked(&rmix, &exported, endpoint);
    let mut call = pin!(stub.add(2, 2));
    let polled = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Pending));
    assert_eq!(stub.add_blocking(1, 1).unwrap(), 2);
}

#[test]
fn a_started_call_is_sent_when_the_link_was_opened_for_it() {
    let rmix = runtime();
    let endpoint = "mem://opening-sent?connect=late";
    let exported = export(&rmix, endpoint);
    let stub = unlinked(&rmix, &exported, endpoint);
    let sum = stub.start_flaky(0).wait(MINUTE).expect("an outcome");
    assert_eq!(sum.unwrap(), 1);
}

fn assert_not_sent(error: &Error, words: &[&str]) {
    assert_eq!(
        (error.kind(), error.cause(), error.delivery()),
        (ErrorKind::Retry, Cause::Timeout, Delivery::NotSent),
        "{error}"
    );
    for word in words {
        assert!(error.to_string().contains(word), "no {word:?} in: {error}");
    }
}

#[test]
fn a_slow_resolver_does_not_hold_a_synchronous_bind_beyond_its_deadline() {
    let rmix = runtime();
    let endpoint = "mem://opening-resolve-bind?connect=resolve";
    let _exported = export(&rmix, endpoint);
    let bind = || rmix.bind::<StationStub>(endpoint);
    let error = bind().timeout(SOON).blocking().unwrap_err();
    let words = [
        "was not reached within 30ms",
        "resolving the name \"opening-resolve-bind\"",
    ];
    assert_not_sent(&error, &words);
    release(endpoint);
    let stub = bind().timeout(MINUTE).blocking().unwrap();
    assert_eq!(stub.add_blocking(1, 1).unwrap(), 2);
}

#[test]
fn a_slow_resolver_does_not_hold_a_synchronous_call_beyond_its_deadline() {
    let rmix = runtime();
    let endpoint = "mem://opening-resolve-call?connect=resolve";
    let exported = export(&rmix, endpoint);
    release(endpoint);
    let stub = unlinked(&rmix, &exported, endpoint);
    hold(endpoint);
    let slow = StationStub(stub.0.with_timeout(SOON));
    let words = [
        "`add` was not answered within 30ms; it was not sent",
        "resolving the name \"opening-resolve-call\"",
    ];
    assert_not_sent(&slow.add_blocking(1, 1).unwrap_err(), &words);
    release(endpoint);
    assert_eq!(stub.add_blocking(1, 1).unwrap(), 2);
}

/// The deadline is far away, so only `connect_timeout` can end the opening.
#[test]
fn connect_timeout_ends_an_opening_of_a_binding_and_of_a_call() {
    let mut limits = Limits::default();
    limits.connect_timeout = SOON;
    let rmix = Runtime::builder().with_linked(&MEM).limits(limits);
    let rmix = rmix.build().unwrap();
    let endpoint = "mem://opening-timeout?connect=once";
    let exported = export(&rmix, endpoint);
    let stub: StationStub = rmix.bind(&exported).timeout(MINUTE).blocking().unwrap();
    assert_eq!(stub.add_blocking(1, 1).unwrap(), 2);
    close_connections(endpoint, true);
    let words = ["mem://opening-timeout", "within connect_timeout, 30ms"];
    assert_not_sent(&stub.add_blocking(1, 1).unwrap_err(), &words);
    let mut pending = stub.start_flaky(0);
    let error = pending.wait(MINUTE).expect("an outcome").unwrap_err();
    assert_not_sent(&error, &words);
    let bind = rmix.bind::<StationStub>(endpoint).timeout(MINUTE);
    assert_not_sent(&bind.blocking().unwrap_err(), &words);
}

#[tokio::test]
async fn connect_timeout_ends_an_opening_of_an_asynchronous_call() {
    let mut limits = Limits::default();
    limits.connect_timeout = SOON;
    let rmix = Runtime::builder().with_linked(&MEM).limits(limits);
    let rmix = rmix.build().unwrap();
    let endpoint = "mem://opening-timeout-async?connect=once";
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix.export(skeleton, [endpoint]).await.unwrap();
    let stub: StationStub = rmix.bind(&exported).timeout(MINUTE).await.unwrap();
    close_connections(endpoint, true);
    let error = stub.add(1, 1).await.unwrap_err();
    assert_not_sent(&error, &["within connect_timeout, 30ms"]);
}

#[test]
fn a_deadline_beyond_every_clock_is_no_deadline() {
    let rmix = runtime();
    let exported = export(&rmix, "mem://opening-for-ever");
    let stub: StationStub = rmix
        .bind(&exported)
        .timeout(Duration::MAX)
        .blocking()
        .unwrap();
    assert_eq!(stub.add_blocking(1, 1).unwrap(), 2);
    let mut pending = stub.start_flaky(0);
    assert_eq!(pending.wait(Duration::MAX).unwrap().unwrap(), 1);
}
