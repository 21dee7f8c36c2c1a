//! A started call: the request has left, the outcome is fetched when somebody asks.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use rmix_abi::host::{Call, CodecError, Encoding};
use rmix_abi::tables::call_flags;

use crate::blocking;
use crate::call::{self, Attempt, Encoder, Shape};
use crate::error::{Cause, Delivery, Error, ErrorKind};
use crate::outcome::Outcome;
use crate::reactor::{Timer, after, block_on_until, poll_once};
use crate::repeat::Repeats;
use crate::stub::{Bound, Stub};

/// A started call. The request is sent when it is started (if the link was open and had room, else when the handle is
/// polled or waited for and the link is open by then; a link that has to be opened is opened in the background); the
/// reply is read when this handle is polled, waited for or awaited, or by other callers of the link. Dropped, it is
/// cancelled; its deadline is that of the stub.
///
/// Once it was sent, a started call is not repeated, also when its method is idempotent.
#[must_use = "dropped, the call is cancelled"]
pub struct Pending<O: Outcome> {
    bound: Arc<Bound>,
    shape: Shape,
    timeout: Duration,
    until: Instant,
    timer: Option<Timer>,
    state: State,
    outcome: PhantomData<fn() -> O>,
}

enum State {
    /// The link is being opened, or is full.
    Submitting(Pin<Box<dyn Future<Output = Result<Call, Error>> + Send>>),
    Waiting(Call),
    /// Failed when it was started.
    Failed(Error),
    Taken(Delivery),
}

impl<O: Outcome> Pending<O> {
    pub(crate) fn start(
        stub: &Stub,
        shape: Shape,
        mut encode: impl FnMut(&mut Encoder<'_>) -> Result<(), CodecError> + Send + 'static,
    ) -> Pending<O> {
        let bound = stub.bound.clone();
        let shape = shape.with(call_flags::STARTED);
        let timeout = stub.timeout();
        let until = after(timeout);
        let submit = move |e: Encoding| e.submit(&call::options(until));
        let early = match bound.route.runtime.check_open() {
            Err(error) => Some(State::Failed(error)),
            Ok(()) => bound.route.current().and_then(|link| {
                match bound.route.attempt(&link, shape, &mut encode, submit) {
                    Attempt::Done(call) => Some(State::Waiting(call)),
                    Attempt::Failed(error) => Some(State::Failed(error)),
                    Attempt::Closed(_) => {
                        bound.route.forget(&link);
                        None
                    }
                    Attempt::Full => None,
                }
            }),
        };
        let state = early.unwrap_or_else(|| {
            let bound = bound.clone();
            let mut submitting: Pin<Box<dyn Future<Output = _> + Send>> = Box::pin(async move {
                let mut repeats = Repeats::new(shape, until);
                let route = &bound.route;
                let submitted = route.submit(shape, &mut encode, submit, &mut repeats);
                submitted.await.map(|(call, _)| call)
            });
            match poll_once(|cx| submitting.as_mut().poll(cx)) {
                Poll::Pending => State::Submitting(submitting),
                Poll::Ready(Ok(call)) => State::Waiting(call),
                Poll::Ready(Err(error)) => State::Failed(error),
            }
        });
        Pending {
            bound,
            shape,
            timeout,
            until,
            timer: None,
            state,
            outcome: PhantomData,
        }
    }

    /// The outcome, if it is there by now. Does not block.
    pub fn try_take(&mut self) -> Option<Result<O::Value, O::Error>> {
        match poll_once(|cx| self.poll_outcome(cx)) {
            Poll::Ready(outcome) => Some(outcome),
            Poll::Pending => None,
        }
    }

    /// Waits for the outcome, from a plain thread; `None` when it is not there within `timeout`, and the call goes on.
    ///
    /// # Blocking
    /// At most `timeout`. On a thread that must not block it fails at once, and the call goes on.
    pub fn wait(&mut self, timeout: Duration) -> Option<Result<O::Value, O::Error>> {
        if let Err(error) = blocking::check(self.shape.method.name()) {
            return Some(Err(error.into()));
        }
        let deadline = after(timeout);
        let outcome = std::future::poll_fn(|cx| self.poll_outcome(cx));
        block_on_until(outcome, deadline).ok()
    }

    /// Gives the call up: a late reply is dropped. Tells whether it may have been executed.
    pub fn cancel(self) -> Delivery {
        match self.state {
            State::Submitting(_) => Delivery::NotSent,
            State::Failed(error) => error.delivery(),
            State::Waiting(_) => Delivery::MaybeExecuted,
            State::Taken(delivery) => delivery,
        }
    }

    fn poll_outcome(&mut self, cx: &mut Context<'_>) -> Poll<Result<O::Value, O::Error>> {
        loop {
            match &mut self.state {
                State::Submitting(submitting) => match submitting.as_mut().poll(cx) {
                    Poll::Ready(Ok(call)) => self.state = State::Waiting(call),
                    Poll::Ready(Err(error)) => self.state = State::Failed(error),
                    Poll::Pending => return self.poll_deadline(Delivery::NotSent, cx),
                },
                State::Waiting(call) => match Pin::new(call).poll(cx) {
                    Poll::Ready(Ok(reply)) => {
                        self.state = State::Taken(Delivery::Executed);
                        return Poll::Ready(O::read(self.shape.method, reply));
                    }
                    Poll::Ready(Err(err)) => self.state = State::Failed(Error::from_abi(&err)),
                    Poll::Pending => return self.poll_deadline(Delivery::MaybeExecuted, cx),
                },
                State::Failed(_) | State::Taken(_) => {
                    return Poll::Ready(Err(self.failure().into()));
                }
            }
        }
    }

    fn failure(&mut self) -> Error {
        let delivery = match &self.state {
            State::Failed(error) => error.delivery(),
            State::Taken(delivery) => *delivery,
            _ => Delivery::MaybeExecuted,
        };
        match std::mem::replace(&mut self.state, State::Taken(delivery)) {
            State::Failed(error) => error,
            _ => Error::new(
                ErrorKind::FixRequest,
                Cause::Other,
                "the outcome of the call was taken already",
            ),
        }
    }

    fn poll_deadline(
        &mut self,
        delivery: Delivery,
        cx: &mut Context<'_>,
    ) -> Poll<Result<O::Value, O::Error>> {
        let services = &self.bound.route.runtime.services;
        let timer = self
            .timer
            .get_or_insert_with(|| Timer::new(services.clone()));
        if timer.poll(self.until, cx).is_pending() {
            return Poll::Pending;
        }
        // Dropping the call cancels it.
        self.state = State::Taken(delivery);
        let route = &self.bound.route;
        let error = route.timed_out(self.shape.method, self.timeout, delivery);
        Poll::Ready(Err(error.into()))
    }
}

impl<O: Outcome> Future for Pending<O> {
    type Output = Result<O::Value, O::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.get_mut().poll_outcome(cx)
    }
}

impl<O: Outcome> std::fmt::Debug for Pending<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = match &self.state {
            State::Submitting(_) => "submitting",
            State::Waiting(_) => "waiting",
            State::Failed(_) => "failed",
            State::Taken(_) => "taken",
        };
        f.debug_struct("Pending")
            .field("method", &self.shape.method.name())
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
