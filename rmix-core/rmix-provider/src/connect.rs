//! Opening connections: names to addresses, TCP and Unix sockets, within the time limit.

use std::future::{Future, poll_fn};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::pin::pin;
use std::task::Poll;

use rmix_abi::guest::{Host, Io};
use rmix_abi::tables::{AbiWaker, Err, WRITE, cause, kind};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, sockopt};

use crate::failure;
use crate::stream::Stream;

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

/// Connects to the first of `addresses` that answers; `TCP_NODELAY` is set.
///
/// # Errors
/// That of the last address.
pub async fn tcp(host: &Host, endpoint: &str, addresses: &[SocketAddr]) -> Result<Stream, Err> {
    let mut last = failure::connect(endpoint, Errno::ADDRNOTAVAIL);
    for address in addresses {
        match tcp_one(host, endpoint, *address).await {
            Ok(stream) => return Ok(stream),
            Err(failure) => last = failure,
        }
    }
    Err(last)
}

async fn tcp_one(host: &Host, endpoint: &str, address: SocketAddr) -> Result<Stream, Err> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let socket = stream_socket(family).map_err(|errno| failure::connect(endpoint, errno))?;
    sockopt::set_tcp_nodelay(&socket, true).map_err(|errno| failure::connect(endpoint, errno))?;
    let started = rustix::net::connect(&socket, &address);
    finish_connect(host, endpoint, socket, started).await
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
    finish_connect(host, endpoint, socket, started).await
}

fn stream_socket(family: AddressFamily) -> Result<OwnedFd, Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    rustix::net::socket_with(family, SocketType::STREAM, flags, None)
}

async fn finish_connect(
    host: &Host,
    endpoint: &str,
    socket: OwnedFd,
    started: Result<(), Errno>,
) -> Result<Stream, Err> {
    match started {
        Ok(()) => return Stream::socket(host, socket),
        Err(Errno::INPROGRESS) => {}
        Err(errno) => return Err(failure::connect(endpoint, errno)),
    }
    let registered = host.register(socket)?;
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
    })
    .await?;
    outcome.map_err(|errno| failure::connect(endpoint, errno))?;
    Ok(Stream::registered(registered))
}
