//! A host with nothing in it, for tests of the boundary.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use rmix_abi::host::{
    ForeignFuture, HostServices, Inbound, IoOutcome, LentFd, PluginEntry, StartedProvider,
    host_table,
};
use rmix_abi::tables::{Err, ProviderEntry};

type Dispatch = dyn FnMut(&mut Inbound<'_>) -> bool + Send;

/// A host without a reactor, which says so; it does with what it is given to dispatch as its test says.
pub(crate) struct BareHost {
    /// What is odd about it.
    pub(crate) place: &'static str,
    dispatch: Mutex<Box<Dispatch>>,
    connections: AtomicU64,
}

impl BareHost {
    /// One to which nothing is dispatched.
    pub(crate) fn at(place: &'static str) -> BareHost {
        BareHost {
            place,
            ..BareHost::dispatching(|_| panic!("nothing is dispatched here"))
        }
    }

    /// One that dispatches by `dispatch`.
    pub(crate) fn dispatching(
        dispatch: impl FnMut(&mut Inbound<'_>) -> bool + Send + 'static,
    ) -> BareHost {
        BareHost {
            place: "",
            dispatch: Mutex::new(Box::new(dispatch)),
            connections: AtomicU64::new(0),
        }
    }
}

impl HostServices for BareHost {
    type Fd = ();
    type Timer = ();

    fn register(self: &Arc<Self>, _: LentFd) -> Result<(), String> {
        Err("no reactor here".to_owned())
    }
    fn poll_io(
        (): &(),
        _: u32,
        _: &mut Context<'_>,
        _: &mut dyn FnMut() -> IoOutcome,
    ) -> Poll<Result<(), ()>> {
        Poll::Ready(Err(()))
    }
    fn now_ns(&self) -> u64 {
        0
    }
    fn timer(self: &Arc<Self>) {}
    fn poll_timer((): &mut (), _: u64, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
    fn spawn(self: &Arc<Self>, future: ForeignFuture) {
        drop(future);
    }
    fn spawn_blocking(self: &Arc<Self>, job: Box<dyn FnOnce() + Send>) {
        match self.place {
            "stopped" => drop(job),
            _ => job(),
        }
    }
    fn dispatch(self: &Arc<Self>, call: &mut Inbound<'_>) -> bool {
        (self.dispatch.lock().unwrap())(call)
    }
    fn connection_closed(&self, _: u64) {}
    fn next_connection(&self) -> u64 {
        match self.place {
            "new" => u64::MAX,
            _ => self.connections.fetch_add(1, Ordering::Relaxed),
        }
    }
    fn log(&self, _: u32, _: &str, _: &str) {}
}

/// Starts a provider on a host.
pub(crate) fn start(
    entry: &'static ProviderEntry,
    host: Arc<BareHost>,
) -> Result<Arc<StartedProvider>, Err> {
    PluginEntry::linked(entry)
        .expect("one build")
        .start(host_table(host))
}

/// What a future comes to that waits for nothing.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}
