//! Calls that run one after the other: how many may wait, and what a panic does to the next.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rmix::{Cause, Delivery, ErrorKind, ExportOptions, Exported, Limits, Runtime};

use crate::provider::MEM;
use crate::station::{Recorded, Station, StationSkeleton, StationStub, runtime};

struct Serial {
    _exported: Exported,
    station: Arc<Station>,
    recorded: Recorded,
    stub: StationStub,
}

/// A serial object behind whose running call at most `waiting` others wait.
async fn serial(endpoint: &str, waiting: usize) -> Serial {
    let mut limits = Limits::default();
    limits.waiting_serial_calls = waiting;
    limits.repeats = 0;
    let rmix = Runtime::builder().with_linked(&MEM).limits(limits);
    let rmix = rmix.build().unwrap();
    let (skeleton, station, recorded) = StationSkeleton::new();
    let export = rmix.export(skeleton, [endpoint]);
    let exported = export
        .with(ExportOptions::default().serial())
        .await
        .unwrap();
    let stub = rmix.bind(&exported).await.unwrap();
    Serial {
        _exported: exported,
        station,
        recorded,
        stub,
    }
}

async fn until_started(station: &Station, count: usize) {
    while station.started.load(Ordering::SeqCst) < count {
        tokio::task::yield_now().await;
    }
}

/// The call that runs and those that wait come over different connections: the queue is the object's.
#[tokio::test]
async fn a_serial_object_refuses_a_call_beyond_its_limit_as_busy() {
    let endpoint = "mem://turns-busy";
    let served = serial(endpoint, 2).await;
    let mut limits = Limits::default();
    limits.repeats = 0;
    let other = Runtime::builder().with_linked(&MEM).limits(limits);
    let other: StationStub = other.build().unwrap().bind(endpoint).await.unwrap();
    let first = served.stub.start_hold(1);
    until_started(&served.station, 1).await;
    let (second, third) = (other.start_hold(2), other.start_hold(3));
    let refused = other.start_hold(4).await.unwrap_err();
    assert_eq!(
        (refused.kind(), refused.cause(), refused.delivery()),
        (ErrorKind::Retry, Cause::Limit, Delivery::NotSent),
        "{refused}"
    );
    assert!(
        refused
            .to_string()
            .contains("2 calls wait for their turn at this object, which is the limit"),
        "{refused}"
    );
    served.station.gate.add_permits(3);
    assert_eq!(first.await.unwrap(), 1);
    assert_eq!(second.await.unwrap(), 2);
    assert_eq!(third.await.unwrap(), 3);
    assert_eq!(served.station.started.load(Ordering::SeqCst), 3);
}

/// A call that is refused for its arguments does not keep its place.
#[tokio::test]
async fn a_call_that_cannot_be_read_leaves_its_place_to_others() {
    let served = serial("mem://turns-unreadable", 0).await;
    for _ in 0..3 {
        served.stub.add_as_text("two", "three").await.unwrap_err();
    }
    assert_eq!(served.stub.0.timeout(), Limits::default().call_deadline);
    assert_eq!(served.stub.flaky(0).await.unwrap(), 1);
}

#[tokio::test]
async fn a_busy_object_is_called_again_after_a_pause() {
    let endpoint = "mem://turns-again";
    let served = serial(endpoint, 0).await;
    let mut limits = Limits::default();
    limits.repeats = 10;
    let patient = Runtime::builder().with_linked(&MEM).limits(limits);
    let patient: StationStub = patient.build().unwrap().bind(endpoint).await.unwrap();
    let held = served.stub.start_hold(1);
    until_started(&served.station, 1).await;
    let sum = tokio::spawn(async move { patient.add(1, 1).await });
    while !sum.is_finished() {
        tokio::task::yield_now().await;
        if served.station.gate.available_permits() == 0 {
            served.station.gate.add_permits(1);
        }
    }
    assert_eq!(sum.await.unwrap().unwrap(), 2);
    assert_eq!(held.await.unwrap(), 1);
}

/// Nobody would learn of it: one-way calls wait beyond the limit.
#[tokio::test]
async fn a_one_way_call_of_a_serial_object_is_never_refused() {
    let served = serial("mem://turns-one-way", 1).await;
    served.stub.record(-1).await.unwrap();
    for number in 2..=50 {
        served.stub.record(number).await.unwrap();
    }
    let refused = served.stub.add(1, 1).await.unwrap_err();
    assert_eq!(refused.cause(), Cause::Limit);
    served.station.gate.add_permits(1);
    let recorded = served.recorded;
    let order = tokio::task::spawn_blocking(move || recorded.wait(50))
        .await
        .unwrap();
    assert_eq!(order, [-1].into_iter().chain(2..=50).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_panicking_destructor_does_not_stop_a_serial_object() {
    let served = serial("mem://turns-panic", 1).await;
    let stub = &served.stub;
    // At once, on the connection's thread.
    assert_eq!(stub.explode(1).await.unwrap(), 1);
    assert_eq!(stub.add(1, 1).await.unwrap(), 2);
    // Later, in a task, with another call behind it.
    let behind = async {
        let held = stub.start_hold(5);
        let full = stub.add(1, 1).await.unwrap_err();
        assert_eq!(full.cause(), Cause::Limit, "{full}");
        served.station.gate.add_permits(2);
        held.await
    };
    let (exploded, held) = tokio::join!(biased; stub.explode(-2), behind);
    assert_eq!((exploded.unwrap(), held.unwrap()), (-2, 5));
    assert_eq!(stub.add(3, 3).await.unwrap(), 6);
}

#[tokio::test]
async fn a_panicking_destructor_does_not_stop_a_connection() {
    let rmix = runtime();
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix
        .export(skeleton, ["mem://turns-panic-plain"])
        .await
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).await.unwrap();
    assert_eq!(stub.explode(1).await.unwrap(), 1);
    assert_eq!(stub.add(1, 1).await.unwrap(), 2);
}
