//! One inbound call on its way through generated code: decode, run, answer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use rmix_abi::describe::MethodDesc;
use rmix_abi::host::{Arguments, CodecError, ReplyTo};
use rmix_abi::tables::refusal;

use crate::caller::Seat;
use crate::outcome::{Outcome, Plain};
use crate::pairing::Site;
use crate::rooms::Room;
use crate::run::{self, guarded, in_context};
use crate::turns::{Job, Order, Place};

/// An inbound call of a known method; generated code passes it to [`Incoming::serve`].
pub struct Incoming<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) arguments: Arguments<'a>,
    /// What is left here when the call has ended was not needed.
    pub(crate) reply_to: &'a mut Option<ReplyTo>,
    pub(crate) order: Order,
    /// Nesting allowed in the reply.
    pub(crate) depth: u32,
    /// No answer is expected.
    pub(crate) oneway: bool,
}

/// What became of an inbound call.
#[must_use = "it tells the connection whether the call was answered in place"]
#[derive(Debug)]
pub struct Served {
    in_place: bool,
}

impl Served {
    pub(crate) const IN_PLACE: Served = Served { in_place: true };
    pub(crate) const LATER: Served = Served { in_place: false };

    /// Whether the call was answered (or refused) already.
    pub fn in_place(&self) -> bool {
        self.in_place
    }
}

impl Incoming<'_> {
    /// Decodes the arguments, runs the method, and answers with what it returns. A method that is ready at once is
    /// answered in place; one that is not becomes a task.
    pub fn serve<O, A, F>(
        self,
        method: &'static MethodDesc,
        decode: impl FnOnce(&mut Arguments<'_>) -> Result<A, CodecError>,
        run: impl FnOnce(A) -> F,
    ) -> Served
    where
        O: Outcome,
        F: Future<Output = O::Returned> + Send + 'static,
    {
        let Incoming {
            site,
            mut arguments,
            reply_to,
            order,
            depth,
            oneway,
        } = self;
        let ending = Ending {
            method,
            depth,
            oneway,
        };
        let decoded = guarded(|| {
            let values = decode(&mut arguments)?;
            arguments.finish()?;
            Ok(values)
        });
        let values = match decoded {
            Ok(Ok(values)) => values,
            Ok(Err(failure)) => {
                ending.unreadable(&failure, reply_to);
                return site.ended(order);
            }
            Err(panic) => {
                ending.panicked(&panic, reply_to);
                return site.ended(order);
            }
        };
        let run = || run(values);
        let services = site.services;
        in_context(services, || match order {
            Order::After(place) => after::<O, F>(site, place, reply_to, ending, run),
            order => now::<O, F>(site, order, reply_to, ending, run),
        })
    }

    /// As [`Incoming::serve`], for a one-way method: nothing is answered, unless the caller waits all the same.
    pub fn serve_oneway<A, F>(
        self,
        method: &'static MethodDesc,
        decode: impl FnOnce(&mut Arguments<'_>) -> Result<A, CodecError>,
        run: impl FnOnce(A) -> F,
    ) -> Served
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.serve::<Plain<()>, A, F>(method, decode, run)
    }
}

/// Runs a method as far as it goes at once, in memory that an earlier call of it has used; the rest becomes a task.
fn now<O, F>(
    site: Site<'_>,
    order: Order,
    reply_to: &mut Option<ReplyTo>,
    ending: Ending,
    run: impl FnOnce() -> F,
) -> Served
where
    O: Outcome,
    F: Future<Output = O::Returned> + Send + 'static,
{
    let mut room = Room::<F>::open();
    let polled = guarded(|| {
        site.seat.during(|| {
            room.fill(run());
            Pin::new(&mut room).poll(&mut Context::from_waker(Waker::noop()))
        })
    });
    match polled {
        Ok(Poll::Pending) => {
            let job = whole::<O>(site.seat.clone(), room, ending, reply_to.take(), &site);
            return site.spawn(job, order);
        }
        Ok(Poll::Ready(returned)) => ending.end::<O>(Ok(returned), reply_to),
        Err(panic) => ending.end::<O>(Err(panic), reply_to),
    }
    if let Err(panic) = guarded(|| room.put_back()) {
        run::log_panic(&panic);
    }
    site.ended(order)
}

/// Puts a call behind those that have come before.
fn after<O, F>(
    site: Site<'_>,
    place: Place,
    reply_to: &mut Option<ReplyTo>,
    ending: Ending,
    run: impl FnOnce() -> F,
) -> Served
where
    O: Outcome,
    F: Future<Output = O::Returned> + Send + 'static,
{
    let future = match guarded(|| site.seat.during(run)) {
        Ok(future) => future,
        Err(panic) => {
            ending.panicked(&panic, reply_to);
            return Served::IN_PLACE;
        }
    };
    let job = whole::<O>(site.seat.clone(), future, ending, reply_to.take(), &site);
    let ended = place
        .put(job)
        .is_some_and(|(job, turn)| run::run(site.services, job, turn));
    match ended {
        true => Served::IN_PLACE,
        false => Served::LATER,
    }
}

/// The rest of a call, from the first poll that is still to come to the answer.
fn whole<O: Outcome>(
    seat: Seat,
    future: impl Future<Output = O::Returned> + Send + 'static,
    ending: Ending,
    mut reply_to: Option<ReplyTo>,
    site: &Site<'_>,
) -> Job {
    let running = site.running.clone();
    Box::pin(async move {
        let result = run::serving(seat, future).await;
        ending.end::<O>(result, &mut reply_to);
        if let Some(unneeded) = reply_to {
            unneeded.done();
        }
        drop(running);
    })
}

/// How a call of this method ends.
struct Ending {
    method: &'static MethodDesc,
    depth: u32,
    oneway: bool,
}

impl Ending {
    /// Answers; a one-way call that has ended well needs none.
    fn end<O: Outcome>(self, result: Result<O::Returned, String>, reply_to: &mut Option<ReplyTo>) {
        match result {
            Ok(_) if self.oneway => {}
            Ok(returned) => {
                if let Some(reply_to) = reply_to.take() {
                    self.answer::<O>(&returned, reply_to);
                }
            }
            Err(panic) => self.panicked(&panic, reply_to),
        }
    }

    fn answer<O: Outcome>(&self, returned: &O::Returned, reply_to: ReplyTo) {
        let method = self.method;
        let answered = guarded(|| O::answer(method, returned, reply_to, self.depth));
        match answered {
            Ok(Ok(())) => {}
            Ok(Err(err)) => {
                tracing::warn!(target: "rmix::dispatch", method = method.name(), error = %err.text(), "no reply sent");
            }
            Err(panic) => {
                tracing::error!(target: "rmix::dispatch", method = method.name(), %panic, "the result's encoding panicked");
            }
        }
    }

    fn unreadable(&self, failure: &CodecError, reply_to: &mut Option<ReplyTo>) {
        let message = format!(
            "the arguments of `{}` cannot be read: {failure}",
            self.method.name()
        );
        tracing::debug!(target: "rmix::dispatch", "{message}");
        refuse(reply_to, refusal::BAD_ARGUMENTS, &message);
    }

    fn panicked(&self, panic: &str, reply_to: &mut Option<ReplyTo>) {
        let method = self.method.name();
        tracing::error!(target: "rmix::dispatch", method, panic, "a method panicked");
        let message = format!("`{method}` panicked: {panic}");
        refuse(reply_to, refusal::INTERNAL, &message);
    }
}

/// Refuses a call, unless it was answered.
pub(crate) fn refuse(reply_to: &mut Option<ReplyTo>, reason: u32, message: &str) {
    if let Some(reply_to) = reply_to.take() {
        reply_to.refuse(reason, message);
    }
}
