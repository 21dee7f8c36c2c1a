//! Wakes this process's own reader out of its futex, when its peer has died or the link is closed here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering, fence};

use rustix::thread::futex;

use crate::layout::{PRODUCED, READER};
use crate::queue::{KIND_MASK, ON_FUTEX, Word as _};
use crate::segment::{Peer, Segment};

/// Goes off once, for ever.
pub struct Alarm {
    own: Arc<Segment>,
    peer: Arc<Peer>,
    off: AtomicBool,
}

impl Alarm {
    pub(crate) fn new(own: Arc<Segment>, peer: Arc<Peer>) -> Alarm {
        Alarm {
            own,
            peer,
            off: AtomicBool::new(false),
        }
    }

    /// Goes off: a reader that waits is woken, one that is about to wait finds [`Alarm::has_gone_off`].
    pub fn go_off(&self) {
        self.off.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        let own = self.own.mapping.word(READER);
        let produced = self.peer.mapping.word(PRODUCED);
        // Between its word and its wait a reader cannot be woken: its own process is there for the moment until it can.
        while own.load() & KIND_MASK == ON_FUTEX {
            match futex::wake(produced.atomic(), futex::Flags::empty(), 1) {
                Ok(0) => std::thread::yield_now(),
                _ => return,
            }
        }
    }

    /// To be asked after falling asleep and before waiting.
    pub fn has_gone_off(&self) -> bool {
        self.off.load(Ordering::SeqCst)
    }
}
