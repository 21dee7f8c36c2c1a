//! A server that lies: it takes one connection, reads the first request, and then does what its script says. It knows
//! just enough of both protocols to answer with the right or a wrong number.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread::JoinHandle;

/// Which protocol it pretends to speak.
#[derive(Clone, Copy)]
pub(super) enum Speaks {
    Msgpack,
    SunRpc,
}

/// A hostile server, which ends with its connection.
pub(super) struct Hostile {
    pub(super) endpoint: String,
    thread: Option<JoinHandle<()>>,
    address: std::net::SocketAddr,
}

/// The connection of a client that has sent its request.
pub(super) struct Victim {
    stream: TcpStream,
    id: u32,
}

impl Hostile {
    pub(super) fn start(speaks: Speaks, script: impl FnOnce(Victim) + Send + 'static) -> Hostile {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound socket");
        let endpoint = match speaks {
            Speaks::Msgpack => format!("msgpack+tcp://{address}"),
            Speaks::SunRpc => format!("sunrpc+tcp://{address}/0x20000043/1"),
        };
        let thread = std::thread::Builder::new()
            .name("hostile".to_owned())
            .spawn(move || {
                let Ok((stream, _)) = listener.accept() else {
                    return;
                };
                if let Some(victim) = Victim::read(speaks, stream) {
                    script(victim);
                }
            });
        Hostile {
            endpoint,
            thread: Some(thread.expect("a thread can be started")),
            address,
        }
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        // If nobody has come it still waits; whoever came has gone by now.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(
                ended.is_ok() || std::thread::panicking(),
                "the hostile server panicked"
            );
        }
    }
}

impl Victim {
    /// Reads the request, which is a few bytes and comes in one piece over the loopback.
    fn read(speaks: Speaks, mut stream: TcpStream) -> Option<Victim> {
        let mut request = [0; 1024];
        let count = stream.read(&mut request).ok()?;
        let request = request.get(..count)?;
        let id = match speaks {
            // [0, id, …], and the first ids are small.
            Speaks::Msgpack => u32::from(*request.get(2).filter(|id| **id < 0x80)?),
            // The record mark, then the XID.
            Speaks::SunRpc => u32::from_be_bytes(request.get(4..8)?.try_into().ok()?),
        };
        Some(Victim { stream, id })
    }

    /// The number of the client's call.
    pub(super) fn id(&self) -> u32 {
        self.id
    }

    pub(super) fn send(&mut self, bytes: &[u8]) {
        // A client that has had enough closes: that is for the test to judge.
        let _ = self.stream.write_all(bytes);
    }

    /// Sends again and again until the client closes; reads nothing meanwhile.
    pub(super) fn send_for_ever(mut self, bytes: &[u8]) {
        while self.stream.write_all(bytes).is_ok() {}
    }

    /// Sends one byte at a time, with a pause after each, until the client closes.
    pub(super) fn drip(mut self, pause: std::time::Duration) {
        while self.stream.write_all(&[0]).is_ok() {
            // Slowness is what this peer is about; nothing waits for it.
            std::thread::sleep(pause);
        }
    }

    /// Says nothing more, and keeps the connection until the client closes it.
    pub(super) fn stay(mut self) {
        let mut rest = Vec::new();
        let _ = self.stream.read_to_end(&mut rest);
    }

    /// Ends the connection in order.
    pub(super) fn close(self) {
        let _ = self.stream.shutdown(Shutdown::Write);
        self.stay();
    }
}

/// A reply of MessagePack-RPC up to its result.
pub(super) fn msgpack_reply(id: u32) -> Vec<u8> {
    let mut reply = vec![0x94, 1, 0xce];
    reply.extend_from_slice(&id.to_be_bytes());
    reply.push(0xc0);
    reply
}

/// A Sun RPC reply, accepted with success, up to its result.
pub(super) fn sunrpc_reply(id: u32) -> Vec<u8> {
    let words = [id, 1, 0, 0, 0, 0];
    words.into_iter().flat_map(u32::to_be_bytes).collect()
}

/// A record of one fragment.
pub(super) fn record(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("a short record");
    let mut record = (0x8000_0000 | length).to_be_bytes().to_vec();
    record.extend_from_slice(body);
    record
}
