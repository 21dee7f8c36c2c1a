//! Sun RPC over UDP: both ends ours; and our client against a peer that loses, repeats and invents datagrams.

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rmix::{Delivery, ErrorKind, Exported, Runtime};

/// What is called here.
#[rmix::remote(sunrpc(program = 0x2000_0777, version = 1))]
pub(crate) trait Counting {
    /// Adds, and counts that it ran.
    #[rmix(procedure = 1)]
    async fn add(&self, a: u32, b: u32) -> u32;
    /// How often `add` ran.
    #[rmix(procedure = 2, idempotent)]
    async fn runs(&self) -> u32;
    /// Counts, and does not answer.
    #[rmix(procedure = 3, oneway)]
    async fn note(&self);
    /// Who calls.
    #[rmix(procedure = 5, idempotent)]
    async fn who(&self) -> String;
    /// Waits until the gate is opened.
    #[rmix(procedure = 6, idempotent)]
    async fn hold(&self);
    /// Opens the gate.
    #[rmix(procedure = 7, idempotent)]
    async fn open(&self);
    /// Octets back.
    #[rmix(procedure = 4, idempotent)]
    async fn echo(&self, octets: Vec<u8>) -> Vec<u8>;
}

pub(crate) struct Counter {
    runs: AtomicU32,
    gate: tokio::sync::Semaphore,
}

impl Default for Counter {
    fn default() -> Counter {
        Counter {
            runs: AtomicU32::new(0),
            gate: tokio::sync::Semaphore::new(0),
        }
    }
}

impl Counting for Counter {
    async fn add(&self, a: u32, b: u32) -> u32 {
        self.runs.fetch_add(1, Ordering::SeqCst);
        a + b
    }
    async fn runs(&self) -> u32 {
        self.runs.load(Ordering::SeqCst)
    }
    async fn note(&self) {
        self.runs.fetch_add(1, Ordering::SeqCst);
    }
    async fn hold(&self) {
        if let Ok(permit) = self.gate.acquire().await {
            permit.forget();
        }
    }
    async fn open(&self) {
        self.gate.add_permits(100);
    }
    async fn who(&self) -> String {
        // Asked in a later poll, too.
        tokio::task::yield_now().await;
        rmix::caller().map_or_else(|| "nobody".to_owned(), |caller| caller.to_string())
    }
    async fn echo(&self, octets: Vec<u8>) -> Vec<u8> {
        octets
    }
}

pub(crate) fn runtime() -> Runtime {
    let entry = &rmix_sunrpc::plugin::rmix_provider_v1_sunrpc;
    Runtime::builder().with_linked(entry).build().unwrap()
}

pub(crate) struct Served {
    pub(crate) runtime: Runtime,
    exported: Exported,
    pub(crate) endpoint: String,
}

impl Served {
    pub(crate) fn address(&self) -> SocketAddr {
        self.endpoint.split('/').nth(2).unwrap().parse().unwrap()
    }
}

/// A counter that is served over `scheme`, on a port of its own.
pub(crate) fn serve(scheme: &str, options: &str) -> Served {
    serve_with(runtime(), scheme, options)
}

fn serve_with(runtime: Runtime, scheme: &str, options: &str) -> Served {
    let endpoint = format!("{scheme}://127.0.0.1:0/0x20000777/1{options}");
    let skeleton = CountingSkeleton::new(Counter::default());
    let exported = runtime.export_blocking(skeleton, [endpoint]).unwrap();
    let endpoint = exported.endpoints()[0].to_string();
    Served {
        runtime,
        exported,
        endpoint,
    }
}

pub(crate) fn stub(runtime: &Runtime, endpoint: &str) -> CountingStub {
    runtime.bind::<CountingStub>(endpoint).blocking().unwrap()
}

/// A call of procedure `procedure` with these words as arguments.
pub(crate) fn datagram(xid: u32, procedure: u32, arguments: &[u32]) -> Vec<u8> {
    let header = [xid, 0, 2, 0x2000_0777, 1, procedure, 0, 0, 0, 0];
    let words = header.iter().chain(arguments);
    words.flat_map(|word| word.to_be_bytes()).collect()
}

/// A successful reply with these words as the result.
pub(crate) fn reply(xid: [u8; 4], result: &[u32]) -> Vec<u8> {
    let words = [1, 0, 0, 0, 0].iter().chain(result);
    let words = words.flat_map(|word| word.to_be_bytes());
    xid.into_iter().chain(words).collect()
}

/// A client's socket, connected to what is served.
fn raw(served: &Served) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(served.address()).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// Returns when what was sent on the stub's link before has come in.
pub(crate) fn receive_first(stub: &CountingStub) {
    stub.blocking().runs().unwrap();
}

fn receive(socket: &UdpSocket) -> Vec<u8> {
    let mut room = [0; 2048];
    let length = socket.recv(&mut room).expect("an answer comes");
    room[..length].to_vec()
}

/// Longer than anything takes, so that a test that hangs ends.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn calls_of_every_mode_go_over_datagrams() {
    let served = serve("sunrpc+udp", "");
    let stub = stub(&served.runtime, &served.endpoint);
    for round in 0..200 {
        assert_eq!(stub.blocking().add(round, 2).unwrap(), round + 2);
    }
    let started: Vec<_> = (0..50).map(|round| stub.start().add(round, 1)).collect();
    for (round, mut pending) in (0..).zip(started) {
        assert_eq!(pending.wait(PATIENCE).unwrap().unwrap(), round + 1);
    }
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let stub = stub.clone();
            scope.spawn(move || {
                for round in 0..100 {
                    assert_eq!(stub.blocking().add(thread, round).unwrap(), thread + round);
                }
            });
        }
    });
    stub.blocking().note().unwrap();
    // The same socket, so it was taken in before.
    assert_eq!(stub.blocking().runs().unwrap(), 200 + 50 + 400 + 1);
}

#[test]
fn lost_datagrams_are_sent_again_and_duplicates_are_dropped() {
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = peer.local_addr().unwrap().port();
    let playing = std::thread::spawn(move || {
        let mut room = [0; 2048];
        let (length, from) = peer.recv_from(&mut room).unwrap();
        let first = room[..length].to_vec();
        // Nothing of this is an answer: noise, a call, a reply to another call, a reply cut short.
        let xid: [u8; 4] = first[..4].try_into().unwrap();
        let other = reply((u32::from_be_bytes(xid) ^ 1).to_be_bytes(), &[9]);
        for noise in [&b""[..], b"noise", &first, &other, &reply(xid, &[])[..20]] {
            peer.send_to(noise, from).unwrap();
        }
        let (length, again) = peer.recv_from(&mut room).unwrap();
        assert_eq!(
            (&room[..length], again),
            (&first[..], from),
            "the same once more"
        );
        for _ in 0..3 {
            peer.send_to(&reply(xid, &[5]), from).unwrap();
        }
        // The first may have been sent once more before it was answered.
        let from = loop {
            let (length, from) = peer.recv_from(&mut room).unwrap();
            if room[..length] != first {
                break from;
            }
        };
        peer.send_to(&reply(room[..4].try_into().unwrap(), &[6]), from)
            .unwrap();
    });
    let endpoint = format!("sunrpc+udp://127.0.0.1:{port}/0x20000777/1?retransmit=5");
    let runtime = runtime();
    let stub = stub(&runtime, &endpoint);
    assert_eq!(stub.blocking().add(2, 3).unwrap(), 5);
    assert_eq!(stub.blocking().add(3, 3).unwrap(), 6);
    playing.join().unwrap();
}

#[test]
fn call_that_is_sent_again_runs_once_and_has_the_same_answer() {
    let served = serve("sunrpc+udp", "");
    let socket = raw(&served);
    let add = datagram(7, 1, &[2, 3]);
    let answers: Vec<_> = (0..5)
        .map(|_| {
            socket.send(&add).unwrap();
            receive(&socket)
        })
        .collect();
    assert_eq!(answers, vec![reply([0, 0, 0, 7], &[5]); 5]);
    socket.send(&datagram(8, 2, &[])).unwrap();
    assert_eq!(receive(&socket), reply([0, 0, 0, 8], &[1]));
    // Another XID, other arguments, another peer: other calls.
    for call in [datagram(9, 1, &[2, 3]), datagram(7, 1, &[2, 4])] {
        socket.send(&call).unwrap();
        receive(&socket);
    }
    let other = raw(&served);
    other.send(&add).unwrap();
    receive(&other);
    socket.send(&datagram(10, 2, &[])).unwrap();
    assert_eq!(receive(&socket), reply([0, 0, 0, 10], &[4]));
}

#[test]
fn idempotent_calls_run_again() {
    let served = serve("sunrpc+udp", "");
    let socket = raw(&served);
    let runs = datagram(1, 2, &[]);
    socket.send(&runs).unwrap();
    assert_eq!(receive(&socket), reply([0, 0, 0, 1], &[0]));
    stub(&served.runtime, &served.endpoint)
        .blocking()
        .add(1, 1)
        .unwrap();
    socket.send(&runs).unwrap();
    assert_eq!(receive(&socket), reply([0, 0, 0, 1], &[1]));
}

#[test]
fn without_the_cache_calls_run_as_often_as_they_come() {
    let served = serve("sunrpc+udp", "?duplicates=off");
    let socket = raw(&served);
    for _ in 0..3 {
        socket.send(&datagram(7, 1, &[2, 3])).unwrap();
        receive(&socket);
    }
    socket.send(&datagram(8, 2, &[])).unwrap();
    assert_eq!(receive(&socket), reply([0, 0, 0, 8], &[3]));
}

#[test]
fn links_begin_with_other_xids() {
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    let endpoint = format!("sunrpc+udp://{}/0x20000777/1", peer.local_addr().unwrap());
    let first_xid = || {
        let runtime = runtime();
        let stub = stub(&runtime, &endpoint);
        let pending = stub.start().add(1, 1);
        let mut room = [0; 2048];
        peer.recv_from(&mut room).unwrap();
        drop(pending);
        u32::from_be_bytes(*room.first_chunk().unwrap())
    };
    // The cache of a server that knows the port from before must not know the call.
    let xids = [(); 3].map(|()| first_xid());
    assert!(xids[0] != xids[1] && xids[1] != xids[2], "{xids:?}");
}

#[test]
fn bytes_behind_values_are_refused_and_behind_results_left_alone_on_demand() {
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = peer.local_addr().unwrap().port();
    let playing = std::thread::spawn(move || {
        let mut room = [0; 2048];
        for result in [&[5, 77][..], &[5, 77], &[5, 77, 78], &[]] {
            let (_, from) = peer.recv_from(&mut room).unwrap();
            let xid = *room.first_chunk().unwrap();
            peer.send_to(&reply(xid, result), from).unwrap();
        }
    });
    let runtime = runtime();
    let endpoint = format!("sunrpc+udp://127.0.0.1:{port}/0x20000777/1");
    let exact = stub(&runtime, &endpoint);
    let longer = exact.blocking().add(2, 3).unwrap_err();
    assert_eq!(longer.kind(), ErrorKind::PeerBroken, "{longer}");
    let tolerant = stub(&runtime, &format!("{endpoint}?longer_results=accept"));
    assert_eq!(tolerant.blocking().add(2, 3).unwrap(), 5);
    assert_eq!(tolerant.blocking().add(2, 3).unwrap(), 5);
    let shorter = tolerant.blocking().add(2, 3).unwrap_err();
    assert_eq!(shorter.kind(), ErrorKind::PeerBroken, "{shorter}");
    playing.join().unwrap();

    let served = serve("sunrpc+udp", "");
    let socket = raw(&served);
    socket.send(&datagram(7, 1, &[2, 3, 4])).unwrap();
    let mut garbage = reply([0, 0, 0, 7], &[]);
    garbage[23] = 4;
    assert_eq!(receive(&socket), garbage);
}

#[test]
fn one_way_calls_are_sent_once() {
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    let port = peer.local_addr().unwrap().port();
    let endpoint = format!("sunrpc+udp://127.0.0.1:{port}/0x20000777/1?retransmit=1");
    let runtime = runtime();
    let stub = stub(&runtime, &endpoint);
    stub.blocking().note().unwrap();
    let pending = stub.start().add(1, 1);
    let mut procedures = Vec::new();
    let mut room = [0; 2048];
    // The call is sent again meanwhile, and the one-way call is not.
    while procedures.len() < 6 {
        let (length, _) = peer.recv_from(&mut room).unwrap();
        assert!(length >= 40);
        procedures.push(room[23]);
    }
    assert_eq!(procedures, [3, 1, 1, 1, 1, 1]);
    drop(pending);
}

#[test]
fn message_fills_a_datagram_and_not_more() {
    let served = serve("sunrpc+udp", "");
    let stub = stub(&served.runtime, &served.endpoint);
    // 65,507 bytes, less 40 of the header and 4 of the length, in whole blocks.
    let most = vec![7; 65_460];
    assert_eq!(stub.blocking().echo(most.clone()).unwrap(), most);
    let more = stub.blocking().echo(vec![7; 65_461]).unwrap_err();
    assert_eq!(more.delivery(), Delivery::NotSent, "{more}");
    assert!(more.to_string().contains("message_bytes"), "{more}");
    assert_eq!(stub.blocking().echo(vec![1]).unwrap(), [1]);
}

#[test]
fn noise_is_dropped_and_nobody_is_disturbed() {
    let served = serve("sunrpc+udp", "");
    let socket = raw(&served);
    let call = datagram(3, 1, &[2, 3]);
    for length in 0..call.len() {
        socket.send(&call[..length]).unwrap();
    }
    socket.send(&reply([0, 0, 0, 9], &[1])).unwrap();
    socket.send(&vec![0xff; 60_000]).unwrap();
    socket.send(&call).unwrap();
    loop {
        let answer = receive(&socket);
        if answer == reply([0, 0, 0, 3], &[5]) {
            break;
        }
        // A call that is whole but for its credential or arguments is told so.
        let status = answer.chunks(4).nth(2).zip(answer.last_chunk::<4>());
        assert_eq!(answer[..8], [0, 0, 0, 3, 0, 0, 0, 1]);
        assert_ne!(status, Some((&[0; 4][..], &[0; 4])), "{answer:?}");
    }
}

#[test]
fn port_without_a_server_is_told_at_once() {
    let nobody = UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let runtime = runtime();
    let stub = stub(&runtime, &format!("sunrpc+udp://{nobody}/0x20000777/1"));
    let refused = stub.blocking().add(1, 1).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Reconnect, "{refused}");
    assert!(refused.to_string().contains("refused"), "{refused}");
    // From a task, too, where the kernel wakes nobody for that.
    let tasks = tokio::runtime::Runtime::new().unwrap();
    let endpoint = format!("sunrpc+udp://{nobody}/0x20000777/1?retransmit=5");
    let refused = tasks.block_on(async {
        let stub = runtime.bind::<CountingStub>(&endpoint).await.unwrap();
        stub.add(1, 1).await.unwrap_err()
    });
    assert_eq!(refused.kind(), ErrorKind::Reconnect, "{refused}");
    assert!(refused.to_string().contains("refused"), "{refused}");
}

#[test]
fn port_closes_when_its_calls_are_answered() {
    let served = serve("sunrpc+udp", "");
    let stub = stub(&served.runtime, &served.endpoint);
    stub.blocking().add(1, 1).unwrap();
    served.runtime.shutdown_blocking(PATIENCE).unwrap();
    let socket = UdpSocket::bind(served.address()).expect("the port is free");
    drop((socket, served.exported));
}

#[test]
fn calls_that_were_given_up_are_not_sent_again() {
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    let port = peer.local_addr().unwrap().port();
    let endpoint = format!("sunrpc+udp://127.0.0.1:{port}/0x20000777/1?retransmit=5");
    let runtime = runtime();
    let stub = stub(&runtime, &endpoint);
    for round in 0..20 {
        drop(stub.start().add(round, 0));
    }
    let pending = stub.start().add(1000, 0);
    // The last one is sent again and again; the others once at most.
    let mut sent = std::collections::BTreeMap::<u32, u32>::new();
    let mut room = [0; 2048];
    while sent.get(&1000).copied().unwrap_or_default() < 6 {
        let (length, _) = peer.recv_from(&mut room).unwrap();
        let first = room[length - 8..][..4].try_into().unwrap();
        *sent.entry(u32::from_be_bytes(first)).or_default() += 1;
    }
    drop(pending);
    sent.remove(&1000);
    assert!(sent.values().all(|times| *times == 1), "{sent:?}");
}

#[test]
fn later_call_is_sent_again_before_an_older_one_that_waits_longer() {
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    let port = peer.local_addr().unwrap().port();
    let endpoint = format!("sunrpc+udp://127.0.0.1:{port}/0x20000777/1?retransmit=50");
    let runtime = runtime();
    let stub = stub(&runtime, &endpoint);
    let older = stub.start().add(1, 0);
    let mut arguments = Vec::new();
    let mut room = [0; 2048];
    let mut receive = || {
        let (length, _) = peer.recv_from(&mut room).unwrap();
        u32::from_be_bytes(room[length - 8..][..4].try_into().unwrap())
    };
    // The older one waits 50, 100, 200, then 400 ms.
    for _ in 0..4 {
        assert_eq!(receive(), 1);
    }
    let newer = stub.start().add(2, 0);
    for _ in 0..3 {
        arguments.push(receive());
    }
    assert_eq!(arguments, [2, 2, 2], "it waits 50 and 100 ms");
    drop((older, newer));
}

#[test]
fn one_host_does_not_take_the_places_of_others() {
    let mut limits = rmix::Limits::default();
    limits.outstanding_calls = 2;
    limits.message_bytes = 1024;
    let entry = &rmix_sunrpc::plugin::rmix_provider_v1_sunrpc;
    let built = Runtime::builder().with_linked(entry).limits(limits).build();
    let served = serve_with(built.unwrap(), "sunrpc+udp", "");
    let ask = |local: &str| {
        let socket = UdpSocket::bind(local).unwrap();
        socket.connect(served.address()).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket
    };
    let greedy = ask("127.0.0.2:0");
    for xid in 1..=3 {
        greedy.send(&datagram(xid, 6, &[])).unwrap();
    }
    let other = ask("127.0.0.3:0");
    other.send(&datagram(1, 1, &[2, 3])).unwrap();
    assert_eq!(receive(&other), reply([0, 0, 0, 1], &[5]));
    // Two of the three were taken in; each answer makes room.
    other.send(&datagram(2, 7, &[])).unwrap();
    receive(&other);
    for _ in 0..2 {
        receive(&greedy);
    }
    // Longer than message_bytes: dropped, and the next one is answered.
    let long: Vec<u32> = vec![300 * 4; 301];
    other.send(&datagram(3, 4, &long)).unwrap();
    other.send(&datagram(4, 1, &[1, 1])).unwrap();
    assert_eq!(receive(&other), reply([0, 0, 0, 4], &[2]));
}

#[test]
fn clients_that_come_one_after_the_other_do_not_get_each_other_s_answers() {
    let served = serve("sunrpc+udp", "");
    for round in 0..2000 {
        let stub = stub(&served.runtime, &served.endpoint);
        assert_eq!(stub.blocking().add(7, 7).unwrap(), 14, "{round}");
    }
    let stub = stub(&served.runtime, &served.endpoint);
    assert_eq!(stub.blocking().runs().unwrap(), 2000);
}
