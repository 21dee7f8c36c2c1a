//! What waits to be written on one link: many callers append, one writes. Pure: moves no byte by itself.
//!
//! Positions count the bytes of the stream from its start, so that a caller can tell whether any byte of its call has
//! left ([`Outbox::has_begun`]).

use std::collections::VecDeque;

use bytes::Bytes;
use rmix_abi::tables::PIECE_BYTES;

/// Buffers kept for reuse.
const POOL_MAX: usize = 4;
/// Capacity of all buffers kept for reuse together, in bytes; what would exceed it is freed.
const POOLED_BYTES_MAX: usize = 4 << 20;

/// A message on its way out. It can be kept by somebody else as well, without a copy.
#[derive(Debug)]
pub struct Outgoing(Content);

#[derive(Debug)]
enum Content {
    Own(Vec<u8>),
    Shared(Bytes),
}

impl Outgoing {
    /// What is to be sent.
    pub fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Content::Own(bytes) => bytes,
            Content::Shared(bytes) => bytes,
        }
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether nothing is to be sent.
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    /// The same bytes for somebody who keeps them, in memory of at most twice their length. From then on the memory is
    /// shared and not used for another message, unless a copy was made.
    pub fn share(&mut self) -> Bytes {
        let shared = match std::mem::replace(&mut self.0, Content::Own(Vec::new())) {
            // Memory that is much larger than the message is not to be kept with it.
            Content::Own(bytes) if bytes.capacity() / 2 > bytes.len() => {
                let shared = Bytes::copy_from_slice(&bytes);
                self.0 = Content::Own(bytes);
                return shared;
            }
            Content::Own(bytes) => Bytes::from(bytes),
            Content::Shared(bytes) => bytes,
        };
        self.0 = Content::Shared(shared.clone());
        shared
    }

    /// Its memory, to be used again; `None` when it is shared.
    pub fn into_memory(self) -> Option<Vec<u8>> {
        match self.0 {
            Content::Own(memory) => Some(memory),
            Content::Shared(_) => None,
        }
    }
}

impl From<Vec<u8>> for Outgoing {
    fn from(message: Vec<u8>) -> Outgoing {
        Outgoing(Content::Own(message))
    }
}

/// Outgoing bytes of one link.
#[derive(Debug, Default)]
pub struct Outbox {
    /// What a write left over, before everything else.
    front: Option<Taken>,
    /// Short messages are gathered in one of these; shared ones stand by themselves.
    waiting: VecDeque<Outgoing>,
    appended: u64,
    written: u64,
    writing: bool,
    pool: Vec<Vec<u8>>,
}

/// Bytes on their way to the kernel. A slow peer takes them in many small steps, so they are never moved.
#[derive(Debug)]
pub struct Taken {
    bytes: Outgoing,
    done: usize,
}

impl Taken {
    /// What is still to be written.
    pub fn rest(&self) -> &[u8] {
        self.bytes.as_slice().get(self.done..).unwrap_or_default()
    }

    /// Notes that the kernel has `count` more bytes.
    pub fn advance(&mut self, count: usize) {
        self.done = self.done.saturating_add(count).min(self.bytes.len());
    }
}

impl Outbox {
    /// An empty buffer to encode a message into.
    pub fn buffer(&mut self) -> Vec<u8> {
        self.pool.pop().unwrap_or_default()
    }

    /// Takes a buffer back.
    pub fn recycle(&mut self, mut buffer: Vec<u8>) {
        let kept: usize = self.pool.iter().map(Vec::capacity).sum();
        let has_memory = buffer.capacity() > 0;
        if has_memory && self.pool.len() < POOL_MAX && kept + buffer.capacity() <= POOLED_BYTES_MAX
        {
            buffer.clear();
            self.pool.push(buffer);
        }
    }

    /// Takes the memory of a message back, unless it is shared.
    pub fn recycle_message(&mut self, message: Outgoing) {
        if let Some(memory) = message.into_memory() {
            self.recycle(memory);
        }
    }

    /// Appends a whole message; returns the position of its first byte.
    pub fn append(&mut self, message: impl Into<Outgoing>) -> u64 {
        let message = message.into();
        let start = self.appended;
        self.appended += message.len() as u64;
        match (message, self.waiting.back_mut()) {
            (Outgoing(Content::Own(message)), Some(Outgoing(Content::Own(last)))) => {
                last.reserve(message.len());
                for piece in message.chunks(PIECE_BYTES) {
                    last.extend_from_slice(piece);
                }
                self.recycle(message);
            }
            (message, _) if message.is_empty() => self.recycle_message(message),
            (message, _) => self.waiting.push_back(message),
        }
        start
    }

    /// Takes what waits, to write it; `None` when nothing waits or somebody else writes.
    pub fn begin_write(&mut self) -> Option<Taken> {
        if self.writing {
            return None;
        }
        let taken = match self.front.take() {
            Some(front) => front,
            None => Taken {
                bytes: self.waiting.pop_front()?,
                done: 0,
            },
        };
        self.writing = true;
        Some(taken)
    }

    /// Ends a write that brought the kernel `count` bytes; the rest waits again, in front.
    pub fn end_write(&mut self, taken: Taken, count: usize) {
        self.writing = false;
        self.written += count as u64;
        if taken.rest().is_empty() {
            self.recycle_message(taken.bytes);
            return;
        }
        self.front = Some(taken);
    }

    /// Bytes appended and not yet with the kernel.
    pub fn queued(&self) -> u64 {
        self.appended - self.written
    }

    /// Whether nothing waits and nobody writes.
    pub fn is_drained(&self) -> bool {
        self.queued() == 0
    }

    /// Whether something waits that nobody is writing.
    pub fn wants_write(&self) -> bool {
        !self.writing && (self.front.is_some() || !self.waiting.is_empty())
    }

    /// Position after the last appended byte.
    pub fn end(&self) -> u64 {
        self.appended
    }

    /// Position up to which the kernel has everything.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Whether any byte of a message at `start` may have left: also true while a write is under way.
    pub fn has_begun(&self, start: u64) -> bool {
        self.written > start || self.writing
    }
}

/// Since when a peer takes nothing of what waits to be written to it.
#[derive(Debug, Default)]
pub struct Progress {
    written: u64,
    since_ns: Option<u64>,
}

impl Progress {
    /// Looks at an outbox at the time `now_ns`; when the peer last took something, or `None` when nothing waits. What
    /// it took between two looks counts as taken at the second.
    pub fn stuck_since(&mut self, out: &Outbox, now_ns: u64) -> Option<u64> {
        if out.is_drained() {
            self.since_ns = None;
        } else if self.since_ns.is_none() || self.written != out.written() {
            self.since_ns = Some(now_ns);
        }
        self.written = out.written();
        self.since_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_leave_in_order_across_partial_writes() {
        let mut out = Outbox::default();
        assert_eq!(out.append(vec![1, 2, 3]), 0);
        assert_eq!(out.append(vec![4]), 3);
        let mut taken = out.begin_write().unwrap();
        assert_eq!(taken.rest(), [1, 2, 3, 4]);
        assert!(out.begin_write().is_none(), "one writer at a time");
        assert_eq!(out.append(vec![5]), 4);
        taken.advance(2);
        out.end_write(taken, 2);
        assert!(out.wants_write());
        let mut taken = out.begin_write().unwrap();
        assert_eq!(taken.rest(), [3, 4], "the rest comes first");
        taken.advance(2);
        out.end_write(taken, 2);
        let mut taken = out.begin_write().unwrap();
        assert_eq!(taken.rest(), [5]);
        taken.advance(1);
        out.end_write(taken, 1);
        assert!(out.is_drained());
        assert_eq!(out.written(), 5);
    }

    #[test]
    fn what_is_kept_of_a_message_is_no_larger_than_twice_its_length() {
        let large = |length: usize| {
            let mut message = Vec::with_capacity(1 << 20);
            message.resize(length, 7);
            Outgoing::from(message)
        };
        let mut short = large(2000);
        let kept = short.share();
        assert_eq!(kept, short.as_slice());
        let memory = short.into_memory();
        assert!(memory.is_some_and(|memory| memory.capacity() >= 1 << 20));
        let mut long = large(600_000);
        assert_eq!(long.share().len(), 600_000);
        assert!(long.into_memory().is_none(), "it is shared");
    }

    #[test]
    fn a_shared_message_leaves_in_its_place_and_its_memory_is_not_used_again() {
        let mut out = Outbox::default();
        out.append(vec![1]);
        let mut shared = Outgoing::from(vec![2, 3]);
        let kept = shared.share();
        assert_eq!(out.append(shared), 1);
        assert_eq!(out.append(vec![4]), 3);
        assert_eq!(out.append(vec![5]), 4);
        assert_eq!(out.append(Vec::new()), 5);
        let mut left = Vec::new();
        while let Some(mut taken) = out.begin_write() {
            left.extend_from_slice(taken.rest());
            let count = taken.rest().len();
            taken.advance(count);
            out.end_write(taken, count);
        }
        assert_eq!(left, [1, 2, 3, 4, 5]);
        assert!(out.is_drained() && !out.wants_write());
        let buffers = [out.buffer(), out.buffer(), out.buffer()];
        let reused = buffers.iter().filter(|buffer| buffer.capacity() > 0);
        assert_eq!(reused.count(), 3, "1, 4 and 5 came in memory that is free");
        assert_eq!(kept[..], [2, 3]);
    }

    #[test]
    fn a_message_has_begun_once_a_byte_may_have_left() {
        let mut out = Outbox::default();
        let first = out.append(vec![0; 10]);
        let second = out.append(vec![0; 10]);
        assert!(!out.has_begun(first));
        let mut taken = out.begin_write().unwrap();
        assert!(out.has_begun(second), "the write may take everything");
        taken.advance(10);
        out.end_write(taken, 10);
        assert!(out.has_begun(first));
        assert!(!out.has_begun(second));
    }

    #[test]
    fn large_buffers_are_not_kept() {
        let mut out = Outbox::default();
        out.recycle(Vec::with_capacity(POOLED_BYTES_MAX + 1));
        assert_eq!(out.buffer().capacity(), 0);
        out.recycle(Vec::with_capacity(64));
        assert!(out.buffer().capacity() >= 64);
    }

    #[test]
    fn a_peer_is_stuck_from_when_it_last_took_something() {
        let mut out = Outbox::default();
        let mut progress = Progress::default();
        assert_eq!(progress.stuck_since(&out, 1), None, "nothing waits");
        out.append(vec![0; 10]);
        assert_eq!(progress.stuck_since(&out, 2), Some(2));
        assert_eq!(progress.stuck_since(&out, 5), Some(2), "nothing was taken");
        let mut taken = out.begin_write().unwrap();
        taken.advance(1);
        out.end_write(taken, 1);
        assert_eq!(progress.stuck_since(&out, 7), Some(7), "one byte was taken");
        assert_eq!(progress.stuck_since(&out, 9), Some(7));
        let mut taken = out.begin_write().unwrap();
        taken.advance(9);
        out.end_write(taken, 9);
        assert_eq!(progress.stuck_since(&out, 11), None, "all was taken");
        out.append(vec![0; 10]);
        assert_eq!(progress.stuck_since(&out, 12), Some(12));
    }
}
