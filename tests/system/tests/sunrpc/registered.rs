//! Exports of ours in the system's rpcbind: rpcinfo and the C client find them, ours finds them and the C server's, and
//! what a server that was killed has left behind is replaced.

use std::sync::Arc;
use std::thread::available_parallelism;

use rmix::{Cause, Delivery, ErrorKind, Runtime};
use rmix_peers::{
    AddressRow, CDiverse, DiverseOptions, Namespace, Peer, PortRow, ProgramRow, Rpcbind, Rpcinfo,
    diverse_results, universal_address,
};
use rmix_system_tests::diverse::DiverseProgramV1Stub;
use serde_json::json;

use super::operations::{self, HoleStub};
use super::{DEADLINE, LOOPBACK, PROGRAM, Stubs};
use crate::support::{Helper, HelperLine, Watchdog, builder, c_diverse, ok, there};

const NUMBER: u32 = 0x2000_0043;

/// The C programs and an rpcbind, unless tests of peers are left out.
fn peers() -> Option<(CDiverse, Rpcbind)> {
    let programs = c_diverse()?;
    there(Peer::Rpcbind)?;
    Some((programs, ok(Rpcbind::start())))
}

/// Runs our client on threads that are in the namespace.
pub(super) fn inside<T: Send>(namespace: &Namespace, work: impl FnOnce(&Runtime) -> T + Send) -> T {
    ok(namespace.enter(|| {
        // Threads of its own, which are started from this one.
        let threads = available_parallelism().map_or(1, |cores| cores.get().min(2));
        let runtime = builder().worker_threads(threads).build().unwrap();
        work(&runtime)
    }))
}

/// The port that one of the helper's endpoints ends with.
pub(super) fn port(helper: &Helper, index: usize) -> u16 {
    let endpoint = &helper.endpoints[index];
    let place = endpoint.split('/').nth(2).unwrap();
    place.rsplit_once(':').unwrap().1.parse().unwrap()
}

pub(super) fn port_row(version: u32, protocol: &str, port: u16) -> PortRow {
    PortRow {
        program: NUMBER,
        version,
        protocol: protocol.to_owned(),
        port,
        service: None,
    }
}

fn address_row(version: u32, netid: &str, address: String) -> AddressRow {
    AddressRow {
        program: NUMBER,
        version,
        netid: netid.to_owned(),
        address,
        service: "-".to_owned(),
        owner: "superuser".to_owned(),
    }
}

pub(super) fn sorted<T: Ord>(mut rows: Vec<T>) -> Vec<T> {
    rows.sort();
    rows
}

const WITHOUT_PORTS: [&str; 3] = [
    "sunrpc+tcp://0.0.0.0/0x20000043/1",
    "sunrpc+udp://0.0.0.0/0x20000043/1",
    "sunrpc+tcp://0.0.0.0/0x20000043/2",
];

/// What rpcbind is to know of these three.
fn rows_without_ports(server: &Helper) -> Vec<PortRow> {
    let protocols = [(1, "tcp"), (1, "udp"), (2, "tcp")];
    let rows = protocols.iter().enumerate();
    sorted(
        rows.map(|(index, (version, protocol))| port_row(*version, protocol, port(server, index)))
            .collect(),
    )
}

#[test]
fn what_is_exported_without_a_port_is_found_by_everybody() {
    let _watchdog = Watchdog::start();
    let Some((programs, rpcbind)) = peers() else {
        return;
    };
    let namespace = rpcbind.namespace();
    let rpcinfo = Rpcinfo::in_namespace(namespace);
    let line = HelperLine::new();
    let mut server = line.start_diverse(namespace, &WITHOUT_PORTS).unwrap();

    assert_eq!(
        sorted(ok(rpcinfo.ports(LOOPBACK))),
        rows_without_ports(&server)
    );
    let any = |index| universal_address("0.0.0.0", port(&server, index));
    let expected = [
        address_row(1, "tcp", any(0)),
        address_row(1, "udp", any(1)),
        address_row(2, "tcp", any(2)),
    ];
    assert_eq!(sorted(ok(rpcinfo.addresses(None))), sorted(expected.into()));
    assert_eq!(ok(rpcinfo.ping("tcp", LOOPBACK, NUMBER, Some(1))), [1]);
    assert_eq!(ok(rpcinfo.ping("udp", LOOPBACK, NUMBER, Some(1))), [1]);
    assert_eq!(ok(rpcinfo.ping("tcp", LOOPBACK, NUMBER, Some(2))), [2]);
    for netid in ["tcp", "udp"] {
        let words = ["rpcbind", netid, LOOPBACK, "answer", "3"];
        let answer = ok(programs.client_in(namespace, &words));
        assert_eq!(answer, json!({"ok": {"status": 3}}), "{netid}");
    }
    inside(namespace, |runtime| {
        for scheme in ["tcp", "udp"] {
            let endpoint = format!("sunrpc+{scheme}://{LOOPBACK}/{PROGRAM}/1");
            let stub: DiverseProgramV1Stub =
                runtime.bind(endpoint).timeout(DEADLINE).blocking().unwrap();
            assert_eq!(stub.blocking().make_bytes(5).unwrap(), [0, 1, 2, 3, 4]);
        }
        let both = Stubs::bind(runtime, &format!("tcp://{LOOPBACK}"), "");
        assert_eq!(both.second.blocking().add(1, 2, 3).unwrap(), 6);
    });

    server.unexport_last();
    let mut expected = rows_without_ports(&server);
    expected.retain(|row| row.version == 1);
    assert_eq!(sorted(ok(rpcinfo.ports(LOOPBACK))), expected);
    inside(namespace, |runtime| {
        // The server goes on, and is asked only when rpcbind does not know better: a program's any version.
        let stubs = Stubs::bind(runtime, &format!("tcp://{LOOPBACK}"), "");
        stubs.first.blocking().touch().unwrap();
        assert!(stubs.second.blocking().add(1, 2, 3).is_err());
    });

    server.stop();
    assert_eq!(ok(rpcinfo.ports(LOOPBACK)), []);
}

#[test]
fn two_versions_on_chosen_ports_and_a_socket_are_found_by_everybody() {
    let _watchdog = Watchdog::start();
    let Some((programs, rpcbind)) = peers() else {
        return;
    };
    let namespace = rpcbind.namespace();
    let rpcinfo = Rpcinfo::in_namespace(namespace);
    let mut endpoints = Vec::new();
    for place in [
        "tcp://0.0.0.0:4001",
        "udp://0.0.0.0:4002",
        "unix:/run/diverse.sock",
    ] {
        for version in [1, 2] {
            endpoints.push(format!("sunrpc+{place}/{PROGRAM}/{version}?rpcbind=on"));
        }
    }
    let endpoints: Vec<&str> = endpoints.iter().map(String::as_str).collect();
    let line = HelperLine::new();
    let server = line.start_diverse(namespace, &endpoints).unwrap();

    let expected = [
        (1, "tcp", 4001),
        (1, "udp", 4002),
        (2, "tcp", 4001),
        (2, "udp", 4002),
    ];
    let expected: Vec<_> = expected
        .map(|(version, protocol, port)| port_row(version, protocol, port))
        .into();
    assert_eq!(sorted(ok(rpcinfo.ports(LOOPBACK))), expected);
    let mut rows = ok(rpcinfo.programs(LOOPBACK));
    rows.iter_mut().for_each(|row| row.netids.sort());
    rows.iter_mut().for_each(|row| row.versions.sort());
    let expected = ProgramRow {
        program: NUMBER,
        versions: vec![1, 2],
        netids: ["local", "tcp", "udp"].map(String::from).into(),
        service: "-".to_owned(),
        owner: "superuser".to_owned(),
    };
    assert_eq!(rows, [expected]);
    let addresses = ok(rpcinfo.addresses(None));
    assert!(
        addresses.contains(&address_row(2, "local", "/run/diverse.sock".to_owned())),
        "{addresses:?}"
    );
    assert_eq!(addresses.len(), 6);
    for netid in ["tcp", "udp"] {
        // Which versions there are is learnt from our mismatch.
        assert_eq!(ok(rpcinfo.ping(netid, LOOPBACK, NUMBER, None)), [1, 2]);
        let words = ["rpcbind", netid, LOOPBACK, "join", "a", "RED", "b"];
        let joined = ok(programs.client_in(namespace, &words));
        assert_eq!(joined, json!({"ok": "a -7 b"}), "{netid}");
    }
    let local = ["rpcbind", "local", "localhost", "selftest", "large"];
    let answer = ok(programs.client_in(namespace, &local));
    let mut expected = diverse_results(true);
    expected["secret"] = expected["break-down"].clone();
    assert_eq!(answer["ok"], expected);

    server.stop();
    assert_eq!(ok(rpcinfo.addresses(None)), []);
    // The file is gone, too.
    assert!(!namespace.path("/run/diverse.sock").exists());
}

#[test]
fn what_is_exported_for_ipv6_is_found_by_everybody() {
    let _watchdog = Watchdog::start();
    let Some((programs, rpcbind)) = peers() else {
        return;
    };
    let namespace = rpcbind.namespace();
    let rpcinfo = Rpcinfo::in_namespace(namespace);
    let line = HelperLine::new();
    let endpoints = ["tcp", "udp"].map(|scheme| format!("sunrpc+{scheme}://[::1]/{PROGRAM}/2"));
    let endpoints: Vec<&str> = endpoints.iter().map(String::as_str).collect();
    let server = line.start_diverse(namespace, &endpoints).unwrap();

    let own = |index| universal_address("::1", port(&server, index));
    let expected = [
        address_row(2, "tcp6", own(0)),
        address_row(2, "udp6", own(1)),
    ];
    assert_eq!(sorted(ok(rpcinfo.addresses(None))), expected);
    for netid in ["tcp6", "udp6"] {
        assert_eq!(ok(rpcinfo.ping(netid, "::1", NUMBER, Some(2))), [2]);
        let words = ["rpcbind", netid, "::1", "add", "1", "2", "3"];
        let sum = ok(programs.client_in(namespace, &words));
        assert_eq!(sum, json!({"ok": 6}), "{netid}");
    }
    inside(namespace, |runtime| {
        for scheme in ["tcp", "udp"] {
            let stubs = Stubs::bind(runtime, &format!("{scheme}://[::1]"), "");
            assert_eq!(stubs.second.blocking().add(4, 5, 6).unwrap(), 15);
        }
    });
    server.stop();
    assert_eq!(ok(rpcinfo.addresses(None)), []);
}

#[test]
fn the_rows_of_a_killed_server_are_replaced_by_its_successor() {
    let _watchdog = Watchdog::start();
    let Some((_programs, rpcbind)) = peers() else {
        return;
    };
    let namespace = rpcbind.namespace();
    let rpcinfo = Rpcinfo::in_namespace(namespace);
    let line = HelperLine::new();
    let first = line.start_diverse(namespace, &WITHOUT_PORTS).unwrap();
    let stale = rows_without_ports(&first);

    inside(namespace, |runtime| {
        let endpoint = format!("sunrpc+tcp://{LOOPBACK}/{PROGRAM}/1");
        let stub: DiverseProgramV1Stub =
            runtime.bind(endpoint).timeout(DEADLINE).blocking().unwrap();
        stub.blocking().touch().unwrap();

        first.kill();
        assert_eq!(sorted(ok(rpcinfo.ports(LOOPBACK))), stale);
        let gone = loop {
            let gone = stub.blocking().touch().unwrap_err();
            assert_eq!(gone.kind(), ErrorKind::Reconnect, "{gone:?}");
            // The first may have met the end of the connection.
            if gone.cause() == Cause::Connect {
                break gone;
            }
        };
        assert_eq!(gone.delivery(), Delivery::NotSent, "{gone:?}");

        let second = line.start_diverse(namespace, &WITHOUT_PORTS).unwrap();
        let fresh = rows_without_ports(&second);
        assert_ne!(fresh, stale);
        assert_eq!(sorted(ok(rpcinfo.ports(LOOPBACK))), fresh);
        assert_eq!(ok(rpcinfo.ping("udp", LOOPBACK, NUMBER, Some(1))), [1]);
        // The same stub asks again, and finds it.
        stub.blocking().touch().unwrap();
        second.stop();
    });
    assert_eq!(ok(rpcinfo.ports(LOOPBACK)), []);
}

#[test]
fn the_c_server_is_found_without_a_port() {
    let _watchdog = Watchdog::start();
    let Some((programs, rpcbind)) = peers() else {
        return;
    };
    let options = DiverseOptions {
        rpcbind: true,
        ..DiverseOptions::default()
    };
    let server = ok(programs.start_server_in(rpcbind.namespace(), &options));
    inside(rpcbind.namespace(), |runtime| {
        let place = format!("tcp://{LOOPBACK}");
        let stubs = Stubs::bind(runtime, &place, "");
        let hole: HoleStub = runtime
            .bind(format!("sunrpc+{place}/{PROGRAM}/1"))
            .timeout(DEADLINE)
            .blocking()
            .unwrap();
        operations::run(&stubs, &hole, true).check(&diverse_results(true));
        let stubs = Stubs::bind(runtime, &format!("udp://{LOOPBACK}"), "");
        assert_eq!(stubs.second.blocking().add(4, 5, 6).unwrap(), 15);

        let nobody = runtime.bind::<HoleStub>(format!("sunrpc+tcp://{LOOPBACK}/0x20000048/1"));
        let refused = match nobody.timeout(DEADLINE).blocking() {
            Ok(stub) => stub.blocking().hole().unwrap_err(),
            Err(refused) => refused,
        };
        assert_eq!(refused.kind(), ErrorKind::Reconnect, "{refused:?}");
        assert_eq!(refused.delivery(), Delivery::NotSent, "{refused:?}");
        let text = refused.to_string();
        assert!(text.contains(&0x2000_0048_u32.to_string()), "{text}");
    });
    ok(server.stop());
}

#[test]
fn without_an_rpcbind_registering_and_asking_say_what_to_do() {
    let _watchdog = Watchdog::start();
    if there(Peer::Rpcbind).is_none() {
        return;
    }
    let namespace = Arc::new(ok(Namespace::start()));
    let line = HelperLine::new();
    let failure = line.start_diverse(&namespace, &WITHOUT_PORTS[..1]).err();
    let failure = failure.expect("nobody registers it");
    for words in [
        "no rpcbind runs on this host",
        "/run/rpcbind.sock",
        "start one, or let clients name the port",
    ] {
        assert!(failure.contains(words), "{failure}");
    }
    inside(&namespace, |runtime| {
        for scheme in ["tcp", "udp"] {
            let bind =
                runtime.bind::<HoleStub>(format!("sunrpc+{scheme}://{LOOPBACK}/{PROGRAM}/1"));
            let refused = match bind.timeout(DEADLINE).blocking() {
                Ok(stub) => stub.blocking().hole().unwrap_err(),
                Err(refused) => refused,
            };
            assert_eq!(refused.cause(), Cause::Connect, "{refused:?}");
            assert_eq!(refused.delivery(), Delivery::NotSent, "{refused:?}");
            let text = refused.to_string();
            assert!(text.contains("no rpcbind says which one it is"), "{text}");
        }
    });
}
