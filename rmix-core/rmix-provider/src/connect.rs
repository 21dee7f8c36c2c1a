//! Opening connections: names to addresses, TCP and Unix sockets, within the time limit.

mod race;

use std::future::{Future, poll_fn};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::pin::pin;
use std::task::Poll;

use rmix_abi::guest::{Host, Io};
use rmix_abi::tables::{AbiWaker, Err, WRITE, cause, kind};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, sockopt};

use self::race::Race;
use crate::failure;
use crate::stream::Stream;

/// Time that an address has before the next one of the same name is tried as well, in nanoseconds; less when there are
/// so many that the last ones would not be tried in time.
const HEAD_START_NS: u64 = 250_000_000;

/// Runs `work` for at most `limit_ns`.
///
/// # Errors
/// Those of `work`, or `Reconnect` when the time is up.
pub async fn within<T>(
    host: &Host,
    limit_ns: u64,
    endpoint: &str,
    work: impl Future<Output = Result<T, Err>>,
) -> Result<T, Err> {
    let deadline = host.now_ns().saturating_add(limit_ns);
    let mut timer = host.timer();
    let mut work = pin!(work);
    poll_fn(|cx| {
        if let Poll::Ready(result) = work.as_mut().poll(cx) {
            return Poll::Ready(result);
        }
        match timer.poll_until(deadline, &AbiWaker::lend(cx.waker())) {
            Poll::Ready(()) => Poll::Ready(Err(failure::timed_out(endpoint, limit_ns))),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// The addresses of a host; a literal address asks nobody.
///
/// # Errors
/// `FixRequest` with cause `RESOLVE` when the name does not resolve.
pub async fn resolve(
    host: &Host,
    endpoint: &str,
    name: &str,
    port: u16,
) -> Result<Vec<SocketAddr>, Err> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let asked = name.to_owned();
    let found = host
        .blocking(move || (asked.as_str(), port).to_socket_addrs().map(Vec::from_iter))
        .await;
    let why = match found {
        Some(Ok(addresses)) if !addresses.is_empty() => return Ok(addresses),
        Some(Ok(_)) => "it has no address".to_owned(),
        Some(Err(failure)) => failure.to_string(),
        None => "the resolver was stopped".to_owned(),
    };
    Err(Err::new(
        kind::FIX_REQUEST,
        cause::RESOLVE,
        format!("the host name {name:?} of {endpoint} does not resolve: {why}"),
    ))
}

/// Connects to a host by name over TCP, within `limit_ns` for finding its addresses and for all attempts together;
/// `TCP_NODELAY` is set. Each address gets a head start before the next is tried as well.
///
/// # Errors
/// `FixRequest` with cause `RESOLVE` when the name does not resolve; else `Reconnect`, or `Denied` when every address
/// denies, with each address and its reason.
pub async fn tcp(
    host: &Host,
    endpoint: &str,
    name: &str,
    port: u16,
    limit_ns: u64,
) -> Result<Stream, Err> {
    let begun = host.now_ns();
    let resolving = resolve(host, endpoint, name, port);
    let addresses = within(host, limit_ns, endpoint, resolving).await?;
    let left_ns = limit_ns.saturating_sub(host.now_ns().saturating_sub(begun));
    let tried = u64::try_from(addresses.len()).unwrap_or(u64::MAX).max(1);
    let head_start_ns = HEAD_START_NS.min(left_ns / tried);
    let until = begun.saturating_add(limit_ns);
    let mut turns = host.timer();
    let mut end = host.timer();
    let mut next = host.now_ns().saturating_add(head_start_ns);
    let mut race = Race::new(addresses);
    let won = poll_fn(|cx| {
        let waker = AbiWaker::lend(cx.waker());
        loop {
            let started = race.started();
            let turn = race.left() > 0 && turns.poll_until(next, &waker).is_ready();
            let polled = race.poll(cx, turn, |address| tcp_one(*host, address));
            if let Poll::Ready(won) = polled {
                return Poll::Ready(won);
            }
            if end.poll_until(until, &waker).is_ready() {
                return Poll::Ready(None);
            }
            if race.started() == started {
                return Poll::Pending;
            }
            next = host.now_ns().saturating_add(head_start_ns);
        }
    });
    match won.await {
        Some(stream) => stream,
        None => Err(failure::connect_all(
            endpoint,
            &race.into_failures(),
            limit_ns,
        )),
    }
}

/// The outer result is the address's, the inner one the host's.
async fn tcp_one(host: Host, address: SocketAddr) -> Result<Result<Stream, Err>, Errno> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let socket = stream_socket(family)?;
    sockopt::set_tcp_nodelay(&socket, true)?;
    let started = rustix::net::connect(&socket, &address);
    finish_connect(&host, socket, started).await
}

/// Connects to a Unix socket.
///
/// # Errors
/// `Reconnect`, with the system's reason.
pub async fn unix(host: &Host, endpoint: &str, path: &[u8]) -> Result<Stream, Err> {
    let address = SocketAddrUnix::new(path).map_err(|errno| failure::connect(endpoint, errno))?;
    let socket =
        stream_socket(AddressFamily::UNIX).map_err(|errno| failure::connect(endpoint, errno))?;
    let started = rustix::net::connect(&socket, &address);
    let finished = finish_connect(host, socket, started).await;
    finished.map_err(|errno| failure::connect(endpoint, errno))?
}

fn stream_socket(family: AddressFamily) -> Result<OwnedFd, Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    rustix::net::socket_with(family, SocketType::STREAM, flags, None)
}

async fn finish_connect(
    host: &Host,
    socket: OwnedFd,
    started: Result<(), Errno>,
) -> Result<Result<Stream, Err>, Errno> {
    match started {
        Ok(()) => return Ok(Stream::socket(host, socket)),
        Err(Errno::INPROGRESS) => {}
        Err(errno) => return Err(errno),
    }
    let registered = match host.register(socket) {
        Ok(registered) => registered,
        Err(failure) => return Ok(Err(failure)),
    };
    let outcome = poll_fn(|cx| {
        registered.poll_io(WRITE, &AbiWaker::lend(cx.waker()), |fd| {
            if let Ok(Err(errno)) | Err(errno) = sockopt::socket_error(fd) {
                return Io::Done(Err(errno));
            }
            // Writable with no error and a peer: connected. Without a peer it is still on its way.
            match rustix::net::getpeername(fd) {
                Ok(_) => Io::Done(Ok(())),
                Err(Errno::NOTCONN) => Io::WouldBlock,
                Err(errno) => Io::Done(Err(errno)),
            }
        })
    });
    match outcome.await {
        Ok(connected) => connected.map(|()| Ok(Stream::registered(registered))),
        Err(failure) => Ok(Err(failure)),
    }
}
