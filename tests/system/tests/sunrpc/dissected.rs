//! tshark reads what our client and our server say to one another: nothing is malformed, and every field is what was meant.
//! Messages that our client never sends are written by hand, and the answers are read.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};

use rmix::{Bounded, Cause};
use rmix_peers::{Capture, DissectedPacket, Namespace, Peer, Rpcbind, Speaker, dissect};
use rmix_system_tests::Diverse;
use rmix_system_tests::diverse::DiverseProgramV1Stub;

use super::operations::HoleStub;
use super::relay::Heard;
use super::{DEADLINE, LOOPBACK, PROGRAM, Served, registered, relay, tcp, udp};
use crate::support::{HelperLine, Watchdog, ok, runtime, there};

const FIELDS: [&str; 21] = [
    "tcp.srcport",
    "udp.srcport",
    "rpc.xid",
    "rpc.msgtyp",
    "rpc.version",
    "rpc.program",
    "rpc.programversion",
    "rpc.procedure",
    "rpc.auth.flavor",
    "rpc.auth.uid",
    "rpc.auth.gid",
    "rpc.auth.machinename",
    "rpc.replystat",
    "rpc.state_accept",
    "rpc.state_reject",
    "rpc.state_auth",
    "rpc.version.min",
    "rpc.version.max",
    "rpc.programversion.min",
    "rpc.programversion.max",
    "rpc.dup",
];

/// What was read in a conversation.
struct Read {
    calls: Vec<DissectedPacket>,
    replies: Vec<DissectedPacket>,
}

impl Read {
    /// Reads a conversation with the usual fields and these.
    fn of(heard: &Heard, mut capture: Capture, fields: &[&str]) -> Read {
        heard.add_to(&mut capture);
        let port = capture.server_port().to_string();
        let all: Vec<&str> = FIELDS.iter().chain(fields).copied().collect();
        let packets = ok(dissect(&capture, &all));
        let is_reply = |packet: &DissectedPacket| {
            let ports = ["tcp.srcport", "udp.srcport"].map(|field| packet.values(field));
            ports.concat() == [port.clone()]
        };
        let (replies, calls) = packets.into_iter().partition(is_reply);
        Read { calls, replies }
    }

    /// Nobody said anything that is wrong.
    fn check_nothing_is_wrong(&self) {
        for packet in self.calls.iter().chain(&self.replies) {
            assert_eq!(packet.complaints, Vec::<String>::new(), "{packet:?}");
        }
    }

    /// The XIDs of both sides are those of the messages.
    fn check_xids(&self, calls: &[Vec<u8>], replies: &[Vec<u8>]) {
        let hex = |messages: &[Vec<u8>]| -> Vec<String> {
            let xids = messages
                .iter()
                .map(|message| u32::from_be_bytes(message[..4].try_into().unwrap()));
            xids.map(|xid| format!("0x{xid:08x}")).collect()
        };
        assert_eq!(all(&self.calls, "rpc.xid"), hex(calls));
        assert_eq!(all(&self.replies, "rpc.xid"), hex(replies));
        assert!(
            all(&self.calls, "rpc.msgtyp")
                .iter()
                .all(|kind| kind == "0")
        );
        assert!(
            all(&self.replies, "rpc.msgtyp")
                .iter()
                .all(|kind| kind == "1")
        );
    }
}

/// The values of a field, message after message.
fn all(packets: &[DissectedPacket], field: &str) -> Vec<String> {
    let values = packets.iter().flat_map(|packet| packet.values(field));
    values.cloned().collect()
}

/// As [`all`], of calls: tshark shows each value of such a field twice, as it stands and as it is understood.
fn twice_shown(packets: &[DissectedPacket], field: &str) -> Vec<String> {
    let shown = all(packets, field);
    let pairs = shown.chunks(2);
    pairs
        .map(|pair| {
            assert!(pair.len() == 2 && pair[0] == pair[1], "{shown:?}");
            pair[0].clone()
        })
        .collect()
}

fn messages(heard: &Heard, whom: Speaker) -> Vec<Vec<u8>> {
    let records = heard.records(whom).into_iter();
    records.map(|fragments| fragments.concat()).collect()
}

fn judge_is_there() -> bool {
    there(Peer::Tshark).is_some()
}

fn bind<S: rmix::Interface>(place: &str, options: &str, runtime: &rmix::Runtime) -> S {
    let endpoint = format!("sunrpc+{place}/{PROGRAM}/1{options}");
    runtime.bind(endpoint).timeout(DEADLINE).blocking().unwrap()
}

/// Calls of every kind: answered, one-way, with a credential or refused. The numbers of their procedures.
fn converse(first: &DiverseProgramV1Stub, hole: &HoleStub, large: u32) -> Vec<&'static str> {
    let blocking = first.blocking();
    blocking.touch().unwrap();
    assert!(blocking.make_bytes(large).unwrap().len() == large as usize);
    for name in ["a", "bc", "def", "ghij"] {
        blocking.post(Bounded(name.to_owned())).unwrap();
    }
    assert_eq!(blocking.flush_().unwrap().count, 4);
    let broken = blocking.break_down().unwrap_err();
    assert_eq!(broken.cause(), Cause::Remote, "{broken}");
    let absent = hole.blocking().hole().unwrap_err();
    assert_eq!(absent.cause(), Cause::NoSuchMethod, "{absent}");
    vec!["11", "14", "12", "12", "12", "12", "13", "20", "99"]
}

/// Success for all but those two.
const STATES: [&str; 5] = ["0", "0", "0", "5", "3"];

#[test]
fn tshark_reads_a_conversation_over_tcp_with_auth_sys() {
    let _watchdog = Watchdog::start();
    if !judge_is_there() {
        return;
    }
    let served = Served::start(Diverse::new(), "tcp://127.0.0.1:0", "");
    let (port, heard) = relay::tcp(served.port());
    let runtime = runtime();
    let options = "?auth=sys&uid=1000&gid=100&gids=4,5&machine=loom7";
    let first = bind(&tcp(port), options, &runtime);
    let hole = bind(&tcp(port), options, &runtime);
    let procedures = converse(&first, &hole, 200_000);

    let read = Read::of(&heard, Capture::of_stream(port), &["rpc.lastfrag"]);
    read.check_nothing_is_wrong();
    read.check_xids(
        &messages(&heard, Speaker::Client),
        &messages(&heard, Speaker::Server),
    );
    assert_eq!(twice_shown(&read.calls, "rpc.procedure"), procedures);
    let count = procedures.len();
    assert_eq!(
        all(&read.calls, "rpc.program"),
        vec![0x2000_0043.to_string(); count]
    );
    assert_eq!(
        twice_shown(&read.calls, "rpc.programversion"),
        vec!["1"; count]
    );
    assert_eq!(all(&read.calls, "rpc.version"), vec!["2"; count]);
    // The credential and the verifier.
    assert_eq!(
        all(&read.calls, "rpc.auth.flavor"),
        ["1", "0"].repeat(count)
    );
    assert_eq!(
        all(&read.calls, "rpc.auth.machinename"),
        vec!["loom7"; count]
    );
    assert_eq!(all(&read.calls, "rpc.auth.uid"), vec!["1000"; count]);
    assert_eq!(
        all(&read.calls, "rpc.auth.gid"),
        ["100", "4", "5"].repeat(count)
    );
    assert_eq!(all(&read.replies, "rpc.replystat"), vec!["0"; STATES.len()]);
    assert_eq!(
        all(&read.replies, "rpc.auth.flavor"),
        vec!["0"; STATES.len()]
    );
    assert_eq!(all(&read.replies, "rpc.state_accept"), STATES);
    // Each reply was found to belong to its call; a result, which tshark cannot read, brings the number once more.
    let mut answered = all(&read.replies, "rpc.procedure");
    answered.dedup();
    assert_eq!(answered, ["11", "14", "13", "20", "99"]);
}

#[test]
fn tshark_reads_a_conversation_over_udp_with_calls_sent_again() {
    let _watchdog = Watchdog::start();
    if !judge_is_there() {
        return;
    }
    let served = Served::start(Diverse::new(), "udp://127.0.0.1:0", "");
    let was_lost = AtomicBool::new(false);
    let (port, heard) = relay::udp(served.port(), move |from, _| {
        from == Speaker::Client || was_lost.swap(true, Ordering::SeqCst)
    });
    let runtime = runtime();
    let first = bind(&udp(port), "?retransmit=50", &runtime);
    let hole = bind(&udp(port), "?retransmit=50", &runtime);
    let procedures = converse(&first, &hole, 60_000);

    let (calls, replies) = (heard.of(Speaker::Client), heard.of(Speaker::Server));
    let read = Read::of(&heard, Capture::of_datagrams(port), &[]);
    for packet in read.calls.iter().chain(&read.replies) {
        // tshark notes each call and reply that comes again, and nothing else.
        let expected = usize::from(!packet.values("rpc.dup").is_empty());
        assert!(packet.complaints.len() <= expected, "{packet:?}");
    }
    read.check_xids(&calls, &replies);
    let mut distinct = Vec::new();
    for (call, procedure) in calls.iter().zip(twice_shown(&read.calls, "rpc.procedure")) {
        if distinct.last().is_none_or(|(before, _)| *before != call) {
            distinct.push((call, procedure));
        }
    }
    assert!(
        calls.len() > distinct.len(),
        "the first call was sent again"
    );
    let distinct: Vec<String> = distinct
        .into_iter()
        .map(|(_, procedure)| procedure)
        .collect();
    assert_eq!(distinct, procedures);
    assert_eq!(
        all(&read.calls, "rpc.auth.flavor"),
        vec!["0"; 2 * calls.len()]
    );
    let mut states = all(&read.replies, "rpc.state_accept");
    states.dedup();
    assert_eq!(states, ["0", "5", "3"]);
}

#[test]
fn tshark_reads_why_a_credential_is_refused() {
    let _watchdog = Watchdog::start();
    if !judge_is_there() {
        return;
    }
    let served = Served::start(Diverse::new(), "tcp://127.0.0.1:0", "?auth_sys=none");
    let (port, heard) = relay::tcp(served.port());
    let runtime = runtime();
    let first: DiverseProgramV1Stub = bind(&tcp(port), "?auth=sys", &runtime);
    let denied = first.blocking().touch().unwrap_err();
    assert_eq!(denied.cause(), Cause::Authentication, "{denied}");

    let read = Read::of(&heard, Capture::of_stream(port), &[]);
    read.check_nothing_is_wrong();
    assert_eq!(all(&read.replies, "rpc.replystat"), ["1"]);
    assert_eq!(all(&read.replies, "rpc.state_reject"), ["1"]);
    assert_eq!(all(&read.replies, "rpc.state_auth"), ["5"]);
}

/// A record of a call with these words behind the XID and the type.
fn call(xid: u32, words: &[u32]) -> Vec<u8> {
    let length = u32::try_from(8 + 4 * words.len()).unwrap();
    let head = [length | 1 << 31, xid, 0];
    let words = head.iter().chain(words);
    words.flat_map(|word| word.to_be_bytes()).collect()
}

#[test]
fn tshark_reads_every_way_a_call_is_not_served() {
    let _watchdog = Watchdog::start();
    if !judge_is_there() {
        return;
    }
    let served = Served::start(Diverse::new(), "tcp://127.0.0.1:0", "");
    let (port, heard) = relay::tcp(served.port());
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let program = 0x2000_0043;
    for (xid, words) in [
        (1, &[2, program, 1, 0, 0, 0, 0, 0][..]),
        // A version of RPC that nobody speaks.
        (2, &[3, program, 1, 0, 0, 0, 0, 0]),
        (3, &[2, 77, 1, 0, 0, 0, 0, 0]),
        (4, &[2, program, 9, 0, 0, 0, 0, 0]),
        (5, &[2, program, 1, 99, 0, 0, 0, 0]),
        // ANSWER without its argument.
        (6, &[2, program, 1, 2, 0, 0, 0, 0]),
        // AUTH_DH, which is not known here; and an AUTH_SYS that ends within its stamp.
        (7, &[2, program, 1, 0, 3, 0, 0, 0]),
        (8, &[2, program, 1, 0, 1, 0, 0, 0]),
        (9, &[2, program, 1, 2, 0, 0, 0, 0, 21]),
    ] {
        stream.write_all(&call(xid, words)).unwrap();
        let mut mark = [0; 4];
        stream.read_exact(&mut mark).unwrap();
        let length = u32::from_be_bytes(mark) & 0x7fff_ffff;
        let mut reply = vec![0; length as usize];
        stream.read_exact(&mut reply).unwrap();
        assert_eq!(reply[..4], u32::to_be_bytes(xid));
    }

    let read = Read::of(&heard, Capture::of_stream(port), &[]);
    for packet in &read.replies {
        assert_eq!(packet.complaints, Vec::<String>::new(), "{packet:?}");
    }
    assert_eq!(
        all(&read.replies, "rpc.replystat"),
        ["0", "1", "0", "0", "0", "0", "1", "1", "0"]
    );
    assert_eq!(
        all(&read.replies, "rpc.state_accept"),
        ["0", "1", "2", "3", "4", "0"]
    );
    assert_eq!(all(&read.replies, "rpc.state_reject"), ["0", "1", "1"]);
    assert_eq!(all(&read.replies, "rpc.version.min"), ["2"]);
    assert_eq!(all(&read.replies, "rpc.version.max"), ["2"]);
    assert_eq!(all(&read.replies, "rpc.programversion.min"), ["1"]);
    assert_eq!(all(&read.replies, "rpc.programversion.max"), ["2"]);
    // AUTH_REJECTEDCRED and AUTH_BADCRED.
    let states = all(&read.replies, "rpc.state_auth");
    assert_eq!(states, ["2", "1"]);
}

/// Relays the next connection of a listener in one namespace to the rpcbind in another.
fn between(listener: &TcpListener, rpcbind: &Rpcbind) -> Heard {
    let connect = || TcpStream::connect((Ipv4Addr::LOCALHOST, 111)).unwrap();
    let server = ok(rpcbind.namespace().enter(connect));
    relay::accept_one(listener.try_clone().unwrap(), move || server)
}

#[test]
fn tshark_reads_whole_what_we_ask_rpcbind() {
    let _watchdog = Watchdog::start();
    if !judge_is_there() || there(Peer::Rpcbind).is_none() {
        return;
    }
    let rpcbind = ok(Rpcbind::start());
    let namespace = ok(Namespace::start());
    let listener = ok(namespace.enter(|| TcpListener::bind((Ipv4Addr::LOCALHOST, 111)))).unwrap();
    let registering = between(&listener, &rpcbind);
    let line = HelperLine::new();
    // There is no socket of rpcbind in this namespace, so it is told over TCP.
    let server = line.start_diverse(&namespace, &["sunrpc+tcp://127.0.0.1/0x20000043/1"]);
    let server = server.unwrap();
    let asking = between(&listener, &rpcbind);
    let port = registered::port(&server, 0);
    registered::inside(&namespace, |runtime| {
        let endpoint = format!("sunrpc+tcp://{LOOPBACK}/{PROGRAM}/1");
        let stub: DiverseProgramV1Stub =
            runtime.bind(endpoint).timeout(DEADLINE).blocking().unwrap();
        stub.blocking().touch().unwrap();
    });
    let withdrawing = between(&listener, &rpcbind);
    server.stop();

    let address = rmix_peers::universal_address(LOOPBACK, port);
    let fields = [
        "portmap.procedure_v4",
        "portmap.rpcb.prog",
        "portmap.rpcb.version",
        "portmap.rpcb.netid",
        "portmap.rpcb.addr",
        "portmap.uaddr",
        "portmap.answer",
    ];
    let read = |heard: &Heard| {
        let read = Read::of(heard, Capture::of_stream(111), &fields);
        read.check_nothing_is_wrong();
        read.check_xids(
            &messages(heard, Speaker::Client),
            &messages(heard, Speaker::Server),
        );
        let count = all(&read.calls, "rpc.xid").len();
        assert_eq!(all(&read.calls, "rpc.program"), vec!["100000"; count]);
        read
    };
    let registering = read(&registering);
    assert_eq!(all(&registering.calls, "portmap.procedure_v4"), ["1"]);
    let asking = read(&asking);
    assert_eq!(all(&asking.calls, "portmap.rpcb.netid"), ["tcp"]);
    assert_eq!(all(&asking.replies, "portmap.uaddr"), [address]);
    let withdrawing = read(&withdrawing);
    assert_eq!(
        all(&withdrawing.calls, "portmap.procedure_v4")
            .last()
            .unwrap(),
        "2"
    );
}
