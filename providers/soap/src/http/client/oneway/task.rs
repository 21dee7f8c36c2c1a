//! The task that sends one-way messages: opens connections when there is something to send, and says what became of it.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use rmix_provider::failure as failures;
use rmix_provider::tables::{AbiWaker, Err, delivery};

use super::super::connection::Connection;
use super::super::{Client, wake_all};
use super::line::{Ended, Line};
use crate::http::server;

/// Sends what is posted until the client is closed.
pub(super) async fn run(running: Running) {
    let client = &running.0;
    // Whether this peer has said that it takes pipelined messages.
    let mut pipelines = false;
    while wait_for_work(client).await {
        let connection = match open(client).await {
            Some(Ok(connection)) => connection,
            Some(Err(failure)) => {
                lose_all(client, &failure);
                continue;
            }
            None => return,
        };
        let mut line = Line::new(client, connection, pipelines);
        let ended = poll_fn(|cx| line.poll(&AbiWaker::lend(cx.waker()))).await;
        pipelines = line.pipelines();
        match ended {
            Ended::Abandoned => return,
            Ended::Closed => line.give_back(client),
            Ended::Failed(failure) => {
                let lost = line.lose_begun(client);
                note(client, lost, &failure);
                line.give_back(client);
            }
        }
    }
}

/// Tells who waits that the task has ended, however it did: the host may drop it before it has polled it once.
pub(super) struct Running(pub(super) Arc<Client>);

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.0.oneways.lock();
        state.running = false;
        let queue = std::mem::take(&mut state.queue);
        if state.settled < state.posted && !state.abandoned {
            // The host dropped the task with work to do: it is shutting down.
            state.queued_bytes = 0;
            state.closing = true;
            let told = server::stopped().delivered(delivery::MAYBE_EXECUTED);
            state.failure.get_or_insert(told);
        }
        state.settled = state.posted;
        state.written = state.posted;
        let wake = std::mem::take(&mut state.waiters);
        drop(state);
        drop(queue);
        wake_all(wake);
    }
}

/// True when there is something to send; false when there will not be.
async fn wait_for_work(client: &Client) -> bool {
    poll_fn(|cx| {
        let mut state = client.oneways.lock();
        if state.abandoned {
            return Poll::Ready(false);
        }
        if !state.queue.is_empty() {
            return Poll::Ready(true);
        }
        if state.closing {
            return Poll::Ready(false);
        }
        state.task = Some(AbiWaker::lend(cx.waker()).clone());
        Poll::Pending
    })
    .await
}

/// A new connection; none when the client was abandoned meanwhile.
async fn open(client: &Client) -> Option<Result<Connection, Err>> {
    let mut opening = pin!(Connection::open(client));
    poll_fn(|cx| {
        let mut state = client.oneways.lock();
        if state.abandoned {
            return Poll::Ready(None);
        }
        state.task = Some(AbiWaker::lend(cx.waker()).clone());
        drop(state);
        opening.as_mut().poll(cx).map(Some)
    })
    .await
}

/// No connection can be had: what waits will not be sent.
fn lose_all(client: &Client, failure: &Err) {
    let mut state = client.oneways.lock();
    let queue = std::mem::take(&mut state.queue);
    state.queued_bytes = 0;
    let lost = queue.len() as u64;
    state.settled += lost;
    state.written = state.written.max(state.settled);
    drop(state);
    drop(queue);
    note(client, lost, failure);
}

/// Remembers and logs that messages are lost, and wakes who waits for them.
fn note(client: &Client, lost: u64, failure: &Err) {
    let mut wake = Vec::new();
    {
        let mut state = client.oneways.lock();
        if lost > 0 && !state.abandoned {
            let told = failures::not_sent(failure).delivered(delivery::MAYBE_EXECUTED);
            state.failure.get_or_insert(told);
        }
        wake.append(&mut state.waiters);
    }
    wake_all(wake);
    if lost > 0 {
        let peer = &client.target.endpoint;
        let message = format!(
            "{lost} one-way message(s) to {peer} may be lost: {}",
            failure.text()
        );
        client.host.warn(client.provider, &message);
    }
}
