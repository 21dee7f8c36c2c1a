//! Everything that bounds a peer of the HTTP layer, in one struct.

use rmix_provider::endpoint::Parts;
use rmix_provider::failure;
use rmix_provider::tables::{Err, Limits};

/// Limits of one endpoint: the base library's, and HTTP's own, which options of the endpoint change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpLimits {
    /// Longest body, in bytes, as it is sent and decompressed; the base library's `message_bytes`. A longer request is
    /// answered with 413, a longer answer is an error.
    pub message_bytes: u64,
    /// Bytes of a message's head. Default 16,384, from 8,192 to 1,048,576 (`header_bytes`). A longer request is answered
    /// with 431.
    pub header_bytes: usize,
    /// Header fields of a request. Default 100, from 1 to 1,000 (`header_fields`). More are answered with 431. Those of an
    /// answer are bounded by their bytes, and are at most 128.
    pub header_fields: usize,
    /// What a compressed body may decompress to, in its own lengths; 64 KiB are free. Default 20, from 1 to 1,000
    /// (`gzip_ratio`).
    pub gzip_ratio: u32,
    /// Slowest body, in bytes a second, measured after `grace_ns`. Default 1,024, from 0 (any) to 1,048,576
    /// (`body_rate`). A slower request is answered with 408; a peer that takes its answers more slowly is cut off.
    pub body_rate: u64,
    /// Time before the rate of a body is looked at, in nanoseconds. Default 10 s, from 0 to 10 min (`body_grace`, in
    /// milliseconds).
    pub grace_ns: u64,
    /// Time from a connection's start to the first request's first byte, TLS included, in nanoseconds; the base library's
    /// `handshake_timeout`.
    pub handshake_ns: u64,
    /// Time from a request's first byte to the end of its head, in nanoseconds. Default 10 s, from 1 ms to 10 min
    /// (`header_timeout`, in milliseconds). Then 408.
    pub header_ns: u64,
    /// Time from a body's first byte to its last, in nanoseconds; the base library's `message_timeout`. Then 408. A peer
    /// that has not taken what waits for it within this time is cut off. A client gives up a one-way message that was not
    /// answered within this time.
    pub message_ns: u64,
    /// Time without a request, in nanoseconds; the base library's `idle_timeout`.
    pub idle_ns: u64,
    /// Requests of one connection that run at once: one that waits for its answer, and any number of one-way ones up to
    /// this. At the limit the connection is not read. The base library's `outstanding_calls`.
    pub calls: u32,
    /// Connections of a listener; the base library's.
    pub connections: u32,
    /// Connections of a listener from one address; the base library's.
    pub connections_per_peer: u32,
    /// Bytes of one-way messages that a client has not handed to the kernel; the base library's.
    pub queued_bytes: u64,
    /// Time to connect, TLS included, in nanoseconds; the base library's.
    pub connect_ns: u64,
}

/// The options that [`HttpLimits::new`] reads.
pub const OPTIONS: [&str; 6] = [
    "header_bytes",
    "header_fields",
    "header_timeout",
    "gzip_ratio",
    "body_rate",
    "body_grace",
];

impl HttpLimits {
    /// The base library's limits with HTTP's defaults.
    pub fn of(limits: &Limits) -> HttpLimits {
        HttpLimits {
            message_bytes: limits.message_bytes,
            header_bytes: 16 << 10,
            header_fields: 100,
            gzip_ratio: 20,
            body_rate: 1024,
            grace_ns: 10_000_000_000,
            handshake_ns: limits.handshake_ns,
            header_ns: 10_000_000_000,
            message_ns: limits.message_ns,
            idle_ns: limits.idle_ns,
            calls: limits.outstanding.max(1),
            connections: limits.connections,
            connections_per_peer: limits.connections_per_peer,
            queued_bytes: limits.queued_bytes,
            connect_ns: limits.connect_ns,
        }
    }

    /// The base library's limits, and what the endpoint's options say.
    ///
    /// # Errors
    /// `FixRequest`: an option is not a number, or out of its range.
    pub fn new(limits: &Limits, endpoint: &Parts<'_>) -> Result<HttpLimits, Err> {
        let mut http = HttpLimits::of(limits);
        if let Some(bytes) = number(endpoint, "header_bytes", 8192, 1 << 20)? {
            http.header_bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        }
        if let Some(count) = number(endpoint, "header_fields", 1, 1000)? {
            http.header_fields = usize::try_from(count).unwrap_or(usize::MAX);
        }
        if let Some(ms) = number(endpoint, "header_timeout", 1, 600_000)? {
            http.header_ns = ms * 1_000_000;
        }
        if let Some(ratio) = number(endpoint, "gzip_ratio", 1, 1000)? {
            http.gzip_ratio = u32::try_from(ratio).unwrap_or(u32::MAX);
        }
        if let Some(rate) = number(endpoint, "body_rate", 0, 1 << 20)? {
            http.body_rate = rate;
        }
        if let Some(ms) = number(endpoint, "body_grace", 0, 600_000)? {
            http.grace_ns = ms * 1_000_000;
        }
        Ok(http)
    }

    /// When a body that began at `since` and of which `bytes` have come is too slow, and by which rule.
    pub(crate) fn body_deadline(&self, since: u64, bytes: u64) -> (u64, &'static str) {
        let whole = since.saturating_add(self.message_ns);
        if self.body_rate == 0 {
            return (whole, "message_timeout");
        }
        let earned = bytes.saturating_mul(1_000_000_000) / self.body_rate;
        let by_rate = since.saturating_add(self.grace_ns).saturating_add(earned);
        match by_rate < whole {
            true => (by_rate, "body_rate"),
            false => (whole, "message_timeout"),
        }
    }
}

/// A number of an option within its range.
pub(crate) fn number(
    endpoint: &Parts<'_>,
    name: &str,
    least: u64,
    most: u64,
) -> Result<Option<u64>, Err> {
    let Some(text) = endpoint.option(name)? else {
        return Ok(None);
    };
    let number = text.parse().ok();
    match number.filter(|number| (least..=most).contains(number)) {
        Some(number) => Ok(Some(number)),
        None => {
            let why = format!("the option {name} is a number from {least} to {most}");
            Err(failure::endpoint(endpoint.text, &why))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(options: &str) -> Result<HttpLimits, Err> {
        let text = format!("soap+http://h:1/x?{options}");
        HttpLimits::new(&Limits::default(), &Parts::parse(&text).unwrap())
    }

    #[test]
    fn options_change_limits_within_their_ranges() {
        let defaults = limits("").unwrap();
        assert_eq!(
            (defaults.header_bytes, defaults.header_fields),
            (16_384, 100)
        );
        assert_eq!((defaults.gzip_ratio, defaults.body_rate), (20, 1024));
        assert_eq!(limits("header_bytes=8192").unwrap().header_bytes, 8192);
        assert!(limits("header_bytes=8191").is_err());
        assert_eq!(
            limits("header_bytes=1048576").unwrap().header_bytes,
            1 << 20
        );
        assert!(limits("header_bytes=1048577").is_err());
        assert_eq!(limits("header_fields=1000").unwrap().header_fields, 1000);
        assert!(limits("header_fields=1001").is_err());
        assert!(limits("header_fields=0").is_err());
        assert_eq!(limits("header_timeout=5").unwrap().header_ns, 5_000_000);
        assert!(limits("header_timeout=0").is_err());
        assert_eq!(limits("body_grace=0").unwrap().grace_ns, 0);
        assert_eq!(limits("body_grace=5").unwrap().grace_ns, 5_000_000);
        assert!(limits("body_grace=600001").is_err());
        assert!(limits("gzip_ratio=1001").is_err());
        assert!(limits("gzip_ratio=x").is_err());
        assert_eq!(limits("body_rate=0").unwrap().body_rate, 0);
        assert!(limits("body_rate=1048577").is_err());
    }

    #[test]
    fn bodies_earn_time_with_their_bytes_up_to_the_message_timeout() {
        let mut limits = limits("body_rate=1000").unwrap();
        let grace = 5 + limits.grace_ns;
        assert_eq!(limits.body_deadline(5, 0), (grace, "body_rate"));
        let earned = grace + 2_000_000_000;
        assert_eq!(limits.body_deadline(5, 2000), (earned, "body_rate"));
        let whole = 5 + limits.message_ns;
        assert_eq!(limits.body_deadline(5, 1 << 40), (whole, "message_timeout"));
        limits.body_rate = 0;
        assert_eq!(limits.body_deadline(5, 0), (whole, "message_timeout"));
    }
}
