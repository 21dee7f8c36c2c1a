//! The Python programs on aio-msgpack-rpc: MessagePack-RPC over TCP and over a Unix socket.

use rmix::{Cause, Delivery, Runtime, Value};
use rmix_peers::PythonStation;
use rmix_tour::{StationSkeleton, StationStub};
use serde_json::json;

use super::gate::{GateStub, GatesSkeleton, MyGates};
use super::matrix::MANY;
use super::{Served, SwitchedOff, called, matrix};
use crate::support::{Watchdog, python_station, run, runtime};

const TCP: &str = "msgpack+tcp://127.0.0.1:0";

/// Asks an object of ours through the Python client.
fn ask(peer: &PythonStation, address: &str, words: &[&str]) -> serde_json::Value {
    let mut arguments = vec![address];
    arguments.extend_from_slice(words);
    peer.client(&arguments)
        .unwrap_or_else(|failure| panic!("{failure}"))
}

#[test]
fn python_client_gets_every_operation_of_our_object_over_tcp() {
    let _watchdog = Watchdog::start();
    let Some(peer) = python_station() else { return };
    let served = Served::station(TCP);
    let address = served.address();
    matrix::check("Python over msgpack+tcp", |words| {
        ask(&peer, &address, words)
    });
}

#[test]
fn python_client_gets_every_operation_of_our_object_over_a_unix_socket() {
    let _watchdog = Watchdog::start();
    let Some(peer) = python_station() else { return };
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("socket").display().to_string();
    let _served = Served::station(&format!("msgpack+unix:{socket}"));
    matrix::check("Python over msgpack+unix", |words| {
        ask(&peer, &socket, words)
    });
}

#[test]
fn python_client_gets_our_offline_fault() {
    let _watchdog = Watchdog::start();
    let Some(peer) = python_station() else { return };
    let served = Served::object(StationSkeleton::new(SwitchedOff), TCP);
    let printed = ask(&peer, &served.address(), &["latest", "Oslo"]);
    assert_eq!(printed, json!({"error": "Offline"}));
}

#[test]
fn python_client_gets_our_replies_out_of_order() {
    let _watchdog = Watchdog::start();
    let Some(peer) = python_station() else { return };
    let served = Served::object(GatesSkeleton::new(MyGates::default()), TCP);
    let printed = ask(&peer, &served.address(), &["reversed", "20"]);
    assert_eq!(printed, json!({"ok": (0..20).rev().collect::<Vec<u32>>()}));
}

#[test]
fn python_client_gets_an_answer_to_each_of_its_concurrent_calls() {
    let _watchdog = Watchdog::start();
    let Some(peer) = python_station() else { return };
    let served = Served::object(GatesSkeleton::new(MyGates::default()), TCP);
    let printed = ask(
        &peer,
        &served.address(),
        &["concurrent", "30", "0", "20", "10"],
    );
    let mut answers: Vec<u64> = serde_json::from_value(printed["ok"].clone()).unwrap();
    answers.sort_unstable();
    assert_eq!(answers, [0, 10, 20, 30]);
}

#[test]
fn python_client_gets_a_megabyte_of_doubles_from_us() {
    let _watchdog = Watchdog::start();
    let Some(peer) = python_station() else { return };
    let served = Served::object(GatesSkeleton::new(MyGates::default()), TCP);
    let count = MANY.to_string();
    let printed = ask(&peer, &served.address(), &["call", "series", &count]);
    let numbers: Vec<f64> = serde_json::from_value(printed["ok"].clone()).unwrap();
    assert_eq!(numbers.len(), MANY);
    let halves = numbers.iter().enumerate();
    assert!(
        halves
            .into_iter()
            .all(|(index, number)| *number == index as f64 / 2.0)
    );
}

#[test]
fn python_client_is_told_why_a_call_cannot_be_served() {
    let _watchdog = Watchdog::start();
    let Some(peer) = python_station() else { return };
    let served = Served::station(TCP);
    let address = served.address();
    for (words, word) in [
        (&["call", "absent"][..], "no_such_method"),
        (&["call", "mean"], "bad_arguments"),
        (&["call", "mean", "\"text\""], "bad_arguments"),
        (&["call", "latest", "\"Oslo\"", "1"], "bad_arguments"),
    ] {
        let printed = ask(&peer, &address, words);
        assert_eq!(printed["error"]["rmix_error"], word, "{words:?}: {printed}");
        assert!(
            printed["error"]["message"].is_string(),
            "{words:?}: {printed}"
        );
    }
    assert_eq!(ask(&peer, &address, &["count"]), json!({"ok": 0}));
}

#[test]
fn our_stub_gets_every_operation_of_the_python_server_over_tcp() {
    let Some(peer) = python_station() else { return };
    let server = peer.start_server_tcp().unwrap();
    run(async {
        let endpoint = format!("msgpack+tcp://{}", server.address());
        let stub: StationStub = runtime().bind(endpoint).await.unwrap();
        called::check(&stub).await;
    });
    server.stop().unwrap();
}

#[test]
fn our_stub_gets_every_operation_of_the_python_server_over_a_unix_socket() {
    let Some(peer) = python_station() else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = peer
        .start_server_unix(&folder.path().join("socket"))
        .unwrap();
    run(async {
        let endpoint = format!("msgpack+unix:{}", server.path().display());
        let stub: StationStub = runtime().bind(endpoint).await.unwrap();
        called::check(&stub).await;
    });
    server.stop().unwrap();
}

#[test]
fn our_stub_gets_the_offline_fault_of_the_python_server() {
    let Some(peer) = python_station() else { return };
    let server = peer.start_offline_server_tcp().unwrap();
    run(async {
        let endpoint = format!("msgpack+tcp://{}", server.address());
        let stub: StationStub = runtime().bind(endpoint).await.unwrap();
        called::check_offline(&stub).await;
    });
}

#[test]
fn our_stub_takes_the_python_server_s_replies_out_of_order() {
    let Some(peer) = python_station() else { return };
    let server = peer.start_server_tcp().unwrap();
    run(async {
        let endpoint = format!("msgpack+tcp://{}", server.address());
        let stub: GateStub = runtime().bind(endpoint).await.unwrap();
        let start = stub.start();
        let mut held: Vec<_> = (0..20).map(|name| (name, start.hold(name))).collect();
        while let Some((name, last)) = held.pop() {
            stub.release(name).await.unwrap();
            assert_eq!(last.await.unwrap(), name);
            // The earlier ones are not answered yet: nobody has released them.
            assert!(
                held.iter_mut()
                    .all(|(_, earlier)| earlier.try_take().is_none())
            );
        }
    });
    server.stop().unwrap();
}

#[test]
fn an_error_of_the_python_server_that_is_not_declared_is_shown() {
    let Some(peer) = python_station() else { return };
    let server = peer.start_server_tcp().unwrap();
    run(async {
        let runtime: Runtime = runtime();
        let endpoint = format!("msgpack+tcp://{}", server.address());
        let stub: GateStub = runtime.bind(&endpoint).await.unwrap();
        let failure = stub.absent().await.unwrap_err();
        assert_eq!(failure.cause(), Cause::Remote, "{failure:?}");
        assert_eq!(failure.delivery(), Delivery::Executed, "{failure:?}");
        assert!(failure.to_string().contains("absent"), "{failure}");

        let dynamic = runtime.dynamic(&endpoint).await.unwrap();
        let fault = dynamic.call("absent", Vec::new()).await.unwrap_err();
        assert!(matches!(fault.fault(), Some(Value::Text(_))), "{fault}");
        let count = dynamic.call("count", Vec::new()).await.unwrap();
        assert_eq!(count, Value::Int(0));
    });
    server.stop().unwrap();
}
