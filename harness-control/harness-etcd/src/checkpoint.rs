//! States in etcd: written in parts, named by one record, and read by joiners.
//!
//! The parts of a state stand under a generation of their own before the record names them, so a record never names what
//! is not all there. Parts that no record names are removed with the next checkpoint.

use etcd_client::{Compare, CompareOp, TxnOp};
use harness_control::digest_of;

use crate::config::EtcdConfig;
use crate::record::{Checkpoint, FORMAT};
use crate::store::{Store, StoreError};
use crate::view::Members;

/// A state that is to be written.
pub(crate) struct Draft {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) image: Vec<u8>,
}

/// Why there is no state.
#[derive(Debug)]
pub(crate) enum NoState {
    Store(StoreError),
    /// What stands in etcd is none.
    Damaged(String),
    /// It was replaced while it was read.
    Replaced,
}

impl From<StoreError> for NoState {
    fn from(error: StoreError) -> NoState {
        NoState::Store(error)
    }
}

impl Draft {
    /// A checkpoint of this state. `applied`: the revision that it includes; none: the one that it is written at.
    pub(crate) fn new(
        config: &EtcdConfig,
        kind: String,
        members: &Members,
        position: u64,
        applied: Option<i64>,
        image: Vec<u8>,
    ) -> Draft {
        let chunks = image.len().div_ceil(config.chunk_bytes);
        Draft {
            checkpoint: Checkpoint {
                format: FORMAT,
                kind,
                applied: applied.and_then(|applied| u64::try_from(applied).ok()),
                position,
                epoch: members.epoch,
                members: members.rows().to_vec(),
                // Told apart from all others, and from one that a member of this name left unfinished.
                generation: format!("{position:016x}-{:016x}", chance()),
                chunks: chunks as u64,
                bytes: image.len() as u64,
                digest: digest_of(&image),
            },
            image,
        }
    }

    /// Writes the parts.
    pub(crate) async fn write_parts(
        &self,
        store: &Store,
        config: &EtcdConfig,
    ) -> Result<(), StoreError> {
        let generation = &self.checkpoint.generation;
        for (number, part) in (0..).zip(self.image.chunks(config.chunk_bytes)) {
            let key = store.keys.chunk(generation, number);
            store.put(key, part.to_vec()).await?;
        }
        Ok(())
    }

    /// What puts the record in place.
    pub(crate) fn record(&self, store: &Store) -> TxnOp {
        TxnOp::put(store.keys.checkpoint(), self.checkpoint.write(), None)
    }
}

/// Writes a checkpoint in place of an earlier one, on the condition that its writer is still there. None: it is not, or
/// another one wrote one. Otherwise the revision that the one before included: members may still read on from there.
pub(crate) async fn replace(
    store: &Store,
    config: &EtcdConfig,
    draft: &Draft,
    writer: Compare,
) -> Result<Option<i64>, StoreError> {
    let before = store.get(store.keys.checkpoint()).await?;
    let known = before.as_ref().map_or(0, |found| found.modified);
    let included = before.and_then(|found| {
        let checkpoint = Checkpoint::read(&found.value, &config.wire).ok()?;
        let applied = checkpoint.applied.and_then(|at| i64::try_from(at).ok());
        Some(applied.unwrap_or(found.modified))
    });
    draft.write_parts(store, config).await?;
    let key = store.keys.checkpoint();
    let when = vec![writer, Compare::mod_revision(key, CompareOp::Equal, known)];
    let written = store
        .transact("writing a checkpoint", when, vec![draft.record(store)])
        .await?;
    Ok(written.is_done.then_some(included.unwrap_or(0)))
}

/// Removes the parts of all earlier states; generations are in the order of positions.
pub(crate) async fn remove_earlier(store: &Store, draft: &Draft) -> Result<(), StoreError> {
    let own = store.keys.state(&draft.checkpoint.generation);
    store.delete(store.keys.states(), own).await
}

/// Reads the state that a record names.
pub(crate) async fn read_state(
    store: &Store,
    config: &EtcdConfig,
    checkpoint: &Checkpoint,
) -> Result<Vec<u8>, NoState> {
    let Checkpoint { bytes, chunks, .. } = *checkpoint;
    if bytes > config.state_bytes_max {
        return Err(NoState::Damaged(format!(
            "the state has {bytes} bytes; the limit is {}",
            config.state_bytes_max
        )));
    }
    let mut image = Vec::new();
    for number in 0..chunks {
        let key = store.keys.chunk(&checkpoint.generation, number);
        let part = store.get(key).await?.ok_or(NoState::Replaced)?;
        image.extend_from_slice(&part.value);
        if image.len() as u64 > bytes {
            break;
        }
    }
    let is_whole = image.len() as u64 == bytes && digest_of(&image) == checkpoint.digest;
    is_whole
        .then_some(image)
        .ok_or_else(|| NoState::Damaged("the state in etcd is damaged".to_owned()))
}

/// A number that nobody else has. Without a source of them the time stands in.
fn chance() -> u64 {
    getrandom::u64().unwrap_or_else(|_| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| u64::from(since.subsec_nanos()) ^ since.as_secs())
    })
}
