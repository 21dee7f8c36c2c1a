//! The modes of calls, deadlines, delivery, and what a failure says.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rmix::{CallError, Cause, Delivery, ErrorKind, Limits, Runtime, Value};

use crate::provider::{MEM, POOR};
use crate::station::{StationSkeleton, StationStub, runtime};

const MINUTE: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_millis(30);

#[tokio::test]
async fn an_asynchronous_call_gives_its_result() {
    let rmix = runtime();
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix.export(skeleton, ["mem://calls-async"]).await.unwrap();
    let stub: StationStub = rmix.bind(&exported).await.unwrap();
    assert_eq!(stub.add(2, 3).await.unwrap(), 5);
    assert_eq!(stub.numbers(3).await.unwrap(), [0, 1, 2]);
    assert!(
        stub.0.why().contains("mem://calls-async"),
        "{}",
        stub.0.why()
    );
}

#[test]
fn a_synchronous_call_needs_no_runtime_of_the_caller() {
    let rmix = runtime();
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix
        .export_blocking(skeleton, ["mem://calls-sync"])
        .unwrap();
    let stub: StationStub = rmix.bind(exported.reference()).blocking().unwrap();
    for round in 0..100 {
        assert_eq!(stub.add_blocking(round, 1).unwrap(), round + 1);
    }
}

#[test]
fn threads_and_tasks_share_one_link() {
    let rmix = Runtime::builder()
        .with_linked(&MEM)
        .worker_threads(2)
        .build()
        .unwrap();
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix
        .export_blocking(skeleton, ["mem://calls-shared"])
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).blocking().unwrap();
    std::thread::scope(|scope| {
        for caller in 0..4 {
            let stub = stub.clone();
            scope.spawn(move || {
                for round in 0..200 {
                    assert_eq!(
                        stub.add_blocking(caller * 1000, round).unwrap(),
                        caller * 1000 + round
                    );
                }
            });
        }
        scope.spawn(|| {
            let tokio = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            tokio.block_on(async {
                for round in 0..200 {
                    assert_eq!(stub.add(9000, round).await.unwrap(), 9000 + round);
                }
            });
        });
    });
}

#[tokio::test]
async fn a_declared_fault_arrives_as_its_type() {
    let rmix = runtime();
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix.export(skeleton, ["mem://calls-fault"]).await.unwrap();
    let stub: StationStub = rmix.bind(&exported).await.unwrap();
    assert!(stub.check("").await.is_ok());
    let failed = stub.check("broken").await.unwrap_err();
    assert!(
        matches!(&failed, CallError::Fault(fault) if fault == "broken"),
        "{failed}"
    );
    assert_eq!(failed.delivery(), Delivery::Executed);
}

#[tokio::test]
async fn a_fault_of_another_type_is_a_remote_error_that_shows_the_value() {
    let rmix = runtime();
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix
        .export(skeleton, ["mem://calls-other-fault"])
        .await
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).await.unwrap();
    let failed = stub.check_as::<i64>("broken").await.unwrap_err();
    let error = failed.error().expect("not the declared fault");
    assert_eq!(
        (error.cause(), error.delivery()),
        (Cause::Remote, Delivery::Executed)
    );
    assert!(error.to_string().contains("\"broken\""), "{error}");
}

#[tokio::test]
async fn a_call_past_its_deadline_may_have_been_executed() {
    let rmix = runtime();
    let (skeleton, station, _) = StationSkeleton::new();
    let exported = rmix
        .export(skeleton, ["mem://calls-deadline"])
        .await
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).await.unwrap();
    let slow = StationStub(stub.0.with_timeout(SOON));
    let error = slow.hold(1).await.unwrap_err();
    assert_eq!(
        (error.cause(), error.delivery()),
        (Cause::Timeout, Delivery::MaybeExecuted)
    );
    // The late reply is dropped and the link goes on.
    station.gate.add_permits(1);
    assert_eq!(stub.add(1, 1).await.unwrap(), 2);
}

#[test]
fn a_synchronous_call_keeps_its_deadline() {
    let rmix = runtime();
    let (skeleton, _station, _) = StationSkeleton::new();
    let exported = rmix
        .export_blocking(skeleton, ["mem://calls-sync-deadline"])
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).timeout(MINUTE).blocking().unwrap();
    let slow = StationStub(stub.0.with_timeout(SOON));
    let error = slow.hold_blocking(1).unwrap_err();
    assert_eq!(
        (error.cause(), error.delivery()),
        (Cause::Timeout, Delivery::MaybeExecuted)
    );
    assert_eq!(stub.add_blocking(1, 1).unwrap(), 2);
}

#[tokio::test]
async fn a_call_that_found_no_room_was_not_sent() {
    let mut limits = Limits::default();
    limits.outstanding_calls = 1;
    let rmix = Runtime::builder()
        .with_linked(&MEM)
        .limits(limits)
        .build()
        .unwrap();
    let (skeleton, station, _) = StationSkeleton::new();
    let exported = rmix.export(skeleton, ["mem://calls-full"]).await.unwrap();
    let stub: StationStub = rmix.bind(&exported).await.unwrap();
    let mut first = stub.start_hold(7);
    assert!(first.try_take().is_none());
    let error = StationStub(stub.0.with_timeout(SOON))
        .add(1, 1)
        .await
        .unwrap_err();
    assert_eq!(
        (error.cause(), error.delivery()),
        (Cause::Timeout, Delivery::NotSent)
    );
    station.gate.add_permits(1);
    let (held, sum) = tokio::join!(first, stub.add(2, 2));
    assert_eq!((held.unwrap(), sum.unwrap()), (7, 4));
}

#[tokio::test]
async fn a_started_call_is_polled_awaited_or_cancelled() {
    let rmix = runtime();
    let (skeleton, station, _) = StationSkeleton::new();
    let exported = rmix.export(skeleton, ["mem://calls-start"]).await.unwrap();
    let stub: StationStub = rmix.bind(&exported).await.unwrap();
    let mut pending = stub.start_hold(5);
    assert!(pending.try_take().is_none());
    let cancelled = stub.start_hold(6);
    assert_eq!(cancelled.cancel(), Delivery::MaybeExecuted);
    station.gate.add_permits(2);
    assert_eq!(pending.await.unwrap(), 5);
    let mut polled = stub.start_hold(8);
    station.gate.add_permits(1);
    let value = loop {
        if let Some(outcome) = polled.try_take() {
            break outcome.unwrap();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(value, 8);
    let again = polled.try_take().expect("an answer").unwrap_err();
    assert!(again.to_string().contains("taken already"), "{again}");
}

#[test]
fn a_started_call_is_waited_for_from_a_plain_thread() {
    let rmix = runtime();
    let (skeleton, station, _) = StationSkeleton::new();
    let exported = rmix
        .export_blocking(skeleton, ["mem://calls-wait"])
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).blocking().unwrap();
    let mut pending = stub.start_hold(5);
    assert!(pending.wait(SOON).is_none(), "the gate is closed");
    station.gate.add_permits(1);
    assert_eq!(pending.wait(MINUTE).expect("an outcome").unwrap(), 5);
}

#[test]
fn the_request_of_a_started_call_leaves_at_once() {
    let rmix = runtime();
    let (skeleton, station, _) = StationSkeleton::new();
    let exported = rmix
        .export_blocking(skeleton, ["mem://calls-leaves"])
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).blocking().unwrap();
    let _pending = stub.start_hold(5);
    while station.started.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn nobody_listening_is_not_sent_and_says_where() {
    let rmix = runtime();
    let error = rmix.bind::<StationStub>("mem://nobody").await.unwrap_err();
    assert_eq!(
        (error.cause(), error.delivery()),
        (Cause::Connect, Delivery::NotSent)
    );
    assert!(
        error
            .to_string()
            .contains("mem://nobody: connection refused"),
        "{error}"
    );
}

#[tokio::test]
async fn a_closed_link_is_opened_again() {
    let rmix = runtime();
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix.export(skeleton, ["mem://calls-again"]).await.unwrap();
    let stub: StationStub = rmix.bind(exported.reference()).await.unwrap();
    assert_eq!(stub.add(1, 1).await.unwrap(), 2);
    exported.unexport().await.unwrap();
    let error = stub.add(1, 1).await.unwrap_err();
    assert_ne!(error.delivery(), Delivery::Executed, "{error}");
    let (skeleton, _, _) = StationSkeleton::new();
    let _exported = rmix.export(skeleton, ["mem://calls-again"]).await.unwrap();
    assert_eq!(stub.add(2, 2).await.unwrap(), 4);
}

#[tokio::test]
async fn the_next_endpoint_is_tried_when_the_first_is_not_there() {
    let rmix = runtime();
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix.export(skeleton, ["mem://calls-second"]).await.unwrap();
    let object = exported.reference().object();
    let text = format!("rmix:Station#{object}@mem://calls-absent|mem://calls-second");
    let stub: StationStub = rmix.bind(text).await.unwrap();
    assert_eq!(stub.add(1, 2).await.unwrap(), 3);
}

#[tokio::test]
async fn bind_refuses_what_the_provider_cannot_do() {
    let rmix = Runtime::builder().with_linked(&POOR).build().unwrap();
    let error = rmix.bind::<StationStub>("poor://x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(
        error.to_string(),
        "`Station.check` declares a fault, and the provider `poor` lacks the capability `faults`"
    );
    let (skeleton, _, _) = StationSkeleton::new();
    let error = rmix
        .bind::<StationStub>("poor://x")
        .serve(skeleton)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("lacks the capability `symmetric`"),
        "{error}"
    );
    let error = rmix.dynamic("poor://x").await.unwrap_err();
    assert!(
        error.to_string().contains("needs an interface description"),
        "{error}"
    );
}

#[tokio::test]
async fn bind_refuses_methods_without_a_number_where_numbers_are_needed() {
    let rmix = Runtime::builder()
        .with_linked(&crate::provider::NUMBERED)
        .build()
        .unwrap();
    let error = rmix.bind::<StationStub>("numbered://x").await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`Station.add` has no procedure number"),
        "{error}"
    );
}

#[tokio::test]
async fn bind_refuses_a_reference_to_another_interface() {
    let rmix = runtime();
    let error = rmix
        .bind::<StationStub>("rmix:Clock#17@mem://x")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the reference is to a `Clock`, and the stub is for `Station`"
    );
    let error = rmix.bind::<StationStub>("mem://x y").await.unwrap_err();
    assert_eq!(error.cause(), Cause::Endpoint);
    let error = rmix.bind::<StationStub>("tin+can://x").await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("no provider for `tin+can` is loaded; loaded: mem (mem)"),
        "{error}"
    );
}

#[tokio::test]
async fn a_dynamic_call_needs_no_description() {
    let rmix = runtime();
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix
        .export(skeleton, ["mem://calls-dynamic"])
        .await
        .unwrap();
    let stub = rmix.dynamic(&exported).await.unwrap();
    let sum = stub.call("add", vec![2.into(), 3.into()]).await.unwrap();
    assert_eq!(sum, Value::Int(5));
    let failed = stub.call("check", vec!["broken".into()]).await.unwrap_err();
    assert!(
        matches!(&failed, CallError::Fault(Value::Text(text)) if text == "broken"),
        "{failed}"
    );
    let failed = stub.call("absent", vec![]).await.unwrap_err();
    assert_eq!(failed.error().unwrap().cause(), Cause::NoSuchMethod);
    let failed = stub.call("add", vec![2.into()]).await.unwrap_err();
    let error = failed.error().unwrap();
    assert_eq!(
        (error.cause(), error.delivery()),
        (Cause::BadArguments, Delivery::NotSent)
    );
    assert_eq!(error.to_string(), "`add` takes 2 arguments, not 1");
}

#[tokio::test]
async fn a_dynamic_value_of_every_kind_comes_back_as_it_was() {
    let rmix = runtime();
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix.export(skeleton, ["mem://calls-values"]).await.unwrap();
    let stub = rmix.dynamic(&exported).await.unwrap();
    let values = vec![
        Value::Nil,
        Value::Bool(true),
        Value::Int(-7),
        Value::UInt(u64::MAX),
        Value::Float(0.5),
        Value::Text("text".to_owned()),
        Value::RawText(vec![b'a', 0xff]),
        Value::Bytes(vec![0, 1, 255]),
        Value::Ext(-3, vec![1, 2]),
        Value::Array(vec![Value::Int(1), Value::Array(vec![])]),
        Value::Map(vec![(Value::Int(1), Value::Nil), ("two".into(), 2.into())]),
    ];
    for value in values {
        let echoed = stub.call("echo", vec![value.clone()]).await.unwrap();
        assert_eq!(echoed, value);
    }
}
