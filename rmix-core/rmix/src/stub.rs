//! The untyped stub: what generated stubs wrap. Asynchronous, blocking, started and one-way calls.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rmix_abi::describe::MethodDesc;
use rmix_abi::host::{Call, CodecError, Link, ReplyValue};
use rmix_abi::tables::call_flags;

use crate::blocking;
use crate::call::{self, Attempt, Encoder, Route, Shape};
use crate::error::{Delivery, Error, ErrorKind};
use crate::outcome::Outcome;
use crate::pending::Pending;
use crate::reactor::{after, block_on, within, within_time};
use crate::repeat::Repeats;

/// A stub without types, bound to a remote object; clones share its link.
#[derive(Clone)]
pub struct Stub {
    pub(crate) bound: Arc<Bound>,
    timeout: Duration,
}

/// What a stub is bound to.
pub(crate) struct Bound {
    pub(crate) route: Route,
    pub(crate) why: String,
    /// Taken back when the last stub is gone.
    pub(crate) _served: Option<crate::bind::ServedObject>,
}

impl Stub {
    pub(crate) fn new(bound: Bound, timeout: Duration) -> Stub {
        Stub {
            bound: Arc::new(bound),
            timeout,
        }
    }

    /// The same stub with another deadline for each call; by default that of the runtime's limits.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Stub {
        Stub {
            bound: self.bound.clone(),
            timeout,
        }
    }

    /// The deadline of each call, from resolving to the decoded reply.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Which endpoints were candidates, by which rule they were placed or excluded, and which is in use.
    pub fn why(&self) -> String {
        match self.bound.route.current() {
            Some(link) => format!("{}\nlinked to {}", self.bound.why, link.describe()),
            None => format!("{}\nnot linked", self.bound.why),
        }
    }

    /// The peer of the current link, for people; `None` when there is no link.
    pub fn peer(&self) -> Option<String> {
        self.bound.route.current().map(|link| link.describe())
    }

    /// Calls a method and waits for its outcome. A call that did not run, or whose method is declared idempotent, is
    /// made again where its failure allows it, within the deadline; see [`Limits::repeats`](crate::Limits::repeats).
    pub fn call<O: Outcome>(
        &self,
        method: &'static MethodDesc,
        encode: impl Fn(&mut Encoder<'_>) -> Result<(), CodecError> + Send,
    ) -> impl Future<Output = Result<O::Value, O::Error>> + Send {
        self.call_shaped::<O>(Shape::of(method, O::FLAGS), encode)
    }

    pub(crate) async fn call_shaped<O: Outcome>(
        &self,
        shape: Shape,
        encode: impl Fn(&mut Encoder<'_>) -> Result<(), CodecError> + Send,
    ) -> Result<O::Value, O::Error> {
        let reply = self.exchange(shape, encode).await?;
        O::read(shape.method, reply)
    }

    /// Calls a method from a plain thread.
    ///
    /// # Errors
    /// As [`Stub::call`]; and at once when this thread is running a task, which could wait for itself.
    ///
    /// # Blocking
    /// Until the outcome is there or the deadline has passed.
    pub fn call_blocking<O: Outcome>(
        &self,
        method: &'static MethodDesc,
        encode: impl Fn(&mut Encoder<'_>) -> Result<(), CodecError> + Send,
    ) -> Result<O::Value, O::Error> {
        self.call_blocking_shaped::<O>(Shape::of(method, O::FLAGS), encode)
    }

    pub(crate) fn call_blocking_shaped<O: Outcome>(
        &self,
        shape: Shape,
        encode: impl Fn(&mut Encoder<'_>) -> Result<(), CodecError> + Send,
    ) -> Result<O::Value, O::Error> {
        blocking::check(shape.method.name())?;
        let shape = shape.with(call_flags::DRIVEN);
        let reply = block_on(self.exchange(shape, encode))?;
        O::read(shape.method, reply)
    }

    /// Starts a call: the request leaves now, if the link is open and has room; the outcome is polled, waited for, or
    /// awaited later.
    pub fn start<O: Outcome>(
        &self,
        method: &'static MethodDesc,
        encode: impl Fn(&mut Encoder<'_>) -> Result<(), CodecError> + Send + 'static,
    ) -> Pending<O> {
        Pending::start(self, Shape::of(method, O::FLAGS), encode)
    }

    /// Calls a method without waiting for anything to come back: `Ok` means handed to the link's queue, in order.
    pub fn oneway(
        &self,
        method: &'static MethodDesc,
        encode: impl Fn(&mut Encoder<'_>) -> Result<(), CodecError> + Send,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        self.oneway_shaped(Shape::of(method, call_flags::ONEWAY), encode)
    }

    pub(crate) async fn oneway_shaped(
        &self,
        shape: Shape,
        mut encode: impl Fn(&mut Encoder<'_>) -> Result<(), CodecError> + Send,
    ) -> Result<(), Error> {
        let route = &self.bound.route;
        // The usual case: the link is there and has room, so no clock is asked and no timer set.
        if let Some(link) = route.current() {
            let options = rmix_abi::tables::CallOptions {
                size: size_of::<rmix_abi::tables::CallOptions>(),
                deadline_ns: 0,
            };
            route.runtime.check_open()?;
            let attempt = route.attempt(&link, shape, &mut encode, |e| e.submit_oneway(&options));
            match attempt {
                Attempt::Done(()) => return Ok(()),
                Attempt::Failed(error) => return Err(error),
                Attempt::Closed(_) => route.forget(&link),
                Attempt::Full => {}
            }
        }
        let until = after(self.timeout);
        let submit = |e: rmix_abi::host::Encoding| e.submit_oneway(&call::options(until));
        let mut repeats = Repeats::new(shape, until);
        let submitted = route.submit(shape, &mut encode, submit, &mut repeats);
        match within(&route.runtime.services, until, submitted).await {
            Ok(result) => result.map(|_| ()),
            Err(_) => Err(route.timed_out(shape.method, self.timeout, Delivery::NotSent)),
        }
    }

    /// As [`Stub::oneway`], from a plain thread.
    ///
    /// # Errors
    /// As [`Stub::oneway`], or called on a thread that must not block.
    ///
    /// # Blocking
    /// Only while the queue is full or the link is being opened.
    pub fn oneway_blocking(
        &self,
        method: &'static MethodDesc,
        encode: impl Fn(&mut Encoder<'_>) -> Result<(), CodecError> + Send,
    ) -> Result<(), Error> {
        self.oneway_blocking_shaped(Shape::of(method, call_flags::ONEWAY), encode)
    }

    pub(crate) fn oneway_blocking_shaped(
        &self,
        shape: Shape,
        encode: impl Fn(&mut Encoder<'_>) -> Result<(), CodecError> + Send,
    ) -> Result<(), Error> {
        blocking::check(shape.method.name())?;
        block_on(self.oneway_shaped(shape, encode))
    }

    /// Waits until everything sent so far on the link was handed to the kernel.
    ///
    /// # Errors
    /// The link broke, or the deadline passed.
    pub async fn flush(&self) -> Result<(), Error> {
        let route = &self.bound.route;
        let Some(link) = route.current() else {
            return Ok(());
        };
        let until = after(self.timeout);
        let flushed = async {
            // A link knows who waits by its waker only: a first answer may be meant for a flush of this task that was
            // given up. The second one is not.
            poll_fn(|cx| link.poll_flush(cx)).await?;
            poll_fn(|cx| link.poll_flush(cx)).await
        };
        match within(&route.runtime.services, until, flushed).await {
            Ok(result) => result.map_err(|err| Error::from_abi(&err)),
            Err(_) => Err(route.timed_out(&FLUSH, self.timeout, Delivery::MaybeExecuted)),
        }
    }

    /// As [`Stub::flush`], from a plain thread.
    ///
    /// # Errors
    /// As [`Stub::flush`], or called on a thread that must not block.
    ///
    /// # Blocking
    /// Until the kernel has everything or the deadline has passed.
    pub fn flush_blocking(&self) -> Result<(), Error> {
        blocking::check("flush")?;
        block_on(self.flush())
    }

    /// Sends the request and waits for the reply, within the deadline.
    async fn exchange(
        &self,
        shape: Shape,
        mut encode: impl Fn(&mut Encoder<'_>) -> Result<(), CodecError> + Send,
    ) -> Result<ReplyValue, Error> {
        let route = &self.bound.route;
        let until = after(self.timeout);
        // The usual case in a small future: the link is there, has room, and the reply comes.
        let failed = match self.submit_at_once(shape, &mut encode)? {
            Begun::Sent(call, link) => {
                let services = &route.runtime.services;
                match within_time(services, until, self.timeout, call).await {
                    Ok(Ok(reply)) => return Ok(reply),
                    Ok(Err(err)) => Some((Error::from_abi(&err), link)),
                    Err(_) => {
                        let delivery = Delivery::MaybeExecuted;
                        return Err(route.timed_out(shape.method, self.timeout, delivery));
                    }
                }
            }
            Begun::Failed(error, link) => Some((error, link)),
            Begun::Wait => None,
        };
        Box::pin(self.exchange_again(shape, encode, until, failed)).await
    }

    /// Sends the request if that needs no waiting.
    fn submit_at_once(
        &self,
        shape: Shape,
        encode: &mut impl FnMut(&mut Encoder<'_>) -> Result<(), CodecError>,
    ) -> Result<Begun, Error> {
        let route = &self.bound.route;
        route.runtime.check_open()?;
        let Some(link) = route.current() else {
            return Ok(Begun::Wait);
        };
        let options = call::options_for(self.timeout);
        Ok(
            match route.attempt(&link, shape, encode, |e| e.submit(&options)) {
                Attempt::Done(call) => Begun::Sent(call, link),
                Attempt::Full => Begun::Wait,
                Attempt::Closed(error) | Attempt::Failed(error) => Begun::Failed(error, link),
            },
        )
    }

    /// Goes on after a first attempt that failed, or that needs waiting.
    async fn exchange_again(
        &self,
        shape: Shape,
        mut encode: impl Fn(&mut Encoder<'_>) -> Result<(), CodecError> + Send,
        until: Instant,
        mut failed: Option<(Error, Arc<Link>)>,
    ) -> Result<ReplyValue, Error> {
        let route = &self.bound.route;
        let sent = AtomicBool::new(false);
        let exchange = async {
            let mut repeats = Repeats::new(shape, until);
            loop {
                if let Some((error, link)) = failed.take() {
                    if error.kind() == ErrorKind::Reconnect {
                        route.forget(&link);
                    }
                    repeats.again(&route.runtime, error, true).await?;
                    sent.store(repeats.may_have_run(), Ordering::Relaxed);
                }
                let submit = |e: rmix_abi::host::Encoding| e.submit(&call::options(until));
                let (call, link) = route
                    .submit(shape, &mut encode, submit, &mut repeats)
                    .await?;
                sent.store(true, Ordering::Relaxed);
                match call.await {
                    Ok(reply) => return Ok(reply),
                    Err(err) => failed = Some((Error::from_abi(&err), link)),
                }
            }
        };
        let result = within(&route.runtime.services, until, exchange).await;
        result.unwrap_or_else(|_| {
            let delivery = if sent.load(Ordering::Relaxed) {
                Delivery::MaybeExecuted
            } else {
                Delivery::NotSent
            };
            Err(route.timed_out(shape.method, self.timeout, delivery))
        })
    }
}

/// What came of sending a request without waiting.
enum Begun {
    Sent(Call, Arc<Link>),
    /// The link is full or not open.
    Wait,
    Failed(Error, Arc<Link>),
}

impl std::fmt::Debug for Stub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stub")
            .field("peer", &self.peer())
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Stands for `flush` in messages.
static FLUSH: MethodDesc = MethodDesc::new("flush", 0, 0, &[], None, None);
