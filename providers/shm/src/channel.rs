//! One link's bytes: queues in memory, a socket that rings for bytes and tells of the peer's end, another that rings for
//! room. Moves bytes; knows no message.

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use std::time::Duration;

use bytes::BytesMut;
use rmix_provider::guest::{Host, Io, RegisteredFd, fill_spare};
use rmix_provider::stream::{BLOCKING_NS, Channel, Moved};
use rmix_provider::tables::{AbiWaker, Err, READ, cause, delivery, kind};
use rmix_shm_sys::queue::Sleep;
use rmix_shm_sys::spin::Spin;
use rmix_shm_sys::{Alarm, Broken, Reader, Segment, Writer};
use rustix::io::Errno;
use rustix::net::Shutdown;

use crate::address::Terms;
use crate::doorbell::{self, Doorbell};
use crate::greeting::{self, Heard, Offer, Said};
use crate::look::{self, Look, Looked, Lookers};
use crate::watch;

/// What is put in before the peer is told, in bytes: little enough to be still in the processor's cache when it is taken
/// out, and so much that telling costs nothing beside it.
const PIECE_BYTES: usize = 64 * 1024;

/// A link's bytes.
pub(crate) struct ShmChannel {
    host: Host,
    /// The rendezvous connection: a byte in it says that bytes are there, its end is the peer's.
    bell: RegisteredFd,
    lookers: Arc<Lookers>,
    /// Guards the reading end, which one reader uses at a time, for as long as it reads.
    reading: Mutex<Reading>,
    /// Guards the writing end; for moments.
    writing: Mutex<Writing>,
    joined: OnceLock<Joined>,
    failure: OnceLock<Err>,
}

/// What is there once both have greeted.
struct Joined {
    /// A byte in it says that there is room again.
    room: RegisteredFd,
    alarm: Arc<Alarm>,
    watched: AtomicBool,
}

enum Reading {
    /// The peer has not greeted yet.
    Greeting(Terms),
    Joined(Box<Inlet>),
}

/// The reading end.
struct Inlet {
    reader: Reader,
    spin: Spin,
    /// A task's look that goes on.
    look: Option<Look>,
    doorbell: Doorbell,
}

#[derive(Default)]
struct Writing {
    writer: Option<Writer>,
    /// Waits for the greeting.
    waiter: Option<AbiWaker>,
}

impl ShmChannel {
    /// The accepting end, whose peer is to greet first.
    pub(crate) fn accepted(
        host: Host,
        lookers: Arc<Lookers>,
        socket: OwnedFd,
        terms: Terms,
    ) -> Result<ShmChannel, Err> {
        Ok(ShmChannel {
            host,
            bell: host.register(socket)?,
            lookers,
            reading: Mutex::new(Reading::Greeting(terms)),
            writing: Mutex::default(),
            joined: OnceLock::new(),
            failure: OnceLock::new(),
        })
    }

    /// The end that has connected, after both have greeted.
    pub(crate) fn connected(
        host: Host,
        lookers: Arc<Lookers>,
        bell: RegisteredFd,
        room: OwnedFd,
        segment: Segment,
        said: Said,
    ) -> Result<ShmChannel, Err> {
        let (writer, reader, alarm) = rmix_shm_sys::join(segment, said.peer);
        let inlet = Inlet {
            reader,
            spin: lookers.spin(),
            look: None,
            doorbell: Doorbell::new(bell.fd()),
        };
        Ok(ShmChannel {
            host,
            bell,
            reading: Mutex::new(Reading::Joined(Box::new(inlet))),
            writing: Mutex::new(Writing {
                writer: Some(writer),
                waiter: None,
            }),
            joined: OnceLock::from(Joined::new(host.register(room)?, alarm)),
            failure: OnceLock::new(),
            lookers,
        })
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The peer broke the rules: the link ends.
    fn broken(&self, why: &str) -> Errno {
        let message = format!("a local process broke the rules of shared memory: {why}");
        self.host.warn(crate::NAME, &message);
        let failure = Err::new(kind::PEER_BROKEN, cause::PROTOCOL, message);
        // The first reason is the one that counts.
        let _ = self
            .failure
            .set(failure.delivered(delivery::MAYBE_EXECUTED));
        Errno::PROTO
    }

    fn broken_words(&self, broken: Broken) -> Errno {
        self.broken(&broken.to_string())
    }

    /// Hears the greeting of a peer that has connected, and answers it.
    fn poll_greeting(&self, reading: &mut Reading, terms: &Terms, waker: &AbiWaker) -> Poll<Moved> {
        let heard = self
            .bell
            .poll_io(READ, waker, |fd| match greeting::receive(fd, true) {
                Heard::Nothing => Io::WouldBlock,
                heard => Io::Done(heard),
            });
        let said = match heard {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Ok(Heard::Said(said))) => said,
            Poll::Ready(Ok(Heard::Wrong(why))) => {
                return Poll::Ready(Err(self.broken(&format!("of its greeting: {why}"))));
            }
            Poll::Ready(Ok(Heard::Nothing | Heard::End)) => return Poll::Ready(Ok(0)),
            Poll::Ready(Err(_)) => return Poll::Ready(Err(Errno::IO)),
        };
        Poll::Ready(self.join(reading, terms, said).map(|()| 1))
    }

    fn join(&self, reading: &mut Reading, terms: &Terms, said: Said) -> Result<(), Errno> {
        let room = said.room.ok_or(Errno::PROTO)?;
        let room = self.host.register(room).map_err(|_| Errno::IO)?;
        let segment = Offer::new(terms.queue_bytes)?.send(self.bell.fd(), None)?;
        let (writer, reader, alarm) = rmix_shm_sys::join(segment, said.peer);
        // It is set here only, by the one reader.
        let _ = self.joined.set(Joined::new(room, alarm));
        *reading = Reading::Joined(Box::new(Inlet {
            reader,
            spin: self.lookers.spin(),
            look: None,
            doorbell: Doorbell::new(self.bell.fd()),
        }));
        let waiter = {
            let mut writing = self.writing();
            writing.writer = Some(writer);
            writing.waiter.take()
        };
        if let Some(waiter) = waiter {
            waiter.wake();
        }
        Ok(())
    }

    /// Reads what is there, and rings for the room that it leaves; `None` when nothing is there.
    fn take(&self, inlet: &mut Inlet, input: &mut BytesMut) -> Option<Moved> {
        let reader = &mut inlet.reader;
        match fill_spare(input, |spare| reader.read(spare)) {
            Ok(0) => None,
            Ok(count) => {
                reader.wake_up();
                inlet.doorbell.found();
                if inlet.look.take().is_some() {
                    inlet.spin.succeeded();
                }
                if reader.wake()
                    && let Some(joined) = self.joined.get()
                {
                    doorbell::ring(joined.room.fd());
                }
                Some(Ok(count))
            }
            Err(broken) => Some(Err(self.broken_words(broken))),
        }
    }

    fn poll_take(&self, inlet: &mut Inlet, waker: &AbiWaker, input: &mut BytesMut) -> Poll<Moved> {
        if let Some(moved) = self.take(inlet, input) {
            return Poll::Ready(moved);
        }
        if self.goes_on_looking(inlet) {
            // Whoever else can run does so first: what they send may be what brings the answer.
            waker.wake_by_ref();
            return Poll::Pending;
        }
        loop {
            if let Some(moved) = self.take(inlet, input) {
                return Poll::Ready(moved);
            }
            inlet.doorbell.slept();
            match inlet.reader.fall_asleep(Sleep::Bell) {
                Err(broken) => return Poll::Ready(Err(self.broken_words(broken))),
                Ok(true) => {}
                Ok(false) => {
                    if let Some(moved) = self.take(inlet, input) {
                        return Poll::Ready(moved);
                    }
                }
            }
            let doorbell = &mut inlet.doorbell;
            let heard = self.bell.poll_io(READ, waker, |fd| doorbell.hear(fd));
            match heard {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(Ok(heard))) => {
                    // What was written before the end is read before it.
                    if let Some(moved) = self.take(inlet, input) {
                        return Poll::Ready(moved);
                    }
                    if heard == 0 {
                        return Poll::Ready(Ok(0));
                    }
                }
                Poll::Ready(Ok(Err(errno))) => {
                    return Poll::Ready(self.take(inlet, input).unwrap_or(Err(errno)));
                }
                Poll::Ready(Err(_)) => return Poll::Ready(Err(Errno::IO)),
            }
        }
    }

    /// Looks for a slice of time; true when it is to be called again.
    fn goes_on_looking(&self, inlet: &mut Inlet) -> bool {
        let Some(look) = &inlet.look else {
            inlet.look = self.lookers.begin(&mut inlet.spin);
            return inlet.look.is_some();
        };
        match look.go_on(&inlet.reader) {
            Looked::NothingYet => return true,
            Looked::Found => {}
            Looked::Nothing => {
                inlet.spin.failed();
                inlet.look = None;
            }
        }
        false
    }

    /// Writes what there is room for and wakes the reader; `None` when there is no room. Piece by piece: the peer takes
    /// one out while the next is put in.
    fn put(&self, writer: &mut Writer, bytes: &[u8]) -> Option<Moved> {
        let mut done = 0;
        for piece in bytes.chunks(PIECE_BYTES) {
            match writer.write(piece) {
                Ok(count) => {
                    done += count;
                    if count > 0 && writer.wake() {
                        doorbell::ring(self.bell.fd());
                    }
                    if count < piece.len() {
                        break;
                    }
                }
                Err(broken) if done == 0 => return Some(Err(self.broken_words(broken))),
                // The peer has what came before, and may act on it: that is told first.
                Err(_) => break,
            }
        }
        if done == 0 {
            return None;
        }
        writer.wake_up();
        Some(Ok(done))
    }
}

impl Joined {
    fn new(room: RegisteredFd, alarm: Alarm) -> Joined {
        Joined {
            room,
            alarm: Arc::new(alarm),
            watched: AtomicBool::new(false),
        }
    }
}

impl Channel for ShmChannel {
    fn poll_read(&self, waker: &AbiWaker, input: &mut BytesMut) -> Poll<Moved> {
        let mut reading = self.reading();
        if let Reading::Greeting(terms) = &*reading {
            let terms = terms.clone();
            match self.poll_greeting(&mut reading, &terms, waker) {
                Poll::Ready(Ok(1)) => {}
                other => return other,
            }
        }
        match &mut *reading {
            Reading::Joined(inlet) => self.poll_take(inlet, waker, input),
            Reading::Greeting(_) => Poll::Pending,
        }
    }

    fn read_blocking(&self, input: &mut BytesMut) -> Option<Moved> {
        let mut reading = self.reading();
        let Reading::Joined(inlet) = &mut *reading else {
            return None;
        };
        let joined = self.joined.get()?;
        if let Some(moved) = self.take(inlet, input) {
            return Some(moved);
        }
        if look::look(&mut inlet.spin, &inlet.reader) {
            return self.take(inlet, input);
        }
        if !joined.watched.swap(true, Ordering::Relaxed) {
            watch::start(self.host, &joined.room, joined.alarm.clone());
        }
        match inlet.reader.fall_asleep(Sleep::Futex) {
            Err(broken) => return Some(Err(self.broken_words(broken))),
            Ok(true) if !joined.alarm.has_gone_off() => {
                inlet.reader.wait(Duration::from_nanos(BLOCKING_NS));
            }
            Ok(_) => {}
        }
        inlet.reader.wake_up();
        self.take(inlet, input)
    }

    fn try_write(&self, bytes: &[u8]) -> Option<Moved> {
        let mut writing = self.writing();
        let writer = writing.writer.as_mut()?;
        self.put(writer, bytes)
    }

    fn poll_write(&self, waker: &AbiWaker, bytes: &[u8]) -> Poll<Moved> {
        let mut writing = self.writing();
        let Writing { writer, waiter } = &mut *writing;
        let (Some(writer), Some(joined)) = (writer, self.joined.get()) else {
            *waiter = Some(waker.clone());
            return Poll::Pending;
        };
        loop {
            if let Some(moved) = self.put(writer, bytes) {
                return Poll::Ready(moved);
            }
            match writer.fall_asleep() {
                Err(broken) => return Poll::Ready(Err(self.broken_words(broken))),
                Ok(false) => continue,
                Ok(true) => {}
            }
            match joined.room.poll_io(READ, waker, doorbell::hear) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(Ok(0))) => return Poll::Ready(Err(Errno::PIPE)),
                Poll::Ready(Ok(Ok(_))) => {}
                Poll::Ready(Ok(Err(errno))) => return Poll::Ready(Err(errno)),
                Poll::Ready(Err(_)) => return Poll::Ready(Err(Errno::IO)),
            }
        }
    }

    fn is_stale(&self) -> bool {
        watch::has_hung_up(self.bell.fd())
    }

    fn shutdown(&self) {
        // A peer that is gone already is no failure here.
        let _ = rustix::net::shutdown(self.bell.fd(), Shutdown::Both);
        if let Some(joined) = self.joined.get() {
            let _ = rustix::net::shutdown(joined.room.fd(), Shutdown::Both);
            joined.alarm.go_off();
        }
    }

    fn failure(&self) -> Option<Err> {
        self.failure.get().cloned()
    }
}
