//! Nonces that were seen, for as long as a message that has one is fresh.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::Moment;

/// The digest of a nonce: what is kept of it, however long it was.
pub(crate) type Key = [u8; 32];

/// Nonces by their digests. Bounded; when it is full of fresh ones, messages are refused rather than old ones forgotten,
/// which could be sent again then.
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    max: usize,
    /// Seconds that a message is taken after it was created.
    kept: u32,
    known: HashSet<Key>,
    by_creation: BTreeSet<(Moment, Key)>,
}

/// Nonces that several listeners may share; the lock is held for moments.
pub(crate) type SharedNonces = Arc<Mutex<Nonces>>;

/// The nonces of each file of users, by its canonical path: a message for one listener is not taken by another that knows the
/// same users, nor by one that is opened again. They stay as long as the process.
#[derive(Debug, Default)]
pub(crate) struct NonceTables(Mutex<HashMap<PathBuf, SharedNonces>>);

impl NonceTables {
    /// Those of this file.
    pub(crate) fn of(&self, file: PathBuf) -> SharedNonces {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tables.entry(file).or_default().clone()
    }
}

/// Why a nonce is not taken. Complete on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// It was seen before.
    Replayed,
    /// There is no room.
    Full,
}

impl Nonces {
    /// Makes room for so many at least, and keeps each for so many seconds at least. Those that were forgotten already stay so.
    pub(crate) fn widen(&mut self, max: usize, seconds: u32) {
        self.max = self.max.max(max);
        self.kept = self.kept.max(seconds);
    }

    /// Keeps a nonce until its message, created then, is refused for its age.
    ///
    /// # Errors
    /// It was seen before, or there is no room.
    pub(crate) fn take(&mut self, key: Key, created: Moment, now: Moment) -> Result<(), NotTaken> {
        while let Some(oldest) = self.by_creation.first().copied()
            && oldest.0.plus_seconds(self.kept) < now
        {
            self.by_creation.remove(&oldest);
            self.known.remove(&oldest.1);
        }
        if self.known.contains(&key) {
            return Err(NotTaken::Replayed);
        }
        if self.known.len() >= self.max {
            return Err(NotTaken::Full);
        }
        self.known.insert(key);
        self.by_creation.insert((created, key));
        Ok(())
    }
}
