//! The writing half of a link: a lone call writes at once, a synchronous one for all; several asynchronous ones append
//! and leave the writing to the background task, which runs after them; so does what the kernel does not take.

use std::sync::{Arc, MutexGuard};
use std::task::Poll;

use rmix_abi::tables::AbiWaker;

use super::{Role, Shared, State, Wakers, wake_all};
use crate::background::Background;
use crate::failure;
use crate::outbox::Taken;
use crate::protocol::Protocol;

/// What one attempt to write everything came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrote {
    /// Nothing waits any more, or somebody else is writing.
    All,
    /// The kernel takes no more for now.
    Blocked,
    /// The link failed.
    Failed,
}

/// Nothing is written any more.
struct LinkEnded;

impl<P: Protocol> Shared<P> {
    /// The writing part of polling a call. A call that may be left alone writes only while no other waits, and waits
    /// for nothing: the background task goes on, after all tasks that are runnable now have appended.
    pub(super) fn write_for_call(
        self: &Arc<Self>,
        state: MutexGuard<'_, State<P>>,
        call: u64,
        waker: &AbiWaker,
    ) {
        if state.writer == Role::Call(call) {
            drop(state);
            self.write_when_ready(call, waker);
            return;
        }
        if !state.out.wants_write() || state.writer != Role::None {
            return;
        }
        let driven = state.calls.is_driven(call);
        if !driven && state.calls.waiting() > 1 {
            self.leave_to_task(state);
            return;
        }
        drop(state);
        if self.write_now() != Wrote::Blocked {
            return;
        }
        let mut state = self.lock();
        if !driven {
            self.leave_to_task(state);
        } else if state.writer == Role::None {
            state.writer = Role::Call(call);
            drop(state);
            self.write_when_ready(call, waker);
        }
    }

    /// Writes without waiting.
    pub(crate) fn write_now(self: &Arc<Self>) -> Wrote {
        self.write_with(|stream, bytes| match stream.try_write(bytes) {
            Some(moved) => Poll::Ready(moved),
            None => Poll::Pending,
        })
    }

    /// Writes, registered for readiness under `waker` while the kernel takes no more.
    pub(crate) fn write_polled(self: &Arc<Self>, waker: &AbiWaker) -> Wrote {
        self.write_with(|stream, bytes| stream.poll_write(waker, bytes))
    }

    fn write_when_ready(self: &Arc<Self>, call: u64, waker: &AbiWaker) {
        if self.write_polled(waker) == Wrote::Blocked {
            return;
        }
        let mut state = self.lock();
        if state.writer == Role::Call(call) {
            state.writer = Role::None;
        }
    }

    fn write_with(
        self: &Arc<Self>,
        mut write: impl FnMut(&crate::stream::Stream, &[u8]) -> Poll<crate::stream::Moved>,
    ) -> Wrote {
        let mut next = self.begin_write(&mut self.lock());
        loop {
            let mut taken = match next {
                Ok(Some(taken)) => taken,
                Ok(None) => return Wrote::All,
                Err(LinkEnded) => return Wrote::Failed,
            };
            let mut count = 0;
            let mut failed = None;
            let outcome = loop {
                if taken.rest().is_empty() {
                    break Wrote::All;
                }
                match write(&self.stream, taken.rest()) {
                    Poll::Pending => break Wrote::Blocked,
                    Poll::Ready(Ok(moved)) => {
                        taken.advance(moved);
                        count += moved;
                    }
                    Poll::Ready(Err(errno)) => {
                        failed = Some(errno);
                        break Wrote::Failed;
                    }
                }
            };
            let mut wakers = Wakers::new();
            {
                let mut state = self.lock();
                state.out.end_write(taken, count);
                state.notify_written(self.limits().queued_bytes, &mut wakers);
                // The background task sleeps without being registered for anything while reading is paused.
                if state.read_paused && !self.is_full(&state) {
                    state.read_paused = false;
                    wakers.extend(state.task_waker.take());
                }
                next = match outcome {
                    Wrote::All => self.begin_write(&mut state),
                    Wrote::Blocked | Wrote::Failed => Ok(None),
                };
            }
            wake_all(wakers);
            if let Some(errno) = failed {
                // After the count: what was not taken has not been sent, and the calls in it are told so.
                let what = format!("writing to {}", self.options.peer);
                self.end(failure::io(&what, errno));
            }
            if outcome != Wrote::All {
                return outcome;
            }
        }
    }

    /// Takes what waits, to write it.
    fn begin_write(&self, state: &mut State<P>) -> Result<Option<Taken>, LinkEnded> {
        // The calls whose bytes still wait have been told that they were not sent.
        if state.closed.is_some() || state.ending {
            return Err(LinkEnded);
        }
        Ok(state.out.begin_write())
    }

    /// Leaves what waits to the background task: started if need be, woken if asleep.
    pub(crate) fn leave_to_task(self: &Arc<Self>, mut state: MutexGuard<'_, State<P>>) {
        if state.task_active {
            return;
        }
        let waker = state.task_waker.take();
        let start = !state.task_started;
        state.task_started = true;
        if start {
            // It counts as awake until its first poll has put it to sleep.
            state.task_active = true;
        }
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        if start {
            self.host.spawn(Background::new(self.clone()));
        }
    }

    /// A call ended or its poller went away: passes on what it did for others.
    pub(super) fn hand_over(self: &Arc<Self>, mut state: MutexGuard<'_, State<P>>, call: u64) {
        let mut wakers = Wakers::new();
        if state.leader == Role::Call(call) {
            state.leader = Role::None;
        }
        if state.writer == Role::Call(call) {
            state.writer = Role::None;
        }
        if !self.takes_calls && state.leader == Role::Task && state.calls.waiting() == 0 {
            state.leader = Role::None;
            state.read_wanted = false;
        }
        let unwritten = state.out.wants_write() && state.writer == Role::None;
        let unread = state.leader == Role::None && state.calls.waiting() > 0;
        let mut to_task = false;
        if (unwritten || unread) && state.closed.is_none() {
            match state.calls.another_driven(call) {
                Some(waker) => wakers.push(waker),
                None => {
                    to_task = unwritten;
                    match state.calls.the_other(call) {
                        Some(waker) => wakers.push(waker),
                        None if unread => {
                            state.leader = Role::Task;
                            state.read_wanted = true;
                            to_task = true;
                        }
                        None => {}
                    }
                }
            }
        }
        if !state.ready_waiters.is_empty() && self.has_room(&state) {
            wakers.append(&mut state.ready_waiters);
        }
        if state.closing && state.calls.waiting() == 0 {
            wakers.append(&mut state.close_waiters);
        }
        if to_task {
            self.leave_to_task(state);
        } else {
            drop(state);
        }
        wake_all(wakers);
    }
}

impl<P: Protocol> State<P> {
    fn notify_written(&mut self, queued_bytes: u64, wakers: &mut Wakers) {
        if !self.ready_waiters.is_empty() && self.out.queued() <= queued_bytes / 2 {
            wakers.append(&mut self.ready_waiters);
        }
        if !self.flush_waiters.is_empty() {
            let written = self.out.written();
            // The entry stays: its owner reads its target from it when it is polled.
            let done = self
                .flush_waiters
                .iter()
                .filter(|(_, target)| *target <= written);
            wakers.extend(done.map(|(waker, _)| waker.clone()));
        }
        if self.closing && self.out.is_drained() {
            wakers.append(&mut self.close_waiters);
        }
    }
}
