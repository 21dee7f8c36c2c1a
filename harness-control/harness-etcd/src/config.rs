//! What a member is told once: its name, where etcd is, and every limit and time.

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
    /// How long a member may be silent until etcd takes it for gone: whole seconds, at least two. Default 5 s. The lease
    /// is renewed three times in it.
    pub lease: Duration,
    /// Bytes of one request. Default 256 KiB; beyond, `submit` refuses it.
    pub payload_bytes_max: usize,
    /// Own requests without outcome. Default 65,536; beyond, they are refused as busy.
    pub waiting_max: usize,
    /// Bytes of the words that are written to etcd at once, unless one alone is larger. Default 512 KiB; with
    /// `payload_bytes_max` below etcd's own limit of 1.5 MiB.
    pub batch_bytes_max: usize,
    /// Words that are written to etcd at once. Default 1,024.
    pub batch_words_max: usize,
    /// Events that a reader may be behind. Default 16,384; beyond, it is told how many it missed.
    pub events_max: usize,
    /// Bytes of a state that are written to etcd at once. Default 512 KiB.
    pub chunk_bytes: usize,
    /// Bytes of the largest state. Default 256 MiB; beyond, no checkpoint is made, and none is loaded. etcd's own quota
    /// is 2 GiB as a rule, and two states are there for a time.
    pub state_bytes_max: u64,
    /// Entries of the log after which the first member writes a checkpoint. Default 1,000.
    pub checkpoint_every: u64,
    /// Whether etcd forgets, with each checkpoint, its history up to the one before. Default true. It forgets that of all keys: with others in
    /// the same etcd say false, and compact by hand or by etcd's own rule.
    pub compact: bool,
    /// Whether to come back, as a new incarnation, after the lease has run out or the log was compacted before this
    /// member read it. Default true.
    pub rejoin: bool,
    /// Limits of words.
    pub wire: WireLimits,
    /// Time for one request to etcd. Default 5 s; what came of it is then asked for.
    pub request_within: Duration,
    /// Between attempts: from the first to the second. Default 20 ms, doubled up to the next.
    pub retry_min: Duration,
    /// Default 1 s.
    pub retry_max: Duration,
    /// Time to join, while etcd does not answer or the name is in use. Default 120 s.
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
        if self.lease < LEASE_MIN || self.lease.subsec_nanos() != 0 {
            return Some(format!(
                "a lease of {:?}: whole seconds, at least {LEASE_MIN:?}",
                self.lease
            ));
        }
        let least = [
            self.batch_words_max as u64,
            self.chunk_bytes as u64,
            self.checkpoint_every,
        ];
        if least.contains(&0) {
            return Some("a limit of 0 that nothing could pass".to_owned());
        }
        None
    }

    /// The pause before an attempt, which is doubled for the next.
    pub(crate) fn pause(&self, attempt: u32) -> Duration {
        let factor = 1_u32.checked_shl(attempt).unwrap_or(u32::MAX);
        self.retry_min.saturating_mul(factor).min(self.retry_max)
    }
}

/// Shorter ones etcd makes longer.
const LEASE_MIN: Duration = Duration::from_secs(2);

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

    #[test]
    fn pauses_double_up_to_the_limit() {
        let config = config();
        assert_eq!(config.pause(0), config.retry_min);
        assert_eq!(config.pause(1), config.retry_min * 2);
        assert_eq!(config.pause(500), config.retry_max);
    }
}
