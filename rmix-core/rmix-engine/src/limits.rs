//! The budget: every limit that the base library and its providers keep, in one struct, on by
//! default.
//!
//! Holds and checks numbers only; each is enforced where the work is done. Ranges are checked by
//! [`Limits::check`].

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

/// Limits of one runtime. Start from the default, change fields, then [`check`](Limits::check).
///
/// ```
/// let mut limits = rmix_engine::Limits::default();
/// limits.message_bytes = 1024 * 1024;
/// limits.check()?;
/// # Ok::<(), rmix_engine::LimitsError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Longest message, in bytes, headers included. Default 16 MiB, from 1 KiB to 1 GiB. An
    /// outgoing message beyond it is not sent; the link of an incoming one is closed.
    pub message_bytes: u64,
    /// Elements, fields and other values of one message. Default 100 000, from 1 to 100 million.
    /// Beyond it the message is refused. The numbers of an array of numbers are not counted: they
    /// are bounded by `message_bytes`.
    pub items: u64,
    /// Nesting of values within a message, in levels. Default 64, from 1 to 512, so that a
    /// recursive decoder stays within its stack. Beyond it the message is refused.
    pub depth: u32,
    /// Fragments of one record or message. Default 4 096, from 1 to 65 536: C peers cut records at
    /// 64 KiB as a rule, and at 4 000 bytes when told to save memory. Beyond it the link is closed.
    pub fragments: u32,
    /// Accepted connections of one listener, of all peers. Default 1024, from 1 to 1 048 576.
    /// Further ones are closed as soon as they are accepted. Where calls come in datagrams: calls that run at one port, of
    /// all peers; further ones are dropped, and their senders send them again.
    pub connections: u32,
    /// Accepted connections of one listener from one peer address. Default 64, from 1 to
    /// `connections`. Further ones are closed as soon as they are accepted.
    pub connections_per_peer: u32,
    /// Calls of one connection that are being executed or wait for their turn, one-way calls
    /// included. Default 100, from 1 to 1 000 000. At the limit the connection is not read until
    /// one of them is done, so that the sender waits and nothing is dropped. Where calls come in datagrams: those of one
    /// peer's host; further ones are dropped, and sent again.
    pub outstanding_calls: u32,
    /// Calls of one serial object, from all connections, that wait for the one that runs. Default
    /// 1000, from 0 to 1 000 000. Beyond it a call is refused as busy: it was not executed, and may
    /// be repeated. One-way calls count but are never refused, because their callers would not
    /// learn of it; `outstanding_calls` bounds those of each connection.
    pub waiting_serial_calls: usize,
    /// Outgoing bytes of one connection that the kernel has not taken. Default 4 MiB, from 4 KiB to
    /// 1 GiB. At the limit senders wait until the peer has read.
    pub queued_bytes: u64,
    /// Objects exported at a time. Default 65 536, from 1 to 16 777 216. Beyond it an export fails.
    pub exported_objects: usize,
    /// Different methods that are called without a description. Default 16 384, from 1 to 1 000
    /// 000. Their names are kept for the life of the process. Beyond it a call of a further method
    /// fails as not sent.
    pub dynamic_methods: usize,
    /// Longest name of a method that is called without a description, in bytes. Default 1024, from
    /// 1 to 65 536. A call with a longer one fails as not sent.
    pub method_name_bytes: usize,
    /// How often a failed call is made again within its deadline, where that is safe: it was not
    /// executed, or its method is declared idempotent, and the failure says that a repetition may
    /// help. Default 2, from 0 to 10. A call on a link that turned out to be closed is made again
    /// at once, others after a short random time that doubles.
    pub repeats: u32,
    /// Time to open one connection, from resolving the host's name to the end of the handshake, when
    /// binding and when a call opens it anew; also the time for all endpoints of an object to
    /// listen. Default 10 s, from 1 ms to 10 min. After it the attempt fails as not sent.
    pub connect_timeout: Duration,
    /// Time from a connection's start to the first whole message or the end of its handshake.
    /// Default 10 s, from 1 ms to 10 min. After it the connection is closed.
    pub handshake_timeout: Duration,
    /// Time from a message's first byte to its last. Default 60 s, from 1 ms to 1 h. After it the
    /// connection is closed.
    pub message_timeout: Duration,
    /// Time without a message and without an outstanding call. Default 300 s, from 1 s to 7 days.
    /// After it the connection is closed.
    pub idle_timeout: Duration,
    /// Time for a whole call, from resolving to the decoded reply, where the caller gives none.
    /// Default 10 s, from 1 ms to 24 h. After it the call fails with the delivery status reached.
    pub call_deadline: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            message_bytes: 16 * MIB,
            items: 100_000,
            depth: 64,
            fragments: 4096,
            connections: 1024,
            connections_per_peer: 64,
            outstanding_calls: 100,
            waiting_serial_calls: 1000,
            queued_bytes: 4 * MIB,
            exported_objects: crate::OBJECTS_MAX,
            dynamic_methods: 16_384,
            method_name_bytes: 1024,
            repeats: 2,
            connect_timeout: Duration::from_secs(10),
            handshake_timeout: Duration::from_secs(10),
            message_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(300),
            call_deadline: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// Checks every limit against its range.
    ///
    /// # Errors
    /// The first limit, in the order of the fields, that is outside; correct it.
    pub fn check(&self) -> Result<(), LimitsError> {
        for (name, value, range) in self.counts() {
            check_count(name, value, range)?;
        }
        for (name, value, range) in self.times() {
            check_time(name, value, range)?;
        }
        Ok(())
    }

    fn counts(&self) -> [(&'static str, u64, RangeInclusive<u64>); 13] {
        [
            ("message_bytes", self.message_bytes, KIB..=GIB),
            ("items", self.items, 1..=100_000_000),
            ("depth", self.depth.into(), 1..=512),
            ("fragments", self.fragments.into(), 1..=65_536),
            ("connections", self.connections.into(), 1..=1_048_576),
            (
                "connections_per_peer",
                self.connections_per_peer.into(),
                1..=self.connections.into(),
            ),
            (
                "outstanding_calls",
                self.outstanding_calls.into(),
                1..=1_000_000,
            ),
            (
                "waiting_serial_calls",
                memory_count(self.waiting_serial_calls),
                0..=1_000_000,
            ),
            ("queued_bytes", self.queued_bytes, 4 * KIB..=GIB),
            (
                "exported_objects",
                memory_count(self.exported_objects),
                1..=16_777_216,
            ),
            (
                "dynamic_methods",
                memory_count(self.dynamic_methods),
                1..=1_000_000,
            ),
            (
                "method_name_bytes",
                memory_count(self.method_name_bytes),
                1..=65_536,
            ),
            ("repeats", self.repeats.into(), 0..=10),
        ]
    }

    fn times(&self) -> [(&'static str, Duration, RangeInclusive<Duration>); 5] {
        [
            (
                "connect_timeout",
                self.connect_timeout,
                MILLISECOND..=10 * MINUTE,
            ),
            (
                "handshake_timeout",
                self.handshake_timeout,
                MILLISECOND..=10 * MINUTE,
            ),
            (
                "message_timeout",
                self.message_timeout,
                MILLISECOND..=60 * MINUTE,
            ),
            (
                "idle_timeout",
                self.idle_timeout,
                Duration::from_secs(1)..=7 * DAY,
            ),
            ("call_deadline", self.call_deadline, MILLISECOND..=DAY),
        ]
    }
}

/// Saturates where memory is wider than 64 bits: such a count is beyond every range.
fn memory_count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn check_count(
    name: &'static str,
    value: u64,
    range: RangeInclusive<u64>,
) -> Result<(), LimitsError> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(LimitsError::CountOutOfRange {
        name,
        value,
        min: *range.start(),
        max: *range.end(),
    })
}

fn check_time(
    name: &'static str,
    value: Duration,
    range: RangeInclusive<Duration>,
) -> Result<(), LimitsError> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(LimitsError::TimeOutOfRange {
        name,
        value,
        min: *range.start(),
        max: *range.end(),
    })
}

/// A limit that is outside its range.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitsError {
    /// A number of bytes, items or others.
    CountOutOfRange {
        /// The field of [`Limits`].
        name: &'static str,
        /// What it is.
        value: u64,
        /// The least it may be.
        min: u64,
        /// The most it may be.
        max: u64,
    },
    /// A time.
    TimeOutOfRange {
        /// The field of [`Limits`].
        name: &'static str,
        /// What it is.
        value: Duration,
        /// The least it may be.
        min: Duration,
        /// The most it may be.
        max: Duration,
    },
}

impl fmt::Display for LimitsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LimitsError::CountOutOfRange {
                name,
                value,
                min,
                max,
            } => write!(
                formatter,
                "the limit {name} is {value}; it may be from {min} to {max}"
            ),
            LimitsError::TimeOutOfRange {
                name,
                value,
                min,
                max,
            } => write!(
                formatter,
                "the limit {name} is {value:?}; it may be from {min:?} to {max:?}"
            ),
        }
    }
}

impl std::error::Error for LimitsError {}

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
const GIB: u64 = 1024 * MIB;
const MILLISECOND: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(change: impl FnOnce(&mut Limits)) -> Result<(), LimitsError> {
        let mut limits = Limits::default();
        change(&mut limits);
        limits.check()
    }

    #[test]
    fn the_defaults_are_within_their_ranges() {
        assert_eq!(Limits::default().check(), Ok(()));
    }

    /// Passes at both ends of the range and fails one beyond each, naming the field.
    macro_rules! range_of {
        ($test:ident, $field:ident, $min:expr, $max:expr, $step:expr) => {
            #[test]
            fn $test() {
                assert_eq!(changed(|limits| limits.$field = $min), Ok(()));
                assert_eq!(changed(|limits| limits.$field = $max), Ok(()));
                let beyond = changed(|limits| limits.$field = $max + $step).unwrap_err();
                let text = beyond.to_string();
                assert!(
                    text.starts_with(concat!("the limit ", stringify!($field), " is ")),
                    "{text}"
                );
                if let Some(below) = $min.checked_sub($step) {
                    assert!(changed(|limits| limits.$field = below).is_err());
                }
            }
        };
    }

    const NANOSECOND: Duration = Duration::from_nanos(1);

    range_of!(message_bytes_range, message_bytes, 1024_u64, 1 << 30, 1);
    range_of!(items_range, items, 1_u64, 100_000_000, 1);
    range_of!(depth_range, depth, 1_u32, 512, 1);
    range_of!(fragments_range, fragments, 1_u32, 65_536, 1);
    range_of!(
        connections_per_peer_range,
        connections_per_peer,
        1_u32,
        1024,
        1
    );
    range_of!(
        outstanding_calls_range,
        outstanding_calls,
        1_u32,
        1_000_000,
        1
    );
    range_of!(
        waiting_serial_calls_range,
        waiting_serial_calls,
        0_usize,
        1_000_000,
        1
    );
    range_of!(queued_bytes_range, queued_bytes, 4096_u64, 1 << 30, 1);
    range_of!(
        exported_objects_range,
        exported_objects,
        1_usize,
        1 << 24,
        1
    );
    range_of!(
        dynamic_methods_range,
        dynamic_methods,
        1_usize,
        1_000_000,
        1
    );
    range_of!(
        method_name_bytes_range,
        method_name_bytes,
        1_usize,
        65_536,
        1
    );
    range_of!(repeats_range, repeats, 0_u32, 10, 1);
    range_of!(
        connect_timeout_range,
        connect_timeout,
        MILLISECOND,
        10 * MINUTE,
        NANOSECOND
    );
    range_of!(
        handshake_timeout_range,
        handshake_timeout,
        MILLISECOND,
        10 * MINUTE,
        NANOSECOND
    );
    range_of!(
        message_timeout_range,
        message_timeout,
        MILLISECOND,
        60 * MINUTE,
        NANOSECOND
    );
    range_of!(
        idle_timeout_range,
        idle_timeout,
        Duration::from_secs(1),
        7 * DAY,
        NANOSECOND
    );
    range_of!(
        call_deadline_range,
        call_deadline,
        MILLISECOND,
        DAY,
        NANOSECOND
    );

    #[test]
    fn connections_range() {
        assert_eq!(changed(|limits| limits.connections = 1_048_576), Ok(()));
        assert!(changed(|limits| limits.connections = 1_048_577).is_err());
        assert!(changed(|limits| limits.connections = 0).is_err());
    }

    #[test]
    fn one_peer_may_not_have_more_connections_than_all() {
        assert_eq!(
            changed(|limits| limits.connections = 63)
                .unwrap_err()
                .to_string(),
            "the limit connections_per_peer is 64; it may be from 1 to 63"
        );
    }

    #[test]
    fn times_are_printed_with_their_unit() {
        assert_eq!(
            changed(|limits| limits.idle_timeout = Duration::ZERO)
                .unwrap_err()
                .to_string(),
            "the limit idle_timeout is 0ns; it may be from 1s to 604800s"
        );
    }
}
