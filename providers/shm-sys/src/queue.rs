//! The order of the operations on a queue of bytes and on the words that say who sleeps; no memory, no system call.
//!
//! A queue has one producer and one consumer. Positions count bytes modulo 2^32. The producer stores bytes, then
//! `produced`; the consumer loads `produced`, copies, then stores `consumed`.
//!
//! Whoever waits says so first and looks again afterwards; whoever stores a position looks afterwards whether the other
//! waits. Between store and load of each stands a full fence, so that at least one of them sees the other: no wake-up is
//! lost. Each sleep has a number, so that a bell, which keeps a ring until it is heard, is rung once for each sleep. A futex
//! keeps nothing: who is about to wait may miss the wake-up for an earlier byte, so there is one for every store.
//! `tests/model.rs` runs all interleavings of this file.

/// A word of 32 bits that two processes see and one of them writes.
pub trait Word {
    /// Loads; what was stored before the value was stored is seen afterwards.
    fn load(&self) -> u32;
    /// Stores; what was stored before is seen by whoever loads this value.
    fn store(&self, value: u32);
    /// What stands before in this thread is seen by everyone before what stands behind.
    fn fence();
}

/// The peer's words break the rules: nothing of the queue can be believed any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Broken {
    /// It says that it has written more than the queue holds.
    Produced {
        /// What it says.
        produced: u32,
        /// What has been consumed.
        consumed: u32,
        /// Bytes of the queue.
        size: u32,
    },
    /// It says that it has read what was not written.
    Consumed {
        /// What it says.
        consumed: u32,
        /// What has been produced.
        produced: u32,
        /// Bytes of the queue.
        size: u32,
    },
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Broken::Produced {
                produced,
                consumed,
                size,
            } => write!(
                f,
                "it says that it has written up to {produced} where {consumed} is read, and its queue has {size} bytes"
            ),
            Broken::Consumed {
                consumed,
                produced,
                size,
            } => write!(
                f,
                "it says that it has read up to {consumed} where {produced} is written, and the queue has {size} bytes"
            ),
        }
    }
}

impl std::error::Error for Broken {}

/// How somebody sleeps, in the lowest bits of its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sleep {
    /// On the futex of the word it waits for.
    Futex,
    /// On a descriptor that must be rung.
    Bell,
}

const AWAKE: u32 = 0;
pub(crate) const ON_FUTEX: u32 = 1;
const ON_BELL: u32 = 2;
const KIND_BITS: u32 = 2;
pub(crate) const KIND_MASK: u32 = (1 << KIND_BITS) - 1;

/// One's own side of a word that says whether one sleeps.
#[derive(Debug, Default)]
pub struct Sleeper {
    number: u32,
    asleep: bool,
}

impl Sleeper {
    /// Says so; what is waited for must be looked at once more before sleeping.
    pub fn fall_asleep<W: Word>(&mut self, own: &W, sleep: Sleep) {
        let kind = match sleep {
            Sleep::Futex => ON_FUTEX,
            Sleep::Bell => ON_BELL,
        };
        self.number = self.number.wrapping_add(1 << KIND_BITS);
        self.asleep = true;
        own.store(self.number | kind);
        W::fence();
    }

    /// Nobody needs to ring any more.
    pub fn wake_up<W: Word>(&mut self, own: &W) {
        if std::mem::take(&mut self.asleep) {
            own.store(self.number | AWAKE);
        }
    }
}

/// The other side's view of such a word: rings once for each sleep on a bell.
#[derive(Debug, Default)]
pub struct Ringer {
    rung: u32,
}

impl Ringer {
    /// How the peer must be woken, if it sleeps and its bell was not rung; to be asked after every store it may wait for.
    pub fn look<W: Word>(&mut self, theirs: &W) -> Option<Sleep> {
        W::fence();
        let seen = theirs.load();
        match seen & KIND_MASK {
            ON_FUTEX => Some(Sleep::Futex),
            ON_BELL if seen != self.rung => {
                self.rung = seen;
                Some(Sleep::Bell)
            }
            // A kind that does not exist is a peer that sleeps in no way known here: its own loss.
            _ => None,
        }
    }
}

/// The producer's position.
#[derive(Debug)]
pub struct Producer {
    size: u32,
    produced: u32,
    /// As last seen and checked.
    consumed: u32,
}

impl Producer {
    /// Of a queue of `size` bytes, a power of two.
    pub fn new(size: u32) -> Producer {
        Producer {
            size,
            produced: 0,
            consumed: 0,
        }
    }

    /// Bytes that can be written now; looks at the consumer's word only when fewer than `wanted` were known.
    ///
    /// # Errors
    /// The consumer's word breaks the rules.
    pub fn room<W: Word>(&mut self, wanted: u32, consumed: &W) -> Result<u32, Broken> {
        let known = self.size - self.produced.wrapping_sub(self.consumed);
        if known >= wanted {
            return Ok(known);
        }
        let seen = consumed.load();
        let used = self.produced.wrapping_sub(seen);
        if used > self.size {
            return Err(Broken::Consumed {
                consumed: seen,
                produced: self.produced,
                size: self.size,
            });
        }
        self.consumed = seen;
        Ok(self.size - used)
    }

    /// Where the next byte goes.
    pub fn offset(&self) -> u32 {
        self.produced & (self.size - 1)
    }

    /// Says that `count` more bytes are there; at most what [`Producer::room`] has found.
    pub fn publish<W: Word>(&mut self, count: u32, produced: &W) {
        debug_assert!(count <= self.size - self.produced.wrapping_sub(self.consumed));
        self.produced = self.produced.wrapping_add(count);
        produced.store(self.produced);
    }

    /// Whether there is room enough to go on after waiting.
    ///
    /// # Errors
    /// The consumer's word breaks the rules.
    pub fn may_go_on<W: Word>(&mut self, consumed: &W) -> Result<bool, Broken> {
        Ok(self.room(self.size, consumed)? >= self.size / 2)
    }
}

/// The consumer's position.
#[derive(Debug)]
pub struct Consumer {
    size: u32,
    consumed: u32,
    /// Left by the last release, as far as known.
    left: u32,
}

impl Consumer {
    /// Of a queue of `size` bytes, a power of two.
    pub fn new(size: u32) -> Consumer {
        Consumer {
            size,
            consumed: 0,
            left: 0,
        }
    }

    /// Bytes that can be read now.
    ///
    /// # Errors
    /// The producer's word breaks the rules.
    pub fn available<W: Word>(&mut self, produced: &W) -> Result<u32, Broken> {
        let seen = produced.load();
        let available = seen.wrapping_sub(self.consumed);
        if available > self.size {
            return Err(Broken::Produced {
                produced: seen,
                consumed: self.consumed,
                size: self.size,
            });
        }
        self.left = available;
        Ok(available)
    }

    /// Where the next byte is.
    pub fn offset(&self) -> u32 {
        self.consumed & (self.size - 1)
    }

    /// What `produced` is while nothing can be read.
    pub fn position(&self) -> u32 {
        self.consumed
    }

    /// Says that `count` bytes were copied; at most what [`Consumer::available`] has found.
    pub fn release<W: Word>(&mut self, count: u32, consumed: &W) {
        debug_assert!(count <= self.left);
        self.consumed = self.consumed.wrapping_add(count);
        self.left -= count;
        consumed.store(self.consumed);
    }

    /// Whether so much is free that a producer who waits is to be told. Not for every byte: it would fill the gap and
    /// wait again.
    pub fn has_room_to_tell(&self) -> bool {
        self.left <= self.size / 2
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    struct Plain(Cell<u32>);

    impl Word for Plain {
        fn load(&self) -> u32 {
            self.0.get()
        }

        fn store(&self, value: u32) {
            self.0.set(value);
        }

        fn fence() {}
    }

    #[test]
    fn positions_count_beyond_the_largest_number() {
        let size = 1 << 26;
        let (produced, consumed) = (Plain(Cell::new(0)), Plain(Cell::new(0)));
        let mut producer = Producer::new(size);
        let mut consumer = Consumer::new(size);
        let step = size - 3;
        for round in 0..200_u64 {
            assert_eq!(producer.room(size, &consumed), Ok(size));
            let offset = u64::from(producer.offset());
            assert_eq!(offset, round * u64::from(step) % u64::from(size));
            producer.publish(step, &produced);
            assert_eq!(producer.room(size, &consumed), Ok(3));
            assert_eq!(consumer.available(&produced), Ok(step));
            assert_eq!(u64::from(consumer.offset()), offset);
            consumer.release(step, &consumed);
        }
        assert!(200 * u64::from(step) > 2 << 32, "it has gone round");
    }
}
