//! The C programs made by rpcgen on libtirpc: Sun RPC over TCP.

use rmix::{Cause, Delivery, ErrorKind};
use rmix_peers::CStation;
use rmix_tour::{StationSkeleton, StationStub};
use serde_json::{Value, json};

use super::{Served, SwitchedOff, called, kept_station, matrix};
use crate::support::{Watchdog, c_station, run, runtime};

const STATION: &str = "sunrpc+tcp://127.0.0.1:0/0x20000042/1";

/// Asks an object of ours through the C client.
fn ask(peer: &CStation, served: &Served, words: &[&str]) -> Value {
    let (host, port) = served.host_and_port();
    let mut arguments = vec![host.as_str(), port.as_str()];
    arguments.extend_from_slice(words);
    peer.client(&arguments)
        .unwrap_or_else(|failure| panic!("{failure}"))
}

#[test]
fn c_client_gets_every_operation_of_our_object() {
    let _watchdog = Watchdog::start();
    let Some(peer) = c_station() else { return };
    let served = Served::station(STATION);
    matrix::check("C over sunrpc+tcp", |words| ask(&peer, &served, words));
    assert_eq!(ask(&peer, &served, &["null"]), json!({"ok": null}));
}

#[test]
fn c_client_gets_our_offline_fault() {
    let _watchdog = Watchdog::start();
    let Some(peer) = c_station() else { return };
    let served = Served::object(StationSkeleton::new(SwitchedOff), STATION);
    assert_eq!(
        ask(&peer, &served, &["latest", "Oslo"]),
        json!({"error": "Offline"})
    );
    assert_eq!(ask(&peer, &served, &["mean", "4"]), json!({"ok": 4.0}));
}

#[test]
fn c_client_makes_hundreds_of_calls_on_one_connection() {
    let _watchdog = Watchdog::start();
    let Some(peer) = c_station() else { return };
    let served = Served::station(STATION);
    for operation in ["null", "latest", "mean", "count"] {
        let printed = ask(&peer, &served, &["bench", operation, "500"]);
        assert_eq!(printed["ok"]["calls"], 500, "{printed}");
    }
}

#[test]
fn c_client_is_told_why_a_call_cannot_be_served() {
    let _watchdog = Watchdog::start();
    let Some(peer) = c_station() else { return };
    let failure = |status: u32, text: &str| json!({"failure": {"status": status, "text": text}});
    let served = Served::station(STATION);
    let unavailable = failure(10, "RPC: Procedure unavailable");
    assert_eq!(ask(&peer, &served, &["procedure", "9"]), unavailable);
    // LATEST without its argument.
    let garbage = failure(11, "RPC: Server can't decode arguments");
    assert_eq!(ask(&peer, &served, &["procedure", "1"]), garbage);
    // It goes on.
    assert_eq!(ask(&peer, &served, &["count"]), json!({"ok": 0}));

    let other_version = Served::station("sunrpc+tcp://127.0.0.1:0/0x20000042/2");
    let mut mismatch = failure(9, "RPC: Program/version mismatch");
    // The versions that are there.
    mismatch["failure"]["low"] = json!(2);
    mismatch["failure"]["high"] = json!(2);
    for words in [&["count"][..], &["null"], &["latest", "Oslo"]] {
        assert_eq!(ask(&peer, &other_version, words), mismatch);
    }
    let other_program = Served::station("sunrpc+tcp://127.0.0.1:0/0x20000044/1");
    let unavailable = failure(8, "RPC: Program unavailable");
    assert_eq!(ask(&peer, &other_program, &["count"]), unavailable);
}

#[test]
fn c_client_gets_its_version_of_several_on_one_port() {
    let _watchdog = Watchdog::start();
    let Some(peer) = c_station() else { return };
    let runtime = runtime();
    let (first, skeleton) = kept_station();
    let exported = runtime.export_blocking(skeleton, [STATION]).unwrap();
    let first_endpoint = exported.endpoints()[0].to_string();
    let served = Served {
        exported,
        _runtime: runtime.clone(),
    };
    let endpoint = |version: u32| {
        let base = first_endpoint.rsplit_once('/').unwrap().0;
        format!("{base}/{version}")
    };
    let (second, skeleton) = kept_station();
    let exported = runtime.export_blocking(skeleton, [endpoint(2)]).unwrap();

    assert_eq!(
        ask(&peer, &served, &["report", "Voss", "1", "2"]),
        json!({"ok": 1})
    );

    let newer: StationStub = runtime.bind(endpoint(2)).blocking().unwrap();
    assert_eq!(newer.blocking().count().unwrap(), 0);
    run(async {
        use rmix_tour::Station as _;
        assert_eq!((first.count().await, second.count().await), (1, 0));
    });
    let absent: StationStub = runtime.bind(endpoint(3)).blocking().unwrap();
    let failure = absent.blocking().count().unwrap_err();
    assert_eq!(failure.cause(), Cause::Version, "{failure:?}");
    drop(exported);
    let failure = newer.blocking().count().unwrap_err();
    assert_eq!(failure.cause(), Cause::Version, "{failure:?}");
    assert_eq!(ask(&peer, &served, &["count"]), json!({"ok": 1}));
}

#[test]
fn our_stub_gets_every_operation_of_the_c_server() {
    let Some(peer) = c_station() else { return };
    let server = peer.start_server().unwrap();
    run(async {
        let endpoint = format!("sunrpc+tcp://{}/0x20000042/1", server.address());
        let stub: StationStub = runtime().bind(endpoint).await.unwrap();
        called::check(&stub).await;
    });
    server.stop().unwrap();
}

#[test]
fn our_stub_gets_every_operation_of_the_c_server_with_auth_sys() {
    let Some(peer) = c_station() else { return };
    let server = peer.start_server().unwrap();
    run(async {
        let endpoint = format!("sunrpc+tcp://{}/0x20000042/1?auth=sys", server.address());
        let stub: StationStub = runtime().bind(endpoint).await.unwrap();
        called::check(&stub).await;
    });
    server.stop().unwrap();
}

#[test]
fn our_stub_gets_the_offline_fault_of_the_c_server() {
    let Some(peer) = c_station() else { return };
    let server = peer.start_offline_server().unwrap();
    run(async {
        let endpoint = format!("sunrpc+tcp://{}/0x20000042/1", server.address());
        let stub: StationStub = runtime().bind(endpoint).await.unwrap();
        called::check_offline(&stub).await;
    });
}

/// Procedures that the C server has not, or has with an argument.
#[rmix::remote(sunrpc(program = 0x2000_0042, version = 1))]
trait Holes {
    #[rmix(procedure = 9)]
    async fn hole(&self) -> u32;
    #[rmix(procedure = 1)]
    async fn latest_of_nothing(&self) -> u32;
    #[rmix(procedure = 4)]
    async fn count(&self) -> u32;
}

#[test]
fn our_stub_is_told_why_the_c_server_refuses() {
    let Some(peer) = c_station() else { return };
    let server = peer.start_server().unwrap();
    run(async {
        let runtime = runtime();
        let endpoint = |path: &str| format!("sunrpc+tcp://{}/{path}", server.address());
        let stub: HolesStub = runtime.bind(endpoint("0x20000042/1")).await.unwrap();
        let failures = [
            (stub.hole().await, Cause::NoSuchMethod),
            (stub.latest_of_nothing().await, Cause::BadArguments),
        ];
        for (outcome, cause) in failures {
            let failure = outcome.unwrap_err();
            assert_eq!(failure.cause(), cause, "{failure:?}");
            assert_eq!(failure.kind(), ErrorKind::FixRequest, "{failure:?}");
            assert_eq!(failure.delivery(), Delivery::NotSent, "{failure:?}");
        }
        assert_eq!(stub.count().await.unwrap(), 0);
        for (path, cause) in [
            ("0x20000042/7", Cause::Version),
            ("0x20000044/1", Cause::NoSuchObject),
        ] {
            let stub: HolesStub = runtime.bind(endpoint(path)).await.unwrap();
            let failure = stub.count().await.unwrap_err();
            assert_eq!(failure.cause(), cause, "{failure:?}");
            assert_eq!(failure.delivery(), Delivery::NotSent, "{failure:?}");
        }
    });
    server.stop().unwrap();
}
