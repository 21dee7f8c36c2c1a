//! Connections as they arrive: taking them from the kernel, who they are from, and turning them away.

use std::net::{IpAddr, SocketAddr};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::task::Poll;

use rmix_abi::guest::{Host, Io, RegisteredFd, Timer};
use rmix_abi::tables::{AbiWaker, READ};
use rustix::io::Errno;
use rustix::net::{Shutdown, SocketFlags, sockopt};

use super::bound::Opener;
use crate::failure;
use crate::stream::Stream;

/// Pause after the process ran out of descriptors, in nanoseconds.
const EXHAUSTED_PAUSE_NS: u64 = 100_000_000;

/// A connection that the kernel has accepted.
pub(super) struct Arrival {
    socket: Option<OwnedFd>,
    /// The peer's address; none for a local process.
    pub(super) address: Option<SocketAddr>,
    /// The peer, for people.
    pub(super) peer: String,
    /// The group of peers whose connections are counted together; empty for local processes.
    pub(super) group: String,
}

impl Arrival {
    /// The address of this host that was asked.
    pub(super) fn asked(&self) -> Option<IpAddr> {
        let socket = self.socket.as_ref().filter(|_| self.address.is_some())?;
        let local = rustix::net::getsockname(socket).ok()?;
        SocketAddr::try_from(local).ok().map(|local| local.ip())
    }

    /// The stream, once, made by `opener` where there is one; none when it, or the reactor, refuses the connection.
    pub(super) fn stream(
        &mut self,
        host: &Host,
        provider: &'static str,
        opener: Option<&Opener>,
    ) -> Option<Stream> {
        let socket = self.socket.take()?;
        if self.address.is_some() {
            // Without it replies would wait for acknowledgements; a failure only costs time.
            let _ = sockopt::set_tcp_nodelay(&socket, true);
        }
        let opened = match opener {
            None => Stream::socket(host, socket),
            Some(open) => open(host, socket),
        };
        match opened {
            Ok(stream) => Some(stream),
            Err(failure) => {
                let message = format!("{} was refused: {}", self.peer, failure.text());
                host.warn(provider, &message);
                None
            }
        }
    }

    /// Closes it because of a limit.
    pub(super) fn refuse(self, host: &Host, provider: &'static str, rule: &str) {
        let message = format!("{} was refused: the limit {rule} is reached", self.peer);
        host.warn(provider, &message);
    }
}

/// Takes the next connection.
pub(super) fn poll_accept(socket: &RegisteredFd, waker: &AbiWaker) -> Poll<Result<Arrival, Errno>> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let polled = socket.poll_io(READ, waker, |fd| {
        match rustix::net::acceptfrom_with(fd, flags) {
            Err(Errno::AGAIN) => Io::WouldBlock,
            accepted => Io::Done(accepted),
        }
    });
    polled.map(|accepted| {
        let (socket, address) = accepted.unwrap_or(Err(Errno::IO))?;
        let address = address.and_then(|address| SocketAddr::try_from(address).ok());
        let (peer, group) = match address {
            Some(remote) => (remote.to_string(), remote.ip().to_string()),
            None => ("a local process".to_owned(), String::new()),
        };
        Ok(Arrival {
            socket: Some(socket),
            address,
            peer,
            group,
        })
    })
}

/// Logs why nothing could be accepted, and waits a little: as a rule the process is out of descriptors.
pub(super) async fn pause(host: &Host, timer: &mut Timer, provider: &'static str, errno: Errno) {
    let message = format!("accepting a connection failed: {}", failure::text(errno));
    host.warn(provider, &message);
    let until = host.now_ns().saturating_add(EXHAUSTED_PAUSE_NS);
    timer.sleep_until(until).await;
}

/// Has the kernel refuse further peers, rather than keep them in its queue; an error changes nothing.
pub(super) fn refuse_further(socket: BorrowedFd<'_>) {
    let _ = rustix::net::shutdown(socket, Shutdown::Both);
}

/// Closes the connections that the kernel has taken and nobody will accept: their peers would wait in vain. None comes
/// after them, whoever else is about to say so.
pub(super) fn refuse_waiting(socket: BorrowedFd<'_>) {
    refuse_further(socket);
    loop {
        match rustix::net::accept_with(socket, SocketFlags::CLOEXEC) {
            Ok(_) | Err(Errno::INTR | Errno::CONNABORTED) => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read as _};
    use std::os::fd::AsFd as _;
    use std::os::unix::net::{UnixListener, UnixStream};

    use super::*;

    #[test]
    fn who_waits_is_closed_and_who_comes_later_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("socket");
        let listener = UnixListener::bind(&place).unwrap();
        listener.set_nonblocking(true).unwrap();
        let mut waiting = UnixStream::connect(&place).unwrap();
        refuse_waiting(listener.as_fd());
        assert_eq!(waiting.read(&mut [0]).unwrap(), 0);
        let later = UnixStream::connect(&place).unwrap_err();
        assert_eq!(later.kind(), ErrorKind::ConnectionRefused);
    }
}
