//! Errors of input and output in the words of the boundary.

use std::net::SocketAddr;

use rmix_abi::tables::{Err, cause, delivery, kind};
use rustix::io::Errno;

/// An input or output error on a link. A peer that closes with our bytes unread resets the connection: that is closing too.
pub fn io(what: &str, errno: Errno) -> Err {
    let cause = match errno {
        Errno::CONNRESET | Errno::PIPE => cause::LINK_CLOSED,
        _ => cause::IO,
    };
    Err::new(kind::RECONNECT, cause, format!("{what}: {}", text(errno)))
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
    let kind = match errno {
        Errno::ACCESS | Errno::PERM => kind::DENIED,
        _ => kind::RECONNECT,
    };
    Err::new(
        kind,
        cause::CONNECT,
        format!("cannot connect to {endpoint}: {}", reason(errno)),
    )
    .with_code(i64::from(errno.raw_os_error()))
}

/// A connection could not be made to any address of a host: each with its reason, or none for one that had not answered
/// after `limit_ns`.
pub fn connect_all(
    endpoint: &str,
    addresses: &[(SocketAddr, Option<Errno>)],
    limit_ns: u64,
) -> Err {
    match addresses {
        [(_, Some(errno))] => return connect(endpoint, *errno),
        [] | [(_, None)] => return timed_out(endpoint, limit_ns),
        _ => {}
    }
    let each: Vec<String> = addresses
        .iter()
        .map(|(address, errno)| match errno {
            Some(errno) => format!("{address}: {}", reason(*errno)),
            None => format!("{address}: no answer"),
        })
        .collect();
    let each = each.join("; ");
    let known: Vec<Errno> = addresses.iter().filter_map(|(_, errno)| *errno).collect();
    let Some(last) = known
        .last()
        .copied()
        .filter(|_| known.len() == addresses.len())
    else {
        let late = timed_out(endpoint, limit_ns);
        let message = format!("{}: {each}", late.text());
        return Err::new(late.kind, late.cause, message);
    };
    let denied = |errno: &Errno| matches!(*errno, Errno::ACCESS | Errno::PERM);
    let kind = match known.iter().all(denied) {
        true => kind::DENIED,
        false => kind::RECONNECT,
    };
    let message = format!("cannot connect to {endpoint}: {each}");
    Err::new(kind, cause::CONNECT, message).with_code(i64::from(last.raw_os_error()))
}

/// Why connecting failed, and what to look at.
fn reason(errno: Errno) -> String {
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
    format!("{}{hint}", text(errno))
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

/// Connecting took too long.
pub fn timed_out(endpoint: &str, nanoseconds: u64) -> Err {
    Err::new(
        kind::RECONNECT,
        cause::TIMEOUT,
        format!(
            "connecting to {endpoint} took longer than {} ms (connect_timeout)",
            nanoseconds / 1_000_000
        ),
    )
}

/// The operating system's words for an error number.
pub fn text(errno: Errno) -> String {
    std::io::Error::from_raw_os_error(errno.raw_os_error()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: SocketAddr = address(1);
    const SECOND: SocketAddr = address(2);

    const fn address(last: u8) -> SocketAddr {
        let ip = std::net::Ipv4Addr::new(127, 0, 0, last);
        SocketAddr::new(std::net::IpAddr::V4(ip), 7)
    }

    #[test]
    fn every_address_is_named_with_its_reason() {
        let failures = [
            (FIRST, Some(Errno::CONNREFUSED)),
            (SECOND, Some(Errno::HOSTUNREACH)),
        ];
        let failure = connect_all("a://h:7", &failures, 1);
        let text = failure.text();
        for part in [
            "a://h:7: 127.0.0.1:7: ",
            "refused",
            "is the port right?; 127.0.0.2:7: ",
            "cannot be reached",
        ] {
            assert!(text.contains(part), "{part:?} is not in: {text}");
        }
        assert_eq!(
            (failure.kind, failure.cause),
            (kind::RECONNECT, cause::CONNECT)
        );
        assert_eq!(failure.code, i64::from(Errno::HOSTUNREACH.raw_os_error()));
    }

    #[test]
    fn an_address_that_is_silent_makes_it_a_time_out() {
        let failures = [(FIRST, Some(Errno::CONNREFUSED)), (SECOND, None)];
        let failure = connect_all("a://h:7", &failures, 2_000_000);
        let text = failure.text();
        for part in ["longer than 2 ms", "refused", "127.0.0.2:7: no answer"] {
            assert!(text.contains(part), "{part:?} is not in: {text}");
        }
        assert_eq!(
            (failure.kind, failure.cause),
            (kind::RECONNECT, cause::TIMEOUT)
        );
    }

    #[test]
    fn only_a_denial_by_all_is_a_denial() {
        let denied = Some(Errno::ACCESS);
        let all = connect_all("a://h:7", &[(FIRST, denied), (SECOND, denied)], 1);
        assert_eq!(all.kind, kind::DENIED);
        let one = [(FIRST, denied), (SECOND, Some(Errno::CONNREFUSED))];
        assert_eq!(connect_all("a://h:7", &one, 1).kind, kind::RECONNECT);
    }
}
