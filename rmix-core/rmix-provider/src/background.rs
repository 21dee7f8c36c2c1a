//! The background task of a link: writes what nobody else writes and, when the peer may call, reads all the time,
//! answers within the round in which a call came, and keeps the time limits of accepted connections.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rmix_abi::guest::Timer;
use rmix_abi::tables::{AbiWaker, Err, cause, kind};

use crate::failure;
use crate::link::{Half, Processed, Role, Shared, Wrote};
use crate::outbox::Progress;
use crate::protocol::{Framer, Protocol};

/// Reads in one poll before other tasks get their turn.
const ROUNDS_MAX: u32 = 16;

pub(crate) struct Background<P: Protocol> {
    shared: Arc<Shared<P>>,
    timer: Option<Timer>,
    /// What the timer is set to; 0 when it is not.
    armed_ns: u64,
    /// When the message under way began to arrive.
    partial_since_ns: Option<u64>,
    /// Whether the peer takes what is sent to it.
    progress: Progress,
    opened_ns: u64,
    /// Reading was paused the last time, because the link was full.
    full: bool,
}

/// Where a round of reading ended.
#[derive(PartialEq, Eq)]
enum Round {
    /// Something was read: go round again.
    Progress,
    /// Nothing to read, or reading is paused.
    Idle,
    /// The link is closed.
    Over,
}

impl<P: Protocol> Background<P> {
    pub(crate) fn new(shared: Arc<Shared<P>>) -> Background<P> {
        let opened_ns = shared.host.now_ns();
        Background {
            shared,
            timer: None,
            armed_ns: 0,
            partial_since_ns: None,
            progress: Progress::default(),
            opened_ns,
            full: false,
        }
    }

    fn read(&mut self, waker: &AbiWaker) -> Round {
        let shared = self.shared.clone();
        let mut half = {
            let mut state = shared.lock();
            state.read_wanted = false;
            state.read_paused = false;
            if state.closed.is_some() || state.ending {
                return Round::Over;
            }
            if !shared.takes_calls && state.leader != Role::Task {
                return Round::Idle;
            }
            // While calls of ours wait for answers, these must be read.
            let ending = state.closing && state.calls.waiting() == 0;
            self.full = shared.is_full(&state);
            let taken = if self.full || ending {
                None
            } else {
                state.half.take()
            };
            match taken {
                Some(half) => half,
                None => {
                    if self.full {
                        // It is not the peer that keeps the message under way from being read.
                        self.partial_since_ns = None;
                    }
                    return Round::Idle;
                }
            }
        };
        let round = self.read_with(&mut half, waker);
        let mut state = shared.lock();
        state.half = Some(half);
        shared.task_has_read(state);
        round
    }

    fn read_with(&mut self, half: &mut Half<P>, waker: &AbiWaker) -> Round {
        let shared = self.shared.clone();
        // What was left over while too many calls ran.
        match shared.process(half, None) {
            Processed::All => {}
            Processed::Stalled => return Round::Progress,
            Processed::Failed => return Round::Over,
        }
        half.make_room();
        match shared.stream.poll_read(waker, &mut half.input) {
            Poll::Pending => {
                let now = shared.host.now_ns();
                let partial = !half.framer.is_between_messages(&half.input);
                self.partial_since_ns = match (partial, self.partial_since_ns) {
                    (false, _) => None,
                    (true, since) => since.or(Some(now)),
                };
                Round::Idle
            }
            Poll::Ready(Ok(0)) => {
                shared.end(failure::closed_by_peer(&shared.options.peer));
                Round::Over
            }
            Poll::Ready(Ok(_)) => {
                let before = half.messages;
                let processed = shared.process(half, None);
                if half.messages != before {
                    self.partial_since_ns = None;
                    shared.lock().active_ns = shared.host.now_ns();
                }
                if processed == Processed::Failed {
                    Round::Over
                } else {
                    Round::Progress
                }
            }
            Poll::Ready(Err(errno)) => {
                let what = format!("reading from {}", shared.options.peer);
                shared.end(failure::io(&what, errno));
                Round::Over
            }
        }
    }

    /// Closes a connection that takes too long; ready when it did.
    fn check_time(&mut self, waker: &AbiWaker) -> Poll<()> {
        if !self.shared.options.accepted {
            return Poll::Pending;
        }
        loop {
            let (deadline, rule) = self.deadline();
            if self.armed_ns == 0 || deadline < self.armed_ns {
                self.armed_ns = deadline;
            }
            let host = self.shared.host;
            let timer = self.timer.get_or_insert_with(|| host.timer());
            if timer.poll_until(self.armed_ns, waker).is_pending() {
                return Poll::Pending;
            }
            self.armed_ns = 0;
            let (deadline, _) = self.deadline();
            if host.now_ns() >= deadline {
                let peer = &self.shared.options.peer;
                let message = format!("{peer} was too slow, the connection is closed: {rule}");
                host.warn(self.shared.options.provider, &message);
                self.shared
                    .fail(Err::new(kind::PEER_BROKEN, cause::TIMEOUT, message));
                return Poll::Ready(());
            }
        }
    }

    /// When the connection is too slow, and by which rule.
    fn deadline(&mut self) -> (u64, &'static str) {
        let shared = self.shared.clone();
        let limits = shared.limits();
        let now = shared.host.now_ns();
        let state = shared.lock();
        let within = |since: Option<u64>, rule| {
            since.map(|since| (since.saturating_add(limits.message_ns), rule))
        };
        let message = within(self.partial_since_ns, "message_timeout");
        let stuck = self.progress.stuck_since(&state.out, now);
        let unread = within(stuck, "message_timeout (it took none of its answers)");
        let unbegun = state.half.as_ref().is_some_and(|half| half.messages == 0);
        let handshake = unbegun.then(|| {
            let deadline = self.opened_ns.saturating_add(limits.handshake_ns);
            let rule = "handshake_timeout (no whole message was sent)";
            (deadline, rule)
        });
        let rules = [handshake, message, unread];
        if let Some(first) = rules.into_iter().flatten().min() {
            return first;
        }
        let busy = !state.serving.is_idle() || state.calls.waiting() > 0;
        let since = if busy { now } else { state.active_ns };
        (since.saturating_add(limits.idle_ns), "idle_timeout")
    }

    /// Goes to sleep unless something came up since the last look; true when asleep.
    fn sleep(&mut self, waker: &AbiWaker, blocked: bool) -> bool {
        let mut state = self.shared.lock();
        let writable = state.out.wants_write() && !blocked;
        // Reading was paused, and has not asked to be woken when there is something to read.
        let resumed = self.full && !self.shared.is_full(&state);
        if state.closed.is_some() || writable || state.read_wanted || resumed {
            return false;
        }
        state.writer = match (blocked, state.writer) {
            (true, Role::None | Role::Task) => Role::Task,
            (false, Role::Task) => Role::None,
            (_, other) => other,
        };
        if !state
            .task_waker
            .as_ref()
            .is_some_and(|known| known.will_wake(waker))
        {
            state.task_waker = Some(waker.clone());
        }
        state.task_active = false;
        state.read_paused = self.full;
        true
    }

    fn is_over(&self) -> bool {
        let state = self.shared.lock();
        let quiet = state.serving.is_idle() && state.calls.waiting() == 0 && state.out.is_drained();
        state.closing && quiet
    }

    fn poll_rounds(&mut self, waker: &AbiWaker) -> Poll<()> {
        self.shared.lock().task_active = true;
        for _ in 0..ROUNDS_MAX {
            let round = self.read(waker);
            let wrote = self.shared.write_polled(waker);
            if round == Round::Over || wrote == Wrote::Failed {
                return Poll::Ready(());
            }
            if self.shared.takes_calls && self.is_over() {
                self.shared.fail(failure::closed_here());
                return Poll::Ready(());
            }
            let again = round == Round::Progress && wrote != Wrote::Blocked;
            if again {
                continue;
            }
            if self.shared.takes_calls && self.check_time(waker).is_ready() {
                return Poll::Ready(());
            }
            if self.sleep(waker, wrote == Wrote::Blocked) {
                return Poll::Pending;
            }
            if self.shared.lock().closed.is_some() {
                return Poll::Ready(());
            }
        }
        waker.wake_by_ref();
        Poll::Pending
    }
}

impl<P: Protocol> Future for Background<P> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let waker = AbiWaker::lend(cx.waker());
        this.poll_rounds(&waker)
    }
}

impl<P: Protocol> Drop for Background<P> {
    fn drop(&mut self) {
        if self.shared.lock().ending {
            // Whoever finds out why ends the link.
            return;
        }
        // A link that has ended is closed already. A host that drops its tasks, or cannot run them, ends the links that
        // need one: what they queue would never leave.
        self.shared.fail(failure::closed_here());
    }
}
