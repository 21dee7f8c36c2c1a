//! Calls in datagrams: the same bytes are sent again, after 1, 2, 4 and then every 4 seconds, until an answer comes.
//! Everything that is no answer to this call is dropped: a late answer to an earlier one, a forged one, nonsense.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::task::Poll;

use bytes::Bytes;
use rmix_provider::failure;
use rmix_provider::guest::{Host, Io, RegisteredFd};
use rmix_provider::tables::{AbiWaker, Err, READ, WRITE};
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, sockopt};

use super::super::ask::{Answered, Ask};
use super::{answer_to, fresh_xid, put_call};

/// A connected UDP socket: the kernel passes on datagrams of this peer only, and says when nothing listens there.
pub(crate) struct DatagramExchange {
    host: Host,
    socket: RegisteredFd,
    /// Room for the largest datagram, so that none is cut.
    input: Vec<u8>,
    first_wait_ns: u64,
    whom: String,
}

impl DatagramExchange {
    /// A socket towards `whom`, who is at `address`. `first_wait_ns` is the time before a call is sent again; it doubles
    /// twice.
    ///
    /// # Errors
    /// `Reconnect` or `Denied`, with the system's reason.
    pub(crate) fn open(
        host: &Host,
        whom: &str,
        address: SocketAddr,
        first_wait_ns: u64,
    ) -> Result<Self, Err> {
        let family = match address {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let open = || {
            let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
            let socket = rustix::net::socket_with(family, SocketType::DGRAM, flags, None)?;
            rustix::net::connect(&socket, &address)?;
            Ok(socket)
        };
        let socket = open().map_err(|errno: Errno| failure::connect(whom, errno))?;
        Ok(DatagramExchange {
            host: *host,
            socket: host.register(socket)?,
            input: vec![0; DATAGRAM_BYTES_MAX],
            first_wait_ns,
            whom: whom.to_owned(),
        })
    }

    async fn send(&self, message: &[u8]) -> Result<(), Err> {
        let send = |fd: std::os::fd::BorrowedFd<'_>| {
            let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
            match rustix::net::send(fd, message, flags) {
                Err(Errno::AGAIN) => Io::WouldBlock,
                sent => Io::Done(sent),
            }
        };
        let sent = poll_fn(|cx| {
            let waker = AbiWaker::lend(cx.waker());
            self.socket.poll_io(WRITE, &waker, send)
        });
        match sent.await? {
            // A lost datagram is sent again; so is one that a signal kept here.
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(errno) => Err(failure::connect(&self.whom, errno)),
        }
    }

    /// Fails when the peer's host has said that nothing listens there.
    fn check(&self) -> Result<(), Err> {
        match sockopt::socket_error(self.socket.fd()) {
            Ok(Err(errno)) | Err(errno) => Err(failure::connect(&self.whom, errno)),
            Ok(Ok(())) => Ok(()),
        }
    }

    /// The next datagram, or none when `until_ns` has passed.
    async fn receive(&mut self, until_ns: u64) -> Result<Option<Bytes>, Err> {
        let mut timer = self.host.timer();
        let (socket, input) = (&self.socket, &mut self.input);
        let received = poll_fn(|cx| {
            let waker = AbiWaker::lend(cx.waker());
            let polled = socket.poll_io(READ, &waker, |fd| {
                match rustix::net::recv(fd, input.as_mut_slice(), RecvFlags::DONTWAIT) {
                    Err(Errno::AGAIN) => Io::WouldBlock,
                    received => Io::Done(received),
                }
            });
            match polled {
                Poll::Ready(received) => Poll::Ready(Some(received)),
                Poll::Pending => timer.poll_until(until_ns, &waker).map(|()| None),
            }
        });
        match received.await.transpose()? {
            None => Ok(None),
            Some(Ok((count, _))) => {
                let datagram = input.get(..count).unwrap_or_default();
                Ok(Some(Bytes::copy_from_slice(datagram)))
            }
            Some(Err(Errno::INTR)) => Ok(Some(Bytes::new())),
            Some(Err(errno)) => Err(failure::connect(&self.whom, errno)),
        }
    }
}

impl Ask for DatagramExchange {
    async fn ask(
        &mut self,
        version: u32,
        procedure: u32,
        arguments: &[u8],
    ) -> Result<Answered, Err> {
        let xid = fresh_xid();
        let mut message = Vec::with_capacity(arguments.len() + 64);
        put_call(&mut message, xid, version, procedure, arguments)?;
        let mut wait_ns = self.first_wait_ns;
        loop {
            self.send(&message).await?;
            let sent_ns = self.host.now_ns();
            // A reactor may not tell that nothing listens there, so that is looked for in between.
            let mut looked_ns = wait_ns / LOOKS;
            self.check()?;
            while looked_ns <= wait_ns {
                let until_ns = sent_ns.saturating_add(looked_ns);
                while let Some(datagram) = self.receive(until_ns).await? {
                    if let Ok(Some(answered)) = answer_to(xid, &datagram, &self.whom) {
                        return Ok(answered);
                    }
                }
                self.check()?;
                looked_ns = looked_ns.saturating_mul(2).max(1);
            }
            wait_ns = wait_ns
                .saturating_mul(2)
                .min(self.first_wait_ns.saturating_mul(4));
        }
    }

    fn whom(&self) -> &str {
        &self.whom
    }
}

/// Time before a call is sent again for the first time, in nanoseconds.
pub(crate) const FIRST_WAIT_NS: u64 = 1_000_000_000;

/// The part of a wait after which the socket is first asked for an error; a power of two, as each look doubles it.
const LOOKS: u64 = 32;

const DATAGRAM_BYTES_MAX: usize = 65_536;
