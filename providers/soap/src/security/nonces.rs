//! Nonces that were seen, for as long as a message that has one is fresh.

use std::collections::{BTreeSet, HashSet};

use super::Moment;

/// The digest of a nonce: what is kept of it, however long it was.
pub(crate) type Key = [u8; 32];

/// Nonces by their digests. Bounded; when it is full of fresh ones, messages are refused rather than old ones forgotten,
/// which could be sent again then.
#[derive(Debug)]
pub(crate) struct Nonces {
    max: usize,
    known: HashSet<Key>,
    by_end: BTreeSet<(Moment, Key)>,
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
    /// Room for so many.
    pub(crate) fn new(max: usize) -> Nonces {
        Nonces {
            max,
            known: HashSet::new(),
            by_end: BTreeSet::new(),
        }
    }

    /// Keeps a nonce until `end`, after which its message is refused for its age.
    ///
    /// # Errors
    /// It was seen before, or there is no room.
    pub(crate) fn take(&mut self, key: Key, end: Moment, now: Moment) -> Result<(), NotTaken> {
        while let Some(oldest) = self.by_end.first().copied()
            && oldest.0 < now
        {
            self.by_end.remove(&oldest);
            self.known.remove(&oldest.1);
        }
        if self.known.contains(&key) {
            return Err(NotTaken::Replayed);
        }
        if self.known.len() >= self.max {
            return Err(NotTaken::Full);
        }
        self.known.insert(key);
        self.by_end.insert((end, key));
        Ok(())
    }
}
