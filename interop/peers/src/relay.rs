//! A relay between a client and a server that records what both say, byte by byte: the way to see what
//! a foreign program really sends. It changes nothing and understands nothing.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::capture::{Capture, Speaker};
use crate::error::PeerError;

const CHUNK_BYTES: usize = 16 * 1024;

/// What was said on one connection, in the order in which it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    pieces: Vec<(Speaker, Vec<u8>)>,
}

impl Recording {
    /// All that one end said.
    pub fn said_by(&self, speaker: Speaker) -> Vec<u8> {
        let own = self.pieces.iter().filter(|(one, _)| *one == speaker);
        own.flat_map(|(_, bytes)| bytes).copied().collect()
    }

    /// The same as a capture of a connection to `server_port`.
    pub fn to_capture(&self, server_port: u16) -> Capture {
        let mut capture = Capture::of_stream(server_port);
        for (speaker, bytes) in &self.pieces {
            capture.push(*speaker, bytes);
        }
        capture
    }
}

/// A running relay at a port of 127.0.0.1.
#[derive(Debug)]
pub struct Relay {
    port: u16,
    is_ending: Arc<AtomicBool>,
    accepting: JoinHandle<Vec<Recording>>,
}

impl Relay {
    /// Starts one to a server's port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When the system has no port.
    pub fn start(server_port: u16) -> Result<Self, PeerError> {
        let failed = |source| PeerError::file("127.0.0.1")(source);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let is_ending = Arc::new(AtomicBool::new(false));
        let ending = Arc::clone(&is_ending);
        let accepting = thread::Builder::new()
            .name("relay".into())
            .spawn(move || accept(&listener, server_port, &ending))
            .map_err(failed)?;
        Ok(Self {
            port,
            is_ending,
            accepting,
        })
    }

    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Takes no more connections, waits until those there are have ended, and returns what was said,
    /// one recording for each connection in their order.
    ///
    /// # Blocking
    ///
    /// Until clients and server have closed: end the client before.
    pub fn finish(self) -> Vec<Recording> {
        self.is_ending.store(true, Ordering::SeqCst);
        // Wakes the accepting thread; when it does not work, that thread has ended already.
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
        self.accepting.join().unwrap_or_default()
    }
}

fn accept(listener: &TcpListener, server_port: u16, ending: &AtomicBool) -> Vec<Recording> {
    let mut relayed = Vec::new();
    while let Ok((client, _)) = listener.accept() {
        if ending.load(Ordering::SeqCst) {
            break;
        }
        // A server that is gone is a connection that is closed at once.
        if let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server_port)) {
            relayed.push(thread::spawn(move || relay(&client, &server)));
        }
    }
    let ended = relayed.into_iter().map(JoinHandle::join);
    ended
        .map(|recording| recording.unwrap_or_default())
        .collect()
}

fn relay(client: &TcpStream, server: &TcpStream) -> Recording {
    let recording = Mutex::new(Recording::default());
    thread::scope(|scope| {
        // A connection that breaks ends its direction, as one that is closed does.
        scope.spawn(|| copy(Speaker::Client, client, server, &recording));
        let _ = copy(Speaker::Server, server, client, &recording);
        // The client may keep its side open for ever: the server has said all it says.
        let _ = client.shutdown(Shutdown::Both);
    });
    recording
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
}

fn copy(
    speaker: Speaker,
    mut from: &TcpStream,
    mut to: &TcpStream,
    recording: &Mutex<Recording>,
) -> io::Result<()> {
    let mut chunk = [0; CHUNK_BYTES];
    loop {
        let count = from.read(&mut chunk)?;
        if count == 0 {
            return to.shutdown(Shutdown::Write);
        }
        let bytes = &chunk[..count];
        // Recorded first: what the other end answers comes after it.
        let mut recorded = recording.lock().unwrap_or_else(PoisonError::into_inner);
        recorded.pieces.push((speaker, bytes.to_vec()));
        drop(recorded);
        to.write_all(bytes)?;
    }
}
