//! Failure detection by etcd: a member of a ring is gone when its lease has run out.
//!
//! Each member keeps a key with a lease, and watches the keys of all. What is suspected is judged by `Judge`, which is
//! pure; this file keeps it informed. While etcd is not heard, nobody is suspected: not to hear is no evidence against
//! others. That a member whose lease has run out has stopped, nobody makes sure: with the policy `Survivor`, a member
//! that is cut off from etcd and from the others goes on alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use etcd_client::{EventType, GetOptions, PutOptions, TxnOp, WatchOptions};
use harness_control::{Detector, Verdict, slot_of};
use harness_ring::MemberId;
use tokio::task::JoinHandle;

use crate::config::EtcdConfig;
use crate::judge::Judge;
use crate::lease;
use crate::store::{Store, StoreError, in_full, in_time};

/// Watches the members of a ring through etcd, in place of `harness_control::Lifeguard`. Dropped, it lets its own lease
/// run out.
pub struct LeaseDetector {
    judge: Judge,
    known: Arc<Mutex<Known>>,
    tasks: Vec<JoinHandle<()>>,
}

/// What etcd says.
#[derive(Default)]
struct Known {
    /// The lease of each slot that is alive.
    alive: BTreeMap<u32, i64>,
    is_heard: bool,
}

impl LeaseDetector {
    /// Makes this member known, and reads who else is. The name, the group, the endpoints and the lease are those of the
    /// configuration; the ring's member has the same name.
    ///
    /// # Errors
    /// The configuration is wrong, or etcd does not answer, or refuses.
    pub async fn start(config: EtcdConfig) -> Result<LeaseDetector, StoreError> {
        if let Some(fault) = config.fault() {
            return Err(StoreError::config(fault));
        }
        let store = Store::open(&config).await?;
        let known = Arc::new(Mutex::new(Known::default()));
        let own = make_known(&store, &config).await?;
        let seen = look(&store, &config, &known).await?;
        let living = live(store.clone(), config.clone(), own);
        let watching = watch(store, config, known.clone(), seen);
        Ok(LeaseDetector {
            judge: Judge::new(LOOK_EVERY),
            known,
            tasks: vec![tokio::spawn(living), tokio::spawn(watching)],
        })
    }
}

impl Detector for LeaseDetector {
    fn watch(&mut self, members: &BTreeSet<MemberId>, now: Duration) {
        self.judge.watch(members, now);
    }

    fn heard(&mut self, _member: MemberId, _now: Duration) {}

    fn unreachable(&mut self, _member: MemberId, _now: Duration) {}

    fn answered(&mut self, _about: MemberId, _reachable: Option<bool>, _now: Duration) {}

    fn tick(&mut self, now: Duration) {
        let known = lock(&self.known);
        if known.is_heard {
            self.judge.look(&known.alive, now);
        } else {
            self.judge.look_away(now);
        }
    }

    fn next_wake(&self) -> Option<Duration> {
        self.judge.next_wake()
    }

    fn poll_verdict(&mut self) -> Option<Verdict> {
        self.judge.poll_verdict()
    }

    fn slowness(&self) -> u32 {
        0
    }
}

impl Drop for LeaseDetector {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Puts this member's key under a new lease.
async fn make_known(store: &Store, config: &EtcdConfig) -> Result<i64, StoreError> {
    let lease = store.grant(config.lease).await?;
    let key = store.keys.alive(slot_of(&config.name));
    let leased = PutOptions::new().with_lease(lease);
    let put = TxnOp::put(key, config.name.clone(), Some(leased));
    store
        .transact("making a member known", Vec::new(), vec![put])
        .await?;
    Ok(lease)
}

/// Keeps the lease; takes another one when it has run out all the same.
async fn live(store: Store, config: EtcdConfig, mut lease: i64) {
    loop {
        lease::keep(store.clone(), config.clone(), lease).await;
        let mut attempt = 0;
        lease = loop {
            match make_known(&store, &config).await {
                Ok(lease) => break lease,
                Err(error) => {
                    tracing::debug!(target: "harness::etcd", error = in_full(&error), "this member is not known to be alive");
                }
            }
            tokio::time::sleep(config.pause(attempt)).await;
            attempt += 1;
        };
    }
}

/// Reads all keys; the revision that they are of.
async fn look(store: &Store, config: &EtcdConfig, known: &Mutex<Known>) -> Result<i64, StoreError> {
    let mut kv = store.client.kv_client();
    let all = GetOptions::new().with_prefix().with_keys_only();
    let reading = kv.get(store.keys.alive_all(), Some(all));
    let found = in_time("reading who is alive", config.request_within, reading).await?;
    let alive = found.kvs().iter().filter_map(|kv| {
        let slot = store.keys.parse_alive(kv.key())?;
        Some((slot, kv.lease()))
    });
    let alive = alive.collect();
    *lock(known) = Known {
        alive,
        is_heard: true,
    };
    Ok(found.header().map_or(0, |header| header.revision()))
}

/// Keeps what is known up to date; reads all anew when it may have missed something.
async fn watch(store: Store, config: EtcdConfig, known: Arc<Mutex<Known>>, mut seen: i64) {
    let mut attempt = 0;
    loop {
        if let Err(error) = follow(&store, &config, &known, seen).await {
            tracing::debug!(target: "harness::etcd", error = in_full(&error), "who is alive is not heard");
        }
        lock(&known).is_heard = false;
        loop {
            tokio::time::sleep(config.pause(attempt)).await;
            attempt += 1;
            if let Ok(revision) = look(&store, &config, &known).await {
                seen = revision;
                attempt = 0;
                break;
            }
        }
    }
}

/// Takes changes until etcd is not heard any more.
async fn follow(
    store: &Store,
    config: &EtcdConfig,
    known: &Mutex<Known>,
    seen: i64,
) -> Result<(), StoreError> {
    let options = WatchOptions::new()
        .with_prefix()
        .with_start_revision(seen + 1);
    let mut watch = store.client.watch_client();
    let opening = watch.watch(store.keys.alive_all(), Some(options));
    let mut changes = in_time("watching who is alive", config.request_within, opening).await?;
    while let Ok(Some(answer)) = changes.message().await {
        if answer.canceled() || answer.compact_revision() > 0 {
            break;
        }
        let mut known = lock(known);
        for event in answer.events() {
            let Some(kv) = event.kv() else { continue };
            let Some(slot) = store.keys.parse_alive(kv.key()) else {
                continue;
            };
            match event.event_type() {
                EventType::Put => drop(known.alive.insert(slot, kv.lease())),
                EventType::Delete => drop(known.alive.remove(&slot)),
            }
        }
    }
    Ok(())
}

fn lock(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Between two looks at what the other task has heard.
const LOOK_EVERY: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_configuration_that_cannot_work_is_refused_before_etcd_is_asked() {
        let mut config = EtcdConfig::new("A", vec!["http://127.0.0.1:1".to_owned()]);
        config.lease = Duration::ZERO;
        let refused = LeaseDetector::start(config).await;
        let error = refused.err().expect("nothing would be renewed in time");
        assert_eq!(
            error.to_string(),
            "the configuration is wrong: lease is 0ns: 2s to 86400s"
        );
        assert!(error.is_final());
    }
}
