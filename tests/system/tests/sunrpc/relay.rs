//! What stands between a client and a server, hears everything and may keep something to itself: connections, or
//! datagrams. Changes nothing.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread::spawn;

use rmix_peers::{Capture, Speaker};

/// Who said something, and what.
type Said = (Speaker, Vec<u8>);

/// What was said, in the order in which it was heard.
#[derive(Clone, Default)]
pub(super) struct Heard(Arc<Mutex<Vec<Said>>>);

impl Heard {
    fn push(&self, from: Speaker, bytes: &[u8]) {
        self.0.lock().unwrap().push((from, bytes.to_vec()));
    }

    /// The pieces that one end said.
    pub(super) fn of(&self, whom: Speaker) -> Vec<Vec<u8>> {
        let heard = self.0.lock().unwrap();
        let own = heard.iter().filter(|(from, _)| *from == whom);
        own.map(|(_, bytes)| bytes.clone()).collect()
    }

    /// The records of a stream that one end said, as their fragments.
    pub(super) fn records(&self, whom: Speaker) -> Vec<Vec<Vec<u8>>> {
        let stream = self.of(whom).concat();
        let mut rest = &stream[..];
        let mut records = vec![Vec::new()];
        while let Some((mark, behind)) = rest.split_first_chunk::<4>() {
            let mark = u32::from_be_bytes(*mark);
            let length = (mark & 0x7fff_ffff) as usize;
            records.last_mut().unwrap().push(behind[..length].to_vec());
            rest = &behind[length..];
            if mark >> 31 == 1 {
                records.push(Vec::new());
            }
        }
        assert!(rest.is_empty() && records.pop().unwrap().is_empty());
        records
    }

    /// All of it, for a dissector.
    pub(super) fn add_to(&self, capture: &mut Capture) {
        for (from, bytes) in self.0.lock().unwrap().iter() {
            capture.push(*from, bytes);
        }
    }
}

/// Relays one connection to `server`, and tells the port to come to.
pub(super) fn tcp(server: u16) -> (u16, Heard) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let connect = move || TcpStream::connect((Ipv4Addr::LOCALHOST, server)).unwrap();
    (port, accept_one(listener, connect))
}

/// Relays the first connection that comes.
pub(super) fn accept_one(
    listener: TcpListener,
    connect: impl FnOnce() -> TcpStream + Send + 'static,
) -> Heard {
    let heard = Heard::default();
    let said = heard.clone();
    spawn(move || {
        let (client, _) = listener.accept().unwrap();
        let server = connect();
        let copies = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let also = said.clone();
        spawn(move || pass_on(copies.0, copies.1, Speaker::Client, &also));
        pass_on(server, client, Speaker::Server, &said);
    });
    heard
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, who: Speaker, heard: &Heard) {
    let mut room = vec![0; 1 << 16];
    // An end that is gone ends it.
    while let Ok(length @ 1..) = from.read(&mut room) {
        heard.push(who, &room[..length]);
        if to.write_all(&room[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// Relays datagrams of one client to `server`, those for which `passes` is true, and tells the port to come to.
pub(super) fn udp(
    server: u16,
    passes: impl Fn(Speaker, &[u8]) -> bool + Send + Sync + 'static,
) -> (u16, Heard) {
    let to_client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = to_client.local_addr().unwrap().port();
    let to_server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    to_server.connect((Ipv4Addr::LOCALHOST, server)).unwrap();
    let heard = Heard::default();
    let client: Arc<Mutex<Option<SocketAddr>>> = Arc::default();
    let passes = Arc::new(passes);
    let asked = {
        let (heard, client, passes) = (heard.clone(), client.clone(), passes.clone());
        let (to_client, to_server) = (to_client.try_clone(), to_server.try_clone());
        let (to_client, to_server) = (to_client.unwrap(), to_server.unwrap());
        move || {
            let mut room = vec![0; 1 << 16];
            while let Ok((length, from)) = to_client.recv_from(&mut room) {
                *client.lock().unwrap() = Some(from);
                heard.push(Speaker::Client, &room[..length]);
                if passes(Speaker::Client, &room[..length]) {
                    to_server.send(&room[..length]).unwrap();
                }
            }
        }
    };
    let said = heard.clone();
    spawn(asked);
    spawn(move || {
        let mut room = vec![0; 1 << 16];
        while let Ok(length) = to_server.recv(&mut room) {
            said.push(Speaker::Server, &room[..length]);
            let to = *client.lock().unwrap();
            if passes(Speaker::Server, &room[..length]) {
                // A client that is gone hears nothing.
                let _ = to_client.send_to(&room[..length], to.unwrap());
            }
        }
    });
    (port, heard)
}
