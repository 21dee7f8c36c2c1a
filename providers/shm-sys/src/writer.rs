//! The producing end of the queue in this process's own segment.

use std::sync::Arc;

use rustix::thread::futex;

use crate::layout::{CONSUMED, PRODUCED, READER, WRITER};
use crate::queue::{Broken, Producer, Ringer, Sleep, Sleeper};
use crate::segment::{Peer, Segment};

/// Writes bytes for the peer.
pub struct Writer {
    own: Arc<Segment>,
    peer: Arc<Peer>,
    producer: Producer,
    ringer: Ringer,
    sleeper: Sleeper,
}

impl Writer {
    pub(crate) fn new(own: Arc<Segment>, peer: Arc<Peer>) -> Writer {
        Writer {
            producer: Producer::new(own.queue_bytes()),
            own,
            peer,
            ringer: Ringer::default(),
            sleeper: Sleeper::default(),
        }
    }

    /// Writes as much as there is room for; 0 when there is none. Wakes nobody.
    ///
    /// # Errors
    /// The peer's words break the rules.
    pub fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        let wanted = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let wanted = wanted.min(self.own.queue_bytes());
        let consumed = self.peer.mapping.word(CONSUMED);
        let count = self.producer.room(wanted, &consumed)?.min(wanted);
        let Some(now) = bytes.get(..count as usize) else {
            return Ok(0);
        };
        if count > 0 {
            self.own.mapping.copy_in(self.producer.offset(), now);
            let produced = self.own.mapping.word(PRODUCED);
            self.producer.publish(count, &produced);
        }
        Ok(now.len())
    }

    /// After writing: wakes the peer's reader when it sleeps on the futex; true when it sleeps on its descriptor and the
    /// caller must ring.
    pub fn wake(&mut self) -> bool {
        match self.ringer.look(&self.peer.mapping.word(READER)) {
            None => false,
            Some(Sleep::Bell) => true,
            Some(Sleep::Futex) => {
                let produced = self.own.mapping.word(PRODUCED);
                // It fails for no address of ours.
                let _ = futex::wake(produced.atomic(), futex::Flags::empty(), 1);
                false
            }
        }
    }

    /// Says that this writer waits for room; false when there is room already, and it need not wait.
    ///
    /// # Errors
    /// The peer's words break the rules.
    pub fn fall_asleep(&mut self) -> Result<bool, Broken> {
        let own = self.own.mapping.word(WRITER);
        self.sleeper.fall_asleep(&own, Sleep::Bell);
        let consumed = self.peer.mapping.word(CONSUMED);
        let go_on = self.producer.may_go_on(&consumed);
        if go_on != Ok(false) {
            self.sleeper.wake_up(&own);
        }
        go_on.map(|go_on| !go_on)
    }

    /// This writer waits no more.
    pub fn wake_up(&mut self) {
        self.sleeper.wake_up(&self.own.mapping.word(WRITER));
    }
}
