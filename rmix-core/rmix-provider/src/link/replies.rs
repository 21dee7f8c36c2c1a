//! Replies that were read and whose calls are not settled yet: gathered, so that many are settled under one lock, but
//! never so many that a peer's burst decides how much memory a link keeps. Pure.

use crate::protocol::ReplyKind;

/// Replies that are gathered before their calls are settled. Many more gain nothing: the lock is a small part by then.
const REPLIES_MAX: usize = 64;

/// Whether another reply may be gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    Left,
    /// The calls are to be settled now.
    Full,
}

/// Replies in the order in which they came.
#[derive(Default)]
pub(super) struct Replies {
    waiting: Vec<(u32, ReplyKind)>,
}

impl Replies {
    /// Adds the reply to call `id`.
    pub(super) fn add(&mut self, id: u32, kind: ReplyKind) -> Room {
        self.waiting.push((id, kind));
        match self.waiting.len() < REPLIES_MAX {
            true => Room::Left,
            false => Room::Full,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes all of them.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = (u32, ReplyKind)> {
        self.waiting.drain(..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_stays_bounded_however_many_replies_come() {
        let mut replies = Replies::default();
        let mut settled = Vec::new();
        for id in 0..10 * REPLIES_MAX as u32 {
            let room = replies.add(id, ReplyKind::Value(bytes::Bytes::new()));
            let is_last = (id as usize + 1).is_multiple_of(REPLIES_MAX);
            assert_eq!(room == Room::Full, is_last, "after reply {id}");
            if room == Room::Full {
                settled.extend(replies.drain().map(|(id, _)| id));
                assert!(replies.is_empty());
            }
        }
        assert!(replies.waiting.capacity() <= REPLIES_MAX);
        assert!(settled.into_iter().eq(0..10 * REPLIES_MAX as u32));
    }
}
