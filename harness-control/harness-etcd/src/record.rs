//! The values that stand in etcd: written and read as bytes, with limits. What they mean is judged elsewhere.

use harness_control::wire::{Fault, Malformed, Reader, WireLimits, Writer};
use harness_ring::MemberId;

/// Who is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct MemberRecord {
    pub(crate) incarnation: u32,
    pub(crate) name: String,
}

/// Words of one member, in its order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Batch {
    pub(crate) incarnation: u32,
    /// Counted by the member: tells whether this batch is there after an attempt of which nobody knows.
    pub(crate) number: u64,
    /// Its last: it leaves.
    pub(crate) is_leaving: bool,
    pub(crate) words: Vec<Vec<u8>>,
}

/// A state, and which part of the log it includes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Checkpoint {
    /// Of the values in etcd: [`FORMAT`].
    pub(crate) format: u64,
    /// What is replicated, and how.
    pub(crate) kind: String,
    /// The revision up to which the state includes the log; none: up to the revision of this record.
    pub(crate) applied: Option<u64>,
    /// Entries that it includes.
    pub(crate) position: u64,
    pub(crate) epoch: u64,
    /// The members at that place, in the order of the view.
    pub(crate) members: Vec<(MemberId, String)>,
    /// Which parts are its own.
    pub(crate) generation: String,
    pub(crate) chunks: u64,
    pub(crate) bytes: u64,
    pub(crate) digest: u64,
}

impl MemberRecord {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.number(self.incarnation);
        out.octets(self.name.as_bytes());
        out.finish()
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<MemberRecord, Malformed> {
        let mut from = Reader::new(bytes);
        let record = MemberRecord {
            incarnation: from.narrow("incarnation")?,
            name: from.text("name")?.to_owned(),
        };
        from.end("member")?;
        Ok(record)
    }
}

impl Batch {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.number(self.incarnation);
        out.number(self.number);
        out.flag(self.is_leaving);
        out.length(self.words.len());
        self.words.iter().for_each(|word| out.octets(word));
        out.finish()
    }

    pub(crate) fn read(bytes: &[u8], limits: &WireLimits) -> Result<Batch, Malformed> {
        let mut from = Reader::new(bytes);
        let batch = Batch {
            incarnation: from.narrow("incarnation")?,
            number: from.number("number of the batch")?,
            is_leaving: from.flag("leaving")?,
            words: from.list("words", limits.batch_messages_max, |from| {
                Ok(from.octets("word")?.to_vec())
            })?,
        };
        from.end("batch")?;
        Ok(batch)
    }
}

impl Checkpoint {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.number(self.format);
        out.octets(self.kind.as_bytes());
        out.number(self.applied.unwrap_or(0));
        out.number(self.position);
        out.number(self.epoch);
        out.length(self.members.len());
        for (member, name) in &self.members {
            out.number(member.slot);
            out.number(member.incarnation);
            out.octets(name.as_bytes());
        }
        out.octets(self.generation.as_bytes());
        out.number(self.chunks);
        out.number(self.bytes);
        out.number(self.digest);
        out.finish()
    }

    pub(crate) fn read(bytes: &[u8], limits: &WireLimits) -> Result<Checkpoint, Malformed> {
        let mut from = Reader::new(bytes);
        let format = from.number("format")?;
        if format != FORMAT {
            return Err(from.fault("format", Fault::Variant(format)));
        }
        let checkpoint = Checkpoint {
            format,
            kind: from.text("kind")?.to_owned(),
            applied: Some(from.number("applied")?).filter(|applied| *applied != 0),
            position: from.number("position")?,
            epoch: from.number("epoch")?,
            members: from.list("members", limits.members_max, |from| {
                let slot = from.narrow("slot")?;
                let incarnation = from.narrow("incarnation")?;
                let name = from.text("name")?.to_owned();
                Ok((MemberId { slot, incarnation }, name))
            })?,
            generation: from.text("generation")?.to_owned(),
            chunks: from.number("chunks")?,
            bytes: from.number("bytes")?,
            digest: from.number("digest")?,
        };
        from.end("checkpoint")?;
        Ok(checkpoint)
    }
}

/// How often a member of a name was there.
pub(crate) fn write_lives(lives: u32) -> Vec<u8> {
    let mut out = Writer::new();
    out.number(lives);
    out.finish()
}

pub(crate) fn read_lives(bytes: &[u8]) -> Result<u32, Malformed> {
    let mut from = Reader::new(bytes);
    let lives = from.narrow("lives")?;
    from.end("lives")?;
    Ok(lives)
}

/// Raised when the values mean something else.
pub(crate) const FORMAT: u64 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: WireLimits = WireLimits {
        members_max: 2,
        items_max: 1,
        batch_messages_max: 2,
        flush_max: 1,
    };

    fn batch(words: usize) -> Batch {
        Batch {
            incarnation: 3,
            number: 300,
            is_leaving: false,
            words: vec![b"word".to_vec(); words],
        }
    }

    fn checkpoint(members: u32) -> Checkpoint {
        let member = |slot| (MemberId::first(slot), format!("m{slot}"));
        Checkpoint {
            format: FORMAT,
            kind: "lines".to_owned(),
            applied: Some(12),
            position: 10,
            epoch: 2,
            members: (0..members).map(member).collect(),
            generation: "g".to_owned(),
            chunks: 1,
            bytes: 4,
            digest: u64::MAX,
        }
    }

    #[test]
    fn values_are_read_as_they_were_written() {
        let member = MemberRecord {
            incarnation: 1,
            name: "A".to_owned(),
        };
        assert_eq!(MemberRecord::read(&member.write()), Ok(member));
        assert_eq!(Batch::read(&batch(2).write(), &LIMITS), Ok(batch(2)));
        let checkpoint = checkpoint(2);
        assert_eq!(
            Checkpoint::read(&checkpoint.write(), &LIMITS),
            Ok(checkpoint)
        );
        assert_eq!(read_lives(&write_lives(u32::MAX)), Ok(u32::MAX));
    }

    #[test]
    fn lists_end_at_their_limits() {
        let too_many = Batch::read(&batch(3).write(), &LIMITS);
        assert_eq!(too_many.unwrap_err().what, "words");
        let too_many = Checkpoint::read(&checkpoint(3).write(), &LIMITS);
        assert_eq!(too_many.unwrap_err().what, "members");
    }

    #[test]
    fn every_truncation_and_every_other_format_is_refused() {
        let bytes = batch(2).write();
        for length in 0..bytes.len() {
            assert!(Batch::read(&bytes[..length], &LIMITS).is_err(), "{length}");
        }
        let bytes = checkpoint(2).write();
        for length in 0..bytes.len() {
            assert!(
                Checkpoint::read(&bytes[..length], &LIMITS).is_err(),
                "{length}"
            );
        }
        let other = Checkpoint {
            format: FORMAT + 1,
            ..checkpoint(1)
        };
        let refused = Checkpoint::read(&other.write(), &LIMITS).unwrap_err();
        assert_eq!(refused.fault, Fault::Variant(FORMAT + 1));
    }

    #[test]
    fn no_flipped_bit_makes_a_reader_panic() {
        let all = [batch(2).write(), checkpoint(2).write()];
        for bytes in all {
            for bit in 0..bytes.len() * 8 {
                let mut flipped = bytes.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                let _ = Batch::read(&flipped, &LIMITS);
                let _ = Checkpoint::read(&flipped, &LIMITS);
            }
        }
    }
}
