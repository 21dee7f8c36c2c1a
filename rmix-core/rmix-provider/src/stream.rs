//! Byte streams on the reactor the host lends: a socket, or a pair of pipes. Moves bytes; knows no message.

use std::os::fd::{BorrowedFd, OwnedFd};
use std::task::Poll;

use bytes::BytesMut;
use rmix_abi::guest::{Host, Io, RegisteredFd, fill_spare};
use rmix_abi::tables::{AbiWaker, Err, READ, WRITE};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, Shutdown};

enum Ends {
    Socket(RegisteredFd),
    Pipes {
        read: RegisteredFd,
        write: RegisteredFd,
    },
}

/// A byte stream to one peer.
pub struct Stream {
    ends: Ends,
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
        })
    }

    /// A connected stream socket that is registered already.
    pub fn registered(socket: RegisteredFd) -> Stream {
        Stream {
            ends: Ends::Socket(socket),
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
                read: host.register(read)?,
                write: host.register(write)?,
            },
        })
    }

    fn reader(&self) -> &RegisteredFd {
        match &self.ends {
            Ends::Socket(socket) => socket,
            Ends::Pipes { read, .. } => read,
        }
    }

    fn writer(&self) -> &RegisteredFd {
        match &self.ends {
            Ends::Socket(socket) => socket,
            Ends::Pipes { write, .. } => write,
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
        loop {
            match self.send(self.writer().fd(), bytes) {
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return None,
                moved => return Some(moved),
            }
        }
    }

    /// Writes what the kernel takes; pending, the waker is woken when it takes more.
    pub fn poll_write(&self, waker: &AbiWaker, bytes: &[u8]) -> Poll<Moved> {
        let polled = self.writer().poll_io(WRITE, waker, |fd| {
            loop {
                match self.send(fd, bytes) {
                    Err(Errno::INTR) => {}
                    Err(Errno::AGAIN) => return Io::WouldBlock,
                    moved => return Io::Done(moved),
                }
            }
        });
        polled.map(|moved| moved.unwrap_or(Err(Errno::IO)))
    }

    /// Reads into the spare capacity of `input`; 0 is the end of the stream.
    pub fn poll_read(&self, waker: &AbiWaker, input: &mut BytesMut) -> Poll<Moved> {
        let socket = self.is_socket();
        let polled = self.reader().poll_io(READ, waker, |fd| {
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
        });
        polled.map(|moved| moved.unwrap_or(Err(Errno::IO)))
    }

    /// Whether the peer has closed a stream on which nothing is expected; asks the kernel, moves nothing.
    pub fn is_stale(&self) -> bool {
        let fd = self.reader().fd();
        if self.is_socket() {
            let mut byte = [0; 1];
            let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
            return match rustix::net::recv(fd, &mut byte, flags) {
                Ok((count, _)) => count == 0,
                Err(errno) => !matches!(errno, Errno::AGAIN | Errno::INTR),
            };
        }
        has_hung_up(fd)
    }

    /// Ends the stream in both directions; a pipe ends when it is dropped.
    pub fn shutdown(&self) {
        if let Ends::Socket(socket) = &self.ends {
            // A peer that is gone already is no failure here.
            let _ = rustix::net::shutdown(socket.fd(), Shutdown::Both);
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
