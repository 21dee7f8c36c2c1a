//! A link over a byte stream: calls matched to replies, one reader for all callers, one write for what many callers
//! send. This file has the state all parts share and the contract's entry points; `link/reading.rs` and
//! `link/writing.rs` have the two halves, `link/replies.rs` what the first one gathers, `link/inbound.rs` what it hands to
//! the host, `background.rs` the background task.

mod inbound;
mod reading;
mod replies;
mod writing;

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use rmix_abi::describe::MethodDesc;
use rmix_abi::guest::{Begin, BoxFuture, Host, Link};
use rmix_abi::tables::{
    AbiWaker, Buf, CallOptions, Dec, Enc, Err, Limits, Reply, call_flags, cause, delivery, kind,
    reply,
};

pub(crate) use self::reading::{Half, Processed};
pub(crate) use self::writing::Wrote;
use crate::background::Background;
use crate::calls::{CallTable, Removed, Settled};
use crate::failure;
use crate::outbox::Outbox;
use crate::protocol::{Origin, Protocol, ReplyKind};
use crate::serving::Serving;
use crate::stream::{BLOCKING_NS, Stream};

/// Word of an encoder's state in which a link keeps the call's number; codecs use the others.
const NUMBER_WORD: usize = 3;
/// Number of a one-way call, which has no slot.
const ONEWAY_NUMBER: u64 = u64::MAX;
/// A link without calls that was silent for this long is checked for the peer's end before it is used, in nanoseconds.
const STALE_AFTER_NS: u64 = 5_000_000;

/// With more who wait for a flush than this, those whose bytes have left are forgotten.
const FLUSH_WAITERS_MAX: usize = 8;

/// Says why the stream ended, where the communication knows more than "closed" (a child's exit status, say).
pub trait EndReason: Send + Sync + 'static {
    /// What is known at this moment; never waits.
    fn known(&self) -> Option<Err>;

    /// Asked after [`EndReason::known`] has known nothing: ready when it may know, or when waiting longer would be of no
    /// use. The calls that wait are told then.
    fn settled(&self) -> BoxFuture<()>;
}

/// What a link is made with.
pub struct LinkOptions {
    /// The provider's name, for the log.
    pub provider: &'static str,
    /// The peer, for people.
    pub peer: String,
    /// The peer's address, when it has one.
    pub address: Option<SocketAddr>,
    /// The address of this host that an accepted peer asked, when it is known.
    pub asked: Option<IpAddr>,
    /// Token of the object inbound calls go to; 0 when none is served.
    pub object: u64,
    /// Accepted rather than opened: time limits apply, and it is read in the background.
    pub accepted: bool,
    /// Budget.
    pub limits: Limits,
    /// Asked when the stream ends.
    pub end_reason: Option<Box<dyn EndReason>>,
}

/// A link of protocol `P`.
pub struct MuxLink<P: Protocol> {
    pub(crate) shared: Arc<Shared<P>>,
}

pub(crate) struct Shared<P: Protocol> {
    pub(crate) protocol: Arc<P>,
    pub(crate) host: Host,
    pub(crate) stream: Stream,
    pub(crate) options: LinkOptions,
    pub(crate) connection: u64,
    /// Whether inbound calls are possible: the background task reads, and does not only write.
    pub(crate) takes_calls: bool,
    /// Set by whoever adds what may make a link full that takes calls, or begins to close it; cleared by its reader.
    has_news: AtomicBool,
    /// Guards everything that changes; held for moments, never across input, output or a call-out.
    state: Mutex<State<P>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Nobody.
    None,
    /// The poller of this call.
    Call(u64),
    /// The background task.
    Task,
}

pub(crate) struct State<P: Protocol> {
    pub(crate) calls: CallTable,
    pub(crate) out: Outbox,
    /// The reading half, unless its holder is at work. Boxed: it changes hands with every call.
    pub(crate) half: Option<Box<Half<P>>>,
    /// Who is registered for readiness to read.
    pub(crate) leader: Role,
    /// Who is registered for readiness to write, because a write would have blocked.
    pub(crate) writer: Role,
    /// The background task was made the reader and has not begun.
    pub(crate) read_wanted: bool,
    pub(crate) task_started: bool,
    pub(crate) task_active: bool,
    pub(crate) task_waker: Option<AbiWaker>,
    /// The background task sleeps and does not read, because the link is full.
    pub(crate) read_paused: bool,
    /// Calls that may be left alone waited together the last time that one was polled.
    together: bool,
    /// Inbound calls that are not answered yet.
    pub(crate) serving: Serving,
    pub(crate) ready_waiters: Vec<AbiWaker>,
    pub(crate) flush_waiters: Vec<(AbiWaker, u64)>,
    pub(crate) close_waiters: Vec<AbiWaker>,
    pub(crate) closing: bool,
    /// The stream has ended, and why is being found out: nothing is read or written any more.
    pub(crate) ending: bool,
    pub(crate) closed: Option<Err>,
    pub(crate) active_ns: u64,
}

impl<P: Protocol> MuxLink<P> {
    /// A link over `stream`. With an object to serve, or accepted, it is read in the background; else by its callers.
    pub fn open(
        host: Host,
        protocol: Arc<P>,
        stream: Stream,
        options: LinkOptions,
    ) -> Arc<MuxLink<P>> {
        let takes_calls = options.accepted || options.object != 0;
        let state = State {
            calls: CallTable::new(protocol.first_id()),
            out: Outbox::default(),
            half: Some(Box::new(Half::new(protocol.framer(&options.limits)))),
            leader: if takes_calls { Role::Task } else { Role::None },
            writer: Role::None,
            read_wanted: false,
            task_started: takes_calls,
            task_active: false,
            task_waker: None,
            read_paused: false,
            together: false,
            serving: Serving::default(),
            ready_waiters: Vec::new(),
            flush_waiters: Vec::new(),
            close_waiters: Vec::new(),
            closing: false,
            ending: false,
            closed: None,
            active_ns: host.now_ns(),
        };
        let shared = Arc::new(Shared {
            connection: host.next_connection(),
            protocol,
            host,
            stream,
            options,
            takes_calls,
            has_news: AtomicBool::new(false),
            state: Mutex::new(state),
        });
        if takes_calls {
            host.spawn(Background::new(shared.clone()));
        }
        Arc::new(MuxLink { shared })
    }
}

impl<P: Protocol> MuxLink<P> {
    /// Ready when the link has closed, for whatever reason.
    pub fn poll_ended(&self, waker: &AbiWaker) -> Poll<()> {
        let mut state = self.shared.lock();
        if state.closed.is_some() {
            return Poll::Ready(());
        }
        remember(&mut state.close_waiters, waker);
        Poll::Pending
    }
}

impl<P: Protocol> Drop for MuxLink<P> {
    fn drop(&mut self) {
        self.shared.fail(failure::closed_here());
    }
}

/// Wakers gathered under the lock, woken after it.
pub(crate) type Wakers = Vec<AbiWaker>;

impl<P: Protocol> Shared<P> {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State<P>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the link: every waiting call fails with its own delivery status, every waiter is woken.
    pub(crate) fn fail(&self, failure: Err) {
        let mut wakers = Wakers::new();
        let first = {
            let mut state = self.lock();
            let state = &mut *state;
            let first = state.closed.is_none();
            if first {
                state.closed = Some(failure.clone());
                let out = &state.out;
                state.calls.fail_all(
                    |start| {
                        let begun = start.is_some_and(|start| out.has_begun(start));
                        if begun {
                            failure.clone()
                        } else {
                            failure::not_sent(&failure)
                        }
                    },
                    |waker| wakers.push(waker),
                );
            }
            wakers.append(&mut state.ready_waiters);
            wakers.append(&mut state.close_waiters);
            wakers.extend(state.flush_waiters.drain(..).map(|(waker, _)| waker));
            wakers.extend(state.task_waker.take());
            first
        };
        wake_all(wakers);
        if first {
            self.stream.shutdown();
            if self.takes_calls {
                self.host.connection_closed(self.connection);
            }
        }
    }

    /// Ends the link because its stream has ended or failed: for the reason that the communication knows, or else for
    /// `fallback`. Does not wait; the calls do, while the reason is being found out.
    pub(crate) fn end(self: &Arc<Self>, fallback: Err) {
        let fallback = self.stream.failure().unwrap_or(fallback);
        let Some(reason) = &self.options.end_reason else {
            return self.fail(fallback);
        };
        if let Some(known) = reason.known() {
            return self.fail(known);
        }
        {
            let mut state = self.lock();
            if state.closed.is_some() || std::mem::replace(&mut state.ending, true) {
                return;
            }
        }
        let settled = reason.settled();
        let ending = Ending {
            shared: self.clone(),
            fallback,
        };
        self.host.spawn(async move {
            settled.await;
            drop(ending);
        });
    }

    fn known_reason(&self) -> Option<Err> {
        self.options
            .end_reason
            .as_ref()
            .and_then(|reason| reason.known())
    }

    pub(crate) fn origin(&self, now_ns: u64) -> Origin {
        Origin {
            address: self.options.address,
            asked: self.options.asked,
            connection: self.connection,
            now_ns,
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.options.limits
    }

    /// An encoder over a pooled buffer.
    pub(crate) fn encoder(&self, state: &mut State<P>) -> Enc {
        let (table, profile) = self.protocol.encoder();
        let buffer = Buf::from_vec(state.out.buffer());
        Enc::new(buffer, table, profile, self.limits().message_bytes)
    }

    /// A decoder over a message's values.
    pub(crate) fn decoder(&self, body: bytes::Bytes) -> Dec {
        let (table, profile) = self.protocol.decoder();
        Dec::over(
            body,
            table,
            profile,
            self.limits().depth,
            self.limits().items,
        )
    }

    fn has_room(&self, state: &State<P>) -> bool {
        state.calls.waiting() < self.limits().outstanding as usize
            && state.out.queued() < self.limits().queued_bytes
    }

    /// An idle link whose peer has gone is noticed before a call is lost on it. Asks the kernel at most once per pause.
    fn check_stale(&self, state: &mut MutexGuard<'_, State<P>>) -> bool {
        if self.takes_calls || !state.calls.is_empty() || !state.out.is_drained() {
            return false;
        }
        let now = self.host.now_ns();
        let silent = now.saturating_sub(state.active_ns) > STALE_AFTER_NS;
        state.active_ns = now;
        silent && self.stream.is_stale()
    }

    /// Whether `call` is the only one that waits, but will not be for long: when it came, others had been waiting together
    /// until just now, and are made again by tasks that run after this one. The first of them would leave by itself and
    /// the others in a second write, which is then answered in two.
    fn is_first_of_several(&self, state: &mut State<P>, call: u64) -> bool {
        // A started call may be waited for on a thread while nobody runs the background task.
        if state.calls.is_driven(call) || state.calls.is_started(call) {
            return false;
        }
        if state.calls.waiting() > 1 {
            state.together = true;
            return false;
        }
        // Once: a call that is alone after all is not the first of several the next time.
        let first = std::mem::take(&mut state.together);
        first && state.leader == Role::None && state.writer == Role::None && !state.ending
    }

    /// Whether polling `call` would come to nothing: one of several that may be left alone, for which the background task
    /// reads and writes.
    fn is_left_to_task(&self, state: &State<P>, call: u64) -> bool {
        let several = state.calls.waiting() > 1 && !state.calls.is_driven(call);
        several && state.leader == Role::Task && state.writer != Role::Call(call)
    }

    fn to_reply(&self, settled: Settled) -> Result<Reply, Err> {
        let (kind, body) = match settled {
            Settled::Failed(failure) => return Err(failure),
            Settled::Reply(ReplyKind::Refused(failure)) => return Err(failure),
            Settled::Reply(ReplyKind::Value(body)) => (reply::VALUE, body),
            Settled::Reply(ReplyKind::Fault(body)) => (reply::FAULT, body),
        };
        Ok(Reply {
            kind,
            reserved: 0,
            dec: self.decoder(body),
        })
    }
}

/// A link whose end is being explained; ends it when dropped, even by a host that drops its tasks.
struct Ending<P: Protocol> {
    shared: Arc<Shared<P>>,
    fallback: Err,
}

impl<P: Protocol> Drop for Ending<P> {
    fn drop(&mut self) {
        let known = self.shared.known_reason();
        let failure = known.unwrap_or_else(|| self.fallback.clone());
        self.shared.fail(failure);
    }
}

pub(crate) fn wake_all(wakers: Wakers) {
    for waker in wakers {
        waker.wake();
    }
}

pub(crate) fn remember(waiters: &mut Vec<AbiWaker>, waker: &AbiWaker) {
    if !waiters.iter().any(|known| known.will_wake(waker)) {
        waiters.push(waker.clone());
    }
}

impl<P: Protocol> Link for MuxLink<P> {
    fn begin(&self, method: &MethodDesc, arguments: u32, flags: u32) -> Result<Begin, Err> {
        let shared = &self.shared;
        let mut state = shared.lock();
        if let Some(failure) = &state.closed {
            return Err(failure::not_sent(failure));
        }
        if state.closing {
            let message = "the link is being closed";
            return Err(Err::new(kind::RECONNECT, cause::SHUTDOWN, message));
        }
        if state.ending {
            let failure = failure::closed_by_peer(&shared.options.peer);
            return Err(failure::not_sent(&failure));
        }
        if shared.check_stale(&mut state) {
            drop(state);
            let closed = || failure::closed_by_peer(&shared.options.peer);
            let failure = shared.known_reason().unwrap_or_else(closed);
            let failure = failure.delivered(delivery::NOT_SENT);
            shared.fail(failure.clone());
            return Err(failure);
        }
        if !shared.has_room(&state) {
            return Ok(Begin::Full);
        }
        let oneway = flags & call_flags::ONEWAY != 0;
        let id = state.calls.fresh_id();
        let mut enc = shared.encoder(&mut state);
        let number = if oneway {
            ONEWAY_NUMBER
        } else {
            state.calls.add(id, flags)
        };
        drop(state);
        if let Some(word) = enc.state.get_mut(NUMBER_WORD) {
            *word = number;
        }
        let begun = shared
            .protocol
            .begin_request(id, method, arguments, flags, &mut enc);
        if let Err(failure) = begun {
            self.abort(enc);
            return Err(failure);
        }
        Ok(Begin::Ready(enc))
    }

    fn submit(&self, mut enc: Enc, options: &CallOptions) -> Result<u64, Err> {
        let shared = &self.shared;
        let number = enc.state.get(NUMBER_WORD).copied().unwrap_or(ONEWAY_NUMBER);
        if let Err(failure) = shared.protocol.finish_request(&mut enc) {
            self.abort(enc);
            return Err(failure);
        }
        let mut state = shared.lock();
        if let Some(failure) = state.closed.clone() {
            drop(state);
            self.abort(enc);
            return Err(failure::not_sent(&failure));
        }
        let start = state.out.append(enc.buf.into_vec());
        shared.note_fullness(&state);
        if number == ONEWAY_NUMBER {
            shared.leave_to_task(state);
            return Ok(0);
        }
        state.calls.queued_at(number, start);
        if options.deadline_ns > 2 * BLOCKING_NS {
            state.calls.let_wait(number);
        }
        if state.calls.is_started(number) {
            shared.leave_to_task(state);
        }
        Ok(number)
    }

    fn abort(&self, enc: Enc) {
        let number = enc.state.get(NUMBER_WORD).copied().unwrap_or(ONEWAY_NUMBER);
        self.shared.lock().out.recycle(enc.buf.into_vec());
        if number != ONEWAY_NUMBER {
            self.drop_call(number);
        }
    }

    fn poll_call(&self, call: u64, waker: &AbiWaker) -> Poll<Result<Reply, Err>> {
        let shared = &self.shared;
        let mut state = shared.lock();
        if let Some(settled) = state.calls.take(call) {
            shared.hand_over(state, call);
            return Poll::Ready(shared.to_reply(settled));
        }
        if !state.calls.is_waiting(call) {
            let message = "the call was polled after its end";
            return Poll::Ready(Err(Err::new(kind::INTERNAL, cause::OTHER, message)));
        }
        state.calls.set_waker(call, waker);
        if shared.is_first_of_several(&mut state, call) {
            shared.let_task_read(state);
            return Poll::Pending;
        }
        if shared.is_left_to_task(&state, call) {
            if state.out.wants_write() && state.writer == Role::None {
                shared.leave_to_task(state);
            }
            return Poll::Pending;
        }
        shared.write_for_call(state, call, waker);
        match shared.read_for_call(call, waker) {
            Poll::Ready(settled) => Poll::Ready(shared.to_reply(settled)),
            Poll::Pending => Poll::Pending,
        }
    }

    fn drop_call(&self, call: u64) {
        let mut state = self.shared.lock();
        match state.calls.remove(call) {
            // What it did for others was passed on when its outcome was taken.
            Removed::Taken => return,
            Removed::Waiting(id) => self.shared.stream.forget(id),
            Removed::Settled => {}
        }
        self.shared.hand_over(state, call);
    }

    fn poll_ready(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        let mut state = self.shared.lock();
        if let Some(failure) = &state.closed {
            return Poll::Ready(Err(failure::not_sent(failure)));
        }
        if self.shared.has_room(&state) {
            return Poll::Ready(Ok(()));
        }
        remember(&mut state.ready_waiters, waker);
        if state.out.wants_write() {
            self.shared.leave_to_task(state);
        }
        Poll::Pending
    }

    fn poll_flush(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        let mut state = self.shared.lock();
        let known = state
            .flush_waiters
            .iter()
            .position(|(known, _)| known.will_wake(waker));
        let target = match known.and_then(|index| state.flush_waiters.get(index)) {
            Some((_, target)) => *target,
            None => state.out.end(),
        };
        if state.out.written() >= target {
            if let Some(index) = known {
                state.flush_waiters.swap_remove(index);
            }
            if state.out.wants_write() {
                // Appended later, perhaps by who asks: it must not be left lying.
                self.shared.leave_to_task(state);
            }
            return Poll::Ready(Ok(()));
        }
        if let Some(failure) = &state.closed {
            return Poll::Ready(Err(failure.clone()));
        }
        if known.is_none() {
            if state.flush_waiters.len() >= FLUSH_WAITERS_MAX {
                // Some asked once and never come back for the answer. Who does waits for a later target, too.
                let written = state.out.written();
                state.flush_waiters.retain(|(_, target)| *target > written);
            }
            state.flush_waiters.push((waker.clone(), target));
        }
        drop(state);
        self.shared.write_now();
        let mut state = self.shared.lock();
        if state.out.written() >= target {
            state
                .flush_waiters
                .retain(|(known, _)| !known.will_wake(waker));
            return Poll::Ready(Ok(()));
        }
        self.shared.leave_to_task(state);
        Poll::Pending
    }

    fn poll_close(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        let mut state = self.shared.lock();
        state.closing = true;
        self.shared.has_news.store(true, Ordering::Relaxed);
        if state.closed.is_some() {
            return Poll::Ready(Ok(()));
        }
        // One-way calls that end in place are not counted: while the half is away, one may run.
        let is_serving = self.shared.takes_calls && state.half.is_none();
        let quiet = state.calls.waiting() == 0 && state.serving.is_idle() && !is_serving;
        if quiet && state.out.is_drained() {
            drop(state);
            self.shared.fail(failure::closed_here());
            return Poll::Ready(Ok(()));
        }
        remember(&mut state.close_waiters, waker);
        if quiet || self.shared.takes_calls {
            self.shared.leave_to_task(state);
        }
        Poll::Pending
    }

    fn abandon(&self) {
        self.shared.fail(failure::closed_here());
    }

    fn is_open(&self) -> bool {
        let state = self.shared.lock();
        state.closed.is_none() && !state.closing && !state.ending
    }

    fn describe(&self) -> String {
        self.shared.options.peer.clone()
    }
}
