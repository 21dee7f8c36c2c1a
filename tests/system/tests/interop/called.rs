//! The other direction of the table: our stub calls every operation of a fresh station, in every way to call.

use std::time::Duration;

use rmix::{CallError, Delivery};
use rmix_tour::{Reading, StationError, StationStub};

use super::matrix::MANY;
use crate::support::aside;

const WAIT: Duration = Duration::from_secs(60);

fn reading(place: &str, celsius: f64, at: i64) -> Reading {
    Reading {
        place: place.to_owned(),
        celsius,
        at,
    }
}

/// Every operation, asynchronous, synchronous, started and one-way, at a server that nobody has called yet.
pub(super) async fn check(stub: &StationStub) {
    asynchronous(stub).await;
    large_values(stub).await;
    let blocking = stub.clone();
    aside(move || synchronous(&blocking)).await;
    let started = stub.clone();
    aside(move || started_together(&started)).await;
}

async fn asynchronous(stub: &StationStub) {
    assert_eq!(stub.count().await.unwrap(), 0);
    let oslo = stub.latest("Oslo".to_owned()).await.unwrap();
    assert_eq!(oslo, reading("Oslo", -3.5, 1_700_000_000));
    for place in ["Atlantis", "Tromsø", "東京🌦", ""] {
        let fault = stub.latest(place.to_owned()).await.unwrap_err();
        assert_eq!(fault.delivery(), Delivery::Executed);
        let expected = StationError::UnknownPlace(place.to_owned());
        assert_eq!(fault.fault(), Some(&expected), "{fault}");
    }
    assert_eq!(stub.mean(vec![1.0, 2.5, 4.0]).await.unwrap(), 2.5);
    assert_eq!(stub.mean(Vec::new()).await.unwrap(), 0.0);
    stub.report(reading("Tromsø", -0.5, -1)).await.unwrap();
    assert_eq!(stub.count().await.unwrap(), 1);
    let tromso = stub.latest("Tromsø".to_owned()).await.unwrap();
    assert_eq!(tromso, reading("Tromsø", -0.5, -1));
}

/// A megabyte of doubles there, and a megabyte of text there and back.
async fn large_values(stub: &StationStub) {
    let numbers: Vec<f64> = (0..MANY).map(|index| index as f64 / 2.0).collect();
    let mean = (MANY - 1) as f64 / 4.0;
    assert_eq!(stub.mean(numbers).await.unwrap(), mean);
    let place = "ø".repeat(500_000);
    match stub.latest(place.clone()).await {
        Err(CallError::Fault(StationError::UnknownPlace(back))) => assert!(back == place),
        other => panic!("{:.200}", format!("{other:?}")),
    }
}

fn synchronous(stub: &StationStub) {
    let blocking = stub.blocking();
    let bergen = blocking.latest("Bergen".to_owned()).unwrap();
    assert_eq!(bergen, reading("Bergen", 6.25, 1_700_000_060));
    let fault = blocking.latest("Atlantis".to_owned()).unwrap_err();
    assert_eq!(
        fault.fault(),
        Some(&StationError::UnknownPlace("Atlantis".to_owned()))
    );
    for number in 0..100 {
        blocking
            .report(reading("Oslo", f64::from(number), i64::from(number)))
            .unwrap();
    }
    let oslo = blocking.latest("Oslo".to_owned()).unwrap();
    assert_eq!(oslo, reading("Oslo", 99.0, 99));
    assert_eq!(blocking.count().unwrap(), 101);
}

fn started_together(stub: &StationStub) {
    let start = stub.start();
    let calls: Vec<_> = (0..64)
        .map(|number| (f64::from(number), start.mean(vec![f64::from(number); 3])))
        .collect();
    for (mean, mut call) in calls {
        assert_eq!(call.wait(WAIT).unwrap().unwrap(), mean);
    }
}

/// A station that is switched off says so, and goes on.
pub(super) async fn check_offline(stub: &StationStub) {
    let fault = stub.latest("Oslo".to_owned()).await.unwrap_err();
    assert_eq!(fault.fault(), Some(&StationError::Offline), "{fault}");
    assert_eq!(stub.mean(vec![4.0]).await.unwrap(), 4.0);
}
