//! Calls from end to end through two instances of the provider: values, faults, refusals, order, many at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use rmix_abi::tables::{Limits, cause, delivery, kind, reply};
use serde::{Deserialize, Serialize};

use crate::host::{self, call, side, socket_path, start, tell};

/// Every shape that serde knows and the codec carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shapes {
    flag: bool,
    small: (i8, u8, i16, u16),
    middle: (i32, u32, f32, char),
    wide: (i64, u64, f64, i128, u128),
    text: String,
    octets: Vec<u8>,
    nothing: (),
    absent: Option<u32>,
    nested: Option<Option<String>>,
    doubles: Vec<f64>,
    words: Vec<u32>,
    texts: Vec<String>,
    pairs: BTreeMap<String, Vec<i64>>,
    variants: Vec<Variant>,
    newtype: Wrapper,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Wrapper(Box<Option<Wrapper>>);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Variant {
    Unit,
    Newtype(String),
    Tuple(i32, bool),
    Struct { place: String, celsius: f64 },
}

pub(crate) fn shapes() -> Shapes {
    Shapes {
        flag: true,
        small: (i8::MIN, u8::MAX, i16::MIN, u16::MAX),
        middle: (i32::MIN, u32::MAX, -0.0, '\u{10FFFF}'),
        wide: (i64::MIN, u64::MAX, f64::MIN_POSITIVE, i128::MIN, u128::MAX),
        text: "Tromsø".to_owned(),
        octets: vec![0, 1, 254, 255],
        nothing: (),
        absent: None,
        nested: Some(Some(String::new())),
        doubles: vec![0.5, -1e300, f64::INFINITY],
        words: (0..40).collect(),
        texts: vec!["a".to_owned(), String::new()],
        pairs: BTreeMap::from([("k".to_owned(), vec![-1, 2]), (String::new(), Vec::new())]),
        variants: vec![
            Variant::Unit,
            Variant::Newtype("n".to_owned()),
            Variant::Tuple(-3, false),
            Variant::Struct {
                place: "Oslo".to_owned(),
                celsius: -12.5,
            },
        ],
        newtype: Wrapper(Box::new(Some(Wrapper(Box::new(None))))),
    }
}

#[test]
fn the_entry_says_what_the_provider_is() {
    let plugin = host::plugin();

    assert_eq!(plugin.name(), "cframe");
    assert_eq!(plugin.version(), "0.1.0");
    assert_eq!(plugin.schemes().collect::<Vec<_>>(), ["cframe+unix"]);
    assert_eq!(
        plugin.capability_names(),
        [
            "oneway",
            "twoway",
            "listen",
            "symmetric",
            "faults",
            "ordered",
            "concurrent"
        ]
    );
    assert!(plugin.build().starts_with("C compiler "));
}

#[test]
fn the_shared_object_exports_its_entry_and_nothing_else() {
    let file = host::plugin().file().expect("it was loaded from a file");

    let output = std::process::Command::new("nm")
        .env_remove("LD_PRELOAD")
        .args(["-D", "--defined-only", "--format=just-symbols"])
        .arg(file)
        .output()
        .expect("nm comes with the compiler");

    let symbols = String::from_utf8(output.stdout).expect("symbols are text");
    assert_eq!(symbols.trim(), "rmix_provider_v1_cframe");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_of_every_shape_come_back() {
    let (server, client) = (side(), side());
    let path = socket_path("shapes");
    let listener = server.listen(&path, &Limits::default()).await;
    let link = client.connect(&path, &Limits::default(), 0).await;

    let found: Shapes = call(&link, "shapes", &shapes()).await.unwrap();

    assert_eq!(found, shapes());
    assert_eq!(listener.endpoint(), format!("cframe+unix:{path}"));
    assert_eq!(link.describe(), path);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_larger_than_every_buffer_comes_back() {
    let (server, client) = (side(), side());
    let path = socket_path("large");
    let _listener = server.listen(&path, &Limits::default()).await;
    let link = client.connect(&path, &Limits::default(), 0).await;
    let octets: Vec<u8> = (0..3_000_000_u32).map(|i| (i % 251) as u8).collect();

    let found: Vec<u8> = call(&link, "octets", &octets).await.unwrap();

    assert!(found == octets);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_and_refusals_arrive_as_what_they_are() {
    let (server, client) = (side(), side());
    let path = socket_path("faults");
    let _listener = server.listen(&path, &Limits::default()).await;
    let link = client.connect(&path, &Limits::default(), 0).await;

    let fault = start(&link, "fail", &()).await.unwrap().await.unwrap();
    assert_eq!(fault.kind, reply::FAULT);
    assert_eq!(
        fault.decode::<(i32, String)>().unwrap(),
        (7, "declared".to_owned())
    );

    let unknown = call::<_, ()>(&link, "nowhere", &()).await.unwrap_err();
    assert_eq!(unknown.cause, cause::NO_SUCH_METHOD);
    assert_eq!(unknown.kind, kind::FIX_REQUEST);
    assert_eq!(unknown.delivery, delivery::NOT_SENT);
    assert_eq!(unknown.text(), "no such method here");

    let garbled = call::<_, String>(&link, "echo", &7_u8).await.unwrap_err();
    assert_eq!(garbled.cause, cause::BAD_ARGUMENTS);

    let forgotten = call::<_, ()>(&link, "forget", &()).await.unwrap_err();
    assert_eq!(forgotten.delivery, delivery::EXECUTED);
    assert_eq!(forgotten.text(), "the operation gave no answer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_oneway_calls_keep_their_order() {
    let (server, client) = (side(), side());
    let path = socket_path("order");
    let _listener = server.listen(&path, &Limits::default()).await;
    // Little room for queued bytes, so that callers wait now and then.
    let limits = Limits {
        queued_bytes: 4096,
        ..Limits::default()
    };
    let link = client.connect(&path, &limits, 0).await;

    for number in 0..10_000_u32 {
        tell(&link, "note", &number).await.unwrap();
    }
    std::future::poll_fn(|cx| link.poll_flush(cx))
        .await
        .unwrap();
    let count: u64 = call(&link, "count", &()).await.unwrap();

    assert_eq!(count, 10_000);
    let notes = server.object.notes.lock().unwrap();
    assert!(notes.iter().copied().eq(0..10_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_callers_on_one_link_get_their_own_answers() {
    let (server, client) = (side(), side());
    let path = socket_path("many");
    let _listener = server.listen(&path, &Limits::default()).await;
    let link = client.connect(&path, &Limits::default(), 0).await;

    let callers: Vec<_> = (0..300_u32)
        .map(|caller| {
            let link: Arc<_> = link.clone();
            tokio::spawn(async move {
                for round in 0..10 {
                    let said = format!("caller {caller}, round {round}");
                    let heard: String = call(&link, "echo", &said).await.unwrap();
                    assert_eq!(heard, said);
                }
            })
        })
        .collect();

    for caller in callers {
        caller.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endpoints_that_are_not_ours_are_refused_in_words() {
    let client = side();
    let limits = Limits::default();
    let long = format!("cframe+unix:///{}", "x".repeat(107));
    for endpoint in [
        "tcp://127.0.0.1:1",
        "cframe+unix:",
        "cframe+unix://",
        "cframe+unix://a\0b",
        &long,
    ] {
        let failure = client.provider.connect(endpoint, &limits, 0).await.err();
        let failure = failure.unwrap_or_else(|| panic!("{endpoint:?} is not an endpoint"));
        assert_eq!(failure.cause, cause::ENDPOINT, "{endpoint:?}");
        assert!(!failure.text().is_empty());
    }

    let nobody = format!("cframe+unix://{}", socket_path("nobody"));
    let failure = client
        .provider
        .connect(&nobody, &limits, 0)
        .await
        .err()
        .unwrap();
    assert_eq!(failure.cause, cause::CONNECT);
    assert_eq!(failure.delivery, delivery::NOT_SENT);
}
