//! Accepting connections: the accept loop, and the limits on connections.

mod accepted;
mod arrival;
mod bound;
mod each;

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use rmix_abi::guest::{Host, Link, Listener, RegisteredFd};
use rmix_abi::tables::{AbiWaker, Err, Limits};
use rustix::io::Errno;

use self::accepted::Accepted;
use self::arrival::{Arrival, poll_accept, refuse_further, refuse_waiting};
use self::bound::SocketFile;
pub use self::bound::{Bound, BoundAddress, Opener};
pub use self::each::{AcceptedStream, EachListener, Ending, Serve};
use crate::link::{LinkOptions, MuxLink, remember, wake_all};
use crate::protocol::Protocol;

/// A listener of protocol `P`.
pub struct MuxListener<P: Protocol> {
    shared: Arc<Accepting<P>>,
    endpoint: String,
}

struct Accepting<P: Protocol> {
    host: Host,
    provider: &'static str,
    protocol: Arc<P>,
    socket: RegisteredFd,
    file: Option<SocketFile>,
    opener: Option<Opener>,
    limits: Limits,
    object: u64,
    /// Guards what was accepted; held for moments, never across a call-out.
    state: Mutex<AcceptState<P>>,
}

struct AcceptState<P: Protocol> {
    links: Accepted<MuxLink<P>>,
    loop_waker: Option<AbiWaker>,
    close_waiters: Vec<AbiWaker>,
}

impl<P: Protocol> MuxListener<P> {
    /// Starts accepting. `provider` is the provider's name, for the log; `object` is the token inbound calls carry
    /// unless the message names another.
    ///
    /// # Errors
    /// The reactor cannot take the socket.
    pub fn start(
        host: Host,
        provider: &'static str,
        protocol: Arc<P>,
        bound: Bound,
        endpoint: String,
        object: u64,
        limits: Limits,
    ) -> Result<Arc<MuxListener<P>>, Err> {
        let shared = Arc::new(Accepting {
            socket: host.register(bound.socket)?,
            file: bound.file,
            opener: bound.opener,
            host,
            provider,
            protocol,
            limits,
            object,
            state: Mutex::new(AcceptState {
                links: Accepted::default(),
                loop_waker: None,
                close_waiters: Vec::new(),
            }),
        });
        host.spawn(accept_all(shared.clone()));
        Ok(Arc::new(MuxListener { shared, endpoint }))
    }

    /// Stops accepting, and leaves open what was accepted: the address and the file are free for another listener.
    pub fn stop(&self) {
        self.shared.stop();
    }
}

impl<P: Protocol> Accepting<P> {
    fn lock(&self) -> MutexGuard<'_, AcceptState<P>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Accepts no more; the links that are open.
    fn stop(&self) -> Vec<Arc<MuxLink<P>>> {
        let mut state = self.lock();
        let first = state.links.close();
        let waker = state.loop_waker.take();
        let links = state.links.open();
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
        links
    }
}

impl<P: Protocol> Listener for MuxListener<P> {
    fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    fn poll_close(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        let links = self.shared.stop();
        let mut open = false;
        for link in links {
            open |= link.poll_close(waker).is_pending();
        }
        let mut state = self.shared.lock();
        if !open {
            return Poll::Ready(Ok(()));
        }
        remember(&mut state.close_waiters, waker);
        Poll::Pending
    }

    fn abandon(&self) {
        for link in self.shared.stop() {
            link.abandon();
        }
        let waiters = std::mem::take(&mut self.shared.lock().close_waiters);
        wake_all(waiters);
    }
}

async fn accept_all<P: Protocol>(shared: Arc<Accepting<P>>) {
    let mut pause = shared.host.timer();
    loop {
        let accepted = poll_fn(|cx| {
            let waker = AbiWaker::lend(cx.waker());
            {
                let mut state = shared.lock();
                if state.links.is_closed() {
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

fn take_in<P: Protocol>(shared: &Arc<Accepting<P>>, mut arrival: Arrival) {
    let full = shared.lock().links.is_full(&arrival.group, &shared.limits);
    if let Some(rule) = full {
        return arrival.refuse(&shared.host, shared.provider, rule);
    }
    let (address, asked) = (arrival.address, arrival.asked());
    let opener = shared.opener.as_ref();
    let Some(stream) = arrival.stream(&shared.host, shared.provider, opener) else {
        return;
    };
    let options = LinkOptions {
        provider: shared.provider,
        peer: arrival.peer,
        address,
        asked,
        object: shared.object,
        accepted: true,
        limits: shared.limits,
        end_reason: None,
    };
    let link = MuxLink::open(shared.host, shared.protocol.clone(), stream, options);
    keep(shared, link, arrival.group);
}

/// Keeps an accepted link alive until it has closed; closes it when the listener has.
fn keep<P: Protocol>(shared: &Arc<Accepting<P>>, link: Arc<MuxLink<P>>, group: String) {
    let kept = shared.lock().links.add(&link, group);
    let Some(key) = kept else {
        // The listener was closed meanwhile, and does not know of this one.
        return link.abandon();
    };
    let accepting = shared.clone();
    shared.host.spawn(async move {
        poll_fn(|cx| link.poll_ended(&AbiWaker::lend(cx.waker()))).await;
        drop(link);
        let mut state = accepting.lock();
        state.links.remove(key);
        let waiters = if state.links.is_empty() {
            std::mem::take(&mut state.close_waiters)
        } else {
            Vec::new()
        };
        drop(state);
        wake_all(waiters);
    });
}
