//! Look-ups over real sockets, against an rpcbind of the test's own that says what it is told to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::thread;

use rmix_provider::guest::{BoxFuture, Host, Open, Provider, entry};
use rmix_provider::tables::{Err, ProviderEntry, cause, delivery, kind};
use rmix_provider::{MuxLink, connect, listen::MuxListener};

use super::super::address::{Netid, Registered};
use super::super::ask::{Answered, Ask};
use super::super::exchange::{DatagramExchange, LocalSocket, StreamExchange};
use super::super::lookup::{Lookup, Transport, first_of, port_of, telling};
use super::super::responder::{Peer, Way, answer};
use super::super::table::Table;
use crate::session::SunRpc;
use crate::target::Program;
use crate::wire::{Message, record_mark};

const PROGRAM: Program = Program {
    number: 0x2000_0042,
    version: 3,
};
const SECOND_NS: u64 = 1_000_000_000;

/// A provider that opens nothing: it is loaded to come by a host.
struct Probe;

static HOST: Mutex<Option<Host>> = Mutex::new(None);

impl Provider for Probe {
    const NAME: &'static str = "probe";
    const VERSION: &'static str = "0";
    const SCHEMES: &'static str = "probe";
    const CAPABILITIES: u64 = 0;
    type Link = MuxLink<SunRpc>;
    type Listener = MuxListener<SunRpc>;

    fn new(host: Host) -> Result<Self, Err> {
        *HOST.lock().unwrap() = Some(host);
        Ok(Probe)
    }

    fn connect(self: &Arc<Self>, _: Open) -> BoxFuture<Result<Arc<Self::Link>, Err>> {
        panic!("nothing is opened")
    }

    fn listen(self: &Arc<Self>, _: Open) -> BoxFuture<Result<Arc<Self::Listener>, Err>> {
        panic!("nothing is opened")
    }
}

/// The host of a runtime that lives as long as the tests.
pub(super) fn host() -> Host {
    static PROBE: ProviderEntry = entry::<Probe>();
    static RUNTIME: OnceLock<rmix::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        rmix::Runtime::builder()
            .with_linked(&PROBE)
            .build()
            .unwrap()
    });
    HOST.lock().unwrap().unwrap()
}

/// Runs a future in the host's background and waits for it.
pub(super) fn run<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    let (done, output) = mpsc::channel();
    host().spawn(async move {
        done.send(future.await).unwrap();
    });
    output.recv().unwrap()
}

/// What an rpcbind answers that knows the program over TCP at port 12345 and over UDP at port 2049.
fn reply_to(message: &[u8]) -> Vec<u8> {
    let mut table = Table::default();
    table.set(PROGRAM, &Registered::tcp("0.0.0.0:12345".parse().unwrap()));
    table.set(PROGRAM, &Registered::udp("0.0.0.0:2049".parse().unwrap()));
    let Message::Call {
        header,
        body_offset,
    } = Message::decode(message).unwrap()
    else {
        panic!("no call");
    };
    let from = Peer {
        way: Way::Stream,
        address: None,
        called: None,
    };
    let mut reply = Vec::new();
    answer(&table, &header, &message[body_offset..], &from).put(header.xid, &mut reply);
    reply
}

/// Reads a record of one fragment.
fn read_record(stream: &mut impl Read) -> Vec<u8> {
    let mut mark = [0; 4];
    stream.read_exact(&mut mark).unwrap();
    let mut record = vec![0; (u32::from_be_bytes(mark) & 0x7fff_ffff) as usize];
    stream.read_exact(&mut record).unwrap();
    record
}

/// An rpcbind on a free TCP port that writes what `respond` makes of one call, and closes.
fn tcp_rpcbind(respond: impl FnOnce(&[u8]) -> Vec<u8> + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let written = respond(&read_record(&mut stream));
        stream.write_all(&written).unwrap();
    });
    port
}

fn record(message: &[u8]) -> Vec<u8> {
    [&record_mark(message.len()).unwrap()[..], message].concat()
}

fn look_up(rpcbind_port: u16, transport: Transport, limit_ns: u64) -> Result<u16, Err> {
    run(async move {
        let lookup = Lookup {
            endpoint: "sunrpc+tcp://127.0.0.1/0x20000042/3",
            name: "127.0.0.1",
            rpcbind_port,
            program: PROGRAM,
            transport,
            limit_ns,
        };
        lookup.run(&host()).await
    })
}

#[test]
fn a_port_is_found_over_tcp_whatever_the_fragments() {
    let port = tcp_rpcbind(|call| record(&reply_to(call)));
    let found = look_up(port, Transport::Tcp, 60 * SECOND_NS);
    assert_eq!(found.unwrap(), 12345);
    let port = tcp_rpcbind(|call| {
        let reply = reply_to(call);
        let mut cut = Vec::new();
        for byte in &reply {
            cut.extend_from_slice(&[0, 0, 0, 1, *byte]);
        }
        cut.extend_from_slice(&[0x80, 0, 0, 0]);
        cut
    });
    let found = look_up(port, Transport::Tcp, 60 * SECOND_NS);
    assert_eq!(found.unwrap(), 12345);
}

#[test]
fn answers_over_tcp_that_are_none_end_the_look_up() {
    type Respond = fn(&[u8]) -> Vec<u8>;
    let cases: [(Respond, u32); 6] = [
        (|_| Vec::new(), kind::RECONNECT),
        (
            |call| record(&reply_to(call))[..20].to_vec(),
            kind::RECONNECT,
        ),
        (|_| vec![0xff; 4], kind::PEER_BROKEN),
        (|_| record(&[0; 3]), kind::PEER_BROKEN),
        (record, kind::PEER_BROKEN),
        (
            |call| {
                let mut reply = reply_to(call);
                reply[3] ^= 1;
                record(&reply)
            },
            kind::PEER_BROKEN,
        ),
    ];
    for (index, (respond, wanted)) in cases.into_iter().enumerate() {
        let port = tcp_rpcbind(respond);
        let failure = look_up(port, Transport::Tcp, 60 * SECOND_NS).unwrap_err();
        assert_eq!(failure.kind, wanted, "case {index}: {}", failure.text());
        assert_eq!(failure.delivery, delivery::NOT_SENT);
    }
}

#[test]
fn nobody_at_the_port_is_told_with_the_way_out() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    for transport in [Transport::Tcp, Transport::Udp] {
        let failure = look_up(port, transport, 60 * SECOND_NS).unwrap_err();
        assert_eq!(
            (failure.kind, failure.cause),
            (kind::RECONNECT, cause::CONNECT)
        );
        let text = failure.text().into_owned();
        for part in [
            "sunrpc+tcp://127.0.0.1/0x20000042/3 has no port",
            "the rpcbind of 127.0.0.1",
            "refused",
            "may be written in the endpoint",
        ] {
            assert!(text.contains(part), "{part:?} is not in: {text}");
        }
    }
}

/// `localhost` has two addresses on most hosts; on others this shows less.
#[test]
fn an_address_without_an_rpcbind_leads_to_the_next() {
    let port = tcp_rpcbind(|call| record(&reply_to(call)));
    let found = run(async move {
        let lookup = Lookup {
            endpoint: "sunrpc+tcp://localhost/0x20000042/3",
            name: "localhost",
            rpcbind_port: port,
            program: PROGRAM,
            transport: Transport::Tcp,
            limit_ns: 60 * SECOND_NS,
        };
        lookup.run(&host()).await
    });
    assert_eq!(found.unwrap(), 12345);
}

fn failed(code: i64) -> Err {
    Err::new(kind::RECONNECT, cause::CONNECT, "").with_code(code)
}

fn first(outcomes: Vec<Option<Result<u16, i64>>>) -> Result<u16, Vec<i64>> {
    run(async move {
        let attempts = outcomes.into_iter().map(|outcome| async move {
            match outcome {
                Some(outcome) => outcome.map_err(failed),
                None => std::future::pending().await,
            }
        });
        let found = first_of(&host(), attempts).await;
        found.map_err(|failures| failures.iter().map(|failure| failure.code).collect())
    })
}

#[test]
fn the_first_attempt_that_succeeds_wins() {
    assert_eq!(first(vec![Some(Ok(1)), Some(Ok(2))]), Ok(1));
    assert_eq!(first(vec![Some(Err(7)), Some(Ok(2))]), Ok(2), "one refuses");
    assert_eq!(first(vec![None, Some(Ok(2))]), Ok(2), "one is silent");
    assert_eq!(first(vec![None, Some(Err(7)), Some(Ok(3))]), Ok(3));
    assert_eq!(first(vec![Some(Err(7)), Some(Err(8))]), Err(vec![7, 8]));
    assert_eq!(first(vec![]), Err(vec![]));
}

#[test]
fn what_an_rpcbind_said_is_told_rather_than_that_there_is_none() {
    for (codes, told) in [
        (vec![111], 111),
        (vec![0, 111], 0),
        (vec![111, 0], 0),
        (vec![111, 113], 113),
        (vec![], 0),
    ] {
        let failures: Vec<Err> = codes.iter().map(|code| failed(*code)).collect();
        assert_eq!(telling(&failures).code, told, "{codes:?}");
    }
}

#[test]
fn a_silent_rpcbind_is_a_time_out() {
    // Accepted by the kernel, never answered.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    for (address, transport) in [
        (listener.local_addr().unwrap(), Transport::Tcp),
        (silent.local_addr().unwrap(), Transport::Udp),
    ] {
        let failure = look_up(address.port(), transport, SECOND_NS / 20).unwrap_err();
        assert_eq!(
            (failure.kind, failure.cause),
            (kind::RECONNECT, cause::TIMEOUT)
        );
    }
}

/// Looks up over UDP with a first wait of 20 ms.
fn look_up_at(address: SocketAddr) -> Result<u16, Err> {
    run(async move {
        let asking = async {
            let mut rpcbind = DatagramExchange::open(&host(), "it", address, SECOND_NS / 50)?;
            port_of(&mut rpcbind, "h", PROGRAM, Netid::Udp).await
        };
        connect::within(&host(), 60 * SECOND_NS, "it", asking).await
    })
}

#[test]
fn a_call_that_is_not_answered_is_sent_again_as_it_was() {
    let rpcbind = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = rpcbind.local_addr().unwrap();
    let lossy = thread::spawn(move || {
        let mut calls = Vec::new();
        let mut input = [0; 2048];
        for _ in 0..4 {
            let (length, from) = rpcbind.recv_from(&mut input).unwrap();
            calls.push((input[..length].to_vec(), from));
        }
        let (call, from) = calls.last().unwrap();
        rpcbind.send_to(&reply_to(call), from).unwrap();
        calls
    });
    assert_eq!(look_up_at(address).unwrap(), 2049);
    let calls = lossy.join().unwrap();
    assert!(calls.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn datagrams_that_answer_nothing_are_dropped() {
    let rpcbind = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = rpcbind.local_addr().unwrap();
    let other = UdpSocket::bind("127.0.0.1:0").unwrap();
    let noisy = thread::spawn(move || {
        let mut input = [0; 2048];
        let (length, from) = rpcbind.recv_from(&mut input).unwrap();
        let call = &input[..length];
        let reply = reply_to(call);
        let mut late = reply.clone();
        late[0] ^= 1;
        let mut forged = reply.clone();
        *forged.last_mut().unwrap() = 0xff;
        other.send_to(&forged, from).unwrap();
        for noise in [&b""[..], b"\0", &[0xff; 2000], call, &late, &reply[..20]] {
            rpcbind.send_to(noise, from).unwrap();
        }
        rpcbind.send_to(&reply, from).unwrap();
    });
    assert_eq!(look_up_at(address).unwrap(), 2049);
    noisy.join().unwrap();
}

#[test]
fn local_sockets_are_reached_by_path_and_by_abstract_name() {
    let name = format!("rmix-rpcbind-{}", std::process::id());
    let path = std::env::temp_dir().join(&name);
    let _ = std::fs::remove_file(&path);
    let file = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
    let nameless = std::os::unix::net::UnixListener::bind_addr(&address).unwrap();
    let path_text = path.to_str().unwrap();
    for (listener, socket) in [
        (file, LocalSocket::Path(path_text)),
        (nameless, LocalSocket::Abstract(&name)),
    ] {
        let serving = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            for _ in 0..2 {
                let call = read_record(&mut stream);
                stream.write_all(&record(&reply_to(&call))).unwrap();
            }
        });
        let mut rpcbind = StreamExchange::local(&host(), socket).unwrap();
        let (null, port) = run(async move {
            let null = rpcbind.ask(4, 0, &[]).await;
            (null, port_of(&mut rpcbind, "h", PROGRAM, Netid::Tcp).await)
        });
        assert_eq!(null.unwrap(), Answered::Success(bytes::Bytes::new()));
        assert_eq!(port.unwrap(), 12345);
        serving.join().unwrap();
    }
    std::fs::remove_file(&path).unwrap();
    for socket in [LocalSocket::Path(path_text), LocalSocket::Abstract(&name)] {
        let failure = StreamExchange::local(&host(), socket).err().unwrap();
        assert_eq!(
            (failure.kind, failure.cause),
            (kind::RECONNECT, cause::CONNECT)
        );
        assert!(failure.text().contains(&name), "{}", failure.text());
    }
}
