//! A listener that serves each connection by a future of the provider's own, for protocols whose connections are not
//! links (HTTP): the same accept loop, limits and close as [`super::MuxListener`].

use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use rmix_abi::guest::{BoxFuture, Host, RegisteredFd};
use rmix_abi::tables::{AbiWaker, Err, Limits};
use rustix::io::Errno;

use super::accepted::Accepted;
use super::arrival::{self, Arrival, poll_accept, refuse_further, refuse_waiting};
use super::bound::{Bound, Opener, SocketFile};
use crate::link::{remember, wake_all};
use crate::stream::Stream;

/// Serves connections.
pub trait Serve: Send + Sync + 'static {
    /// Serves one connection to its end. The future is dropped, and the connection closed with it, when the listener is
    /// abandoned; told to end by [`AcceptedStream::ending`], it finishes what runs.
    fn serve(self: &Arc<Self>, accepted: AcceptedStream) -> BoxFuture<()>;
}

/// An accepted connection.
pub struct AcceptedStream {
    /// Its bytes.
    pub stream: Stream,
    /// The peer, for people.
    pub peer: String,
    /// The peer's address; none for a local process.
    pub address: Option<SocketAddr>,
    /// The address of this host that was asked.
    pub asked: Option<IpAddr>,
    /// Tells when to end.
    pub ending: Arc<Ending>,
}

/// Tells a connection when its listener closes.
#[derive(Default)]
pub struct Ending {
    stage: AtomicU8,
    /// Guards the waker of the one future that is told; held for moments.
    waker: Mutex<Option<AbiWaker>>,
}

const OPEN: u8 = 0;
const CLOSING: u8 = 1;
const ABANDONED: u8 = 2;

impl Ending {
    /// Whether the connection is to finish what runs and end; else the waker is woken when it is.
    pub fn is_closing(&self, waker: &AbiWaker) -> bool {
        self.stage(waker) != OPEN
    }

    fn stage(&self, waker: &AbiWaker) -> u8 {
        let mut known = self.waker.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *known = Some(waker.clone());
        }
        self.stage.load(Ordering::Acquire)
    }

    fn raise(&self, stage: u8) {
        self.stage.fetch_max(stage, Ordering::AcqRel);
        let waker = self
            .waker
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A listener whose connections are served by an `S`.
pub struct EachListener<S: Serve> {
    shared: Arc<Shared<S>>,
}

struct Shared<S: Serve> {
    host: Host,
    provider: &'static str,
    server: Arc<S>,
    socket: RegisteredFd,
    file: Option<SocketFile>,
    opener: Option<Opener>,
    limits: Limits,
    /// Guards what was accepted; held for moments, never across a call-out.
    state: Mutex<State>,
}

struct State {
    connections: Accepted<Ending>,
    loop_waker: Option<AbiWaker>,
    close_waiters: Vec<AbiWaker>,
}

impl<S: Serve> EachListener<S> {
    /// Starts accepting; `provider` is the provider's name, for the log.
    ///
    /// # Errors
    /// The reactor cannot take the socket.
    pub fn start(
        host: Host,
        provider: &'static str,
        server: Arc<S>,
        bound: Bound,
        limits: Limits,
    ) -> Result<EachListener<S>, Err> {
        let shared = Arc::new(Shared {
            socket: host.register(bound.socket)?,
            file: bound.file,
            opener: bound.opener,
            host,
            provider,
            server,
            limits,
            state: Mutex::new(State {
                connections: Accepted::default(),
                loop_waker: None,
                close_waiters: Vec::new(),
            }),
        });
        host.spawn(accept_all(shared.clone()));
        Ok(EachListener { shared })
    }

    /// Accepts no more, and tells the connections to end; ready when they have.
    pub fn poll_close(&self, waker: &AbiWaker) -> Poll<()> {
        self.shared.stop(CLOSING);
        let mut state = self.shared.lock();
        if state.connections.open().is_empty() {
            return Poll::Ready(());
        }
        remember(&mut state.close_waiters, waker);
        Poll::Pending
    }

    /// Accepts no more, and drops the connections.
    pub fn abandon(&self) {
        self.shared.stop(ABANDONED);
        let waiters = std::mem::take(&mut self.shared.lock().close_waiters);
        wake_all(waiters);
    }
}

impl<S: Serve> Drop for EachListener<S> {
    fn drop(&mut self) {
        self.abandon();
    }
}

impl<S: Serve> Shared<S> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self, stage: u8) {
        let mut state = self.lock();
        let first = state.connections.close();
        let waker = state.loop_waker.take();
        let open = state.connections.open();
        drop(state);
        if first {
            if let Some(file) = &self.file {
                file.remove();
            }
            refuse_further(self.socket.fd());
        }
        if let Some(waker) = waker {
            waker.wake();
        }
        for ending in open {
            ending.raise(stage);
        }
    }
}

async fn accept_all<S: Serve>(shared: Arc<Shared<S>>) {
    let mut pause = shared.host.timer();
    loop {
        let accepted = poll_fn(|cx| {
            let waker = AbiWaker::lend(cx.waker());
            {
                let mut state = shared.lock();
                if state.connections.is_closed() {
                    return Poll::Ready(None);
                }
                state.loop_waker = Some(waker.clone());
            }
            poll_accept(&shared.socket, &waker).map(Some)
        });
        match accepted.await {
            None => return refuse_waiting(shared.socket.fd()),
            Some(Ok(arrival)) => take_in(&shared, arrival),
            Some(Err(Errno::INTR | Errno::CONNABORTED)) => {}
            Some(Err(errno)) => {
                arrival::pause(&shared.host, &mut pause, shared.provider, errno).await;
            }
        }
    }
}

fn take_in<S: Serve>(shared: &Arc<Shared<S>>, mut arrival: Arrival) {
    let ending = Arc::new(Ending::default());
    let key = {
        let mut state = shared.lock();
        if let Some(rule) = state.connections.is_full(&arrival.group, &shared.limits) {
            drop(state);
            return arrival.refuse(&shared.host, shared.provider, rule);
        }
        match state.connections.add(&ending, arrival.group.clone()) {
            Some(key) => key,
            // The listener was closed meanwhile.
            None => return,
        }
    };
    let leaving = Leaving {
        shared: shared.clone(),
        key,
    };
    let asked = arrival.asked();
    let opener = shared.opener.as_ref();
    let Some(stream) = arrival.stream(&shared.host, shared.provider, opener) else {
        return;
    };
    let accepted = AcceptedStream {
        stream,
        peer: arrival.peer,
        address: arrival.address,
        asked,
        ending: ending.clone(),
    };
    let mut serving = shared.server.serve(accepted);
    shared.host.spawn(async move {
        // Dropped last, so that who waits for the close finds the connection closed.
        let _leaving = leaving;
        poll_fn(|cx| {
            if ending.stage(&AbiWaker::lend(cx.waker())) == ABANDONED {
                return Poll::Ready(());
            }
            serving.as_mut().poll(cx)
        })
        .await;
        drop(serving);
        drop(ending);
    });
}

/// Takes a connection out of the listener's list, however it ends.
struct Leaving<S: Serve> {
    shared: Arc<Shared<S>>,
    key: u64,
}

impl<S: Serve> Drop for Leaving<S> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.connections.remove(self.key);
        let waiters = match state.connections.is_empty() {
            true => std::mem::take(&mut state.close_waiters),
            false => Vec::new(),
        };
        drop(state);
        wake_all(waiters);
    }
}
