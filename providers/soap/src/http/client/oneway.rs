//! One-way messages: queued by their callers, sent in order on a connection of their own by one task, which also reads
//! their answers. They are pipelined only to peers whose answers say `Server: rmix`: others may answer the first message of
//! each read and drop the rest. One that is not answered within `message_timeout` is lost, and its connection ends.
//!
//! A message is lost only when the connection ends after its first byte and before its answer. Those behind an answer that
//! closes the connection were not looked at by the peer (RFC 9112, 9.6), and are sent again on the next one.

mod line;
mod task;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use rmix_provider::failure as failures;
use rmix_provider::tables::{AbiWaker, Err, delivery};

use super::Client;
use crate::http::limits::HttpLimits;
use crate::http::message::Message;

/// What a queued message counts beside its body, in bytes.
const OVERHEAD: u64 = 256;

/// The one-way messages of a client.
#[derive(Default)]
pub(super) struct Oneways {
    /// Guards the queue and who waits for what; held for moments.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Message>,
    queued_bytes: u64,
    /// Messages posted in all.
    posted: u64,
    /// Of these, those that the kernel has whole, or that are lost.
    written: u64,
    /// Of these, those that were answered, or are lost.
    settled: u64,
    /// Not told to anybody yet.
    failure: Option<Err>,
    /// Whether the task is there.
    running: bool,
    task: Option<AbiWaker>,
    closing: bool,
    abandoned: bool,
    waiters: Vec<AbiWaker>,
}

fn bytes(message: &Message) -> u64 {
    OVERHEAD.saturating_add(message.body.len() as u64)
}

/// Queues a message.
pub(super) fn post(client: &Arc<Client>, message: Message) -> Result<(), Err> {
    let mut state = client.oneways.lock();
    if let Some(failure) = state.failure.take() {
        let message = format!("an earlier one-way message failed: {}", failure.text());
        let told = Err::new(failure.kind, failure.cause, message).with_code(failure.code);
        return Err(told.delivered(delivery::NOT_SENT));
    }
    if state.closing {
        return Err(failures::closed_here().delivered(delivery::NOT_SENT));
    }
    state.queued_bytes = state.queued_bytes.saturating_add(bytes(&message));
    state.queue.push_back(message);
    state.posted += 1;
    let begin = !std::mem::replace(&mut state.running, true);
    let task = state.task.take();
    drop(state);
    if begin {
        // From here on its drop says that the task has ended, whether the host ever polls it or not.
        let running = task::Running(client.clone());
        client.host.spawn(task::run(running));
    }
    if let Some(task) = task {
        task.wake();
    }
    Ok(())
}

impl Oneways {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Messages posted so far.
    pub(super) fn posted(&self) -> u64 {
        self.lock().posted
    }

    pub(super) fn has_room(&self, limits: &HttpLimits) -> bool {
        self.lock().has_room(limits)
    }

    pub(super) fn poll_ready(&self, limits: &HttpLimits, waker: &AbiWaker) -> Poll<()> {
        let mut state = self.lock();
        let ready = state.has_room(limits);
        state.wait_until(ready, waker)
    }

    pub(super) fn poll_flush(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        let mut state = self.lock();
        if let Some(failure) = state.failure.take() {
            return Poll::Ready(Err(failure));
        }
        let ready = state.written >= state.posted;
        state.wait_until(ready, waker).map(Ok)
    }

    /// Ready when the first `count` messages were answered.
    pub(super) fn poll_answered(&self, count: u64, waker: &AbiWaker) -> Poll<()> {
        if count == 0 {
            return Poll::Ready(());
        }
        let mut state = self.lock();
        let ready = state.settled >= count;
        state.wait_until(ready, waker)
    }

    pub(super) fn poll_close(&self, waker: &AbiWaker) -> Poll<()> {
        let mut state = self.lock();
        state.closing = true;
        let ready = !state.running;
        let polled = state.wait_until(ready, waker);
        let task = state.task.take();
        drop(state);
        if let Some(task) = task {
            task.wake();
        }
        polled
    }

    pub(super) fn abandon(&self) {
        let mut state = self.lock();
        state.closing = true;
        state.abandoned = true;
        let queue = std::mem::take(&mut state.queue);
        state.queued_bytes = 0;
        state.settled = state.posted;
        state.written = state.posted;
        let mut wake = std::mem::take(&mut state.waiters);
        wake.extend(state.task.take());
        drop(state);
        drop(queue);
        super::wake_all(wake);
    }
}

impl State {
    fn has_room(&self, limits: &HttpLimits) -> bool {
        self.abandoned || self.queued_bytes < limits.queued_bytes
    }

    fn wait_until(&mut self, ready: bool, waker: &AbiWaker) -> Poll<()> {
        if ready {
            return Poll::Ready(());
        }
        if !self.waiters.iter().any(|known| known.will_wake(waker)) {
            self.waiters.push(waker.clone());
        }
        Poll::Pending
    }

    /// The next message to be sent.
    fn next(&mut self) -> Option<Message> {
        let message = self.queue.pop_front()?;
        self.queued_bytes = self.queued_bytes.saturating_sub(bytes(&message));
        Some(message)
    }

    /// Puts messages back in front of the others.
    fn put_back(&mut self, messages: impl DoubleEndedIterator<Item = Message>) {
        for message in messages.rev() {
            self.queued_bytes = self.queued_bytes.saturating_add(bytes(&message));
            self.queue.push_front(message);
        }
    }
}
