//! The background task of a link: writes what nobody else writes and, when the peer may call, reads all the time,
//! answers within the round in which a call came, and keeps the time limits of accepted connections.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, MutexGuard};
use std::task::{Context, Poll};

use rmix_abi::guest::Timer;
use rmix_abi::tables::{AbiWaker, Err, cause, kind};

use crate::failure;
use crate::link::{Half, Processed, Role, Shared, State, Wrote};
use crate::outbox::Progress;
use crate::protocol::{Framer, Protocol};
use crate::serving::IdleTime;

/// Reads in one poll before other tasks get their turn.
const ROUNDS_MAX: u32 = 16;

pub(crate) struct Background<P: Protocol> {
    shared: Arc<Shared<P>>,
    timer: Option<Timer>,
    /// What the timer is set to; 0 when it is not.
    armed_ns: u64,
    /// Whom the timer wakes.
    armed_for: Option<AbiWaker>,
    /// The time, once this poll knows it.
    now_ns: Option<u64>,
    /// When the message under way began to arrive.
    partial_since_ns: Option<u64>,
    /// Whether the peer takes what is sent to it.
    progress: Progress,
    opened_ns: u64,
    idle: IdleTime,
    /// Reading was paused the last time, because the link was full.
    full: bool,
    /// After the last read nothing waited to be written.
    nothing_to_write: bool,
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

/// What became of a task that had nothing left to do.
enum Settled {
    /// It waits to be woken.
    Asleep,
    /// Something came up: go round again.
    Again,
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
            armed_for: None,
            now_ns: None,
            partial_since_ns: None,
            progress: Progress::default(),
            opened_ns,
            idle: IdleTime::default(),
            full: false,
            nothing_to_write: false,
        }
    }

    fn read(&mut self, waker: &AbiWaker) -> Round {
        let shared = self.shared.clone();
        let mut half = {
            let mut state = shared.lock();
            state.task_active = true;
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
        let before = half.messages;
        let round = self.read_with(&mut half, waker);
        let mut state = shared.lock();
        if half.messages != before {
            state.active_ns = half.now_ns;
        }
        state.serving.pass(std::mem::take(&mut half.passed));
        state.half = Some(half);
        self.nothing_to_write = !state.out.wants_write();
        shared.task_has_read(state);
        round
    }

    fn read_with(&mut self, half: &mut Half<P>, waker: &AbiWaker) -> Round {
        let shared = self.shared.clone();
        // What was left over while too many calls ran.
        if !half.input.is_empty() {
            // It may be long since they were read.
            half.now_ns = shared.host.now_ns();
            self.now_ns = Some(half.now_ns);
            match shared.process(half, None) {
                Processed::All => {}
                Processed::Stalled => return Round::Progress,
                Processed::Failed => return Round::Over,
            }
        }
        half.make_room();
        match shared.stream.poll_read(waker, &mut half.input) {
            Poll::Pending => {
                let partial = !half.framer.is_between_messages(&half.input);
                let since = self.partial_since_ns.filter(|_| partial);
                self.partial_since_ns = match partial {
                    true => Some(since.unwrap_or_else(|| shared.host.now_ns())),
                    false => None,
                };
                Round::Idle
            }
            Poll::Ready(Ok(0)) => {
                shared.end(failure::closed_by_peer(&shared.options.peer));
                Round::Over
            }
            Poll::Ready(Ok(_)) => {
                half.now_ns = shared.host.now_ns();
                self.now_ns = Some(half.now_ns);
                let before = half.messages;
                let processed = shared.process(half, None);
                if half.messages != before {
                    self.partial_since_ns = None;
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

    /// Nothing is left to do for now: goes to sleep, unless something came up meanwhile or the link is to end. An
    /// accepted connection that takes too long is closed.
    fn settle(&mut self, waker: &AbiWaker, blocked: bool) -> Settled {
        let shared = self.shared.clone();
        let mut now_ns = *self.now_ns.get_or_insert_with(|| shared.host.now_ns());
        let mut is_fresh = false;
        loop {
            let state = shared.lock();
            if shared.takes_calls && is_over(&state) {
                drop(state);
                shared.fail(failure::closed_here());
                return Settled::Over;
            }
            if !shared.options.accepted {
                return self.sleep(state, waker, blocked);
            }
            // Methods may have run since the clock was read, and a peer is not to be blamed for that.
            if !is_fresh && (!state.out.is_drained() || self.idle.is_behind(&state.serving)) {
                drop(state);
                (now_ns, is_fresh) = (shared.host.now_ns(), true);
                continue;
            }
            let (deadline, rule) = self.deadline(&state, now_ns);
            if self.is_armed(deadline, now_ns, waker) {
                return self.sleep(state, waker, blocked);
            }
            drop(state);
            // Only a deadline that was reckoned by a fresh clock may end a connection.
            if !std::mem::replace(&mut is_fresh, true) {
                now_ns = shared.host.now_ns();
                continue;
            }
            now_ns = shared.host.now_ns();
            if now_ns >= deadline {
                self.close_slow(rule);
                return Settled::Over;
            }
            self.arm(deadline, waker);
        }
    }

    /// Whether the timer will wake this task at `deadline_ns` or before; with a standing timer, all is said without
    /// asking it.
    fn is_armed(&self, deadline_ns: u64, now_ns: u64, waker: &AbiWaker) -> bool {
        let pending = self.armed_ns > now_ns && self.armed_ns <= deadline_ns;
        let wakes = self.armed_for.as_ref();
        pending && wakes.is_some_and(|known| known.will_wake(waker))
    }

    fn arm(&mut self, deadline_ns: u64, waker: &AbiWaker) {
        let host = self.shared.host;
        let timer = self.timer.get_or_insert_with(|| host.timer());
        let is_pending = timer.poll_until(deadline_ns, waker).is_pending();
        // A time that has come meanwhile is looked at again.
        self.armed_ns = if is_pending { deadline_ns } else { 0 };
        self.armed_for = is_pending.then(|| waker.clone());
    }

    fn close_slow(&self, rule: &str) {
        let peer = &self.shared.options.peer;
        let message = format!("{peer} was too slow, the connection is closed: {rule}");
        let provider = self.shared.options.provider;
        self.shared.host.warn(provider, &message);
        let failure = Err::new(kind::PEER_BROKEN, cause::TIMEOUT, message);
        self.shared.fail(failure);
    }

    /// When the connection is too slow, and by which rule.
    fn deadline(&mut self, state: &State<P>, now_ns: u64) -> (u64, &'static str) {
        let limits = self.shared.limits();
        let within = |since: Option<u64>, rule| {
            since.map(|since| (since.saturating_add(limits.message_ns), rule))
        };
        let message = within(self.partial_since_ns, "message_timeout");
        let stuck = self.progress.stuck_since(&state.out, now_ns);
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
        let waits = state.calls.waiting() > 0;
        let since = self
            .idle
            .since(&state.serving, waits, state.active_ns, now_ns);
        (since.saturating_add(limits.idle_ns), "idle_timeout")
    }

    /// Goes to sleep unless something came up since the last look.
    fn sleep(
        &self,
        mut state: MutexGuard<'_, State<P>>,
        waker: &AbiWaker,
        blocked: bool,
    ) -> Settled {
        if state.closed.is_some() {
            return Settled::Over;
        }
        let writable = state.out.wants_write() && !blocked;
        // Reading was paused, and has not asked to be woken when there is something to read.
        let resumed = self.full && !self.shared.is_full(&state);
        if writable || state.read_wanted || resumed {
            return Settled::Again;
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
        Settled::Asleep
    }

    fn poll_rounds(&mut self, waker: &AbiWaker) -> Poll<()> {
        self.now_ns = None;
        for _ in 0..ROUNDS_MAX {
            self.nothing_to_write = false;
            let round = self.read(waker);
            // What is appended from here on by others is found before going to sleep.
            let wrote = match round == Round::Idle && self.nothing_to_write {
                true => Wrote::All,
                false => self.shared.write_polled(waker),
            };
            if round == Round::Over || wrote == Wrote::Failed {
                return Poll::Ready(());
            }
            if round == Round::Progress && wrote != Wrote::Blocked {
                continue;
            }
            match self.settle(waker, wrote == Wrote::Blocked) {
                Settled::Asleep => return Poll::Pending,
                Settled::Again => {}
                Settled::Over => return Poll::Ready(()),
            }
        }
        waker.wake_by_ref();
        Poll::Pending
    }
}

/// Whether a link that is being closed has nothing more to do.
fn is_over<P: Protocol>(state: &State<P>) -> bool {
    let quiet = || state.serving.is_idle() && state.calls.waiting() == 0 && state.out.is_drained();
    state.closing && quiet()
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
