//! Errors of input and output in the words of the boundary.

use rmix_abi::tables::{Err, cause, delivery, kind};
use rustix::io::Errno;

/// An input or output error on a link.
pub fn io(what: &str, errno: Errno) -> Err {
    Err::new(
        kind::RECONNECT,
        cause::IO,
        format!("{what}: {}", text(errno)),
    )
    .with_code(i64::from(errno.raw_os_error()))
    .delivered(delivery::MAYBE_EXECUTED)
}

/// The peer closed the connection.
pub fn closed_by_peer(peer: &str) -> Err {
    Err::new(
        kind::RECONNECT,
        cause::LINK_CLOSED,
        format!("{peer} closed the connection"),
    )
    .delivered(delivery::MAYBE_EXECUTED)
}

/// What a call is told that was not sent on a link that has failed: whatever ended the link, a new one may work.
pub fn not_sent(failure: &Err) -> Err {
    let kind = match failure.kind {
        kind::DENIED => kind::DENIED,
        _ => kind::RECONNECT,
    };
    Err {
        kind,
        ..failure.clone().delivered(delivery::NOT_SENT)
    }
}

/// This side closed the link.
pub fn closed_here() -> Err {
    Err::new(kind::RECONNECT, cause::LINK_CLOSED, "the link was closed")
        .delivered(delivery::MAYBE_EXECUTED)
}

/// A connection could not be made: reason and what to look at.
pub fn connect(endpoint: &str, errno: Errno) -> Err {
    let hint = match errno {
        Errno::CONNREFUSED => {
            "; nothing listens there: is the peer running, and is the port right?"
        }
        Errno::NOENT => "; there is no such socket or file: is the peer running?",
        Errno::ACCESS | Errno::PERM => "; this user may not connect there",
        Errno::NETUNREACH | Errno::HOSTUNREACH => "; the host cannot be reached from here",
        Errno::TIMEDOUT => "; the host does not answer",
        _ => "",
    };
    let kind = match errno {
        Errno::ACCESS | Errno::PERM => kind::DENIED,
        _ => kind::RECONNECT,
    };
    Err::new(
        kind,
        cause::CONNECT,
        format!("cannot connect to {endpoint}: {}{hint}", text(errno)),
    )
    .with_code(i64::from(errno.raw_os_error()))
}

/// An object could not be exported at an endpoint.
pub fn listen(endpoint: &str, errno: Errno) -> Err {
    let hint = match errno {
        Errno::ADDRINUSE => "; another program listens there",
        Errno::ADDRNOTAVAIL => "; this host does not have that address",
        Errno::ACCESS | Errno::PERM => "; this user may not listen there",
        _ => "",
    };
    Err::new(
        kind::FIX_REQUEST,
        cause::CONNECT,
        format!("cannot listen on {endpoint}: {}{hint}", text(errno)),
    )
    .with_code(i64::from(errno.raw_os_error()))
}

/// The endpoint's text is wrong.
pub fn endpoint(endpoint: &str, why: &str) -> Err {
    Err::new(
        kind::FIX_REQUEST,
        cause::ENDPOINT,
        format!("the endpoint {endpoint:?} is not usable: {why}"),
    )
}

/// Connecting or a handshake took too long.
pub fn timed_out(endpoint: &str, nanoseconds: u64) -> Err {
    Err::new(
        kind::RECONNECT,
        cause::TIMEOUT,
        format!(
            "connecting to {endpoint} took longer than {} ms (handshake_timeout)",
            nanoseconds / 1_000_000
        ),
    )
}

/// The operating system's words for an error number.
pub fn text(errno: Errno) -> String {
    std::io::Error::from_raw_os_error(errno.raw_os_error()).to_string()
}
