//! What the base library lends providers: readiness, time, tasks, dispatch and the log. Two reactors behind one door:
//! the mini-reactor of the thread that blocks in a synchronous call, and tokio for everything else.

mod far_timers;
mod foreign_timer;
mod io_runtime;
mod rough_times;
mod sync_reactor;
mod thread_waker;
mod timer;
mod tokio_reactor;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use rmix_abi::host::{ForeignFuture, HostServices, Inbound, IoOutcome, LentFd};
use rmix_abi::tables::level;
use rmix_engine::Limits;
use tokio::runtime::Handle;

use crate::dispatch::Dispatcher;
use crate::pairing::Visiting;
use crate::{Cause, Error};
use far_timers::FarTimers;
pub(crate) use foreign_timer::ForeignTimer;
pub(crate) use io_runtime::{IoChoice, IoRuntime};
use rough_times::RoughTimes;
pub(crate) use sync_reactor::{
    TimedOut, block_on, block_on_until, dispatching, is_dispatching, may_block_here, poll_once,
};
pub(crate) use timer::{Timer, after, within, within_time};

/// The host's services of one runtime. They live for ever, like every table; what they hold ends with the runtime.
pub(crate) struct Services {
    origin: Instant,
    io: IoRuntime,
    next_connection: AtomicU64,
    far_timers: Arc<FarTimers>,
    rough_times: RoughTimes,
    /// These services themselves.
    this: Weak<Services>,
    /// Objects and the order of their calls.
    pub(crate) dispatcher: Dispatcher,
}

impl Services {
    pub(crate) fn new(io: IoChoice, limits: &Limits) -> Arc<Services> {
        Arc::new_cyclic(|this| Services {
            this: this.clone(),
            rough_times: RoughTimes::default(),
            origin: Instant::now(),
            io: IoRuntime::new(io),
            next_connection: AtomicU64::new(1),
            far_timers: Arc::default(),
            dispatcher: Dispatcher::new(limits),
        })
    }

    /// The tokio runtime that tasks and descriptors of asynchronous calls belong to; started on first need.
    pub(crate) fn handle(&self) -> Result<Handle, Error> {
        self.io.handle()
    }

    /// Stops the runtime's own thread, if it was started.
    pub(crate) fn stop(&self, bound: Duration) {
        self.io.stop(bound);
    }

    pub(super) fn instant(&self, ns: u64) -> Instant {
        self.origin + Duration::from_nanos(ns)
    }
}

impl HostServices for Services {
    type Fd = tokio_reactor::Registered;
    type Timer = ForeignTimer;

    fn register(self: &Arc<Self>, fd: LentFd) -> Result<Self::Fd, String> {
        Ok(tokio_reactor::Registered::new(self.clone(), fd))
    }

    fn poll_io(
        fd: &Self::Fd,
        interest: u32,
        cx: &mut Context<'_>,
        op: &mut dyn FnMut() -> IoOutcome,
    ) -> Poll<Result<(), ()>> {
        fd.poll_io(interest, cx, op)
    }

    fn now_ns(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn timer(self: &Arc<Self>) -> ForeignTimer {
        ForeignTimer::new(self.clone())
    }

    fn poll_timer(timer: &mut ForeignTimer, deadline_ns: u64, cx: &mut Context<'_>) -> Poll<()> {
        timer.poll(deadline_ns, cx)
    }

    fn spawn(self: &Arc<Self>, future: ForeignFuture) {
        match self.handle() {
            Ok(handle) => drop(handle.spawn(Visiting(future))),
            Err(error) => lost("task", &error),
        }
    }

    fn spawn_blocking(self: &Arc<Self>, job: Box<dyn FnOnce() + Send>) {
        // Never on the thread of a synchronous call: what blocks there cannot be given up at the deadline.
        match self.handle() {
            Ok(handle) => drop(handle.spawn_blocking(job)),
            // Dropped unrun, the job tells its waiter.
            Err(error) => lost("work", &error),
        }
    }

    fn dispatch(self: &Arc<Self>, call: &mut Inbound<'_>) -> bool {
        self.dispatcher.dispatch(self, call)
    }

    fn connection_closed(&self, connection: u64) {
        self.dispatcher.connection_closed(connection);
    }

    fn next_connection(&self) -> u64 {
        self.next_connection.fetch_add(1, Ordering::Relaxed)
    }

    fn log(&self, level: u32, provider: &str, message: &str) {
        match level {
            level::ERROR => tracing::error!(target: "rmix::provider", provider, "{message}"),
            level::WARN => tracing::warn!(target: "rmix::provider", provider, "{message}"),
            level::INFO => tracing::info!(target: "rmix::provider", provider, "{message}"),
            _ => tracing::debug!(target: "rmix::provider", provider, "{message}"),
        }
    }
}

/// What a provider wanted done will not be; once the runtime was shut down, that is nothing unusual.
fn lost(what: &str, error: &Error) {
    if error.cause() == Cause::Shutdown {
        tracing::debug!(target: "rmix::reactor", %error, "a provider's {what} is lost");
    } else {
        tracing::error!(target: "rmix::reactor", %error, "a provider's {what} is lost");
    }
}
