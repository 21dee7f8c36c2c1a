//! Exporting over pipes: one peer at a time. FIFOs take the next peer when one has gone; inherited descriptors have one.

use std::future::{Future as _, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use rmix_msgpack_rpc::MsgpackRpc;
use rmix_provider::guest::{Host, Link as _, Listener, Open};
use rmix_provider::stream::Stream;
use rmix_provider::tables::{AbiWaker, Err};
use rmix_provider::{LinkOptions, MuxLink};

use crate::fifo::{self, Pair};

/// Pause after waiting for a peer has failed, in nanoseconds.
const FAILED_PAUSE_NS: u64 = 100_000_000;

/// An object exported over pipes.
pub struct PipeListener {
    state: Arc<Mutex<State>>,
    endpoint: String,
}

/// Guarded for moments only.
#[derive(Default)]
struct State {
    link: Option<Arc<MuxLink<MsgpackRpc>>>,
    closing: bool,
    waker: Option<AbiWaker>,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl PipeListener {
    /// Serves the peer at the other end of a stream that is there already.
    pub(crate) fn single(host: Host, stream: Stream, open: &Open) -> Arc<PipeListener> {
        let link = accepted(host, stream, open);
        Arc::new(PipeListener {
            state: Arc::new(Mutex::new(State {
                link: Some(link),
                ..State::default()
            })),
            endpoint: open.endpoint.clone(),
        })
    }

    /// Serves one peer after another through two FIFOs.
    pub(crate) fn fifos(host: Host, pair: Pair, open: Open) -> Arc<PipeListener> {
        let state = Arc::new(Mutex::new(State::default()));
        let listener = Arc::new(PipeListener {
            state: state.clone(),
            endpoint: open.endpoint.clone(),
        });
        host.spawn(serve_all(host, pair, open, state));
        listener
    }
}

fn accepted(host: Host, stream: Stream, open: &Open) -> Arc<MuxLink<MsgpackRpc>> {
    let mut limits = open.limits;
    // The peer at the other end is the one this endpoint was made for: it may be silent.
    limits.handshake_ns = u64::MAX;
    limits.idle_ns = u64::MAX;
    let options = LinkOptions {
        provider: crate::NAME,
        peer: open.endpoint.clone(),
        address: None,
        asked: None,
        object: open.object,
        accepted: true,
        limits,
        end_reason: None,
    };
    MuxLink::open(host, Arc::default(), stream, options)
}

async fn serve_all(host: Host, pair: Pair, open: Open, state: Arc<Mutex<State>>) {
    loop {
        let next = {
            let mut next = std::pin::pin!(next_peer(&host, &pair, &open));
            poll_fn(|cx| {
                {
                    let mut state = lock(&state);
                    if state.closing {
                        return Poll::Ready(None);
                    }
                    state.waker = Some(AbiWaker::lend(cx.waker()).clone());
                }
                next.as_mut().poll(cx).map(Some)
            })
            .await
        };
        let Some(stream) = next else {
            return;
        };
        let link = accepted(host, stream, &open);
        {
            let mut state = lock(&state);
            if state.closing {
                // Closed meanwhile, by somebody who does not know of this peer.
                drop(state);
                return link.abandon();
            }
            state.link = Some(link.clone());
        }
        poll_fn(|cx| link.poll_ended(&AbiWaker::lend(cx.waker()))).await;
        lock(&state).link = None;
    }
}

/// Waits for a peer. What goes wrong is reported, once for each reason, and tried again after a while: FIFOs that
/// somebody has removed may be made again.
async fn next_peer(host: &Host, pair: &Pair, open: &Open) -> Stream {
    let mut said = String::new();
    let mut timer = host.timer();
    loop {
        match try_next_peer(host, pair, open).await {
            Ok(stream) => return stream,
            Err(failure) => {
                let why = failure.text().into_owned();
                if said != why {
                    host.warn(
                        crate::NAME,
                        &format!("waiting for a peer failed, and is tried again: {why}"),
                    );
                    said = why;
                }
            }
        }
        let until = host.now_ns().saturating_add(FAILED_PAUSE_NS);
        timer.sleep_until(until).await;
    }
}

async fn try_next_peer(host: &Host, pair: &Pair, open: &Open) -> Result<Stream, Err> {
    let read = fifo::open_read(&open.endpoint, &pair.calls)?;
    fifo::first_byte(host, &read).await?;
    let write = fifo::open_write(host, &open.endpoint, &pair.answers).await?;
    Stream::pipes(host, read, write)
}

impl Listener for PipeListener {
    fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    fn poll_close(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        let (link, task) = {
            let mut state = lock(&self.state);
            state.closing = true;
            (state.link.clone(), state.waker.take())
        };
        if let Some(task) = task {
            task.wake();
        }
        match link {
            Some(link) => link.poll_close(waker),
            None => Poll::Ready(Ok(())),
        }
    }

    fn abandon(&self) {
        let (link, task) = {
            let mut state = lock(&self.state);
            state.closing = true;
            (state.link.take(), state.waker.take())
        };
        if let Some(task) = task {
            task.wake();
        }
        if let Some(link) = link {
            link.abandon();
        }
    }
}
