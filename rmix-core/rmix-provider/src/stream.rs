//! Byte streams on the reactor the host lends: a socket, or a pair of pipes. Moves bytes; knows no message.

use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use std::time::Duration;

use bytes::BytesMut;
use rmix_abi::guest::{Host, Io, RegisteredFd, fill_spare};
use rmix_abi::tables::{AbiWaker, Err, READ, WRITE};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, Shutdown, sockopt};

enum Ends {
    Socket(RegisteredFd),
    Pipes { read: PipeEnd, write: PipeEnd },
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

    /// A pipe or FIFO to read from and one to write to; both are made non-blocking.
    ///
    /// # Errors
    /// The reactor cannot take them, or they cannot be made non-blocking.
    pub fn pipes(host: &Host, read: OwnedFd, write: OwnedFd) -> Result<Stream, Err> {
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

    /// Runs `f` with the end to read from; `None` once it was closed.
    fn with_reader<R>(&self, f: impl FnOnce(&RegisteredFd) -> R) -> Option<R> {
        match &self.ends {
            Ends::Socket(socket) => Some(f(socket)),
            Ends::Pipes { read, .. } => read.open().map(|read| f(&read)),
        }
    }

    /// Runs `f` with the end to write to; `None` once it was closed.
    fn with_writer<R>(&self, f: impl FnOnce(&RegisteredFd) -> R) -> Option<R> {
        match &self.ends {
            Ends::Socket(socket) => Some(f(socket)),
            Ends::Pipes { write, .. } => write.open().map(|write| f(&write)),
        }
    }

    fn is_socket(&self) -> bool {
        matches!(self.ends, Ends::Socket(_))
    }

    fn send(&self, fd: BorrowedFd<'_>, bytes: &[u8]) -> Moved {
        if self.is_socket() {
            return rustix::net::send(fd, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL);
        }
        rustix::io::write(fd, bytes)
    }

    /// Writes what the kernel takes at once; `None` when it takes nothing.
    pub fn try_write(&self, bytes: &[u8]) -> Option<Moved> {
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
        let Ends::Socket(socket) = &self.ends else {
            return None;
        };
        if !self.can_block.get_or_init(|| may_block(socket.fd())) {
            return None;
        }
        let moved = fill_spare(input, |spare| {
            rustix::net::recv(socket.fd(), spare, RecvFlags::empty()).map(|((filled, _), _)| filled)
        });
        match moved {
            Err(Errno::AGAIN | Errno::INTR) => None,
            moved => Some(moved),
        }
    }

    /// Whether the peer has closed a stream on which nothing is expected; asks the kernel, moves nothing.
    pub fn is_stale(&self) -> bool {
        let stale = self.with_reader(|reader| {
            if !self.is_socket() {
                return has_hung_up(reader.fd());
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
            Ends::Socket(socket) => {
                // A peer that is gone already is no failure here.
                let _ = rustix::net::shutdown(socket.fd(), Shutdown::Both);
            }
            Ends::Pipes { read, write } => {
                write.close();
                read.close();
            }
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
