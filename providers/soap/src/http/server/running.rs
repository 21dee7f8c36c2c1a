//! Requests of one connection that are not done: how many, and how many bytes they are.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::http::limits::HttpLimits;

/// Bodies of requests that run at once for one connection, in longest messages; at least `queued_bytes` in any case. The
/// message that reaches the bound is still served, so none is ever held up by its length.
const BODIES_MAX: u64 = 2;

/// The requests of one connection that run.
pub(super) struct Requests {
    calls_max: u32,
    bytes_max: u64,
    /// Guards the counts and who waits for them; held for moments.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: u32,
    bytes: u64,
    waiting: Option<Waker>,
}

impl Requests {
    pub(super) fn new(limits: &HttpLimits) -> Requests {
        let bodies = limits.message_bytes.saturating_mul(BODIES_MAX);
        Requests {
            calls_max: limits.calls,
            bytes_max: bodies.max(limits.queued_bytes),
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ready with the right to run a request of so many bytes when there is room for one more.
    pub(super) fn poll_begin(
        self: &Arc<Self>,
        bytes: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Running> {
        let mut state = self.lock();
        if state.calls >= self.calls_max || state.bytes >= self.bytes_max {
            state.waiting = Some(cx.waker().clone());
            return Poll::Pending;
        }
        state.calls += 1;
        let bytes = bytes as u64;
        state.bytes = state.bytes.saturating_add(bytes);
        Poll::Ready(Running {
            requests: self.clone(),
            bytes,
        })
    }
}

/// A request that runs; it counts against its connection's limit until this is dropped.
pub struct Running {
    requests: Arc<Requests>,
    bytes: u64,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.requests.lock();
        state.calls = state.calls.saturating_sub(1);
        state.bytes = state.bytes.saturating_sub(self.bytes);
        let waiting = state.waiting.take();
        drop(state);
        if let Some(waker) = waiting {
            waker.wake();
        }
    }
}
