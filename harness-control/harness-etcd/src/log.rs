//! Reading the log: every change below its prefix, in the order of revisions, over connections that break.

use etcd_client::{EventType, WatchOptions, WatchResponse};
use tokio::sync::mpsc;

use crate::config::EtcdConfig;
use crate::keys::LogKey;
use crate::store::{Store, StoreError, in_full, in_time};

/// What reading came to.
pub(crate) enum Heard {
    /// Changes, in order, each once.
    Changes(Vec<Change>),
    /// etcd has forgotten what comes next; nothing follows.
    Compacted,
    /// etcd does not answer; it is tried again.
    Lost(String),
    /// It does again.
    Back,
}

/// A change in the log.
pub(crate) struct Change {
    pub(crate) revision: i64,
    pub(crate) key: LogKey,
    /// None: the key is gone.
    pub(crate) value: Option<Vec<u8>>,
}

/// Reads from behind a revision on, until nobody takes it or it is compacted.
pub(crate) async fn read(
    store: Store,
    config: EtcdConfig,
    mut after: i64,
    heard: mpsc::Sender<Heard>,
) {
    let mut attempt = 0;
    loop {
        let reading = Reading {
            store: &store,
            config: &config,
            heard: &heard,
            after: &mut after,
            attempt: &mut attempt,
        };
        let lost = match reading.go_on().await {
            Ok(End::Compacted) => {
                let _ = heard.send(Heard::Compacted).await;
                return;
            }
            Ok(End::Unwanted) => return,
            Ok(End::Closed(why)) => why,
            Err(error) => in_full(&error),
        };
        if heard.send(Heard::Lost(lost)).await.is_err() {
            return;
        }
        tokio::time::sleep(config.pause(attempt)).await;
        attempt += 1;
    }
}

enum End {
    Compacted,
    /// Nobody takes what is read.
    Unwanted,
    Closed(String),
}

struct Reading<'a> {
    store: &'a Store,
    config: &'a EtcdConfig,
    heard: &'a mpsc::Sender<Heard>,
    after: &'a mut i64,
    attempt: &'a mut u32,
}

impl Reading<'_> {
    async fn go_on(self) -> Result<End, StoreError> {
        let Reading {
            store,
            config,
            heard,
            after,
            attempt,
        } = self;
        let options = WatchOptions::new()
            .with_prefix()
            .with_start_revision(*after + 1)
            // A large answer comes in parts: the limit of a message is not that of what is behind.
            .with_fragment();
        let mut watch = store.client.watch_client();
        let opening = watch.watch(store.keys.log(), Some(options));
        let mut stream = in_time("reading the log", config.request_within, opening).await?;
        if *attempt > 0 && heard.send(Heard::Back).await.is_err() {
            return Ok(End::Unwanted);
        }
        loop {
            let answer = match stream.message().await {
                Ok(Some(answer)) => answer,
                Ok(None) => return Ok(End::Closed("etcd closed the watch".to_owned())),
                Err(error) => return Ok(End::Closed(error.to_string())),
            };
            if answer.compact_revision() > 0 {
                return Ok(End::Compacted);
            }
            if answer.canceled() {
                return Ok(End::Closed(answer.cancel_reason().to_owned()));
            }
            *attempt = 0;
            let changes = changes(store, &answer, after);
            if !changes.is_empty() && heard.send(Heard::Changes(changes)).await.is_err() {
                return Ok(End::Unwanted);
            }
        }
    }
}

/// Each change of the log is a revision of its own, so the last one that was read says where to go on.
fn changes(store: &Store, answer: &WatchResponse, after: &mut i64) -> Vec<Change> {
    let mut changes = Vec::new();
    for event in answer.events() {
        let Some(kv) = event.kv() else { continue };
        if kv.mod_revision() <= *after {
            continue;
        }
        *after = kv.mod_revision();
        if let Some(key) = store.keys.parse_log(kv.key()) {
            let is_put = event.event_type() == EventType::Put;
            changes.push(Change {
                revision: kv.mod_revision(),
                key,
                value: is_put.then(|| kv.value().to_vec()),
            });
        }
    }
    changes
}
