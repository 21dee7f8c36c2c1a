//! Accepting connections: listening sockets, the accept loop, and the limits on connections.

use std::collections::HashMap;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Poll;

use rmix_abi::guest::{Host, Io, Link, Listener, RegisteredFd};
use rmix_abi::tables::{AbiWaker, Err, Limits, READ};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, Shutdown, SocketAddrAny, SocketAddrUnix, SocketFlags, SocketType, sockopt,
};

use crate::failure;
use crate::link::{LinkOptions, MuxLink, remember, wake_all};
use crate::protocol::Protocol;
use crate::stream::Stream;

/// Connections the kernel keeps for us until they are accepted.
const BACKLOG: i32 = 1024;
/// Pause after the process ran out of descriptors, in nanoseconds.
const EXHAUSTED_PAUSE_NS: u64 = 100_000_000;

/// A bound and listening socket.
pub struct Bound {
    socket: OwnedFd,
    /// The address peers can use; the real port for TCP.
    pub address: BoundAddress,
}

/// Where a [`Bound`] socket listens.
#[derive(Debug, Clone)]
pub enum BoundAddress {
    /// TCP.
    Tcp(SocketAddr),
    /// Unix; the file is removed when the listener closes.
    Unix(PathBuf),
}

impl Bound {
    /// Listens on a TCP address; port 0 takes a free one.
    ///
    /// # Errors
    /// The address is taken or not ours.
    pub fn tcp(endpoint: &str, address: SocketAddr) -> Result<Bound, Err> {
        let bind = || {
            let family = match address {
                SocketAddr::V4(_) => AddressFamily::INET,
                SocketAddr::V6(_) => AddressFamily::INET6,
            };
            let socket = listening_socket(family)?;
            sockopt::set_socket_reuseaddr(&socket, true)?;
            rustix::net::bind(&socket, &address)?;
            rustix::net::listen(&socket, BACKLOG)?;
            let real = SocketAddr::try_from(rustix::net::getsockname(&socket)?)?;
            Ok((socket, real))
        };
        let (socket, real) = bind().map_err(|errno| failure::listen(endpoint, errno))?;
        Ok(Bound {
            socket,
            address: BoundAddress::Tcp(real),
        })
    }

    /// Listens on a Unix socket. A file nobody listens on is replaced; a living listener's is not.
    ///
    /// # Errors
    /// Another program listens there, or the path is not usable.
    pub fn unix(endpoint: &str, path: PathBuf) -> Result<Bound, Err> {
        let bind = || {
            let address = SocketAddrUnix::new(&path)?;
            let socket = listening_socket(AddressFamily::UNIX)?;
            match rustix::net::bind(&socket, &address) {
                Err(Errno::ADDRINUSE) => {
                    remove_dead_socket(&path, &address)?;
                    rustix::net::bind(&socket, &address)?;
                }
                bound => bound?,
            }
            rustix::net::listen(&socket, BACKLOG)?;
            Ok(socket)
        };
        let socket = bind().map_err(|errno| failure::listen(endpoint, errno))?;
        Ok(Bound {
            socket,
            address: BoundAddress::Unix(path),
        })
    }
}

fn listening_socket(family: AddressFamily) -> Result<OwnedFd, Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    rustix::net::socket_with(family, SocketType::STREAM, flags, None)
}

/// Removes the file of a Unix socket whose listener is gone; `ADDRINUSE` when one answers or it is no socket.
fn remove_dead_socket(path: &PathBuf, address: &SocketAddrUnix) -> Result<(), Errno> {
    let kind = rustix::fs::FileType::from_raw_mode(rustix::fs::lstat(path)?.st_mode);
    if kind != rustix::fs::FileType::Socket {
        return Err(Errno::ADDRINUSE);
    }
    let probe = listening_socket(AddressFamily::UNIX)?;
    match rustix::net::connect(&probe, address) {
        Err(Errno::CONNREFUSED) => rustix::fs::unlink(path),
        _ => Err(Errno::ADDRINUSE),
    }
}

/// A listener of protocol `P`.
pub struct MuxListener<P: Protocol> {
    shared: Arc<Accepting<P>>,
    endpoint: String,
}

struct Accepting<P: Protocol> {
    host: Host,
    protocol: Arc<P>,
    socket: RegisteredFd,
    limits: Limits,
    object: u64,
    address: BoundAddress,
    state: Mutex<AcceptState<P>>,
}

struct AcceptState<P: Protocol> {
    links: HashMap<u64, (Weak<MuxLink<P>>, String)>,
    next: u64,
    closing: bool,
    loop_waker: Option<AbiWaker>,
    close_waiters: Vec<AbiWaker>,
    refused: u64,
}

impl<P: Protocol> MuxListener<P> {
    /// Starts accepting. `object` is the token inbound calls carry unless the message names another.
    ///
    /// # Errors
    /// The reactor cannot take the socket.
    pub fn start(
        host: Host,
        protocol: Arc<P>,
        bound: Bound,
        endpoint: String,
        object: u64,
        limits: Limits,
    ) -> Result<Arc<MuxListener<P>>, Err> {
        let shared = Arc::new(Accepting {
            socket: host.register(bound.socket)?,
            host,
            protocol,
            limits,
            object,
            address: bound.address,
            state: Mutex::new(AcceptState {
                links: HashMap::new(),
                next: 0,
                closing: false,
                loop_waker: None,
                close_waiters: Vec::new(),
                refused: 0,
            }),
        });
        host.spawn(accept_all(shared.clone()));
        Ok(Arc::new(MuxListener { shared, endpoint }))
    }

    /// Connections refused because a limit was reached.
    pub fn refused(&self) -> u64 {
        self.shared.lock().refused
    }
}

impl<P: Protocol> Accepting<P> {
    fn lock(&self) -> MutexGuard<'_, AcceptState<P>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks the listener closing and removes its file.
    fn stop(&self) -> Vec<Arc<MuxLink<P>>> {
        let mut state = self.lock();
        let first = !std::mem::replace(&mut state.closing, true);
        let waker = state.loop_waker.take();
        let links = state
            .links
            .values()
            .filter_map(|(link, _)| link.upgrade())
            .collect();
        drop(state);
        if first {
            // Peers are refused from now on, rather than left in the kernel's queue; an error changes nothing.
            let _ = rustix::net::shutdown(self.socket.fd(), Shutdown::Both);
            if let BoundAddress::Unix(path) = &self.address {
                // Somebody may have removed it before us.
                let _ = rustix::fs::unlink(path);
            }
        }
        if let Some(waker) = waker {
            waker.wake();
        }
        links
    }
}

impl<P: Protocol> Listener for MuxListener<P> {
    fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    fn poll_close(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        let links = self.shared.stop();
        let mut open = false;
        for link in links {
            open |= link.poll_close(waker).is_pending();
        }
        let mut state = self.shared.lock();
        if !open {
            return Poll::Ready(Ok(()));
        }
        remember(&mut state.close_waiters, waker);
        Poll::Pending
    }

    fn abandon(&self) {
        for link in self.shared.stop() {
            link.abandon();
        }
        let waiters = std::mem::take(&mut self.shared.lock().close_waiters);
        wake_all(waiters);
    }
}

async fn accept_all<P: Protocol>(shared: Arc<Accepting<P>>) {
    let mut pause = shared.host.timer();
    loop {
        let accepted = poll_fn(|cx| {
            let waker = AbiWaker::lend(cx.waker());
            {
                let mut state = shared.lock();
                if state.closing {
                    return Poll::Ready(None);
                }
                state.loop_waker = Some(waker.clone());
            }
            let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
            let polled =
                shared.socket.poll_io(READ, &waker, |fd| {
                    match rustix::net::acceptfrom_with(fd, flags) {
                        Err(Errno::AGAIN) => Io::WouldBlock,
                        accepted => Io::Done(accepted),
                    }
                });
            polled.map(|accepted| Some(accepted.unwrap_or(Err(Errno::IO))))
        });
        match accepted.await {
            None => return refuse_waiting(&shared),
            Some(Ok((socket, address))) => take_in(&shared, socket, address),
            Some(Err(Errno::INTR | Errno::CONNABORTED)) => {}
            Some(Err(errno)) => {
                let message = format!("accepting a connection failed: {}", failure::text(errno));
                shared.host.warn("rmix::listener", &message);
                let until = shared.host.now_ns().saturating_add(EXHAUSTED_PAUSE_NS);
                pause.sleep_until(until).await;
            }
        }
    }
}

/// Closes the connections that the kernel has taken and nobody will accept: their peers would wait in vain.
fn refuse_waiting<P: Protocol>(shared: &Accepting<P>) {
    loop {
        match rustix::net::accept_with(shared.socket.fd(), SocketFlags::CLOEXEC) {
            Ok(_) | Err(Errno::INTR | Errno::CONNABORTED) => {}
            Err(_) => return,
        }
    }
}

fn take_in<P: Protocol>(
    shared: &Arc<Accepting<P>>,
    socket: OwnedFd,
    address: Option<SocketAddrAny>,
) {
    let remote = address.and_then(|address| SocketAddr::try_from(address).ok());
    let (peer, group) = match remote {
        Some(remote) => (remote.to_string(), remote.ip().to_string()),
        None => ("a local process".to_owned(), String::new()),
    };
    {
        let mut state = shared.lock();
        state.links.retain(|_, (link, _)| link.strong_count() > 0);
        let same = state
            .links
            .values()
            .filter(|(_, from)| *from == group)
            .count();
        let per_peer = shared.limits.connections_per_peer as usize;
        // Local processes have no address to tell them apart by.
        let crowded = !group.is_empty() && same >= per_peer;
        if state.links.len() >= shared.limits.connections as usize || crowded {
            state.refused += 1;
            drop(state);
            let rule = if crowded {
                "connections_per_peer"
            } else {
                "connections"
            };
            let message = format!("{peer} was refused: the limit {rule} is reached");
            shared.host.warn("rmix::listener", &message);
            return;
        }
    }
    if remote.is_some() {
        // Without it replies would wait for acknowledgements; a failure only costs time.
        let _ = sockopt::set_tcp_nodelay(&socket, true);
    }
    let Ok(stream) = Stream::socket(&shared.host, socket) else {
        shared
            .host
            .warn("rmix::listener", "the reactor cannot take a connection");
        return;
    };
    let options = LinkOptions {
        peer,
        object: shared.object,
        accepted: true,
        limits: shared.limits,
        end_reason: None,
    };
    let link = MuxLink::open(shared.host, shared.protocol.clone(), stream, options);
    keep(shared, link, group);
}

/// Keeps an accepted link alive until it has closed.
fn keep<P: Protocol>(shared: &Arc<Accepting<P>>, link: Arc<MuxLink<P>>, group: String) {
    let key = {
        let mut state = shared.lock();
        let key = state.next;
        state.next += 1;
        state.links.insert(key, (Arc::downgrade(&link), group));
        key
    };
    let accepting = shared.clone();
    shared.host.spawn(async move {
        poll_fn(|cx| link.poll_ended(&AbiWaker::lend(cx.waker()))).await;
        drop(link);
        let mut state = accepting.lock();
        state.links.remove(&key);
        let waiters = if state.links.is_empty() {
            std::mem::take(&mut state.close_waiters)
        } else {
            Vec::new()
        };
        drop(state);
        wake_all(waiters);
    });
}
