//! Peers played by a test, byte by byte, on every transport that can be opened without a provider.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};

use crate::fixture::{Accept, Transport};

/// A connected byte stream; reading blocks.
#[derive(Debug)]
pub enum RawStream {
    /// TCP.
    Tcp(TcpStream),
    /// Unix.
    Unix(UnixStream),
    /// Two FIFOs.
    Fifos {
        /// What the other end writes.
        read: File,
        /// What the other end reads; none once shut down.
        write: Option<File>,
    },
}

/// Where a test waits for a link of the provider's.
pub enum RawListener {
    /// TCP.
    Tcp(TcpListener),
    /// Unix.
    Unix(UnixListener),
    /// Two FIFOs, and the end to read from.
    Fifos {
        /// Calls come in here.
        calls: File,
        /// Answers go out here.
        answers: PathBuf,
    },
    /// Through a bridge.
    Bridged(Accept),
}

/// The text of an endpoint in front of its address, the address, and what follows it; without options, which are those
/// of one end.
fn parts<'a>(transport: &Transport, endpoint: &'a str) -> (&'a str, &'a str, &'a str) {
    let endpoint = endpoint.split('?').next().unwrap_or(endpoint);
    let (scheme, rest) = endpoint
        .split_once(':')
        .expect("an endpoint has a scheme by its grammar");
    let start = scheme.len() + 1;
    if *transport == Transport::Unix {
        // A path may be followed by numbers: a program and its version.
        let is_number = |c: char| matches!(c, '/' | 'x') || c.is_ascii_hexdigit();
        let numbers = rest.rfind(|c: char| !is_number(c)).map_or(0, |at| at + 1);
        let end = rest[numbers..]
            .find('/')
            .map_or(rest.len(), |slash| numbers + slash);
        return (&endpoint[..start], &rest[..end], &rest[end..]);
    }
    if *transport != Transport::Tcp {
        return (&endpoint[..start], rest, "");
    }
    let address = &rest[2..];
    let end = address.find('/').unwrap_or(address.len());
    (&endpoint[..start + 2], &address[..end], &address[end..])
}

fn fifo_paths(address: &str) -> (PathBuf, PathBuf) {
    let (calls, answers) = address
        .split_once(',')
        .expect("an endpoint of FIFOs names two");
    (calls.into(), answers.into())
}

impl RawStream {
    /// Connects to an exported endpoint.
    pub fn connect(transport: &Transport, endpoint: &str) -> io::Result<RawStream> {
        let (_, address, _) = parts(transport, endpoint);
        match transport {
            Transport::Tcp => {
                let stream = TcpStream::connect(address)?;
                stream.set_nodelay(true)?;
                Ok(RawStream::Tcp(stream))
            }
            Transport::Unix => Ok(RawStream::Unix(UnixStream::connect(address)?)),
            Transport::Fifos => {
                let (calls, answers) = fifo_paths(address);
                Ok(RawStream::Fifos {
                    read: open_unblocked(&answers)?,
                    write: Some(OpenOptions::new().write(true).open(calls)?),
                })
            }
            Transport::Bridged(bridge) => Ok(RawStream::Unix((bridge.connect)(endpoint)?)),
            Transport::Child(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Another handle on the same stream.
    pub fn try_clone(&self) -> io::Result<RawStream> {
        Ok(match self {
            RawStream::Tcp(stream) => RawStream::Tcp(stream.try_clone()?),
            RawStream::Unix(stream) => RawStream::Unix(stream.try_clone()?),
            RawStream::Fifos { read, write } => RawStream::Fifos {
                read: read.try_clone()?,
                write: write.as_ref().map(File::try_clone).transpose()?,
            },
        })
    }

    /// A handle to read from only, so that it does not keep the other direction open.
    pub fn reading(&self) -> io::Result<RawStream> {
        match self {
            RawStream::Fifos { read, .. } => Ok(RawStream::Fifos {
                read: read.try_clone()?,
                write: None,
            }),
            other => other.try_clone(),
        }
    }

    /// Ends both directions; other handles notice. FIFOs end when the last handle is dropped.
    pub fn shut(&mut self) {
        // A stream that has ended already is as shut as it can be.
        match self {
            RawStream::Tcp(stream) => drop(stream.shutdown(Shutdown::Both)),
            RawStream::Unix(stream) => drop(stream.shutdown(Shutdown::Both)),
            RawStream::Fifos { write, .. } => *write = None,
        }
    }

    /// Sends everything; false when the peer has closed.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        self.write_all(bytes).is_ok()
    }

    /// Receives exactly so many bytes.
    ///
    /// # Panics
    /// The peer closes before that.
    pub fn receive(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.read_exact(&mut bytes)
            .expect("the peer answers before it closes");
        bytes
    }

    /// Receives so many bytes, or fewer when the peer closes before.
    pub fn until_closed_or(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut part = [0; 4096];
        while bytes.len() < count {
            let room = part.len().min(count - bytes.len());
            match self.read(&mut part[..room]) {
                Ok(0) | Err(_) => break,
                Ok(read) => bytes.extend_from_slice(&part[..read]),
            }
        }
        bytes
    }

    /// Reads until the peer closes; what came before.
    pub fn until_closed(&mut self) -> Vec<u8> {
        // A reset is a way of closing.
        self.until_closed_or(usize::MAX)
    }
}

impl Read for RawStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            RawStream::Tcp(stream) => stream.read(buffer),
            RawStream::Unix(stream) => stream.read(buffer),
            RawStream::Fifos { read, .. } => {
                wait_for(read, PollFlags::IN)?;
                read.read(buffer)
            }
        }
    }
}

impl Write for RawStream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            RawStream::Tcp(stream) => stream.write(buffer),
            RawStream::Unix(stream) => stream.write(buffer),
            RawStream::Fifos { write, .. } => match write {
                Some(write) => write.write(buffer),
                None => Err(io::ErrorKind::BrokenPipe.into()),
            },
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl RawListener {
    /// Listens, and says at which endpoint. `like` is an endpoint of the same kind, whose address is replaced.
    pub fn bind(
        transport: &Transport,
        like: &str,
        folder: &Path,
    ) -> io::Result<(RawListener, String)> {
        let (scheme, _, rest) = parts(transport, like);
        let fresh = |name: &str| folder.join(format!("{name}-{}", next_number()));
        match transport {
            Transport::Tcp => {
                let listener = TcpListener::bind("127.0.0.1:0")?;
                let endpoint = format!("{scheme}{}{rest}", listener.local_addr()?);
                Ok((RawListener::Tcp(listener), endpoint))
            }
            Transport::Unix => {
                let path = fresh("raw");
                let listener = UnixListener::bind(&path)?;
                Ok((
                    RawListener::Unix(listener),
                    format!("{scheme}{}{rest}", path.display()),
                ))
            }
            Transport::Fifos => {
                let calls = fresh("calls");
                let answers = fresh("answers");
                for path in [&calls, &answers] {
                    let kind = rustix::fs::FileType::Fifo;
                    rustix::fs::mknodat(rustix::fs::CWD, path, kind, Mode::RWXU, 0)?;
                }
                let endpoint = format!("{scheme}{},{}", calls.display(), answers.display());
                let calls = open_unblocked(&calls)?;
                Ok((RawListener::Fifos { calls, answers }, endpoint))
            }
            Transport::Bridged(bridge) => {
                let (accept, endpoint) = (bridge.listen)(folder)?;
                Ok((RawListener::Bridged(accept), endpoint))
            }
            Transport::Child(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// The next link; waits for it.
    pub fn accept(&self) -> io::Result<RawStream> {
        match self {
            RawListener::Tcp(listener) => {
                let (stream, _) = listener.accept()?;
                stream.set_nodelay(true)?;
                Ok(RawStream::Tcp(stream))
            }
            RawListener::Unix(listener) => Ok(RawStream::Unix(listener.accept()?.0)),
            RawListener::Bridged(accept) => Ok(RawStream::Unix(accept()?)),
            RawListener::Fifos { calls, answers } => Ok(RawStream::Fifos {
                // The provider opens its end for reading first.
                write: Some(OpenOptions::new().write(true).open(answers)?),
                read: calls.try_clone()?,
            }),
        }
    }
}

/// A number for a file's name, unique in this process.
fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Opens a FIFO to read from, before anybody writes to it.
fn open_unblocked(path: &Path) -> io::Result<File> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    rustix::fs::fcntl_setfl(&file, OFlags::empty())?;
    Ok(file)
}

fn wait_for(file: &File, what: PollFlags) -> io::Result<()> {
    let mut entries = [PollFd::new(file, what)];
    let forever: Option<&Timespec> = None;
    poll(&mut entries, forever)?;
    Ok(())
}
