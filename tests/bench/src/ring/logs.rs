//! Messages that say who sent them and their number, and logs of them: whether two are the same, or one the start of the
//! other, and whether each message is the next of its sender.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::BenchError;

/// The start of every message, and the whole of a log's entry: origin, four bytes of nothing, number; each with its
/// lowest byte first.
pub(crate) const RECORD_BYTES: usize = 16;

/// A message of this length.
pub(crate) fn payload(origin: u32, number: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0x5a; length.max(RECORD_BYTES)];
    bytes[..4].copy_from_slice(&origin.to_le_bytes());
    bytes[4..8].fill(0);
    bytes[8..RECORD_BYTES].copy_from_slice(&number.to_le_bytes());
    bytes
}

/// What a message says.
pub(crate) fn origin_and_number(record: &[u8; RECORD_BYTES]) -> (u32, u64) {
    let [o0, o1, o2, o3, _, _, _, _, number @ ..] = *record;
    (
        u32::from_le_bytes([o0, o1, o2, o3]),
        u64::from_le_bytes(number),
    )
}

/// As in `c/cpg.c`.
pub(crate) fn mix(before: u64, word: u64) -> u64 {
    let mixed = (before ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 29)
}

/// A log as it was written.
pub(crate) struct Log(Vec<[u8; RECORD_BYTES]>);

impl Log {
    /// Reads a file; what a killed process wrote of its last entry only in part is not an entry.
    pub(crate) fn read(file: &Path) -> Result<Log, BenchError> {
        let bytes = std::fs::read(file).map_err(|source| BenchError::File {
            path: file.to_owned(),
            source,
        })?;
        Ok(Log::of(&bytes))
    }

    fn of(bytes: &[u8]) -> Log {
        Log(bytes.as_chunks().0.to_vec())
    }

    /// How many entries.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether one is the start of the other.
    pub(crate) fn agrees_with(&self, other: &Log) -> bool {
        let shared = self.len().min(other.len());
        self.0[..shared] == other.0[..shared]
    }

    /// Entries that are not the next of their origin: lost, repeated or in a wrong order.
    pub(crate) fn faults(&self) -> usize {
        let mut last = BTreeMap::new();
        let is_fault = |record: &&[u8; RECORD_BYTES]| {
            let (origin, number) = origin_and_number(record);
            let before = last.insert(origin, number);
            before.is_some_and(|before| number != before + 1)
        };
        self.0.iter().filter(is_fault).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(entries: &[(u32, u64)]) -> Log {
        let bytes = entries
            .iter()
            .flat_map(|(origin, number)| payload(*origin, *number, 0));
        Log::of(&bytes.collect::<Vec<_>>())
    }

    #[test]
    fn a_message_says_who_sent_it_and_its_number() {
        let bytes = payload(7, 1 << 40, 64);
        assert_eq!(bytes.len(), 64);
        let record = bytes.first_chunk().expect("it is long enough");
        assert_eq!(origin_and_number(record), (7, 1 << 40));
    }

    #[test]
    fn the_start_of_a_log_agrees_with_it_and_another_order_does_not() {
        let whole = log(&[(1, 1), (2, 1), (1, 2)]);
        assert!(whole.agrees_with(&log(&[(1, 1), (2, 1)])));
        assert!(log(&[]).agrees_with(&whole));
        assert!(!whole.agrees_with(&log(&[(2, 1), (1, 1)])));
    }

    #[test]
    fn lost_repeated_and_misplaced_messages_are_faults() {
        assert_eq!(log(&[(1, 4), (2, 9), (1, 5), (2, 10)]).faults(), 0);
        assert_eq!(log(&[(1, 1), (1, 3)]).faults(), 1);
        assert_eq!(log(&[(1, 1), (1, 1)]).faults(), 1);
        assert_eq!(log(&[(1, 2), (1, 1), (1, 3)]).faults(), 2);
    }

    #[test]
    fn an_entry_that_was_cut_off_is_none() {
        let mut bytes = payload(1, 1, 0);
        bytes.extend_from_slice(&[1, 2, 3]);
        assert_eq!(Log::of(&bytes).len(), 1);
    }
}
