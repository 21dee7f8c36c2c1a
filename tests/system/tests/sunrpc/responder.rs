//! Our own small rpcbind, where the host has none: rpcinfo, the C client and ours ask it, it forwards nothing, and nobody
//! else registers there.

use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;

use rmix_peers::{Namespace, Peer, ProgramRow, Rpcbind, Rpcinfo, universal_address};
use rmix_system_tests::diverse::DiverseProgramV1Stub;
use serde_json::json;

use super::registered::{inside, port, port_row, sorted};
use super::{DEADLINE, LOOPBACK, PROGRAM};
use crate::support::{HelperLine, Watchdog, c_diverse, ok, there};

const NUMBER: u32 = 0x2000_0043;

const SERVED: [&str; 3] = [
    "sunrpc+tcp://0.0.0.0/0x20000043/1?rpcbind=serve",
    "sunrpc+udp://0.0.0.0/0x20000043/1?rpcbind=serve",
    "sunrpc+tcp://0.0.0.0/0x20000043/2?rpcbind=serve",
];

/// Our client finds the first version without a port.
fn check_our_client(namespace: &Namespace) {
    inside(namespace, |runtime| {
        for scheme in ["tcp", "udp"] {
            let endpoint = format!("sunrpc+{scheme}://{LOOPBACK}/{PROGRAM}/1");
            let stub: DiverseProgramV1Stub =
                runtime.bind(endpoint).timeout(DEADLINE).blocking().unwrap();
            stub.blocking().touch().unwrap();
        }
    });
}

#[test]
fn the_small_rpcbind_is_one_for_everybody() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    if there(Peer::Rpcbind).is_none() {
        return;
    }
    let namespace = Arc::new(ok(Namespace::start()));
    let rpcinfo = Rpcinfo::in_namespace(&namespace);
    let line = HelperLine::new();
    let mut server = line.start_diverse(&namespace, &SERVED).unwrap();

    let ports = [0, 1, 2].map(|index| port(&server, index));
    let expected = [
        port_row(1, "tcp", ports[0]),
        port_row(1, "udp", ports[1]),
        port_row(2, "tcp", ports[2]),
    ];
    assert_eq!(
        sorted(ok(rpcinfo.ports(LOOPBACK))),
        sorted(expected.to_vec())
    );
    let mut rows = ok(rpcinfo.programs(LOOPBACK));
    rows.iter_mut().for_each(|row| row.netids.sort());
    rows.iter_mut().for_each(|row| row.versions.sort());
    let expected = ProgramRow {
        program: NUMBER,
        versions: vec![1, 2],
        netids: ["tcp", "udp"].map(String::from).into(),
        service: "-".to_owned(),
        owner: "unknown".to_owned(),
    };
    assert_eq!(rows, [expected]);
    let addresses = ok(rpcinfo.addresses(Some(LOOPBACK)));
    let shown: Vec<_> = addresses
        .iter()
        .map(|row| (row.netid.as_str(), row.version, row.address.clone()))
        .collect();
    let any = |port| universal_address("0.0.0.0", port);
    let expected = [
        ("tcp", 1, any(ports[0])),
        ("tcp", 2, any(ports[2])),
        ("udp", 1, any(ports[1])),
    ];
    assert_eq!(sorted(shown), expected);
    assert_eq!(ok(rpcinfo.ping("tcp", LOOPBACK, NUMBER, Some(1))), [1]);
    assert_eq!(ok(rpcinfo.ping("udp", LOOPBACK, NUMBER, Some(1))), [1]);
    assert_eq!(ok(rpcinfo.ping("tcp", LOOPBACK, NUMBER, Some(2))), [2]);
    // Itself, too.
    assert_eq!(ok(rpcinfo.ping("tcp", LOOPBACK, 100_000, None)), [2, 3, 4]);
    for netid in ["tcp", "udp"] {
        let words = ["rpcbind", netid, LOOPBACK, "answer", "21"];
        let answer = ok(programs.client_in(&namespace, &words));
        assert_eq!(answer, json!({"ok": {"status": 21, "code": 42}}), "{netid}");
    }
    check_our_client(&namespace);

    server.unexport_last();
    let expected = [port_row(1, "tcp", ports[0]), port_row(1, "udp", ports[1])];
    assert_eq!(
        sorted(ok(rpcinfo.ports(LOOPBACK))),
        sorted(expected.to_vec())
    );
    server.stop();
    // Port 111 is free again.
    let real = ok(Rpcbind::start_in(&namespace));
    assert_eq!(
        ok(Rpcinfo::in_namespace(real.namespace()).ports(LOOPBACK)),
        []
    );
}

/// Asks port 111 over UDP, and gives the words behind the XID of what comes back.
fn ask(socket: &UdpSocket, xid: u32, words: &[u32]) -> Vec<u32> {
    let message: Vec<u8> = [xid, 0]
        .iter()
        .chain(words)
        .flat_map(|word| word.to_be_bytes())
        .collect();
    socket
        .send_to(&message, (Ipv4Addr::LOCALHOST, 111))
        .unwrap();
    let mut room = [0; 1024];
    let (length, _) = socket.recv_from(&mut room).unwrap();
    let answer: Vec<u32> = room[..length]
        .chunks(4)
        .map(|word| u32::from_be_bytes(word.try_into().unwrap()))
        .collect();
    assert_eq!(answer[..2], [xid, 1]);
    answer[2..].to_vec()
}

#[test]
fn the_small_rpcbind_forwards_no_call_and_takes_no_registration() {
    let _watchdog = Watchdog::start();
    if there(Peer::Rpcbind).is_none() {
        return;
    }
    let namespace = Arc::new(ok(Namespace::start()));
    let line = HelperLine::new();
    let _server = line.start_diverse(&namespace, &SERVED).unwrap();
    let socket = ok(namespace.enter(|| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)))).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    const PROC_UNAVAIL: [u32; 4] = [0, 0, 0, 3];
    // CALLIT of version 2, BCAST of 3 and 4, INDIRECT of 4: NEXT_COLOR's neighbour TOUCH, without arguments.
    for (xid, version, procedure) in [(1, 2, 5), (2, 3, 5), (3, 4, 5), (4, 4, 10)] {
        let header = [2, 100_000, version, procedure, 0, 0, 0, 0];
        let call = [&header[..], &[NUMBER, 1, 11, 0]].concat();
        assert_eq!(ask(&socket, xid, &call), PROC_UNAVAIL, "version {version}");
    }
    // SET and UNSET of version 2 are answered with false.
    for procedure in [1, 2] {
        let header = [2, 100_000, 2, procedure, 0, 0, 0, 0];
        let call = [&header[..], &[NUMBER, 1, 6, 77]].concat();
        assert_eq!(ask(&socket, procedure + 10, &call), [0, 0, 0, 0, 0]);
    }
    let rows = ok(Rpcinfo::in_namespace(&namespace).ports(LOOPBACK));
    assert_eq!(rows.len(), 3, "{rows:?}");
}
