//! The reading half of a link: whoever holds it reads for all (the leader), settles the calls whose replies came, and
//! passes the lead on when its own call is done. A synchronous call leads in its own thread; of several asynchronous
//! calls none does, because any of their futures may be left alone after any poll: the background task reads for them.

use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard};
use std::task::Poll;

use bytes::{Bytes, BytesMut};
use rmix_abi::tables::AbiWaker;

use super::inbound::Batch;
use super::replies::{Replies, Room};
use super::{Role, Shared, State, Wakers, Wrote, remember, wake_all};
use crate::calls::Settled;
use crate::failure;
use crate::protocol::{Framer, Incoming, Protocol};

/// Room for one read, in bytes.
const READ_BYTES: usize = 64 * 1024;
/// Reads in one poll of a call before its poller gets to look at its deadline.
const ROUNDS_MAX: u32 = 16;
/// Messages of one read after which their answers leave, though there are more of them: the peer goes on meanwhile, rather
/// than each side waiting while the other works. A write costs as much as a handful of small calls.
const ANSWERS_MAX: u32 = 16;
/// With less room than this left, more is made before reading, in bytes.
const READ_ROOM_MIN: usize = 4 * 1024;
/// No more room than this is made for a message because the one before it was so long, in bytes.
const READ_AHEAD_MAX: usize = 1 << 20;
/// What a protocol may put around a message, beside which the next one is to fit, in bytes.
const FRAME_BYTES: usize = 64;

/// What reading needs; held by one reader at a time.
pub(crate) struct Half<P: Protocol> {
    pub(crate) input: BytesMut,
    pub(crate) framer: P::Framer,
    pub(crate) wakers: Wakers,
    /// Replies of one read, whose calls are not settled yet.
    replies: Replies,
    /// Messages read since the connection began.
    pub(crate) messages: u64,
    /// One-way calls that ended in place and are not counted yet.
    pub(crate) passed: u64,
    /// Length of the last of them: the next one may be as long.
    last_bytes: usize,
    /// When something was last read.
    pub(crate) now_ns: u64,
}

impl<P: Protocol> Half<P> {
    pub(super) fn new(framer: P::Framer) -> Half<P> {
        Half {
            input: BytesMut::new(),
            framer,
            wakers: Wakers::new(),
            replies: Replies::default(),
            messages: 0,
            passed: 0,
            last_bytes: 0,
            now_ns: 0,
        }
    }

    /// Makes room for the next read: what the message is known to need, but never more than doubles what has arrived;
    /// between messages, for one as long as the last, so that it need not be moved while it arrives.
    pub(crate) fn make_room(&mut self) {
        let spare = self.input.capacity() - self.input.len();
        if self.input.is_empty() {
            let alike = self.last_bytes.clamp(READ_ROOM_MIN, READ_AHEAD_MAX);
            if spare < alike {
                self.input.reserve(alike.max(READ_BYTES));
            }
            return;
        }
        if spare < READ_ROOM_MIN {
            let step = self.input.len().max(READ_BYTES);
            let room = self.framer.needed().clamp(READ_BYTES, step);
            self.input.reserve(room);
        }
    }
}

/// Where reading stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Processed {
    /// Every whole message was handled.
    All,
    /// Too many inbound calls run, or too many answers wait: the rest waits.
    Stalled,
    /// The link failed.
    Failed,
}

impl<P: Protocol> Shared<P> {
    /// The reading part of polling a call: leads if it may, else follows.
    pub(super) fn read_for_call(self: &Arc<Self>, call: u64, waker: &AbiWaker) -> Poll<Settled> {
        let mut half = match self.take_half(call) {
            Ok(half) => half,
            Err(polled) => return polled,
        };
        // A caller that waits on its own thread, alone, waits in the read itself; once: then the host keeps the deadline.
        let mut may_wait = self.may_wait(call);
        let mut rounds = 0;
        loop {
            rounds += 1;
            half.make_room();
            let waited = match std::mem::take(&mut may_wait) {
                true => self.stream.read_blocking(&mut half.input),
                false => None,
            };
            let polled = match waited {
                Some(moved) => Poll::Ready(moved),
                None => self.stream.poll_read(waker, &mut half.input),
            };
            let idle = polled.is_pending();
            match polled {
                Poll::Pending => {}
                Poll::Ready(Ok(0)) => self.end(failure::closed_by_peer(&self.options.peer)),
                Poll::Ready(Ok(_)) => {
                    half.now_ns = self.host.now_ns();
                    self.process(&mut half, Some(call));
                }
                Poll::Ready(Err(errno)) => self.end(failure::io("reading", errno)),
            }
            let mut state = self.lock();
            if let Some(settled) = state.calls.take(call) {
                state.active_ns = half.now_ns;
                state.half = Some(half);
                // Another was made the leader meanwhile, and found the half away.
                let waited_for = state.leader != Role::Call(call);
                self.hand_over(state, call);
                if waited_for {
                    self.pass_on(self.lock(), call);
                }
                return Poll::Ready(settled);
            }
            if idle || state.ending || state.leader != Role::Call(call) {
                state.half = Some(half);
                self.pass_on(state, call);
                return Poll::Pending;
            }
            if self.is_full(&state) {
                // The peer has us refuse calls and does not read that: the lead stays here, asleep until it does.
                state.half = Some(half);
                remember(&mut state.ready_waiters, waker);
                self.leave_to_task(state);
                return Poll::Pending;
            }
            if rounds >= ROUNDS_MAX {
                state.half = Some(half);
                drop(state);
                waker.wake_by_ref();
                return Poll::Pending;
            }
        }
    }

    /// Whether nothing more is taken in for now: too many inbound calls run, or too long ones, or the peer does not read
    /// its answers. A
    /// responder that ends or a write that succeeds lets it go on.
    pub(crate) fn is_full(&self, state: &State<P>) -> bool {
        let limits = self.limits();
        if self.takes_calls && state.serving.is_full(limits) {
            return true;
        }
        // While calls of ours wait for answers, more is read than is answered at once, because the peer may wait for us
        // to read before it does; a long call of ours in the queue does not count against the peer. But not without end.
        let allowed = match state.calls.waiting() {
            0 => limits.queued_bytes,
            _ => limits
                .queued_bytes
                .saturating_mul(2)
                .saturating_add(limits.message_bytes),
        };
        state.out.queued() >= allowed
    }

    /// The half, when `call` may read now; else what its poll comes to.
    fn take_half(self: &Arc<Self>, call: u64) -> Result<Box<Half<P>>, Poll<Settled>> {
        let mut state = self.lock();
        if let Some(settled) = state.calls.take(call) {
            self.hand_over(state, call);
            return Err(Poll::Ready(settled));
        }
        if state.ending {
            // There is nothing more to read; whoever finds out why ends the call.
            return Err(Poll::Pending);
        }
        match state.next_leader(call) {
            Role::Call(leader) if leader == call => {}
            Role::Task if state.leader != Role::Task => {
                self.let_task_read(state);
                return Err(Poll::Pending);
            }
            _ => return Err(Poll::Pending),
        }
        state.leader = Role::Call(call);
        // Whoever is at work with it passes it on.
        state.half.take().ok_or(Poll::Pending)
    }

    /// Whether the poller of `call` may wait in the kernel: its deadline is far enough, and nobody else needs the half.
    fn may_wait(&self, call: u64) -> bool {
        let mut state = self.lock();
        let alone = state.calls.waiting() == 1 && state.out.is_drained() && state.closed.is_none();
        alone && state.calls.take_wait(call)
    }

    /// The half is back: wakes whoever was made the leader while `call` was at work with it.
    fn pass_on(self: &Arc<Self>, state: MutexGuard<'_, State<P>>, call: u64) {
        match state.leader {
            Role::Call(leader) if leader != call => {
                let waker = state.calls.waker_of(leader);
                drop(state);
                wake_all(Wakers::from_iter(waker));
            }
            Role::Task if !self.takes_calls => self.let_task_read(state),
            _ => {}
        }
    }

    /// The background task has put the half back: it stays the reader of a link of ours only while calls wait.
    pub(crate) fn task_has_read(&self, mut state: MutexGuard<'_, State<P>>) {
        if self.takes_calls {
            return;
        }
        match state.leader {
            Role::Task if state.calls.waiting() == 0 => state.leader = Role::None,
            // Made the leader while the half was away.
            Role::Call(leader) => {
                let waker = state.calls.waker_of(leader);
                drop(state);
                wake_all(Wakers::from_iter(waker));
            }
            _ => {}
        }
    }

    /// Makes the background task the reader.
    pub(super) fn let_task_read(self: &Arc<Self>, mut state: MutexGuard<'_, State<P>>) {
        state.leader = Role::Task;
        state.read_wanted = true;
        self.leave_to_task(state);
    }

    /// Handles every whole message in the input. The wakers of settled calls are woken at the end, but not that of
    /// `leader`, who is at work already.
    pub(crate) fn process(self: &Arc<Self>, half: &mut Half<P>, leader: Option<u64>) -> Processed {
        let mut batch = Batch::new(leader, self.origin(half.now_ns));
        let mut outcome = Processed::All;
        let mut handled: u32 = 0;
        let mut can_write = true;
        loop {
            if self.is_stalled(&mut batch) {
                outcome = Processed::Stalled;
                break;
            }
            let message = match half.framer.next(&mut half.input) {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(violation) => {
                    self.settle(half, leader);
                    self.broken(&violation);
                    outcome = Processed::Failed;
                    break;
                }
            };
            half.messages += 1;
            half.last_bytes = message.len() + FRAME_BYTES;
            if !self.handle(message, half, &mut batch) {
                outcome = Processed::Failed;
                break;
            }
            handled += 1;
            let is_more = !half.input.is_empty();
            let is_time = is_more && handled.is_multiple_of(ANSWERS_MAX);
            if is_time && can_write && self.can_write_between() {
                // What the kernel does not take, the background task writes. What has been read is handled anyway.
                can_write = self.write_now() != Wrote::Failed;
            }
        }
        if !can_write {
            outcome = Processed::Failed;
        }
        if !self.settle(half, leader) {
            outcome = Processed::Failed;
        }
        for waker in half.wakers.drain(..) {
            waker.wake();
        }
        outcome
    }

    /// Whether answers may leave before all of a read is handled. Not while calls of ours wait: a write that fails ends
    /// them, though their replies may have been read.
    fn can_write_between(&self) -> bool {
        self.takes_calls && self.lock().calls.waiting() == 0
    }

    /// Whether nothing more is taken in; asks the state only when there is news of it.
    fn is_stalled(&self, batch: &mut Batch<P>) -> bool {
        if !self.has_news.load(Ordering::Relaxed) {
            return false;
        }
        let state = self.lock();
        let full = self.is_full(&state);
        batch.closing = state.closing;
        // Whoever makes it full again holds the lock then. That it is being closed stays news to the next batch.
        self.has_news
            .store(full || state.closing, Ordering::Relaxed);
        full
    }

    /// To be called with a state that a call or an answer was added to.
    pub(crate) fn note_fullness(&self, state: &State<P>) {
        if self.takes_calls && self.is_full(state) {
            self.has_news.store(true, Ordering::Relaxed);
        }
    }

    fn broken(&self, violation: &crate::protocol::Violation) {
        let peer = &self.options.peer;
        let message = format!(
            "{peer} broke the protocol, the link is closed: {}",
            violation.message
        );
        self.host.warn(self.options.provider, &message);
        self.fail(violation.to_err());
    }

    /// Handles one message; false when the link failed.
    fn handle(self: &Arc<Self>, message: Bytes, half: &mut Half<P>, batch: &mut Batch<P>) -> bool {
        match self.protocol.classify(&batch.origin, message) {
            Err(violation) => {
                self.settle(half, batch.leader);
                self.broken(&violation);
                return false;
            }
            Ok(Incoming::Reply(id, kind)) => {
                if half.replies.add(id, kind) == Room::Full {
                    return self.settle(half, batch.leader);
                }
            }
            Ok(Incoming::Request(mut request)) => {
                if !self.settle(half, batch.leader) {
                    return false;
                }
                match request.id.is_none() && request.token == 0 {
                    true => self.serve_oneway(&mut request, half, batch),
                    false => self.serve(&mut request),
                }
            }
            Ok(Incoming::Answer(bytes)) => {
                let mut state = self.lock();
                state.out.append(bytes);
                self.note_fullness(&state);
                drop(state);
                self.flush_answers();
            }
            Ok(Incoming::Ignore(why)) => self.host.debug(self.options.provider, why),
        }
        true
    }

    /// Settles the calls whose replies were read, all at once; false when the link failed.
    fn settle(&self, half: &mut Half<P>, leader: Option<u64>) -> bool {
        if half.replies.is_empty() {
            return true;
        }
        let mut unmatched = None;
        {
            let mut state = self.lock();
            for (id, kind) in half.replies.drain() {
                let settled = state.calls.settle(id, leader, |flags| {
                    match self.protocol.settle(flags, kind) {
                        Ok(kind) => Settled::Reply(kind),
                        Err(failure) => Settled::Failed(failure),
                    }
                });
                match settled {
                    Some(waker) => half.wakers.extend(waker),
                    None if state.calls.was_issued(id) => {
                        unmatched = unmatched.or(Some((id, true)))
                    }
                    None => {
                        unmatched = Some((id, false));
                        break;
                    }
                }
            }
        }
        unmatched.is_none_or(|(id, late)| self.unmatched(id, late))
    }

    /// A reply nobody waits for: late when its call was given up, else the peer invented it.
    fn unmatched(&self, id: u32, late: bool) -> bool {
        if late {
            self.host
                .debug(self.options.provider, "a late reply was dropped");
            return true;
        }
        let message = format!("a reply to call {id}, which was never made");
        self.broken(&crate::protocol::Violation::format(message));
        false
    }
}

impl<P: Protocol> State<P> {
    /// Who is to read, now that `call` is polled. A call that is driven to its end leads; one that may be left alone
    /// leads only itself, and as soon as others wait as well, the background task reads for all.
    fn next_leader(&self, call: u64) -> Role {
        match self.leader {
            Role::Task => Role::Task,
            Role::Call(leader) if leader != call && self.calls.is_driven(leader) => {
                Role::Call(leader)
            }
            _ if self.calls.is_driven(call) || self.calls.waiting() == 1 => Role::Call(call),
            _ => Role::Task,
        }
    }
}
