//! Repeating failed calls: a server that closes the connection while it runs a call, and one that refuses it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rmix::{Cause, Delivery, ErrorKind, Exported, Limits, Runtime};

use crate::provider::{MEM, close_connections, stop_listening};
use crate::station::{Station, StationSkeleton, StationStub, runtime};

struct Served {
    stub: StationStub,
    station: Arc<Station>,
    _exported: Exported,
}

async fn serve(rmix: &Runtime, endpoint: &str) -> Served {
    let (skeleton, station, _) = StationSkeleton::new();
    let name = endpoint.to_owned();
    *station.lose.lock().unwrap() = Box::new(move || close_connections(&name, false));
    let exported = rmix.export(skeleton, [endpoint]).await.unwrap();
    let stub = rmix.bind(&exported).await.unwrap();
    Served {
        stub,
        station,
        _exported: exported,
    }
}

fn with_repeats(repeats: u32) -> Runtime {
    let mut limits = Limits::default();
    limits.repeats = repeats;
    let builder = Runtime::builder().with_linked(&MEM).limits(limits);
    builder.build().unwrap()
}

#[tokio::test]
async fn an_idempotent_call_is_made_again_when_its_link_is_lost() {
    let rmix = runtime();
    let served = serve(&rmix, "mem://repeating-idempotent").await;
    assert_eq!(served.stub.flaky(1).await.unwrap(), 2);
    assert_eq!(served.station.started.load(Ordering::SeqCst), 2);
}

#[test]
fn a_synchronous_idempotent_call_is_made_again_when_its_link_is_lost() {
    let rmix = runtime();
    let (skeleton, station, _) = StationSkeleton::new();
    let endpoint = "mem://repeating-sync";
    *station.lose.lock().unwrap() = Box::new(move || close_connections(endpoint, false));
    let exported = rmix.export_blocking(skeleton, [endpoint]).unwrap();
    let stub: StationStub = rmix.bind(&exported).blocking().unwrap();
    assert_eq!(stub.flaky_blocking(2).unwrap(), 3);
    assert_eq!(station.started.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn another_call_is_not_made_again_and_may_have_been_executed() {
    let rmix = runtime();
    let served = serve(&rmix, "mem://repeating-plain").await;
    let error = served.stub.fragile(1).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.cause(), error.delivery()),
        (
            ErrorKind::Reconnect,
            Cause::LinkClosed,
            Delivery::MaybeExecuted
        )
    );
    assert_eq!(served.station.started.load(Ordering::SeqCst), 1);
    // The link is known to be lost: the next call opens another.
    assert_eq!(served.stub.fragile(1).await.unwrap(), 2);
}

#[tokio::test]
async fn a_started_call_is_not_made_again() {
    let rmix = runtime();
    let served = serve(&rmix, "mem://repeating-started").await;
    let error = served.stub.start_flaky(1).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::MaybeExecuted);
    assert_eq!(served.station.started.load(Ordering::SeqCst), 1);
}

/// As often as the limit says, and not once more.
#[tokio::test]
async fn the_repetitions_are_limited() {
    for repeats in [0, 1, 3] {
        let rmix = with_repeats(repeats);
        let losses = i64::from(repeats);
        let enough = serve(&rmix, &format!("mem://repeating-{repeats}-enough")).await;
        assert_eq!(enough.stub.flaky(losses).await.unwrap(), losses + 1);
        let short = serve(&rmix, &format!("mem://repeating-{repeats}-short")).await;
        let error = short.stub.flaky(losses + 1).await.unwrap_err();
        assert_eq!(
            (error.cause(), error.delivery()),
            (Cause::LinkClosed, Delivery::MaybeExecuted)
        );
        let runs = short.station.started.load(Ordering::SeqCst);
        assert_eq!(runs, usize::try_from(repeats).unwrap() + 1);
    }
}

/// The first attempt may have run, the others were not even sent: what counts is the first.
#[tokio::test]
async fn a_call_that_may_have_run_says_so_although_its_repetitions_were_not_sent() {
    let rmix = runtime();
    let endpoint = "mem://repeating-gone";
    let served = serve(&rmix, endpoint).await;
    *served.station.lose.lock().unwrap() = Box::new(move || {
        close_connections(endpoint, false);
        stop_listening(endpoint);
    });
    let error = served.stub.flaky(1).await.unwrap_err();
    assert_eq!(
        (error.cause(), error.delivery()),
        (Cause::LinkClosed, Delivery::MaybeExecuted),
        "{error}"
    );
    assert_eq!(served.station.started.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_call_that_was_not_sent_is_made_again_on_a_new_link_at_any_rate() {
    let rmix = runtime();
    let served = serve(&rmix, "mem://repeating-closed").await;
    close_connections("mem://repeating-closed", true);
    assert_eq!(served.stub.fragile(0).await.unwrap(), 1);
    close_connections("mem://repeating-closed", true);
    served.stub.record(7).await.unwrap();
}
