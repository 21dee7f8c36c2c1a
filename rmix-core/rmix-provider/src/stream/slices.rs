//! Reading into and writing from plain slices, for libraries that bring buffers of their own (HTTP, TLS). Streams of bytes
//! only: datagrams and channels are read and written by the other half of [`Stream`].

use std::io::IoSlice;
use std::os::fd::BorrowedFd;
use std::task::Poll;

use rmix_abi::guest::Io;
use rmix_abi::tables::{AbiWaker, READ, WRITE};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, Shutdown};

use super::{Ends, Moved, Stream, has_hung_up};

/// So many parts are written at once; the rest waits for the next write. The kernel takes no more than 1,024.
const PARTS_MAX: usize = 256;

impl Stream {
    /// Reads into `room`; 0 is the end of the stream.
    pub fn poll_read_slice(&self, waker: &AbiWaker, room: &mut [u8]) -> Poll<Moved> {
        let socket = match &self.ends {
            Ends::Socket(_) => true,
            Ends::Pipes { .. } => false,
            Ends::Datagrams(..) | Ends::Channel(_) => {
                return Poll::Ready(Err(Errno::OPNOTSUPP));
            }
        };
        let try_once = |fd: BorrowedFd<'_>| {
            loop {
                let moved = match socket {
                    true => rustix::net::recv(fd, &mut *room, RecvFlags::DONTWAIT)
                        .map(|(filled, _)| filled),
                    false => rustix::io::read(fd, &mut *room),
                };
                match moved {
                    Err(Errno::INTR) => {}
                    Err(Errno::AGAIN) => return Io::WouldBlock,
                    Ok(0) if !socket && !room.is_empty() && !has_hung_up(fd) => {
                        return Io::WouldBlock;
                    }
                    Ok(count) if count > 0 && count < room.len() => return Io::Drained(Ok(count)),
                    moved => return Io::Done(moved),
                }
            }
        };
        match self.with_reader(|reader| reader.poll_io(READ, waker, try_once)) {
            Some(polled) => polled.map(|moved| moved.unwrap_or(Err(Errno::IO))),
            None => Poll::Ready(Ok(0)),
        }
    }

    /// As [`Stream::read_blocking`], into `room`.
    pub fn read_blocking_slice(&self, room: &mut [u8]) -> Option<Moved> {
        let Ends::Socket(socket) = &self.ends else {
            return None;
        };
        if !self.can_block.get_or_init(|| super::may_block(socket.fd())) {
            return None;
        }
        match rustix::net::recv(socket.fd(), room, RecvFlags::empty()) {
            Err(Errno::AGAIN | Errno::INTR) => None,
            moved => Some(moved.map(|(filled, _)| filled)),
        }
    }

    /// Writes what the kernel takes of `parts`, one after the other, in one system call; pending, the waker is woken when
    /// it takes more.
    pub fn poll_write_vectored(&self, waker: &AbiWaker, parts: &[IoSlice<'_>]) -> Poll<Moved> {
        let parts = parts.get(..PARTS_MAX).unwrap_or(parts);
        let try_once = |fd: BorrowedFd<'_>| {
            loop {
                match self.send_vectored(fd, parts) {
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

    fn send_vectored(&self, fd: BorrowedFd<'_>, parts: &[IoSlice<'_>]) -> Moved {
        match (&self.ends, parts) {
            (Ends::Datagrams(..) | Ends::Channel(_), _) => Err(Errno::OPNOTSUPP),
            (_, [one]) => self.send(fd, one),
            (Ends::Socket(_), _) => {
                let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
                let mut nothing_beside = SendAncillaryBuffer::default();
                rustix::net::sendmsg(fd, parts, &mut nothing_beside, flags)
            }
            (Ends::Pipes { .. }, _) => rustix::io::writev(fd, parts),
        }
    }

    /// Whether a stream on which nothing is expected is open and has nothing to read; asks the kernel, moves nothing.
    pub fn is_quiet(&self) -> bool {
        let Ends::Socket(socket) = &self.ends else {
            return !self.is_stale();
        };
        let mut byte = [0; 1];
        let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        let peeked = rustix::net::recv(socket.fd(), &mut byte, flags);
        matches!(peeked, Err(Errno::AGAIN | Errno::INTR))
    }

    /// Tells the peer that nothing more will be written, and goes on reading.
    pub fn shutdown_write(&self) {
        match &self.ends {
            Ends::Socket(socket) => {
                // A peer that is gone already is no failure here.
                let _ = rustix::net::shutdown(socket.fd(), Shutdown::Write);
            }
            Ends::Pipes { write, .. } => write.close(),
            Ends::Datagrams(..) | Ends::Channel(_) => {}
        }
    }
}
