//! What goes wrong with a post, in the words of the boundary.

use std::io;

use http::header::LOCATION;
use http::{HeaderMap, StatusCode};
use rmix_provider::failure;
use rmix_provider::tables::{Err, cause, delivery, kind};
use rustix::io::Errno;

use super::wire::Broken;

/// How a record of TLS begins that says what is wrong, of every version (RFC 8446, 5.1): what a server answers to something
/// else.
const TLS_ALERT: [u8; 2] = [21, 3];

/// So much of the body of an answer that is no answer is told.
const EXCERPT_MAX: usize = 200;

/// Input or output failed.
pub(super) fn io(what: &str, why: &io::Error) -> Err {
    if let Some(errno) = why.raw_os_error() {
        return failure::io(what, Errno::from_raw_os_error(errno));
    }
    let cause = match why.kind() {
        io::ErrorKind::UnexpectedEof => cause::LINK_CLOSED,
        io::ErrorKind::InvalidData => cause::PROTOCOL,
        _ => cause::IO,
    };
    Err::new(kind::RECONNECT, cause, format!("{what}: {why}")).delivered(delivery::MAYBE_EXECUTED)
}

/// The handshake of TLS failed.
pub(super) fn handshake(peer: &str, why: &io::Error) -> Err {
    let broken = why.get_ref().and_then(|why| why.downcast_ref());
    let (kind, cause, hint) = match broken {
        // What came is no message of TLS.
        Some(rustls::Error::InvalidMessage(_)) => (kind::FIX_REQUEST, cause::PROTOCOL, NOT_BY_TLS),
        _ if why.kind() == io::ErrorKind::InvalidData => (kind::DENIED, cause::AUTHENTICATION, ""),
        // As a server does that waits for a request, and cannot read this one.
        _ if why.kind() == io::ErrorKind::UnexpectedEof => {
            (kind::RECONNECT, cause::CONNECT, CLOSED_IN_HANDSHAKE)
        }
        _ => (kind::RECONNECT, cause::CONNECT, ""),
    };
    let message = format!("the TLS handshake with {peer} failed: {why}{hint}");
    Err::new(kind, cause, message)
}

const NOT_BY_TLS: &str =
    ". The peer does not speak TLS there: take another port, or an endpoint without it, soap+http";
const CLOSED_IN_HANDSHAKE: &str = ". The peer closed the connection: it may not speak TLS there; without it, the endpoint is soap+http";

/// What came instead of an answer breaks a rule, or a limit; `input` is what came.
pub(super) fn broken(peer: &str, why: &Broken, input: &[u8]) -> Err {
    if input.starts_with(&TLS_ALERT) {
        let message = format!(
            "{peer} speaks TLS there, and this was sent without: with it, the endpoint is soap+https"
        );
        return Err::new(kind::FIX_REQUEST, cause::PROTOCOL, message).delivered(delivery::NOT_SENT);
    }
    let (kind, cause) = match why {
        Broken::HeaderBytes { .. } | Broken::BodyBytes { .. } => (kind::PEER_BROKEN, cause::LIMIT),
        Broken::CutOff => (kind::RECONNECT, cause::LINK_CLOSED),
        _ => (kind::PEER_BROKEN, cause::PROTOCOL),
    };
    Err::new(kind, cause, format!("{peer}: {why}")).delivered(delivery::MAYBE_EXECUTED)
}

/// A body whose compression is not understood, or is not valid.
pub(super) fn coding(peer: &str, why: &dyn std::fmt::Display) -> Err {
    let message = format!("{peer}: the answer cannot be decompressed: {why}");
    Err::new(kind::PEER_BROKEN, cause::PROTOCOL, message).delivered(delivery::MAYBE_EXECUTED)
}

/// Whether an answer of this status is one to the message.
pub(super) fn is_answer(status: StatusCode) -> bool {
    matches!(status.as_u16(), 200 | 202 | 204 | 400 | 500)
}

/// An answer of another status: what it says, and what to do about it.
pub(super) fn status(peer: &str, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Err {
    let (kind, cause, delivery) = match status.as_u16() {
        401 | 407 => (kind::DENIED, cause::AUTHENTICATION, delivery::NOT_SENT),
        403 => (kind::DENIED, cause::OTHER, delivery::NOT_SENT),
        404 | 410 => (kind::FIX_REQUEST, cause::NO_SUCH_OBJECT, delivery::NOT_SENT),
        405 | 415 | 417 | 501 | 505 => (kind::UNSUPPORTED, cause::OTHER, delivery::NOT_SENT),
        413 | 414 | 431 => (kind::FIX_REQUEST, cause::LIMIT, delivery::NOT_SENT),
        // It says that it did not get all of it, or did not take it.
        408 | 421 | 425 | 429 => (kind::RETRY, cause::OTHER, delivery::NOT_SENT),
        503 => (kind::RETRY, cause::OTHER, delivery::MAYBE_EXECUTED),
        502 | 504 => (kind::RETRY, cause::OTHER, delivery::MAYBE_EXECUTED),
        // These may answer a message that was processed.
        300..=303 => (kind::FIX_REQUEST, cause::ENDPOINT, delivery::MAYBE_EXECUTED),
        304..=399 => (kind::FIX_REQUEST, cause::ENDPOINT, delivery::NOT_SENT),
        402..=499 => (kind::FIX_REQUEST, cause::REMOTE, delivery::MAYBE_EXECUTED),
        _ => (kind::PEER_BROKEN, cause::REMOTE, delivery::MAYBE_EXECUTED),
    };
    let mut message = format!("{peer} answered with HTTP status {status}");
    if let Some(location) = headers.get(LOCATION).filter(|_| status.is_redirection()) {
        let place = String::from_utf8_lossy(location.as_bytes());
        message += &format!("; it names another place, which is not followed: {place}");
    }
    let excerpt = excerpt(body);
    if !excerpt.is_empty() {
        message += &format!("; the body says: {excerpt}");
    }
    Err::new(kind, cause, message)
        .with_code(status.as_u16().into())
        .delivered(delivery)
}

/// The beginning of a body, on one line.
fn excerpt(body: &[u8]) -> String {
    let start = body.get(..EXCERPT_MAX * 4).unwrap_or(body);
    let text = String::from_utf8_lossy(start);
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .collect();
    let line = words.into_iter().filter(|word| !word.is_empty());
    let line = line.collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(EXCERPT_MAX).collect();
    match short.len() < line.len() || start.len() < body.len() {
        true => short + "…",
        false => short,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_are_one_short_line() {
        assert_eq!(
            excerpt(b"<html>\r\n\t no \x07such\n</html>"),
            "<html> no such </html>"
        );
        assert_eq!(excerpt(&[b'x'; EXCERPT_MAX]), "x".repeat(EXCERPT_MAX));
        let long = excerpt(&[b'x'; EXCERPT_MAX + 1]);
        assert_eq!(long, "x".repeat(EXCERPT_MAX) + "…");
        assert_eq!(excerpt(&[0xff; 10_000]).chars().count(), EXCERPT_MAX + 1);
    }

    #[test]
    fn statuses_say_what_may_have_happened() {
        let of = |code: u16| {
            let status_code = StatusCode::from_u16(code).unwrap();
            let failure = status("p", status_code, &HeaderMap::new(), b"why");
            assert_eq!(failure.code, i64::from(code));
            assert!(failure.text().contains("the body says: why"));
            (failure.kind, failure.delivery)
        };
        assert_eq!(of(404), (kind::FIX_REQUEST, delivery::NOT_SENT));
        assert_eq!(of(401), (kind::DENIED, delivery::NOT_SENT));
        assert_eq!(of(503), (kind::RETRY, delivery::MAYBE_EXECUTED));
        assert_eq!(of(504), (kind::RETRY, delivery::MAYBE_EXECUTED));
        assert_eq!(of(599), (kind::PEER_BROKEN, delivery::MAYBE_EXECUTED));
        assert_eq!(of(302), (kind::FIX_REQUEST, delivery::MAYBE_EXECUTED));
        assert_eq!(of(303), (kind::FIX_REQUEST, delivery::MAYBE_EXECUTED));
        assert_eq!(of(307), (kind::FIX_REQUEST, delivery::NOT_SENT));
        assert_eq!(of(409), (kind::FIX_REQUEST, delivery::MAYBE_EXECUTED));
        for answer in [200, 202, 204, 400, 500] {
            assert!(is_answer(StatusCode::from_u16(answer).unwrap()));
        }
        assert!(!is_answer(StatusCode::NOT_FOUND));
    }
}
