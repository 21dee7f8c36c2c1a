//! Synchronous, asynchronous, started and one-way calls, and what values and faults become on the way.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use rmix::{CallError, Cause};

use crate::interface::{Refusal, Sample};
use crate::rig::{Rig, asynchronously};

/// A plain thread calls.
pub fn synchronous_call_returns_its_result(rig: &Rig) {
    let pair = rig.pair();
    let stub = pair.stub.blocking();
    assert_eq!(stub.add(40, 2).unwrap(), 42);
    assert_eq!(stub.add(i64::MIN, 0).unwrap(), i64::MIN);
}

/// A task calls.
pub fn asynchronous_call_returns_its_result(rig: &Rig) {
    let pair = rig.pair();
    let sum = asynchronously(async { pair.stub.add(40, 2).await });
    assert_eq!(sum.unwrap(), 42);
}

/// The same link serves both.
pub fn synchronous_and_asynchronous_calls_take_turns_on_one_link(rig: &Rig) {
    let pair = rig.pair();
    for round in 0..20 {
        assert_eq!(pair.stub.blocking().add(round, 1).unwrap(), round + 1);
        let sum = asynchronously(async { pair.stub.add(round, 2).await });
        assert_eq!(sum.unwrap(), round + 2);
    }
}

/// Where waiting could stop the task that is waited for.
pub fn synchronous_call_inside_a_task_is_refused(rig: &Rig) {
    let pair = rig.pair();
    let refused = asynchronously(async { pair.stub.blocking().add(1, 2) });
    assert!(refused.unwrap_err().message().contains("blocking"));
    assert_eq!(pair.stub.blocking().add(1, 2).unwrap(), 3);
}

/// A handle is asked, waited for, and awaited.
pub fn started_call_is_polled_waited_for_or_awaited(rig: &Rig) {
    let pair = rig.pair();
    let stub = &pair.stub;
    let mut polled = stub.start().add(1, 2);
    let sum = loop {
        if let Some(sum) = polled.try_take() {
            break sum;
        }
    };
    assert_eq!(sum.unwrap(), 3);
    let again = polled
        .try_take()
        .expect("a taken outcome is an error at once");
    assert!(again.unwrap_err().message().contains("taken"));
    let mut waited = stub.start().add(3, 4);
    assert_eq!(waited.wait(Duration::from_secs(60)).unwrap().unwrap(), 7);
    let awaited = stub.start().add(5, 6);
    assert_eq!(asynchronously(awaited).unwrap(), 11);
}

/// Without anybody polling it.
pub fn every_started_call_leaves_at_once(rig: &Rig) {
    if rig.takes_one_peer() {
        return;
    }
    let pair = rig.pair();
    let other = rig.runtime(crate::rig::limits());
    let other = crate::rig::bind(&other, &pair.server.endpoint);
    let started: Vec<_> = (0..5).map(|_| pair.stub.start().pass(1)).collect();
    other.blocking().arrived(1, 5).unwrap();
    other.blocking().open(1).unwrap();
    for mut call in started {
        assert_eq!(call.wait(Duration::from_secs(60)).unwrap().unwrap(), 1);
    }
}

/// Asked for once, waited for in vain, then left alone: others of the link go on.
pub fn started_call_that_is_left_alone_does_not_hold_up_others(rig: &Rig) {
    let pair = rig.pair();
    let stub = &pair.stub;
    let mut held = stub.start().pass(1);
    assert!(held.try_take().is_none());
    assert_eq!(stub.blocking().add(1, 1).unwrap(), 2);
    assert!(held.wait(Duration::from_millis(5)).is_none());
    assert_eq!(stub.blocking().add(2, 2).unwrap(), 4);
    let mut second = stub.start().pass(2);
    assert!(second.try_take().is_none());
    assert!(held.try_take().is_none());
    let sum = asynchronously(async { stub.add(3, 3).await });
    assert_eq!(sum.unwrap(), 6);
    stub.blocking().open(2).unwrap();
    stub.blocking().open(1).unwrap();
    assert_eq!(held.wait(Duration::from_secs(60)).unwrap().unwrap(), 1);
    assert_eq!(second.wait(Duration::from_secs(60)).unwrap().unwrap(), 2);
}

/// A future that was polled and is not polled any more, as in a `select!` that went another way.
pub fn future_that_is_left_alone_does_not_hold_up_others(rig: &Rig) {
    let pair = rig.pair();
    let stub = &pair.stub;
    let (held, sum, others) = asynchronously(async {
        let mut held = pin!(stub.pass(1));
        poll_fn(|cx| {
            assert!(held.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        let sum = stub.add(1, 1).await;
        let other = stub.clone();
        let others = tokio::spawn(async move {
            let mut sums = Vec::new();
            for round in 0..20 {
                sums.push(other.add(round, 0).await?);
            }
            Ok::<_, rmix::Error>(sums)
        });
        let others = others.await.expect("the task does not panic");
        stub.open(1).await.unwrap();
        (held.await, sum, others)
    });
    assert_eq!(sum.unwrap(), 2);
    assert_eq!(others.unwrap(), Vec::from_iter(0..20));
    assert_eq!(held.unwrap(), 1);
}

/// `Ok` means handed over; `flush` means with the kernel.
pub fn one_way_call_runs_without_an_answer(rig: &Rig) {
    if rig.lacks("oneway") {
        return;
    }
    let pair = rig.pair();
    let stub = pair.stub.blocking();
    stub.record(0).unwrap();
    stub.flush().unwrap();
    assert_eq!(stub.recorded(1).unwrap().last, [0]);
    asynchronously(async {
        pair.stub.record(1).await.unwrap();
        pair.stub.flush().await.unwrap();
        pair.stub.flush().await.unwrap();
    });
    assert_eq!(stub.recorded(2).unwrap().last, [0, 1]);
}

/// A flush that was given up leaves nothing behind that would end the next one early.
pub fn one_way_calls_arrive_without_a_flush(rig: &Rig) {
    if rig.lacks("oneway") || rig.takes_one_peer() {
        return;
    }
    let pair = rig.pair();
    let other = rig.runtime(crate::rig::limits());
    let other = crate::rig::bind(&other, &pair.server.endpoint);
    for value in 0..3 {
        pair.stub.blocking().record(value).unwrap();
        let count = u64::try_from(value).unwrap() + 1;
        assert_eq!(other.blocking().recorded(count).unwrap().count, count);
    }
}

/// Every shape of value, at the ends of its range.
pub fn every_shape_comes_back_unchanged(rig: &Rig) {
    let pair = rig.pair();
    let sample = Sample::extreme();
    let echoed = pair.stub.blocking().echo(sample.clone()).unwrap();
    assert_eq!(echoed, sample);
    let echoed = asynchronously(async { pair.stub.echo(sample.clone()).await });
    assert_eq!(echoed.unwrap(), sample);
}

/// A fault is a value.
pub fn declared_fault_comes_back_as_itself(rig: &Rig) {
    if rig.lacks("faults") {
        return;
    }
    let pair = rig.pair();
    let stub = pair.stub.blocking();
    assert_eq!(stub.divide(42, 6).unwrap(), 7);
    let fault = stub.divide(1, 0).unwrap_err();
    assert_eq!(fault.fault(), Some(&Refusal::DivisorIsZero));
    let fault = stub.divide(i64::MIN, -1).unwrap_err();
    let expected = Refusal::TooLarge {
        dividend: i64::MIN,
        divisor: -1,
    };
    assert_eq!(fault.fault(), Some(&expected));
    assert!(matches!(fault, CallError::Fault(_)));
    assert_eq!(stub.divide(8, 2).unwrap(), 4);
}

/// Larger than any buffer on the way.
pub fn large_values_arrive_whole_in_both_directions(rig: &Rig) {
    let pair = rig.pair();
    let stub = pair.stub.blocking();
    let octets: Vec<u8> = (0..3_000_000_u32).map(|i| (i % 251) as u8).collect();
    assert_eq!(stub.take_octets(octets).unwrap(), 3_000_000);
    let given = stub.give_octets(3_000_000).unwrap();
    assert_eq!(given.len(), 3_000_000);
    assert!(given.iter().all(|octet| *octet == 0x5a));
    let numbers: Vec<f64> = (0..200_000).map(f64::from).collect();
    let total = asynchronously(async { pair.stub.total(numbers).await });
    assert_eq!(total.unwrap(), 199_999.0 * 100_000.0);
}

/// Nothing is sent, and the reason is said.
pub fn call_after_shutdown_says_not_sent(rig: &Rig) {
    let pair = rig.pair();
    assert_eq!(pair.stub.blocking().add(1, 1).unwrap(), 2);
    pair.runtime
        .shutdown_blocking(Duration::from_secs(60))
        .expect("nothing is in flight");
    let error = pair.stub.blocking().add(1, 1).unwrap_err();
    assert_eq!(error.cause(), Cause::Shutdown);
    assert_eq!(error.delivery(), rmix::Delivery::NotSent);
}
