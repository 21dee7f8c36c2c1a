//! One outgoing call: find the link, encode, submit, wait; again where the failure allows it (see `repeat`).

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rmix_abi::describe::MethodDesc;
use rmix_abi::host::{Began, CodecError, Encoding, Link};
use rmix_abi::tables::{CallOptions, call_flags};
use serde::Serialize;

use crate::error::{Cause, Delivery, Error, ErrorKind};
use crate::links::LinkSlot;
use crate::repeat::Repeats;
use crate::runtime::Inner;

/// Encodes the arguments of one call, in order.
pub struct Encoder<'a> {
    encoding: &'a mut Encoding,
    next: u32,
}

impl Encoder<'_> {
    /// Encodes the next argument.
    ///
    /// # Errors
    /// The protocol cannot carry the value, or a limit is exceeded. Nothing was sent.
    pub fn put<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CodecError> {
        self.encoding.argument(self.next, value)?;
        self.next += 1;
        Ok(())
    }
}

/// What a call is, apart from its arguments' values.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) method: &'static MethodDesc,
    pub(crate) arguments: u32,
    pub(crate) flags: u32,
}

impl Shape {
    pub(crate) fn of(method: &'static MethodDesc, flags: u32) -> Shape {
        let faults = if method.has_fault() {
            call_flags::FAULTS
        } else {
            0
        };
        Shape {
            method,
            // A method has a handful of arguments.
            arguments: u32::try_from(method.arguments().len()).unwrap_or(u32::MAX),
            flags: (method.flags & !call_flags::ONEWAY) | faults | flags,
        }
    }

    /// The same with more flags.
    pub(crate) fn with(self, flags: u32) -> Shape {
        Shape {
            flags: self.flags | flags,
            ..self
        }
    }
}

/// The links a stub may use, best first.
pub(crate) struct Route {
    pub(crate) runtime: Arc<Inner>,
    pub(crate) slots: Vec<Arc<LinkSlot>>,
    /// Index of the one in use.
    pub(crate) chosen: AtomicUsize,
}

/// A call that is on its way, or what came instead.
pub(crate) enum Attempt<T> {
    Done(T),
    /// Too much is queued on this link.
    Full,
    /// The link was closed before anything was sent.
    Closed(Error),
    Failed(Error),
}

impl Route {
    fn slot(&self) -> &Arc<LinkSlot> {
        let chosen = self.chosen.load(Ordering::Relaxed);
        self.slots.get(chosen).unwrap_or(&self.slots[0])
    }

    /// The link in use, without waiting.
    pub(crate) fn current(&self) -> Option<Arc<Link>> {
        self.slot().current()
    }

    pub(crate) fn forget(&self, closed: &Arc<Link>) {
        self.slot().forget(closed);
    }

    /// The first link that can be opened; `driven` as in [`LinkSlot::open`].
    pub(crate) async fn open(&self, driven: bool) -> Result<Arc<Link>, Error> {
        let mut failures = Vec::new();
        for (index, slot) in self.slots.iter().enumerate() {
            match slot.open(driven).await {
                Ok(link) => {
                    self.chosen.store(index, Ordering::Relaxed);
                    return Ok(link);
                }
                Err(error) => {
                    tracing::debug!(target: "rmix::link", endpoint = %slot.endpoint(), %error, "link not opened");
                    failures.push((slot.endpoint(), error));
                }
            }
        }
        Err(unreachable(failures))
    }

    /// Why nothing was sent when the deadline passed; `None` when a link is open.
    pub(crate) fn not_opened(&self) -> Option<String> {
        if self.current().is_some() {
            return None;
        }
        let slots = self.slots.iter().map(|slot| slot.was_not_opened());
        Some(slots.collect::<Vec<_>>().join("; "))
    }

    /// The deadline passed.
    pub(crate) fn timed_out(
        &self,
        method: &MethodDesc,
        timeout: Duration,
        delivery: Delivery,
    ) -> Error {
        let fate = match (delivery, self.not_opened()) {
            (Delivery::NotSent, Some(why)) => format!("it was not sent: {why}"),
            (Delivery::NotSent, None) => "it was not sent".to_owned(),
            _ => "it was sent, and may have been executed".to_owned(),
        };
        let message = format!(
            "`{}` was not answered within {timeout:?}; {fate}",
            method.name()
        );
        Error::new(ErrorKind::Retry, Cause::Timeout, message).with_delivery(delivery)
    }

    /// Begins, encodes and submits on `link`, without waiting.
    pub(crate) fn attempt<T>(
        &self,
        link: &Arc<Link>,
        shape: Shape,
        encode: &mut impl FnMut(&mut Encoder<'_>) -> Result<(), CodecError>,
        submit: impl FnOnce(Encoding) -> Result<T, rmix_abi::tables::Err>,
    ) -> Attempt<T> {
        let depth = self.runtime.limits.depth;
        let began = link.begin(shape.method, shape.arguments, shape.flags, depth);
        let mut encoding = match began {
            Ok(Began::Ready(encoding)) => encoding,
            Ok(Began::Full) => return Attempt::Full,
            Err(err) => return failed(Error::from_abi(&err)),
        };
        let mut encoder = Encoder {
            encoding: &mut encoding,
            next: 0,
        };
        if let Err(failure) = encode(&mut encoder) {
            return Attempt::Failed(Error::from_encoding(shape.method.name(), failure));
        }
        match submit(encoding) {
            Ok(done) => Attempt::Done(done),
            Err(err) => failed(Error::from_abi(&err)),
        }
    }

    /// Runs a call until it is submitted: connects, waits for room, and starts again where that may help.
    pub(crate) async fn submit<T>(
        &self,
        shape: Shape,
        // Exclusively borrowed: a shared borrow kept across a wait would ask for `Sync`.
        encode: &mut (impl FnMut(&mut Encoder<'_>) -> Result<(), CodecError> + Send),
        submit: impl Fn(Encoding) -> Result<T, rmix_abi::tables::Err> + Send,
        repeats: &mut Repeats,
    ) -> Result<(T, Arc<Link>), Error> {
        let runtime = &*self.runtime;
        loop {
            runtime.check_open()?;
            let link = match self.current() {
                Some(link) => link,
                // A started call is polled when somebody asks.
                None => match self.open(shape.flags & call_flags::STARTED == 0).await {
                    Ok(link) => link,
                    Err(error) => {
                        repeats.again(runtime, error, false).await?;
                        continue;
                    }
                },
            };
            let attempt = self.attempt(&link, shape, encode, &submit);
            let error = match attempt {
                Attempt::Done(done) => return Ok((done, link)),
                Attempt::Full => match poll_fn(|cx| link.poll_ready(cx)).await {
                    Ok(()) => continue,
                    Err(err) => Error::from_abi(&err).with_delivery(Delivery::NotSent),
                },
                Attempt::Closed(error) | Attempt::Failed(error) => error,
            };
            if error.kind() == ErrorKind::Reconnect {
                self.forget(&link);
            }
            repeats.again(runtime, error, true).await?;
        }
    }
}

fn failed<T>(error: Error) -> Attempt<T> {
    if error.kind() == ErrorKind::Reconnect && error.delivery() == Delivery::NotSent {
        return Attempt::Closed(error);
    }
    Attempt::Failed(error)
}

/// Options of one call; the deadline is told as time left.
pub(crate) fn options(until: Instant) -> CallOptions {
    options_for(until.saturating_duration_since(Instant::now()))
}

/// Options of a call that has just begun.
pub(crate) fn options_for(left: Duration) -> CallOptions {
    CallOptions {
        size: size_of::<CallOptions>(),
        // Zero would mean "none".
        deadline_ns: u64::try_from(left.as_nanos()).unwrap_or(u64::MAX).max(1),
    }
}

/// No endpoint could be reached: the error of the only one, or of the first with all reasons. What to look at is in the
/// provider's own words.
fn unreachable(mut failures: Vec<(&rmix_engine::Endpoint, Error)>) -> Error {
    if failures.is_empty() {
        return Error::new(
            ErrorKind::FixRequest,
            Cause::Endpoint,
            "there is no endpoint to call",
        );
    }
    let reasons: Vec<String> = failures
        .iter()
        .map(|(endpoint, error)| match error.message() {
            message if message.contains(endpoint.as_str()) => message.to_owned(),
            message => format!("{endpoint}: {message}"),
        })
        .collect();
    let (_, first) = failures.swap_remove(0);
    first.with_message(reasons.join("; "))
}
