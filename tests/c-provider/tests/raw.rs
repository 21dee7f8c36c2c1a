//! The other end of a connection in plain Rust: writes and reads the frames of `cframe.h` byte by byte, so that tests can
//! say exactly what arrives and when.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};

pub(crate) const CALL: u8 = 1;
pub(crate) const ONEWAY: u8 = 2;
pub(crate) const RESULT: u8 = 3;
pub(crate) const REFUSAL: u8 = 5;

/// One frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) id: u32,
    pub(crate) kind: u8,
    pub(crate) name: String,
    pub(crate) body: Vec<u8>,
}

impl Frame {
    pub(crate) fn new(id: u32, kind: u8, name: &str, body: &[u8]) -> Frame {
        Frame {
            id,
            kind,
            name: name.to_owned(),
            body: body.to_vec(),
        }
    }

    /// The frame as sent.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let length = u32::try_from(7 + self.name.len() + self.body.len()).expect("tests are small");
        let name_length = u16::try_from(self.name.len()).expect("tests are small");
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend(self.id.to_le_bytes());
        bytes.push(self.kind);
        bytes.extend(name_length.to_le_bytes());
        bytes.extend(self.name.as_bytes());
        bytes.extend(&self.body);
        bytes
    }
}

/// A socket of the tests' own.
pub(crate) struct Peer {
    stream: UnixStream,
}

impl Peer {
    /// Connects to the provider under test.
    pub(crate) fn connect(path: &str) -> Peer {
        let stream = UnixStream::connect(path).expect("the provider listens");
        Peer { stream }
    }

    /// Takes the provider's connection.
    pub(crate) fn accept(listener: &UnixListener) -> Peer {
        let (stream, _) = listener.accept().expect("the provider connects");
        Peer { stream }
    }

    pub(crate) fn send(&mut self, frame: &Frame) {
        self.send_bytes(&frame.bytes());
    }

    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the provider reads");
    }

    /// The next frame, or nothing when the provider has closed the connection.
    pub(crate) fn receive(&mut self) -> Option<Frame> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).ok()?;
        let mut rest = vec![0; u32::from_le_bytes(length) as usize];
        self.stream.read_exact(&mut rest).ok()?;
        let name_end = 7 + usize::from(u16::from_le_bytes([rest[5], rest[6]]));
        Some(Frame {
            id: u32::from_le_bytes([rest[0], rest[1], rest[2], rest[3]]),
            kind: rest[4],
            name: String::from_utf8(rest[7..name_end].to_vec()).expect("names are text"),
            body: rest[name_end..].to_vec(),
        })
    }
}

/// Listens where the provider under test will connect.
pub(crate) fn listen(path: &str) -> UnixListener {
    let _ = std::fs::remove_file(path);
    UnixListener::bind(path).expect("the path is free")
}

/// Starts blocking socket work beside the runtime's tasks.
pub(crate) fn beside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> impl Future<Output = T> {
    let working = tokio::task::spawn_blocking(work);
    async move { working.await.expect("the peer's script succeeds") }
}
