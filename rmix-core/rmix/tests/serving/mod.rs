//! Inbound calls: order, panics, calls back on the same link, and unexporting.

use std::time::Duration;

use rmix::{Cause, Delivery, ExportOptions};

use crate::station::{StationSkeleton, StationStub, runtime};

#[tokio::test]
async fn one_way_calls_keep_their_order_although_one_waits() {
    let rmix = runtime();
    let (skeleton, station, recorded) = StationSkeleton::new();
    let exported = rmix
        .export(skeleton, ["mem://serving-order"])
        .await
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).await.unwrap();
    stub.record(1).await.unwrap();
    stub.record(-2).await.unwrap();
    for number in 3..50 {
        stub.record(number).await.unwrap();
    }
    stub.0.flush().await.unwrap();
    // A two-way call is not held up by the one-way call that waits.
    assert_eq!(stub.add(1, 1).await.unwrap(), 2);
    assert_eq!(*station.records.lock().unwrap(), [1]);
    station.gate.add_permits(1);
    let order = tokio::task::spawn_blocking(move || recorded.wait(49))
        .await
        .unwrap();
    let expected: Vec<i64> = [1, -2].into_iter().chain(3..50).collect();
    assert_eq!(order, expected);
}

#[test]
fn blocking_one_way_calls_arrive_in_order() {
    let rmix = runtime();
    let (skeleton, _, recorded) = StationSkeleton::new();
    let exported = rmix
        .export_blocking(skeleton, ["mem://serving-order-sync"])
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).blocking().unwrap();
    for number in 0..500 {
        stub.record_blocking(number).unwrap();
    }
    stub.0.flush_blocking().unwrap();
    assert_eq!(recorded.wait(500), (0..500).collect::<Vec<_>>());
}

#[tokio::test]
async fn two_way_calls_of_one_link_run_concurrently() {
    let rmix = runtime();
    let (skeleton, station, _) = StationSkeleton::new();
    let exported = rmix
        .export(skeleton, ["mem://serving-concurrent"])
        .await
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).await.unwrap();
    let both = async { tokio::join!(stub.hold(1), stub.hold(2)) };
    let open = async {
        while station.started.load(std::sync::atomic::Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        station.gate.add_permits(2);
    };
    let ((first, second), ()) = tokio::join!(both, open);
    assert_eq!((first.unwrap(), second.unwrap()), (1, 2));
}

#[tokio::test]
async fn calls_of_a_serial_object_run_one_after_the_other() {
    let rmix = runtime();
    let (skeleton, station, _) = StationSkeleton::new();
    let export = rmix.export(skeleton, ["mem://serving-serial"]);
    let exported = export
        .with(ExportOptions::default().serial())
        .await
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).await.unwrap();
    let mut held = stub.start_hold(1);
    let mut sum = Box::pin(stub.add(1, 1));
    assert!(held.try_take().is_none());
    let waited = tokio::time::timeout(Duration::from_millis(30), &mut sum).await;
    assert!(waited.is_err(), "the second call overtook the first");
    station.gate.add_permits(1);
    let (held, sum) = tokio::join!(held, sum);
    assert_eq!((held.unwrap(), sum.unwrap()), (1, 2));
}

#[tokio::test]
async fn a_panic_is_an_error_of_that_call_only() {
    let rmix = runtime();
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix
        .export(skeleton, ["mem://serving-panic"])
        .await
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).await.unwrap();
    for when in ["now", "later"] {
        let error = stub.panic(when).await.unwrap_err();
        assert_eq!(
            (error.cause(), error.delivery()),
            (Cause::Remote, Delivery::Executed)
        );
        assert_eq!(
            error.to_string(),
            format!("`panic` panicked: told to: {when}")
        );
    }
    assert_eq!(stub.add(1, 1).await.unwrap(), 2);
}

#[tokio::test]
async fn the_peer_calls_back_on_the_same_link() {
    let rmix = runtime();
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix.export(skeleton, ["mem://serving-back"]).await.unwrap();
    let (own, _, _) = StationSkeleton::new();
    let stub: StationStub = rmix.bind(&exported).serve(own).await.unwrap();
    assert_eq!(
        crate::provider::call_back("mem://serving-back", 20, 22).await,
        Ok(42)
    );
    assert_eq!(stub.add(1, 1).await.unwrap(), 2);
    drop(stub);
    let (skeleton, _, _) = StationSkeleton::new();
    let plain = rmix
        .export(skeleton, ["mem://serving-no-back"])
        .await
        .unwrap();
    let stub: StationStub = rmix.bind(&plain).await.unwrap();
    // Nobody reads a link without a served object until a reply is waited for.
    let (refused, sum) = tokio::join!(
        crate::provider::call_back("mem://serving-no-back", 20, 22),
        stub.add(1, 1),
    );
    assert_eq!(sum.unwrap(), 2);
    assert_eq!(
        refused,
        Err("no object is exported here (any more)".to_owned())
    );
}

#[test]
fn a_blocking_call_inside_a_served_method_is_refused() {
    let rmix = runtime();
    let (skeleton, station, _) = StationSkeleton::new();
    let exported = rmix
        .export_blocking(skeleton, ["mem://serving-blocks"])
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).blocking().unwrap();
    *station.other.lock().unwrap() = Some(stub.clone());
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let text = tokio.block_on(stub.blocks()).unwrap();
    assert!(
        text.contains("the blocking form of `add` was called inside a served method"),
        "{text}"
    );
    station.other.lock().unwrap().take();
}

#[tokio::test]
async fn unexporting_finishes_running_calls_and_refuses_new_ones() {
    let rmix = runtime();
    let (skeleton, station, _) = StationSkeleton::new();
    let exported = rmix
        .export(skeleton, ["mem://serving-unexport"])
        .await
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).await.unwrap();
    let mut held = stub.start_hold(1);
    while station.started.load(std::sync::atomic::Ordering::SeqCst) == 0 {
        assert!(held.try_take().is_none());
        tokio::task::yield_now().await;
    }
    let unexport = tokio::spawn(exported.unexport());
    // Another runtime has no link yet: it is refused once the object is being unexported.
    let other = runtime();
    while other
        .bind::<StationStub>("mem://serving-unexport")
        .await
        .is_ok()
    {
        tokio::task::yield_now().await;
    }
    assert!(!unexport.is_finished(), "a call is still running");
    station.gate.add_permits(1);
    assert_eq!(held.await.unwrap(), 1);
    unexport.await.unwrap().unwrap();
}

#[tokio::test]
async fn unexporting_has_a_hard_bound() {
    let rmix = runtime();
    let (skeleton, station, _) = StationSkeleton::new();
    let exported = rmix
        .export(skeleton, ["mem://serving-bound"])
        .await
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).await.unwrap();
    let held = stub.start_hold(1);
    while station.started.load(std::sync::atomic::Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    let error = exported
        .unexport_within(Duration::from_millis(30))
        .await
        .unwrap_err();
    assert_eq!(error.cause(), Cause::Timeout);
    let error = held.await.unwrap_err();
    assert_eq!(
        (error.cause(), error.delivery()),
        (Cause::LinkClosed, Delivery::MaybeExecuted)
    );
}
