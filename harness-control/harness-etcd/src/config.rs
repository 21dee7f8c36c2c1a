//! What a member is told once: its name, where etcd is, and every limit and time.

use std::ops::RangeInclusive;
use std::time::Duration;

use harness_control::is_name;
use harness_control::wire::WireLimits;

/// The configuration of a member. Start from [`EtcdConfig::new`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EtcdConfig {
    /// The name of the member: unique in the group, and the same over restarts. One to 64 letters, digits, `-`, `_` and
    /// `.`.
    pub name: String,
    /// The name of the group, of the same characters: its keys stand below `rmix/GROUP/`. Default `ring`.
    pub group: String,
    /// Where etcd's members listen for clients, as `http://127.0.0.1:2379`. At least one.
    pub endpoints: Vec<String>,
    /// User and password, where etcd asks for them. Default none.
    pub user: Option<(String, String)>,
    /// How long a member may be silent until etcd takes it for gone: whole seconds, from two to 24 h. Default 5 s. The
    /// lease is renewed three times in it.
    pub lease: Duration,
    /// Bytes of one request. Default 256 KiB, 1 to 1 GiB; beyond, `submit` refuses it.
    pub payload_bytes_max: usize,
    /// Own requests without outcome. Default 65,536, 1 to 16,777,216; beyond, they are refused as busy.
    pub waiting_max: usize,
    /// Bytes of the words that are written to etcd at once, unless one alone is larger. Default 512 KiB, 1 to 1 GiB;
    /// with `payload_bytes_max` below etcd's own limit of 1.5 MiB.
    pub batch_bytes_max: usize,
    /// Words that are written to etcd at once. Default 1,024, 1 to 16,777,216.
    pub batch_words_max: usize,
    /// Events that a reader may be behind, rounded up to a power of two. Default 16,384, 1 to 1,048,576; beyond, it is
    /// told how many it missed. The places are there from the start: some 150 bytes each (2.5 MB by default, 160 MB at
    /// the most), beside what the events in them hold.
    pub events_max: usize,
    /// Bytes of a state that are written to etcd at once. Default 512 KiB, 1 to 1 GiB.
    pub chunk_bytes: usize,
    /// Bytes of the largest state. Default 256 MiB, 1 to 1 TiB; beyond, no checkpoint is made, and none is loaded. etcd's
    /// own quota is 2 GiB as a rule, and two states are there for a time.
    pub state_bytes_max: u64,
    /// Entries of the log after which the first member writes a checkpoint. Default 1,000, at least 1.
    pub checkpoint_every: u64,
    /// Whether etcd forgets, with each checkpoint, its history up to the one before. Default true. It forgets that of all keys: with others in
    /// the same etcd say false, and compact by hand or by etcd's own rule.
    pub compact: bool,
    /// Whether to come back, as a new incarnation, after the lease has run out or the log was compacted before this
    /// member read it. Default true.
    pub rejoin: bool,
    /// Limits of words: `members_max` 1 to 65,534, each other 1 to 16,777,216.
    pub wire: WireLimits,
    /// Time for one request to etcd. Default 5 s, 1 ms to 24 h; what came of it is then asked for.
    pub request_within: Duration,
    /// Between attempts: from the first to the second. Default 20 ms, 1 ms to 24 h, doubled up to the next.
    pub retry_min: Duration,
    /// Default 1 s, up to 24 h, and no less than the last.
    pub retry_max: Duration,
    /// Time to join, while etcd does not answer or the name is in use. Default 120 s, 1 ms to
    /// 24 h.
    pub join_within: Duration,
}

impl EtcdConfig {
    /// A member of this name, with every default.
    pub fn new(name: impl Into<String>, endpoints: Vec<String>) -> EtcdConfig {
        EtcdConfig {
            name: name.into(),
            group: "ring".to_owned(),
            endpoints,
            user: None,
            lease: Duration::from_secs(5),
            payload_bytes_max: 256 << 10,
            waiting_max: 65_536,
            batch_bytes_max: 512 << 10,
            batch_words_max: 1024,
            events_max: 16_384,
            chunk_bytes: 512 << 10,
            state_bytes_max: 256 << 20,
            checkpoint_every: 1000,
            compact: true,
            rejoin: true,
            wire: WireLimits::default(),
            request_within: Duration::from_secs(5),
            retry_min: Duration::from_millis(20),
            retry_max: Duration::from_secs(1),
            join_within: Duration::from_secs(120),
        }
    }

    /// What is wrong with it, if anything is.
    pub(crate) fn fault(&self) -> Option<String> {
        for (what, name) in [("name", &self.name), ("group", &self.group)] {
            if !is_name(name) {
                return Some(format!(
                    "the {what} {name:?}: one to 64 letters, digits, '-', '_' and '.'"
                ));
            }
        }
        if self.endpoints.is_empty() {
            return Some("no endpoint of etcd".to_owned());
        }
        for (what, value, range) in self.counts() {
            if !range.contains(&value) {
                let (least, most) = range.into_inner();
                return Some(format!("{what} is {value}: {least} to {most}"));
            }
        }
        for (what, value, range) in self.times() {
            if !range.contains(&value) {
                let (least, most) = range.into_inner();
                return Some(format!("{what} is {value:?}: {least:?} to {most:?}"));
            }
        }
        if self.lease.subsec_nanos() != 0 {
            return Some(format!("lease is {:?}: whole seconds", self.lease));
        }
        None
    }

    /// Numbers, and what they may be.
    fn counts(&self) -> [(&'static str, u64, RangeInclusive<u64>); 12] {
        let wire = &self.wire;
        [
            ("payload_bytes_max", count(self.payload_bytes_max), 1..=GIB),
            ("waiting_max", count(self.waiting_max), 1..=COUNT_MAX),
            ("batch_bytes_max", count(self.batch_bytes_max), 1..=GIB),
            (
                "batch_words_max",
                count(self.batch_words_max),
                1..=COUNT_MAX,
            ),
            ("events_max", count(self.events_max), 1..=EVENTS_MAX),
            ("chunk_bytes", count(self.chunk_bytes), 1..=GIB),
            ("state_bytes_max", self.state_bytes_max, 1..=1024 * GIB),
            ("checkpoint_every", self.checkpoint_every, 1..=u64::MAX),
            ("wire.members_max", count(wire.members_max), 1..=65_534),
            ("wire.items_max", count(wire.items_max), 1..=COUNT_MAX),
            (
                "wire.batch_messages_max",
                count(wire.batch_messages_max),
                1..=COUNT_MAX,
            ),
            ("wire.flush_max", count(wire.flush_max), 1..=COUNT_MAX),
        ]
    }

    /// Times, and what they may be.
    fn times(&self) -> [(&'static str, Duration, RangeInclusive<Duration>); 5] {
        [
            ("lease", self.lease, LEASE_MIN..=DAY),
            ("request_within", self.request_within, MILLISECOND..=DAY),
            ("retry_min", self.retry_min, MILLISECOND..=DAY),
            ("retry_max", self.retry_max, self.retry_min.min(DAY)..=DAY),
            ("join_within", self.join_within, MILLISECOND..=DAY),
        ]
    }

    /// The pause before an attempt, which is doubled for the next.
    pub(crate) fn pause(&self, attempt: u32) -> Duration {
        let factor = 1_u32.checked_shl(attempt).unwrap_or(u32::MAX);
        self.retry_min.saturating_mul(factor).min(self.retry_max)
    }
}

/// Saturates: such a count is beyond every range.
fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Shorter ones etcd makes longer.
const LEASE_MIN: Duration = Duration::from_secs(2);
const MILLISECOND: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_hours(24);
/// Places for events: they are taken at the start.
const EVENTS_MAX: u64 = 1_048_576;
/// Things that are kept one by one, as they come.
const COUNT_MAX: u64 = 16_777_216;
const GIB: u64 = 1 << 30;

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> EtcdConfig {
        EtcdConfig::new("A", vec!["http://127.0.0.1:2379".to_owned()])
    }

    #[test]
    fn what_cannot_work_is_named() {
        assert_eq!(config().fault(), None);
        let short = EtcdConfig {
            lease: Duration::from_millis(1999),
            ..config()
        };
        let broken = EtcdConfig {
            lease: Duration::from_millis(2500),
            ..config()
        };
        let slash = EtcdConfig {
            group: "a/b".to_owned(),
            ..config()
        };
        let nowhere = EtcdConfig {
            endpoints: Vec::new(),
            ..config()
        };
        let never = EtcdConfig {
            checkpoint_every: 0,
            ..config()
        };
        for wrong in [short, broken, slash, nowhere, never] {
            assert!(wrong.fault().is_some(), "{wrong:?}");
        }
    }

    type Set<T> = (&'static str, fn(&mut EtcdConfig, T));

    const COUNTS: [Set<usize>; 12] = [
        ("payload_bytes_max", |to, value| {
            to.payload_bytes_max = value;
        }),
        ("waiting_max", |to, value| to.waiting_max = value),
        ("batch_bytes_max", |to, value| to.batch_bytes_max = value),
        ("batch_words_max", |to, value| to.batch_words_max = value),
        ("events_max", |to, value| to.events_max = value),
        ("chunk_bytes", |to, value| to.chunk_bytes = value),
        ("state_bytes_max", |to, value| {
            to.state_bytes_max = value as u64;
        }),
        ("checkpoint_every", |to, value| {
            to.checkpoint_every = value as u64;
        }),
        ("wire.members_max", |to, value| to.wire.members_max = value),
        ("wire.items_max", |to, value| to.wire.items_max = value),
        ("wire.batch_messages_max", |to, value| {
            to.wire.batch_messages_max = value;
        }),
        ("wire.flush_max", |to, value| to.wire.flush_max = value),
    ];

    const TIMES: [Set<Duration>; 5] = [
        ("lease", |to, value| to.lease = value),
        ("request_within", |to, value| to.request_within = value),
        ("retry_min", |to, value| to.retry_min = value),
        ("retry_max", |to, value| to.retry_max = value),
        ("join_within", |to, value| to.join_within = value),
    ];

    fn fault(change: impl FnOnce(&mut EtcdConfig)) -> Option<String> {
        let mut config = config();
        config.retry_max = DAY;
        change(&mut config);
        config.fault()
    }

    #[test]
    fn every_count_is_taken_at_both_ends_of_its_range_and_refused_beyond() {
        for ((field, set), (what, _, range)) in COUNTS.into_iter().zip(config().counts()) {
            assert_eq!(field, what);
            let (least, most) = range.into_inner();
            let said = |value| fault(|config| set(config, usize::try_from(value).unwrap()));
            assert_eq!((said(least), said(most)), (None, None), "{field}");
            for refused in [least - 1].into_iter().chain(most.checked_add(1)) {
                let expected = format!("{field} is {refused}: {least} to {most}");
                assert_eq!(said(refused), Some(expected));
            }
        }
    }

    #[test]
    fn every_time_is_taken_at_both_ends_of_its_range_and_refused_beyond() {
        for ((field, set), (what, _, range)) in TIMES.into_iter().zip(config().times()) {
            assert_eq!(field, what);
            let (least, most) = range.into_inner();
            let said = |value| fault(|config| set(config, value));
            let least_of_all = if field == "retry_max" {
                config().retry_min
            } else {
                least
            };
            assert_eq!((said(least_of_all), said(most)), (None, None), "{field}");
            let second = Duration::from_secs(1);
            for refused in [least_of_all - MILLISECOND, most + second, Duration::MAX] {
                let expected = format!("{field} is {refused:?}: {least_of_all:?} to {most:?}");
                assert_eq!(said(refused), Some(expected));
            }
        }
    }

    #[test]
    fn what_would_panic_or_never_end_is_refused_by_name() {
        let said = fault(|config| config.events_max = 0);
        assert_eq!(said.as_deref(), Some("events_max is 0: 1 to 1048576"));
        let said = fault(|config| config.events_max = 1_048_577);
        assert_eq!(said.as_deref(), Some("events_max is 1048577: 1 to 1048576"));
        let said = fault(|config| config.join_within = Duration::from_secs(86_401));
        assert_eq!(
            said.as_deref(),
            Some("join_within is 86401s: 1ms to 86400s")
        );
    }

    #[test]
    fn pauses_double_up_to_the_limit() {
        let config = config();
        assert_eq!(config.pause(0), config.retry_min);
        assert_eq!(config.pause(1), config.retry_min * 2);
        assert_eq!(config.pause(500), config.retry_max);
    }
}
