//! The consuming end of the queue in the peer's segment.

use std::mem::MaybeUninit;
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::Timespec;
use rustix::thread::futex;

use crate::layout::{CONSUMED, PRODUCED, READER, WRITER};
use crate::queue::{Broken, Consumer, Ringer, Sleep, Sleeper, Word as _};
use crate::segment::{Peer, Segment};

/// Reads what the peer writes.
pub struct Reader {
    own: Arc<Segment>,
    peer: Arc<Peer>,
    consumer: Consumer,
    ringer: Ringer,
    sleeper: Sleeper,
}

impl Reader {
    pub(crate) fn new(own: Arc<Segment>, peer: Arc<Peer>) -> Reader {
        Reader {
            consumer: Consumer::new(peer.mapping.queue_bytes()),
            own,
            peer,
            ringer: Ringer::default(),
            sleeper: Sleeper::default(),
        }
    }

    /// Reads what is there, at most as much as `room` takes; what was filled. Wakes nobody.
    ///
    /// # Errors
    /// The peer's words break the rules.
    pub fn read<'a>(&mut self, room: &'a mut [MaybeUninit<u8>]) -> Result<&'a mut [u8], Broken> {
        let available = self.consumer.available(&self.peer.mapping.word(PRODUCED))?;
        let taken = room.len().min(available as usize);
        let Some(room) = room.get_mut(..taken).filter(|room| !room.is_empty()) else {
            return Ok(&mut []);
        };
        let filled = self.peer.mapping.copy_out(self.consumer.offset(), room);
        let count = u32::try_from(filled.len()).unwrap_or(available);
        self.consumer
            .release(count, &self.own.mapping.word(CONSUMED));
        Ok(filled)
    }

    /// After reading: true when the peer's writer waits for room, has enough of it, and the caller must ring.
    pub fn wake(&mut self) -> bool {
        self.consumer.has_room_to_tell()
            && self.ringer.look(&self.peer.mapping.word(WRITER)).is_some()
    }

    /// Whether nothing can be read.
    ///
    /// # Errors
    /// The peer's words break the rules.
    pub fn is_empty(&mut self) -> Result<bool, Broken> {
        Ok(self.consumer.available(&self.peer.mapping.word(PRODUCED))? == 0)
    }

    /// Says that this reader waits, and how; false when there is something to read already, and it need not wait.
    ///
    /// # Errors
    /// The peer's words break the rules.
    pub fn fall_asleep(&mut self, sleep: Sleep) -> Result<bool, Broken> {
        let own = self.own.mapping.word(READER);
        self.sleeper.fall_asleep(&own, sleep);
        let produced = self.peer.mapping.word(PRODUCED);
        let empty = self.consumer.available(&produced).map(|bytes| bytes == 0);
        if empty != Ok(true) {
            self.sleeper.wake_up(&own);
        }
        empty
    }

    /// This reader waits no more.
    pub fn wake_up(&mut self) {
        self.sleeper.wake_up(&self.own.mapping.word(READER));
    }

    /// Waits on the futex, after [`Reader::fall_asleep`] on it, for at most `limit`; may return early.
    ///
    /// # Blocking
    /// Until the peer writes, an [`crate::Alarm`] goes off, a signal comes, or the time is up.
    pub fn wait(&self, limit: Duration) {
        let Ok(limit) = Timespec::try_from(limit) else {
            return;
        };
        let produced = self.peer.mapping.word(PRODUCED);
        let expected = self.consumer.position();
        // Why it returns is no matter: the caller looks again.
        let _ = futex::wait(
            produced.atomic(),
            futex::Flags::empty(),
            expected,
            Some(&limit),
        );
    }

    /// Whether the peer has written since; one load, for whoever looks again and again.
    pub fn has_news(&self) -> bool {
        self.peer.mapping.word(PRODUCED).load() != self.consumer.position()
    }
}
