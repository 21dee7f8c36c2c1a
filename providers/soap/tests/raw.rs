//! Raw sockets that speak to a server, and scripted servers that speak to a client.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

/// A socket on which nothing comes for so long hangs.
const HANGS: Duration = Duration::from_secs(30);

/// A connection that speaks bytes.
pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
    read: Vec<u8>,
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Raw {
    pub(crate) fn connect(address: SocketAddr) -> Raw {
        Raw::over(TcpStream::connect(address).expect("the server listens"))
    }

    pub(crate) fn over(stream: TcpStream) -> Raw {
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(HANGS)).unwrap();
        stream.set_write_timeout(Some(HANGS)).unwrap();
        Raw {
            stream,
            read: Vec::new(),
        }
    }

    pub(crate) fn say(&mut self, text: impl AsRef<[u8]>) {
        self.stream
            .write_all(text.as_ref())
            .expect("the peer reads");
    }

    /// Reads more; false at the end of the stream, or when it was reset.
    fn more(&mut self) -> bool {
        let mut room = [0; 65536];
        match self.stream.read(&mut room) {
            Ok(count) => {
                self.read.extend_from_slice(&room[..count]);
                count > 0
            }
            Err(failure) if failure.kind() == std::io::ErrorKind::ConnectionReset => false,
            Err(failure) => panic!("nothing came: {failure}; so far {:?}", self.text()),
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.read).into_owned()
    }

    /// A head, with the empty line; none when the stream has ended before.
    pub(crate) fn head(&mut self) -> Option<String> {
        loop {
            let end = self
                .read
                .windows(4)
                .position(|window| window == b"\r\n\r\n");
            if let Some(end) = end {
                let head: Vec<u8> = self.read.drain(..end + 4).collect();
                return Some(String::from_utf8(head).expect("heads are text"));
            }
            if !self.more() {
                assert!(self.read.is_empty(), "cut off: {:?}", self.text());
                return None;
            }
        }
    }

    pub(crate) fn exactly(&mut self, count: usize) -> Vec<u8> {
        while self.read.len() < count {
            assert!(self.more(), "cut off: {:?}", self.text());
        }
        self.read.drain(..count).collect()
    }

    /// The next answer; its body by `Content-Length`.
    pub(crate) fn answer(&mut self) -> Heard {
        let head = self.head().expect("an answer");
        let status = head[9..12].parse().expect("a status");
        let body = self.exactly(length(&head));
        Heard { status, head, body }
    }

    /// Everything up to the end of the stream.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        while self.more() {}
        std::mem::take(&mut self.read)
    }

    /// Drops what was read and not looked at.
    pub(crate) fn forget(&mut self) {
        self.read.clear();
    }

    /// Whether the peer has ended the stream, with nothing more to read.
    pub(crate) fn is_over(&mut self) -> bool {
        self.rest().is_empty()
    }

    /// Reads a whole request: its head and body.
    pub(crate) fn request(&mut self) -> Option<(String, Vec<u8>)> {
        let head = self.head()?;
        let body = self.exactly(length(&head));
        Some((head, body))
    }
}

/// The length of the body that a head announces.
pub(crate) fn length(head: &str) -> usize {
    let head = head.to_ascii_lowercase();
    let field = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    field.map_or(0, |value| value.trim().parse().expect("a length"))
}

/// A POST with a body of its own length.
pub(crate) fn post(path: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: h\r\ncontent-type: text/xml\r\n{fields}content-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

/// A server that does what a script says, one connection after the other.
pub(crate) struct Scripted {
    pub(crate) address: SocketAddr,
    thread: JoinHandle<()>,
}

impl Scripted {
    pub(crate) fn start(script: impl FnOnce(&TcpListener) + Send + 'static) -> Scripted {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || script(&listener));
        Scripted { address, thread }
    }

    /// Waits for the end of the script, which must not have failed.
    pub(crate) fn end(self) {
        let ended = crate::lent::watched("a script", || self.thread.join());
        if let Err(panic) = ended {
            std::panic::resume_unwind(panic);
        }
    }
}

/// The next connection of a scripted server.
pub(crate) fn accept(listener: &TcpListener) -> Raw {
    Raw::over(listener.accept().expect("a client").0)
}
