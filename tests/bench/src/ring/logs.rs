//! Messages that say who sent them and their number, and logs of them: whether two are the same, or one the start of the
//! other.

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

    /// What makes this log of a member that lives another than that of the first.
    pub(crate) fn difference_to(&self, first: &Log) -> Option<String> {
        let lengths = (self.0.len(), first.0.len());
        let shorter = || {
            (lengths.0 != lengths.1).then(|| format!("{} entries, there {}", lengths.0, lengths.1))
        };
        self.difference_at_the_start(first).or_else(shorter)
    }

    /// Where this log, of a member that was killed, is not the start of the other; or that it has nothing.
    pub(crate) fn difference_at_the_start(&self, other: &Log) -> Option<String> {
        if self.0.is_empty() {
            return Some("no entry at all".to_owned());
        }
        if self.0.len() > other.0.len() {
            return Some(format!("{} entries, there {}", self.0.len(), other.0.len()));
        }
        let pairs = self.0.iter().zip(&other.0);
        let (place, (this, that)) = pairs.enumerate().find(|(_, (this, that))| this != that)?;
        let told = |record| {
            let (origin, number) = origin_and_number(record);
            format!("message {number} of {origin}")
        };
        Some(format!(
            "entry {place} is {}, there {}",
            told(this),
            told(that)
        ))
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
    fn the_dead_may_have_less_and_the_living_may_not() {
        let whole = log(&[(1, 1), (2, 1), (1, 2)]);
        let start = log(&[(1, 1), (2, 1)]);
        assert_eq!(whole.difference_to(&whole), None);
        assert_eq!(start.difference_at_the_start(&whole), None);
        assert_eq!(
            whole.difference_at_the_start(&start).as_deref(),
            Some("3 entries, there 2")
        );
        assert_eq!(
            start.difference_to(&whole).as_deref(),
            Some("2 entries, there 3")
        );
        assert_eq!(
            log(&[]).difference_to(&log(&[])).as_deref(),
            Some("no entry at all")
        );
    }

    #[test]
    fn another_order_is_told_with_its_first_place() {
        let whole = log(&[(1, 1), (2, 1), (1, 2)]);
        let other = log(&[(1, 1), (1, 2), (2, 1)]);
        let difference = whole.difference_to(&other);
        assert_eq!(
            difference.as_deref(),
            Some("entry 1 is message 1 of 2, there message 2 of 1")
        );
    }

    #[test]
    fn an_entry_that_was_cut_off_is_none() {
        let mut bytes = payload(1, 1, 0);
        bytes.extend_from_slice(&[1, 2, 3]);
        assert_eq!(Log::of(&bytes).0.len(), 1);
    }
}
