//! A session with one other member: every frame arrives once and in order, whatever happens to the
//! connections below it.
//!
//! The sender numbers frames and keeps them until they are acknowledged; the receiver takes a frame
//! only if it is the next. A new connection starts with `Hello`, which says what was received, and
//! the sender goes on from there. Frames of an old connection that come late fail the number test.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::config::LinkLimits;
use crate::frame::Frame;

/// What passes between two members over a connection that may break.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Packet<P> {
    /// The first on a connection, and the answer to it.
    Hello {
        /// The number of the last frame received in this session.
        received: u64,
        /// Whether an answer is wanted: the sender has a new connection.
        asks: bool,
    },
    /// A frame.
    Frame {
        /// One more than that of the frame before.
        number: u64,
        /// The number of the last frame received the other way.
        received: u64,
        /// What it carries.
        frame: Arc<Frame<P>>,
    },
    /// Nothing to send, but frames were received.
    Acknowledge {
        /// The number of the last.
        received: u64,
    },
}

/// Both directions of a session.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Session<P> {
    connection: Connection,
    /// The number of the last frame that was given to send.
    sent: u64,
    /// Given to send and not acknowledged, oldest first.
    kept: VecDeque<Kept<P>>,
    kept_bytes: usize,
    received: u64,
    /// The last number that the other end was told.
    acknowledged: u64,
    acknowledge_at: Option<Duration>,
    /// Since when the window has been full without any progress.
    full_since: Option<Duration>,
}

/// How far the connection under a session is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Connection {
    Down,
    /// It is up, and the other end has not said yet what it received.
    Greeting,
    Ready,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Kept<P> {
    frame: Arc<Frame<P>>,
    bytes: usize,
}

/// A packet that no session sends: it acknowledges what was never sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct UnsentAcknowledged;

impl<P> Session<P> {
    /// Nothing sent, nothing received, no connection.
    pub fn new() -> Session<P> {
        Session {
            connection: Connection::Down,
            sent: 0,
            kept: VecDeque::new(),
            kept_bytes: 0,
            received: 0,
            acknowledged: 0,
            acknowledge_at: None,
            full_since: None,
        }
    }

    /// A new connection, in place of any before; returns what to send first.
    pub fn connected(&mut self) -> Packet<P> {
        self.connection = Connection::Greeting;
        self.hello(true)
    }

    /// The connection broke.
    pub fn disconnected(&mut self) {
        self.connection = Connection::Down;
        self.full_since = None;
    }

    /// Gives a frame to send; returns its packet if it can go now.
    pub fn send(&mut self, frame: Frame<P>, bytes: usize) -> Option<Packet<P>> {
        self.sent += 1;
        let frame = Arc::new(frame);
        self.kept_bytes = self.kept_bytes.saturating_add(bytes);
        self.kept.push_back(Kept {
            frame: frame.clone(),
            bytes,
        });
        assert!(
            self.kept.len() as u64 <= self.sent,
            "what is kept was given to send"
        );
        let number = self.sent;
        (self.connection == Connection::Ready).then(|| self.packet(number, frame))
    }

    /// Takes a packet; answers go to `replies`. Returns the frame that it brought, if that is the
    /// next one.
    ///
    /// # Errors
    /// If it acknowledges what was never sent: the other end broke the rules.
    pub fn receive(
        &mut self,
        packet: Packet<P>,
        now: Duration,
        limits: &LinkLimits,
        replies: &mut Vec<Packet<P>>,
    ) -> Result<Option<Arc<Frame<P>>>, UnsentAcknowledged> {
        match packet {
            Packet::Hello { received, asks } => {
                self.release(received, now)?;
                if asks {
                    replies.push(self.hello(false));
                }
                if self.connection == Connection::Greeting {
                    self.connection = Connection::Ready;
                    self.send_again(replies);
                }
                Ok(None)
            }
            Packet::Acknowledge { received } => {
                self.release(received, now)?;
                Ok(None)
            }
            Packet::Frame {
                number,
                received,
                frame,
            } => {
                self.release(received, now)?;
                if number != self.received + 1 {
                    return Ok(None);
                }
                self.received = number;
                self.acknowledge_soon(now, limits, replies);
                Ok(Some(frame))
            }
        }
    }

    /// What is due at this time.
    pub fn tick(&mut self, now: Duration) -> Option<Packet<P>> {
        let is_due = self.acknowledge_at.is_some_and(|at| at <= now);
        if !is_due {
            return None;
        }
        self.acknowledge_at = None;
        let is_up = self.connection != Connection::Down;
        (is_up && self.acknowledged < self.received).then(|| self.acknowledge())
    }

    /// When `tick` has something to do.
    pub fn next_wake(&self) -> Option<Duration> {
        self.acknowledge_at
    }

    /// Whether a frame of data may be given to send. Others may always: they are few.
    pub fn has_room(&self, limits: &LinkLimits) -> bool {
        self.kept.len() < limits.kept_frames_max && self.kept_bytes < limits.kept_bytes_max
    }

    /// Notes whether the window is full; returns since when it has been, on a connection that works.
    pub fn full_since(&mut self, now: Duration, limits: &LinkLimits) -> Option<Duration> {
        if self.connection != Connection::Ready || self.has_room(limits) {
            self.full_since = None;
        } else if self.full_since.is_none() {
            self.full_since = Some(now);
        }
        self.full_since
    }

    /// Whether there is a connection.
    pub fn is_connected(&self) -> bool {
        self.connection != Connection::Down
    }

    /// Frames given to send and not acknowledged.
    pub fn kept(&self) -> usize {
        self.kept.len()
    }

    /// The number of the last frame received.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The number of the last frame given to send.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    fn release(&mut self, received: u64, now: Duration) -> Result<(), UnsentAcknowledged> {
        let first = self.sent - self.kept.len() as u64;
        if received > self.sent {
            return Err(UnsentAcknowledged);
        }
        for _ in first..received {
            let released = self.kept.pop_front().map_or(0, |kept| kept.bytes);
            self.kept_bytes = self.kept_bytes.saturating_sub(released);
        }
        if received > first && self.full_since.is_some() {
            self.full_since = Some(now);
        }
        Ok(())
    }

    fn send_again(&mut self, replies: &mut Vec<Packet<P>>) {
        let first = self.sent - self.kept.len() as u64 + 1;
        let frames: Vec<_> = self.kept.iter().map(|kept| kept.frame.clone()).collect();
        for (number, frame) in (first..).zip(frames) {
            let packet = self.packet(number, frame);
            replies.push(packet);
        }
    }

    fn acknowledge_soon(
        &mut self,
        now: Duration,
        limits: &LinkLimits,
        replies: &mut Vec<Packet<P>>,
    ) {
        if self.received - self.acknowledged >= limits.acknowledge_frames {
            let packet = self.acknowledge();
            return replies.push(packet);
        }
        self.acknowledge_at
            .get_or_insert(now.saturating_add(limits.acknowledge_after));
    }

    fn acknowledge(&mut self) -> Packet<P> {
        Packet::Acknowledge {
            received: self.told(),
        }
    }

    fn hello(&mut self, asks: bool) -> Packet<P> {
        Packet::Hello {
            received: self.told(),
            asks,
        }
    }

    fn packet(&mut self, number: u64, frame: Arc<Frame<P>>) -> Packet<P> {
        Packet::Frame {
            number,
            received: self.told(),
            frame,
        }
    }

    /// What is said of the other direction in any packet.
    fn told(&mut self) -> u64 {
        self.acknowledged = self.received;
        self.acknowledge_at = None;
        self.received
    }
}

impl<P> Default for Session<P> {
    fn default() -> Session<P> {
        Session::new()
    }
}
