//! Byte streams on the reactor the host lends: a socket, or a pair of pipes, or datagrams that a protocol makes look like
//! one, or a channel of a provider's own. Moves bytes; knows no message.

mod slices;

use std::net::SocketAddr;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use std::time::Duration;

use bytes::BytesMut;
use rmix_abi::guest::{Host, Io, RegisteredFd, fill_spare};
use rmix_abi::tables::{AbiWaker, Err, READ, WRITE, cause, kind};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, Shutdown, sockopt};

pub use crate::channel::Channel;

enum Ends {
    Socket(RegisteredFd),
    Pipes { read: PipeEnd, write: PipeEnd },
    Datagrams(RegisteredFd, Mailbox),
    Channel(Box<dyn Channel>),
}

/// How a protocol's messages stand in datagrams.
pub trait Datagrams: Send + Sync + 'static {
    /// Sends the first message of `queued`, which begins with a whole message; how many bytes that was.
    ///
    /// # Errors
    /// What the kernel says; `AGAIN` when it takes nothing at the moment.
    fn send(&self, queued: &[u8]) -> Moved;

    /// Appends the message of a datagram to `input`; false when the datagram is to be dropped.
    fn receive(&self, datagram: &[u8], input: &mut BytesMut) -> bool;

    /// The call of this request id has ended, answered or not.
    fn forget(&self, id: u32);

    /// Why nothing will come any more, when the sending side knows.
    fn failure(&self) -> Option<Errno>;
}

/// A protocol's datagrams, and room for one that comes in. Guards the room only, which one reader uses at a time.
struct Mailbox {
    datagrams: Arc<dyn Datagrams>,
    room: Mutex<Box<[u8]>>,
}

impl Mailbox {
    /// Receives until a datagram is taken in. A read that moved nothing would be the end of a stream.
    fn receive(&self, fd: BorrowedFd<'_>, flags: RecvFlags, input: &mut BytesMut) -> Moved {
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(failure) = self.datagrams.failure() {
                return Err(failure);
            }
            let (length, _) = rustix::net::recv(fd, &mut room[..], flags)?;
            let datagram = room.get(..length).unwrap_or_default();
            if self.datagrams.receive(datagram, input) {
                return Ok(length.max(1));
            }
            if flags.is_empty() {
                // Whoever waited here is not to wait again for another's datagram.
                return Err(Errno::AGAIN);
            }
        }
    }
}

/// One end of a pipe: what is open can be closed while others use it, as only closing ends a pipe. Guards the handle only.
struct PipeEnd(Mutex<Option<Arc<RegisteredFd>>>);

impl PipeEnd {
    fn new(registered: RegisteredFd) -> PipeEnd {
        PipeEnd(Mutex::new(Some(Arc::new(registered))))
    }

    /// The end, to be used for one operation.
    fn open(&self) -> Option<Arc<RegisteredFd>> {
        self.lock().clone()
    }

    fn close(&self) {
        let last = self.lock().take();
        drop(last);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<RegisteredFd>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A byte stream to one peer.
pub struct Stream {
    ends: Ends,
    /// Whether a read may wait in the kernel; found out when it is first wanted.
    can_block: OnceLock<bool>,
}

/// The longest wait of [`Stream::read_blocking`], in nanoseconds.
pub const BLOCKING_NS: u64 = 250_000_000;

/// Lets reads wait on a socket, for a bounded time. Every other operation passes `MSG_DONTWAIT`.
fn may_block(socket: BorrowedFd<'_>) -> bool {
    let bound = Duration::from_nanos(BLOCKING_NS);
    let bounded = sockopt::set_socket_timeout(socket, sockopt::Timeout::Recv, Some(bound));
    bounded.is_ok() && rustix::io::ioctl_fionbio(socket, false).is_ok()
}

/// What a try to read or write came to.
pub type Moved = Result<usize, Errno>;

impl Stream {
    /// A connected stream socket.
    ///
    /// # Errors
    /// The reactor cannot take it.
    pub fn socket(host: &Host, socket: OwnedFd) -> Result<Stream, Err> {
        Ok(Stream {
            ends: Ends::Socket(host.register(socket)?),
            can_block: OnceLock::new(),
        })
    }

    /// A connected stream socket that is registered already.
    pub fn registered(socket: RegisteredFd) -> Stream {
        Stream {
            ends: Ends::Socket(socket),
            can_block: OnceLock::new(),
        }
    }

    /// A connected socket of datagrams of at most `bytes_max` bytes each.
    ///
    /// # Errors
    /// The reactor cannot take it.
    pub fn datagrams(
        host: &Host,
        socket: OwnedFd,
        datagrams: Arc<dyn Datagrams>,
        bytes_max: usize,
    ) -> Result<Stream, Err> {
        let mailbox = Mailbox {
            datagrams,
            room: Mutex::new(vec![0; bytes_max].into()),
        };
        Ok(Stream {
            ends: Ends::Datagrams(host.register(socket)?, mailbox),
            can_block: OnceLock::new(),
        })
    }

    /// A channel of a provider's own.
    pub fn channel(channel: impl Channel) -> Stream {
        Stream {
            ends: Ends::Channel(Box::new(channel)),
            can_block: OnceLock::new(),
        }
    }

    /// Why the stream has failed, when it was not the system that failed it.
    pub(crate) fn failure(&self) -> Option<Err> {
        match &self.ends {
            Ends::Channel(channel) => channel.failure(),
            _ => None,
        }
    }

    /// A pipe or FIFO to read from and one to write to; both are made non-blocking.
    ///
    /// # Errors
    /// The reactor cannot take them, or they cannot be made non-blocking. `FixRequest` when SIGPIPE would end this
    /// process: a write to a pipe whose reader is gone raises it.
    pub fn pipes(host: &Host, read: OwnedFd, write: OwnedFd) -> Result<Stream, Err> {
        // Where it cannot be read, it is as Rust programs have it.
        if std::fs::read_to_string("/proc/self/status").is_ok_and(|told| sigpipe_ends(&told)) {
            let message = "SIGPIPE has its default action in this process, so a peer that closes a pipe would end it; \
                           let the program ignore SIGPIPE, as Rust programs do from their start";
            return Err(Err::new(kind::FIX_REQUEST, cause::IO, message));
        }
        for end in [&read, &write] {
            rustix::io::ioctl_fionbio(end, true)
                .map_err(|errno| crate::failure::io("making a pipe non-blocking", errno))?;
        }
        Ok(Stream {
            ends: Ends::Pipes {
                read: PipeEnd::new(host.register(read)?),
                write: PipeEnd::new(host.register(write)?),
            },
            can_block: OnceLock::from(false),
        })
    }

    /// The address of a connected socket's peer; none for a Unix socket or pipes.
    pub fn peer_address(&self) -> Option<SocketAddr> {
        let socket = match &self.ends {
            Ends::Socket(socket) | Ends::Datagrams(socket, _) => socket,
            Ends::Pipes { .. } | Ends::Channel(_) => return None,
        };
        let address = rustix::net::getpeername(socket.fd()).ok()??;
        SocketAddr::try_from(address).ok()
    }

    /// Runs `f` with the end to read from; `None` once it was closed.
    fn with_reader<R>(&self, f: impl FnOnce(&RegisteredFd) -> R) -> Option<R> {
        match &self.ends {
            Ends::Socket(socket) | Ends::Datagrams(socket, _) => Some(f(socket)),
            Ends::Pipes { read, .. } => read.open().map(|read| f(&read)),
            Ends::Channel(_) => None,
        }
    }

    /// Runs `f` with the end to write to; `None` once it was closed.
    fn with_writer<R>(&self, f: impl FnOnce(&RegisteredFd) -> R) -> Option<R> {
        match &self.ends {
            Ends::Socket(socket) | Ends::Datagrams(socket, _) => Some(f(socket)),
            Ends::Pipes { write, .. } => write.open().map(|write| f(&write)),
            Ends::Channel(_) => None,
        }
    }

    fn is_socket(&self) -> bool {
        matches!(self.ends, Ends::Socket(_))
    }

    fn send(&self, fd: BorrowedFd<'_>, bytes: &[u8]) -> Moved {
        match &self.ends {
            Ends::Socket(_) => {
                rustix::net::send(fd, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL)
            }
            Ends::Pipes { .. } => rustix::io::write(fd, bytes),
            Ends::Datagrams(_, mailbox) => mailbox.datagrams.send(bytes),
            // It has no descriptor to send to.
            Ends::Channel(_) => Err(Errno::BADF),
        }
    }

    /// The call of this request id has ended, answered or not.
    pub(crate) fn forget(&self, id: u32) {
        if let Ends::Datagrams(_, mailbox) = &self.ends {
            mailbox.datagrams.forget(id);
        }
    }

    /// Writes what the kernel takes at once; `None` when it takes nothing.
    pub fn try_write(&self, bytes: &[u8]) -> Option<Moved> {
        if let Ends::Channel(channel) = &self.ends {
            return channel.try_write(bytes);
        }
        let tried = self.with_writer(|writer| {
            loop {
                match self.send(writer.fd(), bytes) {
                    Err(Errno::INTR) => {}
                    Err(Errno::AGAIN) => return None,
                    moved => return Some(moved),
                }
            }
        });
        tried.unwrap_or(Some(Err(Errno::PIPE)))
    }

    /// Writes what the kernel takes; pending, the waker is woken when it takes more.
    pub fn poll_write(&self, waker: &AbiWaker, bytes: &[u8]) -> Poll<Moved> {
        if let Ends::Channel(channel) = &self.ends {
            return channel.poll_write(waker, bytes);
        }
        let try_once = |fd: BorrowedFd<'_>| {
            loop {
                match self.send(fd, bytes) {
                    Err(Errno::INTR) => {}
                    Err(Errno::AGAIN) => return Io::WouldBlock,
                    moved => return Io::Done(moved),
                }
            }
        };
        match self.with_writer(|writer| writer.poll_io(WRITE, waker, try_once)) {
            Some(polled) => polled.map(|moved| moved.unwrap_or(Err(Errno::IO))),
            None => Poll::Ready(Err(Errno::PIPE)),
        }
    }

    /// Reads into the spare capacity of `input`; 0 is the end of the stream.
    pub fn poll_read(&self, waker: &AbiWaker, input: &mut BytesMut) -> Poll<Moved> {
        if let Ends::Channel(channel) = &self.ends {
            return channel.poll_read(waker, input);
        }
        if let Ends::Datagrams(socket, mailbox) = &self.ends {
            let polled = socket.poll_io(READ, waker, |fd| {
                match mailbox.receive(fd, RecvFlags::DONTWAIT, input) {
                    Err(Errno::AGAIN) => Io::WouldBlock,
                    moved => Io::Done(moved),
                }
            });
            return polled.map(|moved| moved.unwrap_or(Err(Errno::IO)));
        }
        let socket = self.is_socket();
        let try_once = |fd: BorrowedFd<'_>| {
            loop {
                let room = input.capacity() - input.len();
                let moved = fill_spare(input, |spare| {
                    if socket {
                        let flags = RecvFlags::DONTWAIT;
                        rustix::net::recv(fd, spare, flags).map(|((filled, _), _)| filled)
                    } else {
                        rustix::io::read(fd, spare).map(|(filled, _)| filled)
                    }
                });
                match moved {
                    Err(Errno::INTR) => {}
                    Err(Errno::AGAIN) => return Io::WouldBlock,
                    Ok(0) if !socket && room > 0 && !has_hung_up(fd) => return Io::WouldBlock,
                    Ok(count) if count > 0 && count < room => return Io::Drained(Ok(count)),
                    moved => return Io::Done(moved),
                }
            }
        };
        match self.with_reader(|reader| reader.poll_io(READ, waker, try_once)) {
            Some(polled) => polled.map(|moved| moved.unwrap_or(Err(Errno::IO))),
            None => Poll::Ready(Ok(0)),
        }
    }

    /// Waits in the kernel, on the calling thread, for at most [`BLOCKING_NS`], and reads; `None` when nothing came, or
    /// when this stream cannot wait like that. Closing the stream ends the wait. It saves the poll(2) before the read.
    pub fn read_blocking(&self, input: &mut BytesMut) -> Option<Moved> {
        if let Ends::Channel(channel) = &self.ends {
            return channel.read_blocking(input);
        }
        let (Ends::Socket(socket) | Ends::Datagrams(socket, _)) = &self.ends else {
            return None;
        };
        if !self.can_block.get_or_init(|| may_block(socket.fd())) {
            return None;
        }
        let moved = match &self.ends {
            Ends::Datagrams(socket, mailbox) => {
                mailbox.receive(socket.fd(), RecvFlags::empty(), input)
            }
            _ => fill_spare(input, |spare| {
                rustix::net::recv(socket.fd(), spare, RecvFlags::empty())
                    .map(|((filled, _), _)| filled)
            }),
        };
        match moved {
            Err(Errno::AGAIN | Errno::INTR) => None,
            moved => Some(moved),
        }
    }

    /// Whether the peer has closed a stream on which nothing is expected; asks the kernel, moves nothing.
    pub fn is_stale(&self) -> bool {
        if let Ends::Channel(channel) = &self.ends {
            return channel.is_stale();
        }
        let stale = self.with_reader(|reader| {
            match self.ends {
                Ends::Pipes { .. } => return has_hung_up(reader.fd()),
                // What lies there is a late answer at most.
                Ends::Datagrams(..) => return false,
                Ends::Socket(_) | Ends::Channel(_) => {}
            }
            let mut byte = [0; 1];
            let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
            match rustix::net::recv(reader.fd(), &mut byte, flags) {
                Ok((count, _)) => count == 0,
                Err(errno) => !matches!(errno, Errno::AGAIN | Errno::INTR),
            }
        });
        stale.unwrap_or(true)
    }

    /// Ends the stream in both directions, whoever else holds it.
    pub fn shutdown(&self) {
        match &self.ends {
            Ends::Socket(socket) | Ends::Datagrams(socket, _) => {
                // A peer that is gone already is no failure here.
                let _ = rustix::net::shutdown(socket.fd(), Shutdown::Both);
            }
            Ends::Pipes { read, write } => {
                write.close();
                read.close();
            }
            Ends::Channel(channel) => channel.shutdown(),
        }
    }
}

/// Whether the writers of a pipe have gone and nothing is left to read. A FIFO that nobody has opened to write to yet
/// reads as ended, but has not hung up.
fn has_hung_up(fd: BorrowedFd<'_>) -> bool {
    let mut poll = [PollFd::from_borrowed_fd(fd, PollFlags::IN)];
    let nothing = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let polled = rustix::event::poll(&mut poll, Some(&nothing));
    let ends = PollFlags::HUP | PollFlags::ERR;
    polled.is_ok_and(|count| count > 0)
        && poll.iter().any(|entry| {
            let found = entry.revents();
            found.intersects(ends) && !found.contains(PollFlags::IN)
        })
}

/// Whether SIGPIPE has its default action, according to the text of `/proc/self/status`.
fn sigpipe_ends(told: &str) -> bool {
    let handled = |name: &str| {
        let mask = told.lines().find_map(|line| line.strip_prefix(name))?;
        let mask = u64::from_str_radix(mask.trim(), 16).ok()?;
        Some(mask & SIGPIPE_BIT != 0)
    };
    // Ignored or caught; a text without these lines says nothing.
    handled("SigIgn:") == Some(false) && handled("SigCgt:") == Some(false)
}

/// Signal 13 in a mask of signals.
const SIGPIPE_BIT: u64 = 1 << 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_sigpipe_would_end_is_told_from_others() {
        let status = |ignored: u64, caught: u64| {
            format!("Name:\tx\nSigBlk:\t0\nSigIgn:\t{ignored:016x}\nSigCgt:\t{caught:016x}\n")
        };
        assert!(sigpipe_ends(&status(0, 0)));
        assert!(sigpipe_ends(&status(!SIGPIPE_BIT, !SIGPIPE_BIT)));
        assert!(!sigpipe_ends(&status(SIGPIPE_BIT, 0)), "ignored");
        assert!(!sigpipe_ends(&status(0, SIGPIPE_BIT)), "caught");
        assert!(!sigpipe_ends("Name:\tx\n"), "nothing is known");
        let own = std::fs::read_to_string("/proc/self/status").unwrap();
        assert!(!sigpipe_ends(&own), "Rust programs ignore it");
    }
}
