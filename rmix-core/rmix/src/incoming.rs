//! One inbound call on its way through generated code: decode, run, answer.

use std::future::Future;

use rmix_abi::describe::MethodDesc;
use rmix_abi::host::{Arguments, CodecError, ReplyTo};
use rmix_abi::tables::refusal;

use crate::caller::Caller;
use crate::dispatch::{self, Route, Running};
use crate::outcome::{Outcome, Plain};

/// An inbound call of a known method; generated code passes it to [`Incoming::serve`].
pub struct Incoming {
    pub(crate) running: Running,
    pub(crate) caller: Caller,
    pub(crate) arguments: Arguments,
    pub(crate) reply_to: ReplyTo,
    pub(crate) route: Route,
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

impl Incoming {
    /// Decodes the arguments, runs the method, and answers with what it returns. A method that is ready at once is
    /// answered in place; one that is not becomes a task.
    pub fn serve<O, A, F>(
        self,
        method: &'static MethodDesc,
        decode: impl FnOnce(&mut Arguments) -> Result<A, CodecError>,
        run: impl FnOnce(A) -> F,
    ) -> Served
    where
        O: Outcome,
        F: Future<Output = O::Returned> + Send + 'static,
    {
        let Incoming {
            running,
            caller,
            mut arguments,
            reply_to,
            route,
        } = self;
        let decoded = dispatch::guarded(|| {
            let values = decode(&mut arguments)?;
            arguments.finish()?;
            Ok(values)
        });
        let values = match decoded {
            Ok(Ok(values)) => values,
            Ok(Err(failure)) => return unreadable(method, reply_to, &failure),
            Err(panic) => return panicked(method, reply_to, &panic),
        };
        let mut seat = caller.seat();
        let future = match dispatch::guarded(|| {
            dispatch::in_context(&route, || seat.during(|| run(values)))
        }) {
            Ok(future) => future,
            Err(panic) => return panicked(method, reply_to, &panic),
        };
        let (depth, oneway) = (route.depth, route.oneway);
        let job = async move {
            match dispatch::serving(seat, future).await {
                Ok(_) if oneway => reply_to.done(),
                Ok(returned) => answer::<O>(method, &returned, reply_to, depth),
                Err(panic) => drop(panicked(method, reply_to, &panic)),
            }
            drop(running);
        };
        route.run(job)
    }

    /// As [`Incoming::serve`], for a one-way method: nothing is answered, unless the caller waits all the same.
    pub fn serve_oneway<A, F>(
        self,
        method: &'static MethodDesc,
        decode: impl FnOnce(&mut Arguments) -> Result<A, CodecError>,
        run: impl FnOnce(A) -> F,
    ) -> Served
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.serve::<Plain<()>, A, F>(method, decode, run)
    }
}

fn answer<O: Outcome>(
    method: &'static MethodDesc,
    returned: &O::Returned,
    reply_to: ReplyTo,
    depth: u32,
) {
    let answered = dispatch::guarded(|| O::answer(method, returned, reply_to, depth));
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

fn unreadable(method: &'static MethodDesc, reply_to: ReplyTo, failure: &CodecError) -> Served {
    let message = format!(
        "the arguments of `{}` cannot be read: {failure}",
        method.name()
    );
    tracing::debug!(target: "rmix::dispatch", "{message}");
    reply_to.refuse(refusal::BAD_ARGUMENTS, &message);
    Served::IN_PLACE
}

fn panicked(method: &'static MethodDesc, reply_to: ReplyTo, panic: &str) -> Served {
    tracing::error!(target: "rmix::dispatch", method = method.name(), panic, "a method panicked");
    let message = format!("`{}` panicked: {panic}", method.name());
    reply_to.refuse(refusal::INTERNAL, &message);
    Served::IN_PLACE
}
