//! Unexporting, shutting down, unloading and loading again, with calls in flight.

use std::time::Duration;

use rmix::{Cause, Delivery};

use crate::rig::{Pair, Rig, asynchronously, bind, limits, open_gate, wait_for_arrivals};

const PATIENCE: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(100);

/// Runs `closing` in a thread while a call is held, checks that new calls are refused with `refused`, lets the held call
/// go, and checks that both end well.
fn drains(
    pair: &Pair,
    closing: impl FnOnce() -> Result<(), rmix::Error> + Send,
    is_closed: impl Fn() -> bool,
) {
    let local = pair.server.local.as_ref().expect("it is in this process");
    let mut held = pair.stub.start().pass(1);
    wait_for_arrivals(local, 1, 1);
    std::thread::scope(|scope| {
        let closing = scope.spawn(closing);
        while !is_closed() {
            std::thread::yield_now();
        }
        assert!(!closing.is_finished(), "it does not wait for the call");
        open_gate(local, 1);
        assert_eq!(held.wait(PATIENCE).unwrap().unwrap(), 1);
        closing.join().expect("it does not panic").unwrap();
    });
}

/// The call that runs is answered; nothing new is taken.
pub fn unexport_finishes_the_calls_that_run(rig: &Rig) {
    if rig.takes_one_peer() {
        return;
    }
    let mut pair = rig.pair();
    let local = pair.server.local.as_mut().expect("it is in this process");
    let exported = local.exported.take().expect("it is exported");
    let runtime = rig.runtime(limits());
    let endpoint = pair.server.endpoint.clone();
    let is_closed = || {
        let bound = runtime.bind::<crate::interface::ConformanceStub>(&endpoint);
        let sum = bound.blocking().and_then(|stub| stub.blocking().add(1, 1));
        sum.is_err()
    };
    let unexport = move || asynchronously(exported.unexport_within(PATIENCE));
    drains(&pair, unexport, is_closed);
}

/// The caller's provider: its links drain.
pub fn unload_of_the_caller_s_provider_finishes_the_calls_that_run(rig: &Rig) {
    if rig.is_remote() {
        return;
    }
    let pair = rig.pair();
    let unload = || asynchronously(pair.runtime.unload_provider(rig.fixture().name(), PATIENCE));
    let is_closed = || pair.stub.blocking().add(1, 1).is_err();
    drains(&pair, unload, is_closed);
    let error = pair.stub.blocking().add(1, 1).unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    assert_eq!(error.cause(), Cause::Endpoint, "{error}");
    assert!(pair.runtime.providers().is_empty());
}

/// The object's provider: its listeners drain.
pub fn unload_of_the_object_s_provider_finishes_the_calls_that_run(rig: &Rig) {
    if rig.takes_one_peer() {
        return;
    }
    let pair = rig.pair();
    let local = pair.server.local.as_ref().expect("it is in this process");
    let runtime = rig.runtime(limits());
    let is_closed = || {
        let bound = runtime.bind::<crate::interface::ConformanceStub>(&pair.server.endpoint);
        bound
            .blocking()
            .and_then(|stub| stub.blocking().add(1, 1))
            .is_err()
    };
    let unload = || {
        asynchronously(
            local
                .runtime
                .unload_provider(rig.fixture().name(), PATIENCE),
        )
    };
    drains(&pair, unload, is_closed);
    assert!(local.runtime.providers().is_empty());
}

/// A call that does not end in time is given up, and says so.
pub fn unload_with_a_bound_that_passes_fails_the_calls_that_run(rig: &Rig) {
    let pair = rig.pair();
    let mut held = pair.stub.start().pass(1);
    pair.stub.blocking().arrived(1, 1).unwrap();
    let name = rig.fixture().name();
    let late = asynchronously(pair.runtime.unload_provider(name, SHORT)).unwrap_err();
    assert_eq!(late.cause(), Cause::Timeout, "{late}");
    let error = held.wait(PATIENCE).unwrap().unwrap_err();
    assert_eq!(error.delivery(), Delivery::MaybeExecuted, "{error}");
    assert_ne!(error.cause(), Cause::Timeout, "{error}");
    assert!(pair.runtime.providers().is_empty());
}

/// The file of a provider that was unloaded may be replaced: the new one is loaded from another path, and stubs go on.
pub fn provider_loaded_again_from_another_path_serves_the_old_stubs(rig: &Rig) {
    let pair = rig.pair();
    assert_eq!(pair.stub.blocking().add(1, 1).unwrap(), 2);
    let file = rig.file();
    let copy = rig
        .folder()
        .join(file.file_name().expect("a file has a name"));
    std::fs::copy(&file, &copy).expect("there is room for a copy");
    let name = rig.fixture().name();
    let twice = pair.runtime.load_provider(&copy).unwrap_err();
    assert!(twice.message().contains("loaded already"), "{twice}");
    asynchronously(pair.runtime.unload_provider(name, PATIENCE)).unwrap();
    let error = pair.stub.blocking().add(1, 1).unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    pair.runtime.load_provider(&copy).unwrap();
    assert_eq!(pair.stub.blocking().add(1, 1).unwrap(), 2);
    let infos = pair.runtime.providers();
    assert_eq!(infos[0].file.as_deref(), Some(copy.as_path()));
}

/// Many callers, and the provider is taken away under them.
pub fn unload_under_load_answers_or_refuses_every_call(rig: &Rig) {
    let pair = rig.pair();
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    for round in 0.. {
                        match pair.stub.blocking().add(round, 1) {
                            Ok(sum) => assert_eq!(sum, round + 1),
                            Err(error) => return (round, error),
                        }
                    }
                    unreachable!("the provider is unloaded some time")
                })
            })
            .collect();
        while pair.stub.blocking().additions().unwrap() < 100 {}
        let name = rig.fixture().name();
        asynchronously(pair.runtime.unload_provider(name, PATIENCE)).unwrap();
        for caller in callers {
            let (_, error) = caller.join().expect("every reply is right");
            assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
        }
    });
}

/// The bound is hard: a call that never ends does not hold it up.
pub fn shutdown_with_a_bound_that_passes_fails_the_calls_that_run(rig: &Rig) {
    let pair = rig.pair();
    let mut held = pair.stub.start().pass(1);
    pair.stub.blocking().arrived(1, 1).unwrap();
    if let Some(local) = &pair.server.local {
        let late = local.runtime.shutdown_blocking(SHORT).unwrap_err();
        assert_eq!(late.cause(), Cause::Timeout, "{late}");
    } else {
        let late = pair.runtime.shutdown_blocking(SHORT).unwrap_err();
        assert_eq!(late.cause(), Cause::Timeout, "{late}");
    }
    let error = held.wait(PATIENCE).unwrap().unwrap_err();
    assert_eq!(error.delivery(), Delivery::MaybeExecuted, "{error}");
    assert_ne!(error.cause(), Cause::Timeout, "{error}");
}

/// Nothing is in flight: it ends at once, on both sides, however often it is asked for.
pub fn shutdown_of_an_idle_runtime_is_clean(rig: &Rig) {
    let pair = rig.pair();
    assert_eq!(pair.stub.blocking().add(1, 1).unwrap(), 2);
    pair.runtime.shutdown_blocking(PATIENCE).unwrap();
    pair.runtime.shutdown_blocking(PATIENCE).unwrap();
    if let Some(local) = &pair.server.local {
        local.runtime.shutdown_blocking(PATIENCE).unwrap();
    }
}

/// Dropped, an exported object is gone at once.
pub fn dropping_an_exported_object_fails_its_calls(rig: &Rig) {
    if rig.is_remote() {
        return;
    }
    let mut pair = rig.pair();
    let mut held = pair.stub.start().pass(1);
    pair.stub.blocking().arrived(1, 1).unwrap();
    let local = pair.server.local.as_mut().expect("it is in this process");
    drop(local.exported.take());
    let error = held.wait(PATIENCE).unwrap().unwrap_err();
    assert_eq!(error.delivery(), Delivery::MaybeExecuted, "{error}");
    assert_ne!(error.cause(), Cause::Timeout, "{error}");
}

/// The last stub, runtime and object go while a call is in flight: nothing is left behind that waits.
pub fn everything_may_be_dropped_while_calls_run(rig: &Rig) {
    let pair = rig.pair();
    let held = pair.stub.start().pass(1);
    pair.stub.blocking().arrived(1, 1).unwrap();
    drop(held);
    drop(pair);
    let again = rig.pair();
    assert_eq!(
        bind(&again.runtime, &again.server.endpoint)
            .blocking()
            .add(1, 2)
            .unwrap(),
        3
    );
}
