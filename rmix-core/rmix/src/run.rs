//! Where inbound calls run: in place, on the thread that read them, for as long as they are ready; then as tasks. Panics
//! of user code end here.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::runtime::Handle;

use crate::caller::Seat;
use crate::reactor::{Services, dispatching};
use crate::turns::{Job, Turn};

/// Runs a call, and those that wait for its turn, as far as they go at once; what is not ready then becomes a task. True
/// when all have ended.
pub(crate) fn run(services: &Services, mut job: Job, mut turn: Turn) -> bool {
    loop {
        let poll = || job.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        match guarded(|| in_context(services, poll)) {
            Ok(Poll::Pending) => {
                spawn(services, job, Some(turn));
                return false;
            }
            Ok(Poll::Ready(())) => {}
            Err(panic) => log_panic(&panic),
        }
        match turn.next() {
            Some(next) => job = next,
            None => return true,
        }
    }
}

/// A call has ended: runs those that wait for its turn.
pub(crate) fn pass_on(services: &Services, mut turn: Turn) {
    if let Some(job) = turn.next() {
        run(services, job, turn);
    }
}

/// Makes a call a task, and after it those that wait for its turn.
pub(crate) fn spawn(services: &Services, job: Job, mut turn: Option<Turn>) {
    let task = async move {
        let mut next = Some(job);
        while let Some(job) = next {
            if let Err(panic) = catching(job).await {
                log_panic(&panic);
            }
            next = turn.as_mut().and_then(Turn::next);
        }
    };
    match services.handle() {
        Ok(handle) => drop(handle.spawn(task)),
        // Dropped, the call's responder answers "internal error".
        Err(error) => {
            tracing::error!(target: "rmix::dispatch", %error, "a call cannot be run");
        }
    }
}

/// A method's own panics are answered; what comes here is that of a destructor, after the answer or instead of it.
pub(crate) fn log_panic(panic: &str) {
    tracing::error!(target: "rmix::dispatch", panic, "a call panicked outside its method");
}

/// Runs user code in place: inside a tokio runtime, and not inside `block_on`.
pub(crate) fn in_context<R>(services: &Services, body: impl FnOnce() -> R) -> R {
    // The first costs less, and is so on a server's links.
    if tokio::task::try_id().is_some() || Handle::try_current().is_ok() {
        return dispatching(body);
    }
    let handle = services.handle();
    let _entered = handle.as_ref().ok().map(Handle::enter);
    dispatching(body)
}

/// Runs user code; a panic comes back as its text.
pub(crate) fn guarded<R>(body: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(body)).map_err(|payload| {
        let text = if let Some(text) = payload.downcast_ref::<&str>() {
            (*text).to_owned()
        } else if let Some(text) = payload.downcast_ref::<String>() {
            text.clone()
        } else {
            "(no text)".to_owned()
        };
        if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(second);
        }
        text
    })
}

/// A future whose panics come back as text.
pub(crate) async fn catching<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    poll_fn(|cx| caught(guarded(|| future.as_mut().poll(cx)))).await
}

/// A method's future: as [`catching`], and while it is polled it can ask who calls.
pub(crate) async fn serving<F: Future>(mut caller: Seat, future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    poll_fn(|cx| caught(guarded(|| caller.during(|| future.as_mut().poll(cx))))).await
}

fn caught<T>(polled: Result<Poll<T>, String>) -> Poll<Result<T, String>> {
    match polled {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(panic) => Poll::Ready(Err(panic)),
    }
}
