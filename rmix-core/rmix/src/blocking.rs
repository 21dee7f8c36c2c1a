//! Whether this thread may block: a thread that is polling a task must not, or the tasks that would wake it never run.

use std::task::{Context, Poll, Waker};

use tokio::runtime::Handle;
use tokio::task::coop;

use crate::error::{Cause, Error, ErrorKind};
use crate::reactor::is_dispatching;

/// Refuses where blocking could stop the very tasks that are waited for.
pub(crate) fn check(method: &str) -> Result<(), Error> {
    let place = if is_dispatching() {
        "inside a served method"
    } else if is_in_task() {
        "on a thread that is running an asynchronous task"
    } else {
        return Ok(());
    };
    let message = format!(
        "the blocking form of `{method}` was called {place}, where it could wait for itself: await the asynchronous \
         form, or move the call into `tokio::task::spawn_blocking`"
    );
    Err(Error::new(ErrorKind::FixRequest, Cause::Other, message))
}

/// Whether this thread is polling a tokio task (or the future of a runtime's `block_on`). Threads of the blocking pool
/// know their runtime as well, but have no cooperative budget: that is what tells them apart. A task wrapped in
/// `tokio::task::unconstrained` has none either and is not recognised.
fn is_in_task() -> bool {
    if Handle::try_current().is_err() {
        return false;
    }
    if !coop::has_budget_remaining() {
        return true;
    }
    let mut cx = Context::from_waker(Waker::noop());
    // Dropped last, it restores the budget as it was before the first step.
    let Poll::Ready(_first) = coop::poll_proceed(&mut cx) else {
        return true;
    };
    for _ in 0..BUDGET_MAX {
        if !coop::has_budget_remaining() {
            return true;
        }
        match coop::poll_proceed(&mut cx) {
            Poll::Ready(step) => step.made_progress(),
            Poll::Pending => return true,
        }
    }
    false
}

/// A task's budget is at most this many steps (128 in tokio 1).
const BUDGET_MAX: usize = 129;
