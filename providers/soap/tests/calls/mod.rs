//! Calls of an interface through the façade, both ends being this provider.

use rmix::Runtime;
use rmix::xsd::{Date, Decimal};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Reading {
    pub(crate) place: String,
    pub(crate) celsius: f64,
    #[rmix(wrapped = "tag")]
    pub(crate) tags: Vec<String>,
    #[rmix(nillable)]
    pub(crate) note: Option<String>,
    pub(crate) comment: Option<String>,
    pub(crate) quality: Quality,
    #[rmix(attribute)]
    pub(crate) id: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, rmix::Data)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Quality {
    Good,
    Bad,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Unknown {
    pub(crate) place: String,
    pub(crate) known: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) enum StationFault {
    NoSuchPlace(Unknown),
    Closed(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Swapped {
    pub(crate) a: String,
    pub(crate) b: i32,
}

#[rmix::remote(namespace = "urn:test:station")]
pub(crate) trait Station {
    async fn add(&self, a: i32, b: i32) -> i32;
    async fn echo(&self, text: String) -> String;
    async fn latest(&self, place: String) -> Result<Reading, StationFault>;
    async fn sum(&self, values: Vec<f64>) -> f64;
    async fn blob(&self, data: Vec<u8>) -> Vec<u8>;
    async fn pay(&self, amount: Decimal, on: Date) -> Decimal;
    #[rmix(soap(action = "urn:test:station/swap", outputs))]
    async fn swap(&self, a: i32, b: String) -> Swapped;
    async fn whoami(&self, #[rmix(header)] user: String, polite: bool) -> String;
    #[rmix(oneway)]
    async fn report(&self, value: i64);
    async fn reported(&self) -> i64;
    async fn nothing(&self);
    async fn blobs(&self, data: Vec<Vec<u8>>) -> u64;
}

#[derive(Default)]
pub(crate) struct MyStation {
    reported: std::sync::atomic::AtomicI64,
}

impl Station for MyStation {
    async fn add(&self, a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }
    async fn echo(&self, text: String) -> String {
        text
    }
    async fn latest(&self, place: String) -> Result<Reading, StationFault> {
        match place.as_str() {
            "Oslo" => Ok(Reading {
                place,
                celsius: -3.5,
                tags: vec!["cold".into(), "".into()],
                note: None,
                comment: Some("<&>\"'".into()),
                quality: Quality::Good,
                id: 7,
            }),
            "" => Err(StationFault::Closed("night".into())),
            _ => Err(StationFault::NoSuchPlace(Unknown {
                place,
                known: vec!["Oslo".into()],
            })),
        }
    }
    async fn sum(&self, values: Vec<f64>) -> f64 {
        values.iter().sum()
    }
    async fn blob(&self, mut data: Vec<u8>) -> Vec<u8> {
        data.reverse();
        data
    }
    async fn pay(&self, amount: Decimal, on: Date) -> Decimal {
        let day = rust_decimal_of(on.date().day());
        Decimal::from(amount.get() * day)
    }
    async fn swap(&self, a: i32, b: String) -> Swapped {
        tokio::task::yield_now().await;
        Swapped { a: b, b: a }
    }
    async fn whoami(&self, user: String, polite: bool) -> String {
        format!("{}{user}", if polite { "dear " } else { "" })
    }
    async fn report(&self, value: i64) {
        self.reported
            .fetch_add(value, std::sync::atomic::Ordering::SeqCst);
    }
    async fn reported(&self) -> i64 {
        self.reported.load(std::sync::atomic::Ordering::SeqCst)
    }
    async fn nothing(&self) {}
    async fn blobs(&self, data: Vec<Vec<u8>>) -> u64 {
        data.iter().map(|octets| octets.len() as u64).sum()
    }
}

fn rust_decimal_of(day: i8) -> rmix::xsd::rust_decimal::Decimal {
    i64::from(day).into()
}

pub(crate) fn runtime() -> Runtime {
    Runtime::builder()
        .with_linked(&rmix_soap::plugin::rmix_provider_v1_soap)
        .build()
        .unwrap()
}

#[tokio::test]
async fn every_operation_goes_there_and_back_in_both_versions() {
    let rmix = runtime();
    let skeleton = StationSkeleton::new(MyStation::default());
    let exported = rmix
        .export(skeleton, ["soap+http://127.0.0.1:0/station"])
        .await
        .unwrap();
    let endpoint = exported.endpoints()[0].to_string();
    for version in ["1.1", "1.2"] {
        let endpoint = format!("{endpoint}?version={version}");
        let station: StationStub = rmix.bind(&endpoint).await.unwrap();
        assert_eq!(station.add(2, -5).await.unwrap(), -3);
        let text = " a<b>&amp; \u{1F600} ]]> \"q\"\ttab\nline ";
        assert_eq!(station.echo(text.into()).await.unwrap(), text);
        let reading = station.latest("Oslo".into()).await.unwrap();
        assert_eq!((reading.celsius, reading.id), (-3.5, 7));
        assert_eq!(reading.tags, ["cold", ""]);
        assert_eq!(
            (reading.note, reading.comment.as_deref()),
            (None, Some("<&>\"'"))
        );
        let fault = station.latest("Nowhere".into()).await.unwrap_err();
        let rmix::CallError::Fault(StationFault::NoSuchPlace(unknown)) = fault else {
            panic!("{fault:?}")
        };
        assert_eq!(unknown.known, ["Oslo"]);
        let fault = station.latest(String::new()).await.unwrap_err();
        assert!(
            matches!(fault, rmix::CallError::Fault(StationFault::Closed(why)) if why == "night")
        );
        let sum = station.sum(vec![0.5, 1e300, f64::INFINITY]).await.unwrap();
        assert_eq!(sum, f64::INFINITY);
        assert_eq!(station.sum(vec![]).await.unwrap(), 0.0);
        assert_eq!(station.blob(vec![1, 2, 255]).await.unwrap(), [255, 2, 1]);
        let paid = station.pay("1.50".parse().unwrap(), "2026-11-03".parse().unwrap());
        assert_eq!(paid.await.unwrap().to_string(), "4.50");
        let swapped = station.swap(4, "four".into()).await.unwrap();
        assert_eq!(
            swapped,
            Swapped {
                a: "four".into(),
                b: 4
            }
        );
        assert_eq!(station.whoami("me".into(), true).await.unwrap(), "dear me");
        station.nothing().await.unwrap();
        station.report(3).await.unwrap();
        station.flush().await.unwrap();
    }
    let station: StationStub = rmix.bind(&endpoint).await.unwrap();
    while station.reported().await.unwrap() < 6 {}
}

#[tokio::test]
async fn large_octets_travel_beside_the_envelope() {
    let rmix = runtime();
    let skeleton = StationSkeleton::new(MyStation::default());
    let exported = rmix
        .export(skeleton, ["soap+http://127.0.0.1:0/station?mtom=1000"])
        .await
        .unwrap();
    let endpoint = exported.endpoints()[0].to_string();
    for version in ["1.1", "1.2"] {
        let endpoint = endpoint.replace("?", &format!("?version={version}&"));
        let station: StationStub = rmix.bind(&endpoint).await.unwrap();
        for length in [0, 999, 1000, 300_000] {
            let data: Vec<u8> = (0..length).map(|i: u32| (i % 251) as u8).collect();
            let mut reversed = data.clone();
            reversed.reverse();
            assert_eq!(station.blob(data).await.unwrap(), reversed, "{length}");
        }
    }
}

#[tokio::test]
async fn objects_share_a_port_and_differ_by_path() {
    let rmix = runtime();
    let export = |endpoint: String| {
        let skeleton = StationSkeleton::new(MyStation::default());
        rmix.export(skeleton, [endpoint])
    };
    let first = export("soap+http://127.0.0.1:0/a".to_owned())
        .await
        .unwrap();
    let endpoint = first.endpoints()[0].to_string();
    let other = endpoint.replace("/a", "/b");
    let missing: StationStub = rmix.bind(&other).await.unwrap();
    let error = missing.add(1, 2).await.unwrap_err();
    assert!(error.to_string().contains("404"), "{error}");
    let second = export(other.clone()).await.unwrap();
    assert_eq!(missing.add(1, 2).await.unwrap(), 3);
    let again = export(other.clone()).await.unwrap_err();
    assert!(again.to_string().contains("another object"), "{again}");
    second.unexport().await.unwrap();
    assert!(missing.add(1, 2).await.is_err());
    let station: StationStub = rmix.bind(&endpoint).await.unwrap();
    assert_eq!(station.add(1, 2).await.unwrap(), 3);
    drop(station);
    first.unexport().await.unwrap();
    let freed = export(endpoint).await.unwrap();
    freed.unexport().await.unwrap();
}

#[tokio::test]
async fn objects_of_one_port_agree_on_what_they_share() {
    let rmix = runtime();
    let export = |endpoint: String| {
        let skeleton = StationSkeleton::new(MyStation::default());
        rmix.export(skeleton, [endpoint])
    };
    let first = export("soap+http://127.0.0.1:0/a?gzip=off".to_owned())
        .await
        .unwrap();
    let endpoint = first.endpoints()[0].to_string();
    let other = endpoint.replace("/a", "/b");
    for options in ["?gzip=on", "?gzip=off&header_bytes=9000"] {
        let other = other.replace("?gzip=off", options);
        let error = export(other).await.unwrap_err();
        assert!(error.to_string().contains("other options"), "{error}");
    }
    let beside = export(format!("{other}&schemas=separate")).await.unwrap();
    beside.unexport().await.unwrap();
}

#[tokio::test]
async fn started_calls_need_nobody_to_wait_for_them() {
    let rmix = runtime();
    let skeleton = StationSkeleton::new(MyStation::default());
    let exported = rmix
        .export(skeleton, ["soap+http://127.0.0.1:0/"])
        .await
        .unwrap();
    let endpoint = format!("{}?connections=2", exported.endpoints()[0]);
    let station: StationStub = rmix.bind(&endpoint).await.unwrap();
    let mut calls: Vec<_> = (0..50).map(|i| station.start().add(i, 1)).collect();
    // Others come through while all of them are left alone, and the last may be asked first.
    assert_eq!(station.add(1, 1).await.unwrap(), 2);
    calls.reverse();
    for (i, call) in (0..50).rev().zip(calls) {
        assert_eq!(call.await.unwrap(), i + 1);
    }
}

#[tokio::test]
async fn started_call_that_cannot_be_sent_says_why() {
    let rmix = runtime();
    let skeleton = StationSkeleton::new(MyStation::default());
    let exported = rmix
        .export(skeleton, ["soap+http://127.0.0.1:0/"])
        .await
        .unwrap();
    let station: StationStub = rmix.bind(&exported).await.unwrap();
    assert_eq!(station.add(1, 1).await.unwrap(), 2);
    exported.unexport().await.unwrap();
    let error = station.start().add(1, 2).await.unwrap_err();
    assert_ne!(error.kind(), rmix::ErrorKind::Internal, "{error}");
}

#[tokio::test]
async fn options_are_checked() {
    let rmix = runtime();
    for (endpoint, why) in [
        ("soap+http://127.0.0.1:1/?colour=red", "no option `colour`"),
        (
            "soap+http://127.0.0.1:1/?version=1.3",
            "neither 1.1 nor 1.2",
        ),
        ("soap+http://127.0.0.1:1/?mtom=-1", "`mtom` is not a number"),
        ("soap+http://127.0.0.1:1/?connections=0", "connections"),
    ] {
        let error = rmix.bind::<StationStub>(endpoint).await.unwrap_err();
        assert!(error.to_string().contains(why), "{endpoint}: {error}");
    }
    let skeleton = StationSkeleton::new(MyStation::default());
    let endpoint = "soap+http://127.0.0.1:0/?schemas=many";
    let error = rmix.export(skeleton, [endpoint]).await.unwrap_err();
    assert!(
        error.to_string().contains("neither inline nor separate"),
        "{error}"
    );
}

#[tokio::test]
async fn many_calls_run_at_once_over_a_bounded_number_of_connections() {
    let rmix = runtime();
    let skeleton = StationSkeleton::new(MyStation::default());
    let exported = rmix
        .export(skeleton, ["soap+http://127.0.0.1:0/"])
        .await
        .unwrap();
    let endpoint = format!("{}?connections=4", exported.endpoints()[0]);
    let station: StationStub = rmix.bind(&endpoint).await.unwrap();
    let calls: Vec<_> = (0..200).map(|i| station.start().add(i, 1)).collect();
    for (i, call) in (0..).zip(calls) {
        assert_eq!(call.await.unwrap(), i + 1);
    }
    for i in 0..1000 {
        station.report(i).await.unwrap();
    }
    station.flush().await.unwrap();
    while station.reported().await.unwrap() < 999 * 500 {}
}

#[test]
fn calls_from_a_plain_thread() {
    let rmix = runtime();
    let skeleton = StationSkeleton::new(MyStation::default());
    let exported = rmix
        .export_blocking(skeleton, ["soap+http://127.0.0.1:0/"])
        .unwrap();
    let endpoint = exported.endpoints()[0].to_string();
    let station: StationStub = rmix.bind(&endpoint).blocking().unwrap();
    for i in 0..100 {
        assert_eq!(station.blocking().add(i, 1).unwrap(), i + 1);
    }
    assert_eq!(station.blocking().swap(1, "b".into()).unwrap().a, "b");
}

/// Polls a future once, which is left alone then.
async fn once<T>(future: &mut std::pin::Pin<Box<impl Future<Output = T>>>) -> Option<T> {
    std::future::poll_fn(|cx| {
        std::task::Poll::Ready(match future.as_mut().poll(cx) {
            std::task::Poll::Ready(value) => Some(value),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[tokio::test]
async fn calls_that_are_left_alone_hold_nobody_up() {
    let rmix = runtime();
    let skeleton = StationSkeleton::new(MyStation::default());
    let exported = rmix
        .export(skeleton, ["soap+http://127.0.0.1:0/"])
        .await
        .unwrap();
    for connections in [1, 2] {
        let endpoint = format!("{}?connections={connections}", exported.endpoints()[0]);
        let station: StationStub = rmix.bind(&endpoint).await.unwrap();
        // One for each connection, and one that waits for the first that is free.
        let mut left: Vec<_> = (0..=connections)
            .map(|number| Box::pin(station.swap(number, "left".into())))
            .collect();
        for call in &mut left {
            let _ = once(call).await;
        }
        for number in 0..10 {
            let added = tokio::time::timeout(HANGS, station.add(number, 1)).await;
            assert_eq!(added.expect("it is not held up").unwrap(), number + 1);
        }
        drop(left);
    }
}

/// A call that takes longer hangs.
const HANGS: std::time::Duration = std::time::Duration::from_secs(60);

#[tokio::test]
async fn one_way_calls_are_not_held_up_by_calls_that_take_long() {
    let mut limits = rmix::Limits::default();
    limits.outstanding_calls = 2;
    let rmix = Runtime::builder()
        .with_linked(&rmix_soap::plugin::rmix_provider_v1_soap)
        .limits(limits)
        .build()
        .unwrap();
    let skeleton = StationSkeleton::new(MyStation::default());
    let exported = rmix
        .export(skeleton, ["soap+http://127.0.0.1:0/"])
        .await
        .unwrap();
    let station: StationStub = rmix.bind(&exported).await.unwrap();
    // Two calls that nobody finishes, and one that waits for its place.
    let mut left: Vec<_> = (0..3)
        .map(|number| Box::pin(station.swap(number, "left".into())))
        .collect();
    for call in &mut left {
        assert!(once(call).await.is_none());
    }
    for number in 0..100 {
        let posted = tokio::time::timeout(HANGS, station.report(number)).await;
        posted.expect("it is not held up").unwrap();
    }
    let flushed = tokio::time::timeout(HANGS, station.flush()).await;
    flushed.expect("all of it leaves").unwrap();
    // A place that becomes free is the waiting call's.
    drop(left.remove(0));
    let third = tokio::time::timeout(HANGS, left.remove(1)).await;
    assert_eq!(third.expect("it is woken").unwrap().b, 2);
}
